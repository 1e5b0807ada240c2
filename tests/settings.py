"""Settings of the suite: the product's own, with a cheap password hasher and a directory that goes away."""

from __future__ import annotations

import os
import tempfile

# Before the product's settings are read: keys and files of a test run live in a directory of its own.
os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="assay-tests-"))
os.environ.setdefault("HTTP_ALLOW_LOOPBACK", "1")
# Where there is a real broker each process has a queue of its own, which the broker forgets when it is unused. Not the
# one of the process that started it: two that run tests side by side would hear each other.
os.environ["CELERY_QUEUE"] = f"assay-tests-{os.getpid()}"

from kombu import Exchange, Queue

from core.config.settings import *  # noqa: F403
from core.config.settings import CELERY_QUEUE, CELERY_TASK_DEFAULT_QUEUE_TYPE, DATABASES
from core.config.settings import MIDDLEWARE as PRODUCT_MIDDLEWARE
from core.config.settings import PASSWORD_HASHERS as PRODUCT_HASHERS

# Whatever test calls the API holds its answer against the description of the API.
MIDDLEWARE = ["tests.described.EveryAnswerIsDescribed", *PRODUCT_MIDDLEWARE]

# Each test client is an application of its own: it looks for a file when asked, not for all of them beforehand.
WHITENOISE_AUTOREFRESH = True

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PRODUCT_HASHERS]

if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # Nobody cuts the power of a database of tests: its commits need not wait for the disk.
    _options = DATABASES["default"]["OPTIONS"]
    _options["options"] = f"{_options.get('options', '')} -c synchronous_commit=off"

CELERY_TASK_QUEUES = [
    Queue(
        CELERY_QUEUE,
        Exchange(CELERY_QUEUE),
        routing_key=CELERY_QUEUE,
        queue_arguments={"x-queue-type": CELERY_TASK_DEFAULT_QUEUE_TYPE, "x-expires": 60_000},
    )
]
