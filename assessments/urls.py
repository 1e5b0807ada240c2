"""Pages of floor 3, and the public schema of the display vocabulary."""

from __future__ import annotations

from django.urls import path

from assessments.views import (
    checking,
    connecting,
    contact,
    dialects,
    erasures,
    orders,
    playground,
    portal,
    privacy,
    results,
    resumes,
    retention,
    review,
    sending,
    vocabulary,
)

_connection = "integrations/<str:installation_id>/connection"

app_name = "assessments"
urlpatterns = [
    path("assessments", orders.index, name="orders"),
    path("assessments/review", review.index, name="review"),
    path("assessments/review/<str:backfill_id>", review.detail, name="review_one"),
    path("assessments/review/<str:backfill_id>/attach/<str:application_id>", review.attach, name="review_attach"),
    path("assessments/review/<str:backfill_id>/dismiss", review.dismiss, name="review_dismiss"),
    path("candidates/<str:candidate_id>/edit", contact.edit, name="contact"),
    path("candidates/<str:candidate_id>/send", sending.choose, name="send"),
    path("candidates/<str:candidate_id>/send/<str:type_id>", sending.fill, name="send_fill"),
    path("candidates/<str:candidate_id>/privacy", privacy.index, name="privacy"),
    path("candidates/<str:candidate_id>/hold", privacy.hold, name="hold"),
    path("candidates/<str:candidate_id>/hold/lift", privacy.lift, name="hold_lift"),
    path("candidates/<str:candidate_id>/export", privacy.export, name="export"),
    path("candidates/<str:candidate_id>/erase", privacy.erase, name="erase"),
    path("privacy/retention", retention.index, name="retention"),
    path("privacy/erasures", erasures.index, name="erasures"),
    path("privacy/erasures/<str:erasure_id>", erasures.detail, name="erasure"),
    path("privacy/erasures/<str:erasure_id>/receipt.json", erasures.download, name="erasure_json"),
    path("orders/<str:order_id>", orders.detail, name="order"),
    path("orders/<str:order_id>/progress", orders.progress, name="progress"),
    path("orders/<str:order_id>/cancel", orders.cancel, name="cancel"),
    path("orders/<str:order_id>/extend", orders.extend, name="extend"),
    path("orders/<str:order_id>/resend", orders.resend, name="resend"),
    path("orders/<str:order_id>/confirm-sent", orders.confirm_sent, name="confirm_sent"),
    path("orders/<str:order_id>/result", results.result, name="result"),
    path("orders/<str:order_id>/result/<int:revision>", results.result, name="result_revision"),
    path("integrations/<str:installation_id>/check", checking.begin, name="check_begin"),
    path("checks/<str:check_id>", checking.detail, name="check"),
    path("checks/<str:check_id>/steps", checking.steps, name="check_steps"),
    path("attachments/<str:attachment_id>", results.attachment, name="attachment"),
    path("resumes/<str:resume_token>", resumes.resume, name="resume"),
    path("partner/<str:partner_id>/catalogue", portal.catalogue, name="portal_catalogue"),
    path("protocols", connecting.protocols, name="protocols"),
    path("protocols/<str:dialect_name>", connecting.connect, name="connect"),
    path(_connection, connecting.connection, name="connection"),
    path(f"{_connection}/edit", connecting.edit, name="connection_edit"),
    path(f"{_connection}/key", connecting.key, name="connection_key"),
    path(f"{_connection}/refresh", connecting.refresh, name="connection_refresh"),
    path(f"{_connection}/test", connecting.test, name="connection_test"),
    path("docs/dialects", dialects.matrix, name="dialects"),
    path("docs/playground", playground.playground, name="playground"),
    path("schemas/display/v1", vocabulary.meta_schema, name="display_vocabulary"),
]
