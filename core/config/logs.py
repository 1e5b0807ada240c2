"""Structured logging: an event word plus ids, one JSON object a line; never a name, an address or a payload."""

from __future__ import annotations

from typing import Any

import structlog

from core.config.log_lines import kinds_of_errors, without_quotes

SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    kinds_of_errors,
]

structlog.configure(
    processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer(),
            "foreign_pre_chain": [without_quotes, *SHARED],
            "pass_foreign_args": True,
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "core": {"level": "INFO"},
        "partners": {"level": "INFO"},
        "assessments": {"level": "INFO"},
        "celery": {"level": "WARNING"},
        # Requests are in the request log; the access path would put query strings into the log.
        "django.request": {"level": "ERROR"},
        "django.server": {"level": "WARNING"},
        # In a worker, once Django is there: before, and in its parent, gunicorn speaks of itself alone. Its one warning
        # in a worker quotes what is no HTTP, in the place of the template (27.0.1, workers/base.py).
        "gunicorn.error": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
    },
}
