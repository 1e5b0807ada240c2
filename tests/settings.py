"""Settings of the suite: the product's own, with a cheap password hasher and a directory that goes away."""

from __future__ import annotations

import os
import tempfile

# Before the product's settings are read: keys and files of a test run live in a directory of its own.
os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="assay-tests-"))
os.environ.setdefault("HTTP_ALLOW_LOOPBACK", "1")

from core.config.settings import *  # noqa: F403
from core.config.settings import PASSWORD_HASHERS as PRODUCT_HASHERS

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PRODUCT_HASHERS]
