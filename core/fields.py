"""Columns that hold what ``core.secrets.encrypt`` sealed. The class is the mark by which ``rotate_keys`` finds them;
sealing and opening stay with those who write and read the row."""

from __future__ import annotations

from django.db import models


class SealedTextField(models.TextField):  # type: ignore[type-arg]  # not generic at run time
    """A sealed text."""


class SealedBytesField(models.BinaryField):  # type: ignore[type-arg]  # the same
    """A sealed text as bytes; empty while there is nothing to hold."""
