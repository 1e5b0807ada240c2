"""The support desk of floor 1: a window, not a door. Histories are read-only; acts go through services."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from core.models import (
    Application,
    AuditRecord,
    Candidate,
    Invitation,
    Job,
    Membership,
    Organization,
    RequestLog,
    Stage,
    User,
)
from core.services import account, second_step

admin.site.site_header = "Assay support"
admin.site.site_title = "Assay support"
admin.site.index_title = "Everything exchanged, searchable"


class Window(admin.ModelAdmin):  # type: ignore[type-arg]  # generic over every model it is registered for
    """Search and read; nothing is added, changed or deleted by hand."""

    show_full_result_count = False
    list_per_page = 50

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Every column, also those that no form may hold: ids and times are what support looks for."""
        hidden = set(self.exclude or ())
        columns = [field.name for field in self.opts.concrete_fields if field.name not in hidden]
        return [*columns, *map(str, self.readonly_fields)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.get_fields(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Who may use an action: staff that could change such a row, were it not for its service."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")


class Rows(admin.TabularInline):  # type: ignore[type-arg]  # generic over every model it is used for
    """Rows below another, read-only."""

    extra = 0
    can_delete = False
    show_change_link = True

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [str(name) for name in self.fields or ()]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MembershipRows(Rows):
    model = Membership
    fields = ("user", "role", "created_at")


class StageRows(Rows):
    model = Stage
    fields = ("position", "name", "public_id")


class ApplicationRows(Rows):
    model = Application
    fields = ("public_id", "job", "stage", "status", "applied_at")


@admin.register(User)
class UserAdmin(Window):
    list_display = ("email", "name", "is_active", "is_staff", "is_service", "joined_at")
    list_filter = ("is_active", "is_staff", "is_service")
    search_fields = ("email", "name")
    exclude = ("password",)
    actions = ("reset_second_step", "free_address")

    def has_superuser_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    @admin.action(description="Take the second step of the log-in away", permissions=["superuser"])
    def reset_second_step(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """For somebody who lost both the app and the codes. Audited: whoever asks for it may be somebody else."""
        assert isinstance(request.user, User)
        for person in queryset:
            done = second_step.take_away(person, actor=request.user)
            messages.info(request, f"{'Taken away' if done else 'There was none'}: {person.email}")

    @admin.action(description="Free the address, and close the log-in of its account", permissions=["superuser"])
    def free_address(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """For somebody who is invited and finds the address taken, or has lost the password. Audited, as above."""
        assert isinstance(request.user, User)
        for person in queryset:
            address = person.email
            done = account.free_address(person, actor=request.user)
            messages.info(request, f"{'Freed' if done else 'No address of a person'}: {address}")


@admin.register(Organization)
class OrganizationAdmin(Window):
    list_display = ("name", "public_id", "is_sandbox", "created_at")
    list_filter = ("is_sandbox",)
    search_fields = ("name", "public_id")
    inlines = (MembershipRows,)


@admin.register(Invitation)
class InvitationAdmin(Window):
    list_display = ("public_id", "organization", "role", "created_at", "accepted_at", "revoked_at")
    search_fields = ("public_id", "email")
    exclude = ("token_hash",)


@admin.register(Candidate)
class CandidateAdmin(Window):
    list_display = ("name", "public_id", "organization", "email", "created_at")
    search_fields = ("public_id", "email", "first_name", "last_name")
    list_select_related = ("organization",)
    inlines = (ApplicationRows,)


@admin.register(Job)
class JobAdmin(Window):
    list_display = ("title", "public_id", "organization", "status")
    search_fields = ("title", "public_id")
    inlines = (StageRows,)


@admin.register(AuditRecord)
class AuditRecordAdmin(Window):
    list_display = ("occurred_at", "verb", "subject", "actor", "actor_label", "organization")
    list_filter = ("verb",)
    search_fields = ("subject", "request_id", "actor__email", "actor_label")
    list_select_related = ("actor", "organization")


@admin.register(RequestLog)
class RequestLogAdmin(Window):
    list_display = ("created_at", "request_id", "partner", "method", "path", "status", "latency_ms", "problem_code")
    list_filter = ("status", "problem_code")
    search_fields = ("request_id", "trace_id", "partner", "organization", "path", "client_id")
