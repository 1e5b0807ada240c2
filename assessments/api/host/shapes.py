"""The shapes of what an organization's own programs get beyond what partners get, as JSON-ready values."""

from __future__ import annotations

import json
from typing import Any

from assessments.api.shapes import ResultJson, result_json, retake_json
from assessments.cards import schema_of
from assessments.models import AssessmentType, Result
from assessments.rendering.visibility import visible_document
from assessments.services import connections, refreshing
from assessments.services.trying import Trial
from core.models import Application, Candidate, Job, Role
from partners.models import Installation
from partners.scopes import candidate_fields

# A program sees what an admin sees: of a result too.
ROLE = Role.ADMIN


class ResultWithDocument(ResultJson):
    document: Any


def candidate_json(row: Candidate) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "email": row.email,
        "phone": row.phone or None,
        "location": row.location or None,
        "time_zone": row.time_zone or None,
        "has_resume": bool(row.resume),
        "created_at": row.created_at,
    }


def job_json(row: Job) -> dict[str, Any]:
    """Its stages are read beforehand."""
    return {
        "id": row.public_id,
        "title": row.title,
        "location": row.location or None,
        "status": row.status,
        "stages": [{"id": stage.public_id, "name": stage.name} for stage in row.stages.all()],
        "created_at": row.created_at,
    }


def application_json(row: Application) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "candidate": row.candidate.public_id,
        "job": row.job.public_id,
        "stage": {"id": row.stage.public_id, "name": row.stage.name},
        "status": row.status,
        "applied_at": row.applied_at,
    }


def offer_json(installation: Installation, row: AssessmentType, schema_version: int | None) -> dict[str, Any]:
    """One thing that can be ordered, of whom, and what its order form asks for."""
    return {
        "id": row.public_id,
        "assessment_type": row.key,
        "name": row.name,
        "description": row.description,
        "kind": row.kind,
        "order_schema": json.loads(row.order_schema) if row.order_schema else None,
        "schema_version": schema_version,
        "deadline_days": row.deadline_days,
        "retake": retake_json(row),
        "valid_months": row.valid_months,
        "partner": {"id": installation.partner.public_id, "name": installation.partner.name},
        "installation": installation.public_id,
    }


def result_with_document(row: Result) -> ResultWithDocument:
    """With what the schema lets an admin read of its document."""
    document, _hidden = visible_document(schema_of(row), json.loads(row.document), ROLE)
    return {**result_json(row), "document": document}


def connection_json(row: Installation) -> dict[str, Any]:
    """A partner that is connected by its protocol; neither its credential nor our key is ever shown again."""
    dialect = connections.dialect_named(row.partner.dialect)
    addresses = row.endpoints.filter(enabled=True).values_list("purpose", "url")
    last = refreshing.last_of(row)
    return {
        "id": row.public_id,
        "protocol": dialect.name,
        "name": row.partner.name,
        "status": row.status,
        "urls": dict(addresses),
        "has_credential": bool(row.credential),
        "has_key": bool(row.key_hash),
        "candidate_fields": [
            name for name in candidate_fields(row.scopes) if name in dialect.requires | dialect.carries
        ],
        "doors": [
            {"title": door.title, "url": door.url, "is_per_order": door.is_per_order}
            for door in connections.our_doors(dialect)
        ],
        "catalogue": {
            "state": (last.outcome if last else "") or "never",
            "sentence": last.sentence if last else "",
            "at": last.at if last else None,
        },
        "connected_at": row.installed_at,
    }


def trial_json(trial: Trial) -> dict[str, Any]:
    """What was asked of a partner and what came back, word by word, with what it means."""
    return {
        "method": trial.method,
        "url": trial.url,
        "status": trial.status,
        "elapsed_ms": trial.elapsed_ms,
        "body": trial.body,
        "findings": [
            {"code": finding.code, "tone": finding.tone.value, "says": finding.says, "cure": finding.cure}
            for finding in trial.findings
        ],
        "offered": [{"assessment_type": offered.key, "name": offered.name} for offered in trial.offered],
    }
