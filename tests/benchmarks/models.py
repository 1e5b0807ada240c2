"""The tables of the baselines: what a first version of such a product would have."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class PlainResult(models.Model):
    """P: the document, and nothing else."""

    # The type checker knows the product\'s settings, where this app is not installed.
    objects: ClassVar[models.Manager[PlainResult]] = models.Manager()
    document = models.JSONField()
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "benchmarks"

    def __str__(self) -> str:
        return f"plain result {self.pk}"


class TextbookOrder(models.Model):
    """N: an order with its schema."""

    objects: ClassVar[models.Manager[TextbookOrder]] = models.Manager()
    public_id = models.CharField(max_length=40, unique=True)
    status = models.CharField(max_length=20, default="requested")
    schema = models.TextField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "benchmarks"

    def __str__(self) -> str:
        return self.public_id


class TextbookResult(models.Model):
    """N: one result of an order."""

    objects: ClassVar[models.Manager[TextbookResult]] = models.Manager()
    order = models.ForeignKey(TextbookOrder, on_delete=models.CASCADE, related_name="results")
    document = models.JSONField()
    score = models.FloatField(null=True)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "benchmarks"

    def __str__(self) -> str:
        return f"result {self.pk}"
