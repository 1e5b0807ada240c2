"""The support desk of floor 3: orders, what was told about them, results. Read-only; search by any id or address."""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assessments.models import AssessmentType, Attachment, Order, OrderUpdate, Result, ResultSchema
from core.admin import Rows, Window

# One order is found by what anybody holds in the hand: our id, the partner's, the candidate's address.
ORDER_SEARCH = ("public_id", "reference", "candidate__email", "candidate__public_id", "partner__name")


class SchemaRows(Rows):
    model = ResultSchema
    fields = ("version", "state", "digest", "published_at")


class UpdateRows(Rows):
    model = OrderUpdate
    fields = ("received_at", "public_id", "kind", "source", "outcome", "request_id")


class ResultRows(Rows):
    model = Result
    fields = ("revision", "public_id", "kind", "outcome", "score", "is_late", "received_at")


class AttachmentRows(Rows):
    model = Attachment
    fields = ("public_id", "name", "content_type", "size", "sha256", "created_at")


@admin.register(AssessmentType)
class AssessmentTypeAdmin(Window):
    list_display = ("name", "public_id", "partner", "key", "kind", "retired_at")
    list_filter = ("kind",)
    search_fields = ("public_id", "key", "name", "partner__name")
    list_select_related = ("partner",)
    inlines = (SchemaRows,)


@admin.register(ResultSchema)
class ResultSchemaAdmin(Window):
    list_display = ("assessment_type", "version", "state", "published_at")
    list_filter = ("state",)
    search_fields = ("assessment_type__name", "assessment_type__public_id", "digest")
    list_select_related = ("assessment_type",)


@admin.register(Order)
class OrderAdmin(Window):
    list_display = (
        "created_at",
        "public_id",
        "assessment_type",
        "partner",
        "organization",
        "status",
        "reference",
        "page",
    )
    list_filter = ("status", "cancellation", "outcome")
    search_fields = ORDER_SEARCH
    list_select_related = ("assessment_type", "partner", "organization")
    inlines = (UpdateRows, ResultRows, AttachmentRows)

    @admin.display(description="Exchange")
    def page(self, row: Order) -> SafeString:
        """Events and deliveries about it, in the lists of floor 2."""
        return format_html('<a href="/admin/partners/delivery/?q={}">deliveries</a>', row.public_id)


@admin.register(OrderUpdate)
class OrderUpdateAdmin(Window):
    """Filter by outcome for the list of *Rejected documents*."""

    list_display = ("received_at", "public_id", "order", "kind", "source", "outcome", "request_id")
    list_filter = ("outcome", "kind", "source")
    search_fields = ("public_id", "request_id", *(f"order__{name}" for name in ORDER_SEARCH))
    list_select_related = ("order__assessment_type",)
    readonly_fields = ("sent",)

    @admin.display(description="As it was sent")
    def sent(self, row: OrderUpdate) -> SafeString:
        return format_html("<pre>{}</pre>", bytes(row.raw).decode("utf-8", "replace"))


@admin.register(Result)
class ResultAdmin(Window):
    list_display = ("received_at", "public_id", "order", "revision", "kind", "outcome", "is_late")
    list_filter = ("kind", "outcome", "is_late")
    search_fields = ("public_id", *(f"order__{name}" for name in ORDER_SEARCH))
    list_select_related = ("order__assessment_type",)


@admin.register(Attachment)
class AttachmentAdmin(Window):
    list_display = ("created_at", "public_id", "order", "name", "content_type", "size")
    search_fields = ("public_id", "sha256", *(f"order__{name}" for name in ORDER_SEARCH))
    list_select_related = ("order__assessment_type",)
