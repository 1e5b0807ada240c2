"""The models of floor 3: catalogue, orders, results, and what is kept how long."""

from __future__ import annotations

from assessments.models.backfill import Backfill
from assessments.models.catalogue import AssessmentType, ResultSchema
from assessments.models.orders import Order, OrderUpdate, Outcome
from assessments.models.privacy import DoomedFile, Erasure, ErasureNotice, LegalHold, RetentionRule
from assessments.models.results import Attachment, Result

__all__ = [
    "AssessmentType",
    "Attachment",
    "Backfill",
    "DoomedFile",
    "Erasure",
    "ErasureNotice",
    "LegalHold",
    "Order",
    "OrderUpdate",
    "Outcome",
    "Result",
    "ResultSchema",
    "RetentionRule",
]
