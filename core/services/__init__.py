"""The verbs of floor 1: what people do to their team and to their hiring."""

from __future__ import annotations
