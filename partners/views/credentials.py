"""The portal's acts on credentials and endpoints: each shows a secret once, or says what was done."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from core.api import versions
from core.errors import DomainError
from core.models import User
from core.views.limits import limited
from partners.forms import EndpointForm, RedirectUrisForm
from partners.models import Endpoint, Environment, Partner
from partners.services import credentials, endpoints
from partners.views.guards import for_members


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def issue(request: HttpRequest, partner: Partner, environment: str) -> HttpResponse:
    """GET asks, because the old secret dies at once; POST issues and shows."""
    _check(environment)
    context = {"partner": partner, "environment": environment, "label": Environment(environment).label}
    if request.method != "POST":
        has_one = partner.applications.filter(environment=environment).exists()
        return render(request, "partners/portal/issue.html", {**context, "has_one": has_one})
    try:
        application, secret = credentials.issue(partner, environment, actor=cast(User, request.user))
    except DomainError as refusal:
        return _back(request, partner, error=refusal)
    return render(request, "partners/portal/issued.html", {**context, "application": application, "secret": secret})


@require_POST
@for_members
def set_redirect_uris(request: HttpRequest, partner: Partner, environment: str) -> HttpResponse:
    application = get_object_or_404(partner.applications, environment=environment)
    form = RedirectUrisForm(request.POST, prefix=environment)
    if not form.is_valid():
        return _back(request, partner, sentence="These are too many, or too long.", level=messages.ERROR)
    try:
        uris = form.cleaned_data["redirect_uris"]
        credentials.set_redirect_uris(application, uris, actor=cast(User, request.user))
    except DomainError as refusal:
        return _back(request, partner, error=refusal)
    return _back(request, partner, sentence="The redirect URIs are saved.")


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def version(request: HttpRequest, partner: Partner, environment: str) -> HttpResponse:
    """GET shows the versions and what came with each; POST pins the application to one."""
    application = get_object_or_404(partner.applications, environment=environment)
    if request.method == "POST":
        try:
            credentials.pin(application, request.POST.get("version", ""), actor=cast(User, request.user))
        except DomainError as refusal:
            return _back(request, partner, error=refusal)
        return _back(request, partner, sentence=f"Calls speak the version {application.api_version} from now on.")
    came = [
        (known, [change.sentence for change in versions.all_changes() if change.version == known.name])
        for known in versions.VERSIONS
    ]
    context = {"partner": partner, "application": application, "came": came}
    return render(request, "partners/portal/version.html", {**context, "label": Environment(environment).label})


@never_cache
@require_POST
@for_members
def put_endpoint(request: HttpRequest, partner: Partner, environment: str) -> HttpResponse:
    """A new endpoint's secret is shown; one that was there gets the new URL."""
    _check(environment)
    form = EndpointForm(request.POST, prefix=f"{environment}-endpoint")
    if not form.is_valid():
        return _back(request, partner, sentence="A purpose and a URL are needed.", level=messages.ERROR)
    try:
        endpoint, secret, _ = endpoints.put(partner, environment, **form.cleaned_data)
    except DomainError as refusal:
        return _back(request, partner, error=refusal)
    if secret is None:
        return _back(request, partner, sentence=f"{endpoint.get_purpose_display()} go to {endpoint.url} from now on.")
    return _secret_page(request, partner, endpoint, secret)


@never_cache
@require_POST
@for_members
def rotate_secret(request: HttpRequest, partner: Partner, endpoint_id: str) -> HttpResponse:
    endpoint = _endpoint(partner, endpoint_id)
    try:
        secret = endpoints.rotate_secret(endpoint, actor=cast(User, request.user))
    except DomainError as refusal:
        return _back(request, partner, error=refusal)
    return _secret_page(request, partner, endpoint, secret)


@require_POST
@limited("ping")
@for_members
def ping(request: HttpRequest, partner: Partner, endpoint_id: str) -> HttpResponse:
    try:
        delivery = endpoints.ping(_endpoint(partner, endpoint_id))
    except DomainError as refusal:
        return _back(request, partner, error=refusal)
    return redirect("partners:delivery", partner.public_id, delivery.public_id)


def _secret_page(request: HttpRequest, partner: Partner, endpoint: Endpoint, secret: str) -> HttpResponse:
    context = {"partner": partner, "endpoint": endpoint, "secret": secret}
    return render(request, "partners/portal/signing_secret.html", context)


def _back(
    request: HttpRequest,
    partner: Partner,
    *,
    sentence: str = "",
    error: DomainError | None = None,
    level: int = messages.SUCCESS,
) -> HttpResponse:
    messages.add_message(request, messages.ERROR if error else level, error.detail if error else sentence)
    return redirect("partners:dashboard", partner.public_id)


def _endpoint(partner: Partner, endpoint_id: str) -> Endpoint:
    return get_object_or_404(partner.endpoints.select_related("partner"), public_id=endpoint_id)


def _check(environment: str) -> None:
    if environment not in Environment.values:
        raise Http404
