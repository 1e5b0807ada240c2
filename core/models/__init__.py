"""The models of floor 1: people, hiring, records."""

from __future__ import annotations

from core.models.hiring import Application, Candidate, Job, Stage
from core.models.people import Invitation, Membership, Organization, Role, SignInLink, User
from core.models.records import AuditRecord, RememberedReply, RequestLog

__all__ = [
    "Application",
    "AuditRecord",
    "Candidate",
    "Invitation",
    "Job",
    "Membership",
    "Organization",
    "RememberedReply",
    "RequestLog",
    "Role",
    "SignInLink",
    "Stage",
    "User",
]
