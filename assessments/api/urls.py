"""Routes of floor 3 below ``/api/v1``: the catalogue, and orders with what is told about them."""

from __future__ import annotations

from django.urls import path

from assessments.api.attachments import AttachmentsView, AttachmentView
from assessments.api.backfill import BackfillView, ToldBackfillsView, ToldBackfillView
from assessments.api.batch import ResultsBatchView
from assessments.api.catalogue import AssessmentTypesView, AssessmentTypeView
from assessments.api.erasures import AcknowledgeView, ErasuresView, ErasureView, SandboxErasuresView
from assessments.api.host.applications import ApplicationsView, ApplicationView, MoveView, RejectView
from assessments.api.host.candidates import CandidatesView, CandidateView
from assessments.api.host.catalogue import OfferedSchemaView, OffersView
from assessments.api.host.connections import (
    ConnectionsView,
    ConnectionTestView,
    ConnectionView,
    NewKeyView,
    RefreshView,
)
from assessments.api.host.jobs import CloseView, JobsView, JobView
from assessments.api.orders import CancelView, OrdersView, OrderView, ResumeView
from assessments.api.results import ResultsView
from assessments.api.sandbox import SandboxOrdersView
from assessments.api.schemas import PublishView, ResultSchemasView, ResultSchemaView, ValidateView
from assessments.api.updates import AcceptView, DeclineView, UpdatesView, UpdateView

SCHEMAS = "assessment-types/<str:key>/result-schemas"
ORDER = "orders/<str:order_id>"
APPLICATION = "applications/<str:application_id>"
CONNECTION = "connections/<str:connection_id>"

urlpatterns = [
    # First what is called most: patterns are tried in turn.
    path(f"{ORDER}/results", ResultsView.as_view(), name="api_results"),
    path("results:batch", ResultsBatchView.as_view(), name="api_results_batch"),
    path("assessment-types", AssessmentTypesView.as_view(), name="api_assessment_types"),
    path("assessment-types/<str:key>", AssessmentTypeView.as_view(), name="api_assessment_type"),
    path(SCHEMAS, ResultSchemasView.as_view(), name="api_result_schemas"),
    path(f"{SCHEMAS}/<int:version>", ResultSchemaView.as_view(), name="api_result_schema"),
    path(f"{SCHEMAS}/<int:version>/publish", PublishView.as_view(), name="api_publish"),
    path(f"{SCHEMAS}/<int:version>/validate", ValidateView.as_view(), name="api_validate"),
    path("sandbox/orders", SandboxOrdersView.as_view(), name="api_sandbox_orders"),
    path("sandbox/erasures", SandboxErasuresView.as_view(), name="api_sandbox_erasures"),
    path("erasures", ErasuresView.as_view(), name="api_erasures"),
    path("erasures/<str:erasure_id>", ErasureView.as_view(), name="api_erasure"),
    path("erasures/<str:erasure_id>/acknowledge", AcknowledgeView.as_view(), name="api_acknowledge"),
    path("orders", OrdersView.as_view(), name="api_orders"),
    path(ORDER, OrderView.as_view(), name="api_order"),
    path(f"{ORDER}/resume", ResumeView.as_view(), name="api_resume"),
    path(f"{ORDER}/accept", AcceptView.as_view(), name="api_accept"),
    path(f"{ORDER}/decline", DeclineView.as_view(), name="api_decline"),
    path(f"{ORDER}/updates", UpdatesView.as_view(), name="api_updates"),
    path(f"{ORDER}/updates/<str:update_id>", UpdateView.as_view(), name="api_update"),
    path("results", BackfillView.as_view(), name="api_backfill"),
    path("results/backfills", ToldBackfillsView.as_view(), name="api_told_backfills"),
    path("results/backfills/<str:backfill_id>", ToldBackfillView.as_view(), name="api_told_backfill"),
    path(f"{ORDER}/attachments", AttachmentsView.as_view(), name="api_attachments"),
    path(f"{ORDER}/cancel", CancelView.as_view(), name="api_cancel"),
    path("attachments/<str:attachment_id>", AttachmentView.as_view(), name="api_attachment"),
    path("candidates", CandidatesView.as_view(), name="api_candidates"),
    path("candidates/<str:candidate_id>", CandidateView.as_view(), name="api_candidate"),
    path("jobs", JobsView.as_view(), name="api_jobs"),
    path("jobs/<str:job_id>", JobView.as_view(), name="api_job"),
    path("jobs/<str:job_id>/close", CloseView.as_view(), name="api_close"),
    path("applications", ApplicationsView.as_view(), name="api_applications"),
    path(APPLICATION, ApplicationView.as_view(), name="api_application"),
    path(f"{APPLICATION}/move", MoveView.as_view(), name="api_move"),
    path(f"{APPLICATION}/reject", RejectView.as_view(), name="api_reject"),
    path("connections", ConnectionsView.as_view(), name="api_connections"),
    path(CONNECTION, ConnectionView.as_view(), name="api_connection"),
    path(f"{CONNECTION}/test", ConnectionTestView.as_view(), name="api_connection_test"),
    path(f"{CONNECTION}/refresh", RefreshView.as_view(), name="api_connection_refresh"),
    path(f"{CONNECTION}/new-key", NewKeyView.as_view(), name="api_connection_new_key"),
    path("catalogue", OffersView.as_view(), name="api_catalogue"),
    path(
        "catalogue/<str:type_id>/result-schemas/<int:version>", OfferedSchemaView.as_view(), name="api_offered_schema"
    ),
]
