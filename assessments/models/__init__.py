"""The models of floor 3: catalogue, orders, results, what is asked of partners, and what is kept how long."""

from __future__ import annotations

from assessments.models.asking import Callback, CatalogueRefresh, EarlyCall, ReportToFetch, StatusQuestion
from assessments.models.backfill import Backfill
from assessments.models.catalogue import AssessmentType, ResultSchema
from assessments.models.checks import PartnerCheck
from assessments.models.orders import Order, OrderUpdate, Outcome
from assessments.models.privacy import DoomedFile, Erasure, ErasureNotice, LegalHold, RetentionRule
from assessments.models.results import Attachment, Result

__all__ = [
    "AssessmentType",
    "Attachment",
    "Backfill",
    "Callback",
    "CatalogueRefresh",
    "DoomedFile",
    "EarlyCall",
    "Erasure",
    "ErasureNotice",
    "LegalHold",
    "Order",
    "OrderUpdate",
    "Outcome",
    "PartnerCheck",
    "ReportToFetch",
    "Result",
    "ResultSchema",
    "RetentionRule",
    "StatusQuestion",
]
