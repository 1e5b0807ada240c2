"""Settings of the benchmark's servers: the product's own; BENCH_BASELINE=1 makes it the server of the baselines."""

from __future__ import annotations

import os

from core.config.settings import *  # noqa: F403
from core.config.settings import DATABASES, INSTALLED_APPS, RATE_LIMITS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.benchmarks"]
# Counted as ever, but out of reach: the load comes from one application.
RATE_LIMITS = dict.fromkeys(RATE_LIMITS, "1000000/s")

if os.environ.get("BENCH_BASELINE"):
    # What a good programmer's project has: Django's own middleware as `startproject` writes it, and a pool of
    # connections, which is more than most have. Nothing that was found out for this product.
    ROOT_URLCONF = "tests.benchmarks.baselines"
    MIDDLEWARE = [
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ]
    DATABASES["default"] |= {"CONN_MAX_AGE": 0, "OPTIONS": {"pool": {"min_size": 1, "max_size": 8, "timeout": 10}}}
