"""The support desk of floor 3: orders, what was told about them, results. Read-only; search by any id or address.

The lists of the floors below are registered anew with a wider search: only this floor knows which orders a partner
reference or a candidate's e-mail stands for.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assessments.models import (
    AssessmentType,
    Attachment,
    Backfill,
    CatalogueRefresh,
    EarlyCall,
    Erasure,
    ErasureNotice,
    LegalHold,
    Order,
    OrderUpdate,
    ReportToFetch,
    Result,
    ResultSchema,
    StatusQuestion,
)
from core.admin import AuditRecordAdmin, RequestLogAdmin, Rows, Window
from core.models import AuditRecord, RequestLog
from partners.admin import DeliveryAdmin, EventAdmin
from partners.models import Delivery, Event

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
    exclude = ("raw",)
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


@admin.register(Backfill)
class BackfillAdmin(Window):
    """Results that came without an order; filter by state for what waits, and for what was rejected."""

    list_display = ("received_at", "public_id", "assessment_type", "partner", "organization", "state", "cause", "order")
    list_filter = ("state", "cause")
    search_fields = (
        "public_id",
        "request_id",
        "reference",
        "candidate",
        "candidate_reference",
        "email",
        "partner__name",
        "order__public_id",
    )
    list_select_related = ("assessment_type", "partner", "organization", "order__assessment_type")
    exclude = ("raw",)


@admin.register(CatalogueRefresh)
class CatalogueRefreshAdmin(Window):
    """Catalogues of partners that were connected by their protocol; filter by outcome for those that failed."""

    list_display = ("installation", "outcome", "at", "sentence", "done_at", "next_at")
    list_filter = ("outcome",)
    search_fields = ("installation__public_id", "installation__partner__name", "installation__organization__name")
    list_select_related = ("installation__partner", "installation__organization")


@admin.register(StatusQuestion)
class StatusQuestionAdmin(Window):
    """Orders whose partners are asked how they stand, and what stands in the way."""

    list_display = ("order", "asked", "asked_at", "next_at", "trouble")
    search_fields = tuple(f"order__{name}" for name in ORDER_SEARCH)
    list_select_related = ("order__assessment_type",)


@admin.register(ReportToFetch)
class ReportToFetchAdmin(Window):
    """Reports that partners named by URL."""

    list_display = ("created_at", "order", "name", "tries", "next_at", "trouble")
    search_fields = tuple(f"order__{name}" for name in ORDER_SEARCH)
    list_select_related = ("order__assessment_type",)


@admin.register(EarlyCall)
class EarlyCallAdmin(Window):
    """Calls about orders whose partner's id is not known yet."""

    list_display = ("received_at", "installation", "reference", "request_id")
    search_fields = ("reference", "request_id", "installation__public_id", "installation__partner__name")
    list_select_related = ("installation__partner", "installation__organization")
    exclude = ("raw",)


class NoticeRows(Rows):
    model = ErasureNotice
    fields = ("told_at", "partner", "installation", "is_told", "acknowledged_at", "erased_at")


@admin.register(Erasure)
class ErasureAdmin(Window):
    """Who was told, and who has not answered yet; what traces are found by is sealed, and not shown."""

    list_display = ("erased_at", "public_id", "organization", "ground", "reference", "swept_at")
    list_filter = ("ground",)
    search_fields = ("public_id", "reference", "candidate__public_id", "notices__partner__name")
    list_select_related = ("organization",)
    inlines = (NoticeRows,)
    exclude = ("traced_by",)


@admin.register(LegalHold)
class LegalHoldAdmin(Window):
    """The reason is the organization's own matter."""

    list_display = ("placed_at", "candidate_id", "organization", "placed_by", "lifted_at")
    search_fields = ("candidate__public_id", "organization__name")
    list_select_related = ("organization", "placed_by")
    exclude = ("reason",)


class AboutOrders(admin.ModelAdmin):  # type: ignore[type-arg]  # generic over every model it is registered for
    """A list whose rows name orders by id: also found by a partner reference, a candidate's e-mail or id."""

    # The lookup that an order's id has to match.
    about: str
    most_orders = 50

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, has_duplicates = super().get_search_results(request, queryset, search_term)
        named = Q(reference=search_term) | Q(candidate__email__iexact=search_term) | Q(candidate__public_id=search_term)
        orders = Order.objects.filter(named).order_by("-pk").values_list("public_id", flat=True)[: self.most_orders]
        for order in orders:
            found |= queryset.filter(**{self.about: order})
        return found, has_duplicates


for model in (Event, Delivery, AuditRecord, RequestLog):
    admin.site.unregister(model)


@admin.register(Event)
class EventAboutOrderAdmin(AboutOrders, EventAdmin):
    about = "subject"


@admin.register(Delivery)
class DeliveryAboutOrderAdmin(AboutOrders, DeliveryAdmin):
    about = "event__subject"


@admin.register(AuditRecord)
class AuditRecordAboutOrderAdmin(AboutOrders, AuditRecordAdmin):
    about = "subject"


@admin.register(RequestLog)
class RequestLogAboutOrderAdmin(AboutOrders, RequestLogAdmin):
    about = "path__contains"
