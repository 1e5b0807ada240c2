"""Settings of the benchmark's servers: the product's own; BENCH_BASELINE=1 makes it the server of the baselines."""

from __future__ import annotations

import os

from core.config.settings import *  # noqa: F403
from core.config.settings import INSTALLED_APPS, RATE_LIMITS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.benchmarks"]
# Counted as ever, but out of reach: the load comes from one application.
RATE_LIMITS = dict.fromkeys(RATE_LIMITS, "1000000/s")

if os.environ.get("BENCH_BASELINE"):
    # What a plain project has: no middleware of ours.
    ROOT_URLCONF = "tests.benchmarks.baselines"
    MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
