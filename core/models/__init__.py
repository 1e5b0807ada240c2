"""The models of floor 1: people, hiring, records, feeds."""

from __future__ import annotations

from core.models.feeds import Feed, FeedMark
from core.models.hiring import Application, Candidate, FormerContact, Job, Stage
from core.models.people import Invitation, Membership, Organization, Role, SignInLink, User, log_in_of
from core.models.records import AuditHead, AuditRecord, RememberedReply, RequestLog
from core.models.second_steps import RecoveryCode, SecondStep

__all__ = [
    "Application",
    "AuditHead",
    "AuditRecord",
    "Candidate",
    "Feed",
    "FeedMark",
    "FormerContact",
    "Invitation",
    "Job",
    "Membership",
    "Organization",
    "RecoveryCode",
    "RememberedReply",
    "RequestLog",
    "Role",
    "SecondStep",
    "SignInLink",
    "Stage",
    "User",
    "log_in_of",
]
