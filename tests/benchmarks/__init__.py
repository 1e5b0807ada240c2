"""Benchmarks: what we cost beside named baselines, as ratios of one run. `make bench`; never part of the suite."""
