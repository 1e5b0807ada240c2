"""What is held about a candidate, kind by kind: what an export brings, and what an erasure and a purge leave of it.

One table for all three. A test holds it against the models: each that is not here stands in ``NOTHING`` with a reason,
each column is exported or left out, and each that can hold words is emptied or stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, F, Model, Q, QuerySet, Value, When
from django.utils import timezone

from assessments.models import (
    Attachment,
    Backfill,
    Callback,
    EarlyCall,
    Erasure,
    ErasureNotice,
    LegalHold,
    Order,
    OrderUpdate,
    Outcome,
    PartnerCheck,
    ReportToFetch,
    Result,
    StatusQuestion,
)
from assessments.trails import Trail, calls_about
from core.models import Application, AuditRecord, Candidate, FormerContact, RememberedReply, RequestLog
from partners.models import Attempt, Delivery, Event

# What stays of a name.
TOMBSTONE = ("Erased", "candidate")
# What stays of an address by which a result named its candidate.
NO_ADDRESS = "(deleted)"
# The dialect whose bodies hold ids only, whatever they tell.
THIN = "native"


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of rows about a candidate.

    ``exported``: the columns of an export, by their names there. ``left_out``: those that it does not bring.
    ``emptied``: what an erasure makes of columns; where ``goes``, whole rows are deleted. ``stays``: columns of words
    that an erasure leaves. ``purged``: whether the end of a result's time does the same. ``why``: why rows stay.
    """

    name: str
    model: type[Model]
    rows: Callable[[Trail], QuerySet[Any]]
    exported: Mapping[str, str] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    emptied: Mapping[str, Any] = field(default_factory=dict)
    stays: frozenset[str] = frozenset()
    goes: bool = False
    purged: bool = False
    why: str

    @property
    def label(self) -> str:
        return self.name.replace("_", " ")


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


def _about(trail: Trail) -> tuple[str, ...]:
    """The public ids under which something is told or audited about the candidate."""
    own = (trail.candidate_id,) if trail.candidate_id else ()
    return (*own, *trail.application_ids, *trail.order_ids)


def _wordy(trail: Trail) -> QuerySet[Event]:
    """Events about the orders; a thin body names nobody."""
    return Event.objects.filter(subject__in=_about(trail))


KINDS: tuple[Kind, ...] = (
    Kind(
        name="candidate",
        model=Candidate,
        rows=lambda trail: Candidate.objects.filter(pk=trail.candidate),
        exported=_same(
            "public_id", "first_name", "last_name", "email", "phone", "location", "time_zone", "resume", "created_at"
        ),
        left_out=frozenset({"id", "organization", "erased_at"}),
        emptied={
            "first_name": TOMBSTONE[0],
            "last_name": TOMBSTONE[1],
            **dict.fromkeys(("email", "phone", "location", "time_zone", "resume"), ""),
        },
        stays=frozenset({"public_id"}),
        why="A row that names nobody keeps the number of candidates, and the id that was told to partners.",
    ),
    Kind(
        name="former_contacts",
        model=FormerContact,
        rows=lambda trail: FormerContact.objects.filter(candidate=trail.candidate),
        exported=_same("was", "changed_at"),
        left_out=frozenset({"id", "candidate"}),
        goes=True,
        why="Names, addresses and numbers before a change: by them is found what was told then.",
    ),
    Kind(
        name="applications",
        model=Application,
        rows=lambda trail: Application.objects.filter(candidate=trail.candidate),
        exported={**_same("public_id", "status", "applied_at"), "job": "job__title", "stage": "stage__name"},
        left_out=frozenset({"id", "organization", "candidate"}),
        stays=frozenset({"public_id", "status"}),
        why="That somebody applied for a job, and how far they came, keeps the job’s figures. Open ones are withdrawn.",
    ),
    Kind(
        name="partner_checks",
        model=PartnerCheck,
        rows=lambda trail: PartnerCheck.objects.filter(Q(order__in=trail.orders) | Q(cancelled_order__in=trail.orders)),
        left_out=frozenset({"id", "public_id", "installation", "started_by", "asked", "order", "cancelled_order"})
        | {"started_at", "until", "ended_at", "next_at", "claimed_until"},
        emptied={"asked": []},
        stays=frozenset({"public_id"}),
        purged=True,
        why="That a protocol was checked, in a sandbox; every candidate there is fictional.",
    ),
    # Before the orders: by their references it is found.
    Kind(
        name="early_calls",
        model=EarlyCall,
        rows=lambda trail: EarlyCall.objects.filter(
            installation__in=Order.objects.filter(pk__in=trail.orders).values("installation"),
            reference__in=Order.objects.filter(pk__in=trail.orders).exclude(reference="").values("reference"),
        ),
        exported=_same("reference", "raw", "request_id", "received_at"),
        left_out=frozenset({"id", "installation", "digest"}),
        goes=True,
        purged=True,
        why="Calls that came before the partner’s id of the order was known.",
    ),
    Kind(
        name="orders",
        model=Order,
        rows=lambda trail: Order.objects.filter(pk__in=trail.orders),
        exported={
            **_same("public_id", "status", "cancellation", "cancellation_answer", "fields", "reference"),
            **_same("candidate_url", "reason", "progress", "outcome", "deadline_at", "reminders", "created_at"),
            **_same("started_at", "completed_at", "purged_at", "purged_by"),
            "application": "application__public_id",
            "partner": "partner__name",
            "assessment_type": "assessment_type__name",
            "schema_version": "result_schema__version",
        },
        left_out=frozenset(
            {"id", "organization", "candidate", "installation", "is_told", "placed_by", "remind_at"}
            | {"links_void_until", "updated_at", "position"}
        ),
        emptied={
            "fields": "{}",
            **dict.fromkeys(("reference", "candidate_url", "reason", "cancellation_answer"), ""),
            "progress": None,
            "outcome": Outcome.NONE.value,
            "remind_at": None,
        },
        stays=frozenset({"public_id", "status", "cancellation", "purged_by"}),
        purged=True,
        why="That an assessment was ordered, when and of whom, is what partners are paid by.",
    ),
    Kind(
        name="updates",
        model=OrderUpdate,
        rows=lambda trail: OrderUpdate.objects.filter(order__in=trail.orders),
        exported={
            **_same("public_id", "kind", "source", "outcome", "normalised", "raw", "problems", "request_id"),
            **_same("occurred_at", "received_at"),
            "order": "order__public_id",
        },
        left_out=frozenset({"id", "organization", "digest"}),
        # Of a digest of little text the text can be guessed; the id keeps it unique.
        emptied={"raw": b"", "normalised": "{}", "problems": [], "digest": F("public_id")},
        stays=frozenset({"public_id", "kind", "source", "outcome", "request_id"}),
        purged=True,
        why="What kind of news came when explains the status of the order.",
    ),
    Kind(
        name="results",
        model=Result,
        rows=lambda trail: Result.objects.filter(order__in=trail.orders),
        exported={
            **_same("public_id", "revision", "kind", "reason", "document", "is_late", "outcome", "score"),
            **_same("score_maximum", "report_url", "occurred_at", "received_at"),
            "order": "order__public_id",
            "schema_version": "result_schema__version",
        },
        left_out=frozenset({"id", "organization", "digest", "score_audience", "outcome_audience"}),
        emptied={
            "reason": "",
            "document": "{}",
            "digest": F("public_id"),
            "outcome": Outcome.NONE.value,
            "score": None,
            "score_maximum": None,
            "report_url": "",
        },
        stays=frozenset({"public_id", "kind", "score_audience", "outcome_audience"}),
        purged=True,
        why="That a result came, and how often it was amended; nothing of what it said.",
    ),
    Kind(
        name="attachments",
        model=Attachment,
        rows=lambda trail: Attachment.objects.filter(order__in=trail.orders),
        exported={
            **_same("public_id", "name", "content_type", "size", "sha256", "file", "created_at"),
            "order": "order__public_id",
        },
        left_out=frozenset({"id", "organization"}),
        goes=True,
        purged=True,
        why="Rows and files go.",
    ),
    Kind(
        name="backfills",
        model=Backfill,
        rows=lambda trail: Backfill.objects.filter(Q(pk__in=trail.backfills) | Q(order__in=trail.orders)),
        exported={
            **_same("public_id", "state", "cause", "candidate", "candidate_reference", "email", "first_name"),
            **_same("last_name", "reference", "reason", "document", "raw", "problems", "request_id", "note"),
            **_same("occurred_at", "received_at", "decided_at", "purged_at"),
            "order": "order__public_id",
            "partner": "partner__name",
            "assessment_type": "assessment_type__name",
        },
        left_out=frozenset({"id", "organization", "installation", "result_schema", "digest", "result", "decided_by"}),
        emptied={
            **dict.fromkeys(("candidate", "candidate_reference", "first_name", "last_name", "reason", "note"), ""),
            # That it named an address stays, and with it what its partner can see of it: a change there would tell
            # whose the address was (docs/adr/0007).
            "email": Case(When(email="", then=Value("")), default=Value(NO_ADDRESS)),
            "reference": Case(When(email="", then=Value("")), default=F("reference")),
            "document": "{}",
            "raw": b"",
            "problems": [],
            "digest": F("public_id"),
        },
        stays=frozenset({"public_id", "state", "cause", "request_id"}),
        purged=True,
        why="That a result came without an order, and what became of it.",
    ),
    Kind(
        name="callbacks",
        model=Callback,
        rows=lambda trail: Callback.objects.filter(order__in=trail.orders),
        left_out=frozenset({"id", "order", "token_hash", "created_at"}),
        goes=True,
        purged=True,
        why="The addresses at which partners told of the orders: nothing more is taken there.",
    ),
    Kind(
        name="status_questions",
        model=StatusQuestion,
        rows=lambda trail: StatusQuestion.objects.filter(order__in=trail.orders),
        left_out=frozenset(
            {"id", "order", "next_at", "step", "until", "claimed_until", "asked", "asked_at", "trouble"}
        ),
        goes=True,
        purged=True,
        why="Nothing is asked of the partner any more.",
    ),
    Kind(
        name="reports_to_fetch",
        model=ReportToFetch,
        rows=lambda trail: ReportToFetch.objects.filter(order__in=trail.orders),
        exported={**_same("name", "url", "created_at"), "order": "order__public_id"},
        left_out=frozenset({"id", "next_at", "claimed_until", "tries", "trouble"}),
        goes=True,
        purged=True,
        why="Reports that were named by a URL and not fetched yet.",
    ),
    Kind(
        name="events",
        model=Event,
        rows=_wordy,
        exported={**_same("public_id", "topic", "subject", "body", "created_at"), "partner": "partner__name"},
        left_out=frozenset({"id", "installation", "organization", "trace", "position"}),
        # Thin bodies hold ids only; others are emptied by services.emptying, once nothing of them is on its way.
        stays=frozenset({"public_id", "topic", "subject", "body", "trace"}),
        purged=True,
        why="What was told to partners, by ids; bodies that hold more are emptied.",
    ),
    Kind(
        name="deliveries",
        model=Delivery,
        rows=lambda trail: Delivery.objects.filter(event__in=_wordy(trail)),
        exported={
            **_same("public_id", "purpose", "state", "attempt_count", "note", "created_at", "settled_at"),
            "event": "event__public_id",
        },
        left_out=frozenset(
            {"id", "endpoint", "method", "query", "repeatable", "attempts_before", "next_at", "expires_at"}
            | {"claimed_until", "claim"}
        ),
        emptied={"note": ""},
        stays=frozenset({"public_id", "purpose", "method", "query", "state", "claim"}),
        purged=True,
        why="That it arrived is what proves that a partner was told.",
    ),
    Kind(
        name="attempts",
        model=Attempt,
        rows=lambda trail: Attempt.objects.filter(delivery__event__in=_wordy(trail)),
        exported={
            **_same("number", "started_at", "status", "failure", "outcome", "reply_body"),
            "delivery": "delivery__public_id",
        },
        left_out=frozenset({"id", "duration_ms", "url", "reply_headers"}),
        emptied={"reply_body": b"", "reply_headers": {}},
        stays=frozenset({"url", "failure", "outcome"}),
        purged=True,
        why="When it was tried; what partners answered goes.",
    ),
    Kind(
        name="calls",
        model=RequestLog,
        rows=lambda trail: calls_about(trail.traces),
        exported=_same(
            "request_id",
            "method",
            "path",
            "query",
            "status",
            "problem_code",
            "problem",
            "request_body",
            "created_at",
        ),
        left_out=frozenset({"id", "trace_id", "client_id", "partner", "organization", "latency_ms"}),
        emptied={"query": "", "problem": "", "request_body": ""},
        stays=frozenset(
            {"request_id", "trace_id", "client_id", "partner", "organization", "method", "path", "problem_code"}
        ),
        why="That a call was made; what it sent and was told goes with the candidate, and the rest after 30 days.",
    ),
    Kind(
        name="replies",
        model=RememberedReply,
        # Most bodies are sealed: services.traces opens and finds them.
        rows=lambda _trail: RememberedReply.objects.none(),
        left_out=frozenset({"id", "client", "key", "fingerprint", "status", "headers", "body", "clear", "created_at"}),
        goes=True,
        why="Copies of answers, kept for a day; those about the candidate are found and deleted.",
    ),
    Kind(
        name="audit_records",
        model=AuditRecord,
        rows=lambda trail: AuditRecord.objects.filter(subject__in=_about(trail)),
        exported=_same("occurred_at", "verb", "subject", "facts"),
        # Who did it is another person.
        left_out=frozenset({"id", "actor", "actor_label", "organization", "request_id", "position", "seal"})
        | {"sealed_actor", "sealed_organization"},
        stays=frozenset({"actor_label", "verb", "subject", "facts", "request_id", "seal"}),
        why="Sealed, and by ids only: it proves what was done, the erasure too.",
    ),
    Kind(
        name="legal_holds",
        model=LegalHold,
        rows=lambda trail: LegalHold.objects.filter(candidate=trail.candidate),
        exported=_same("reason", "placed_at", "lifted_at"),
        left_out=frozenset({"id", "organization", "candidate", "placed_by", "lifted_by"}),
        emptied={"reason": ""},
        why="That there was one, and when it was lifted.",
    ),
    Kind(
        name="erasures",
        model=Erasure,
        rows=lambda trail: Erasure.objects.filter(candidate=trail.candidate),
        exported=_same("public_id", "ground", "reference", "counts", "digest", "erased_at", "swept_at"),
        left_out=frozenset({"id", "organization", "candidate", "asked_by", "traced_by"}),
        # What traces are found by goes when they were looked through.
        stays=frozenset({"public_id", "ground", "reference", "counts", "digest", "traced_by"}),
        why="The receipt: it names nobody.",
    ),
    Kind(
        name="erasure_notices",
        model=ErasureNotice,
        rows=lambda trail: ErasureNotice.objects.filter(erasure__candidate=trail.candidate),
        exported={
            **_same("orders", "is_told", "told_at", "acknowledged_at", "erased_at", "message"),
            "erasure": "erasure__public_id",
            "partner": "partner__name",
        },
        left_out=frozenset({"id", "installation"}),
        stays=frozenset({"orders", "message"}),
        why="What partners were told and answered, by ids.",
    ),
)

# The other models, and why nothing of a candidate is in them.
_PEOPLE_OF_OURS = "People who sign in; no candidate does."
_HIRING = "The organization's own words about its jobs."
_CATALOGUE = "What partners sell, in their words."
_CONNECTING = "How a partner is connected and reached."
_NUMBERING = "Counters."
NOTHING: dict[str, str] = {
    **dict.fromkeys(
        ("core.User", "core.Membership", "core.Invitation", "core.SignInLink", "core.SecondStep", "core.RecoveryCode"),
        _PEOPLE_OF_OURS,
    ),
    "partners.PartnerMember": _PEOPLE_OF_OURS,
    **dict.fromkeys(("core.Organization", "core.Job", "core.Stage"), _HIRING),
    **dict.fromkeys(
        (
            *("assessments.AssessmentType", "assessments.ResultSchema", "assessments.RetentionRule"),
            "assessments.CatalogueRefresh",
        ),
        _CATALOGUE,
    ),
    **dict.fromkeys(
        ("partners.Partner", "partners.Installation", "partners.Endpoint", "partners.SigningSecret"), _CONNECTING
    ),
    "partners.Application": _CONNECTING,
    **dict.fromkeys(("core.Feed", "core.FeedMark", "core.AuditHead"), _NUMBERING),
    "assessments.DoomedFile": "Paths under our own names, until the file is deleted.",
}


def purged_columns(reason: str) -> dict[str, Any]:
    """What marks an order whose content is deleted."""
    return {"purged_at": timezone.now(), "purged_by": reason}
