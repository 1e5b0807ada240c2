"""The admin's page of API clients: programs of the organization's own. A secret is shown once, when it is made."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from core.models import RequestLog
from core.permissions import admin_required
from core.types import MemberRequest
from partners.forms import ClientForm, ClientNameForm
from partners.models import Application, Endpoint
from partners.scopes import ORGANIZATION_SCOPES
from partners.selectors import clients_visible_to, organization_endpoints, requests_of
from partners.services import clients, endpoints

PER_PAGE = 25


@require_safe
@admin_required
def index(request: MemberRequest) -> HttpResponse:
    return _page(request, ClientForm())


@never_cache
@require_POST
@admin_required
def create(request: MemberRequest) -> HttpResponse:
    """Answers with the secret, this once: only its hash is kept."""
    form = ClientForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        client, secret = clients.create(request.membership.organization, **form.cleaned_data, actor=request.user)
    except DomainError as refusal:
        form.add_error(None, refusal.detail)
        return _page(request, form, status=422)
    return _shown(request, client, secret)


@require_safe
@admin_required
def detail(request: MemberRequest, client_id: str) -> HttpResponse:
    """What it may do, and the calls it made, newest first."""
    client = _client(request, client_id)
    allowed = clients.allowed_of(client)
    context = {
        "client": client,
        "scopes": [(name, sentence) for name, sentence in ORGANIZATION_SCOPES.items() if name in allowed],
        "form": ClientNameForm(initial={"name": client.name}),
        "page": Paginator(requests_of(client).order_by("-created_at", "-pk"), PER_PAGE).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "partners/clients/detail.html", context)


@require_POST
@admin_required
def rename(request: MemberRequest, client_id: str) -> HttpResponse:
    client, form = _client(request, client_id), ClientNameForm(request.POST)
    if form.is_valid():
        clients.rename(client, form.cleaned_data["name"], actor=request.user)
        messages.success(request, f"It is called {client.name} from now on.")
    else:
        messages.error(request, f"A name has 1 to {clients.LONGEST_NAME} characters.")
    return redirect("partners:client", client.client_id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def issue(request: MemberRequest, client_id: str) -> HttpResponse:
    """GET asks, because the old secret dies at once; POST issues and shows."""
    client = _live(request, client_id)
    if request.method != "POST":
        return render(request, "partners/clients/issue.html", {"client": client})
    return _shown(request, client, clients.issue(client, actor=request.user))


@require_http_methods(["GET", "HEAD", "POST"])
@admin_required
def revoke(request: MemberRequest, client_id: str) -> HttpResponse:
    """GET asks, POST revokes."""
    client = _live(request, client_id)
    if request.method != "POST":
        return render(request, "partners/clients/revoke.html", {"client": client})
    clients.revoke(client, actor=request.user)
    messages.success(request, f"{client.name} is revoked; its tokens have ended.")
    return redirect("partners:clients")


@require_POST
@admin_required
def disable_endpoint(request: MemberRequest, endpoint_id: str) -> HttpResponse:
    endpoint = get_object_or_404(organization_endpoints(request.membership), public_id=endpoint_id)
    endpoints.disable(endpoint, reason="An admin switched it off.", actor=request.user)
    messages.success(request, "Nothing is sent there any more.")
    return redirect("partners:clients")


def _client(request: MemberRequest, client_id: str) -> Application:
    return get_object_or_404(clients_visible_to(request.membership), client_id=client_id)


def _live(request: MemberRequest, client_id: str) -> Application:
    """One that has not ended, or 404."""
    return get_object_or_404(clients_visible_to(request.membership), client_id=client_id, revoked_at=None)


def _shown(request: MemberRequest, client: Application, secret: str) -> HttpResponse:
    return render(request, "partners/clients/issued.html", {"client": client, "secret": secret})


def _page(request: MemberRequest, form: ClientForm, *, status: int = 200) -> HttpResponse:
    rows = _with_last_call(request).order_by("name", "pk")
    context = {
        "form": form,
        "clients": rows.filter(revoked_at=None),
        "revoked": rows.exclude(revoked_at=None),
        "endpoints": _endpoints(request),
    }
    return render(request, "partners/clients/index.html", context, status=status)


def _with_last_call(request: MemberRequest) -> QuerySet[Application]:
    calls = RequestLog.objects.filter(
        client_id=OuterRef("client_id"), partner="", organization=request.membership.organization.public_id
    ).exclude(organization="")
    last = calls.order_by("-created_at", "-pk").values("created_at")[:1]
    return clients_visible_to(request.membership).annotate(last_call_at=Subquery(last))


def _endpoints(request: MemberRequest) -> list[Endpoint]:
    return list(organization_endpoints(request.membership).order_by("purpose"))
