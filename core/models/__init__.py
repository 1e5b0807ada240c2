"""The models of floor 1: people, hiring, records, feeds."""

from __future__ import annotations

from core.models.feeds import Feed, FeedMark
from core.models.hiring import Application, Candidate, Job, Stage
from core.models.people import Invitation, Membership, Organization, Role, SignInLink, User
from core.models.records import AuditRecord, RememberedReply, RequestLog

__all__ = [
    "Application",
    "AuditRecord",
    "Candidate",
    "Feed",
    "FeedMark",
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
