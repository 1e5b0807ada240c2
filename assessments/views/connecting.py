"""Connecting a partner by the protocol it speaks, and looking after that connection. For an organization's admins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.dialects.base import Dialect
from assessments.models import AssessmentType
from assessments.services import connections, refreshing, trying
from core.errors import DomainError, NotFound, RateLimited
from core.permissions import admin_required
from core.types import MemberRequest
from core.views.errors import too_many_requests
from partners.models import Endpoint, Installation
from partners.oauth.consent import FIELD_NAMES
from partners.scopes import CANDIDATE_FIELDS
from partners.selectors import installations_visible_to

URL = "url_"
SCOPES = "scopes"


class AddressesForm(forms.Form):
    """The URL of each purpose by itself, and the credential."""

    credential = forms.CharField(
        label="Credential",
        max_length=500,
        required=False,
        help_text="The key or token that the partner gave you. It is stored encrypted, and shown never again.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, dialect: Dialect, urls: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dialect = dialect
        for address in dialect.addresses:
            self.fields[URL + address.purpose] = forms.CharField(
                label=address.label,
                max_length=Endpoint._meta.get_field("url").max_length,
                required=address.is_required,
                help_text=address.hint,
                initial=(urls or {}).get(address.purpose, ""),
                widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
            )
        self.order_fields(["name", *(URL + address.purpose for address in dialect.addresses), "credential"])

    @property
    def urls(self) -> dict[str, str]:
        """By purpose; what was left empty is empty."""
        return {name.removeprefix(URL): text for name, text in self.cleaned_data.items() if name.startswith(URL)}

    def refuse(self, refusal: DomainError) -> None:
        """Puts each problem of the service on the field that it is about."""
        if not refusal.problems:
            self.add_error(None, refusal.detail)
        for problem in refusal.problems:
            name = str(problem["pointer"]).removeprefix("/").replace("urls/", URL)
            self.add_error(name if name in self.fields else None, str(problem["message"]))


class ConnectForm(AddressesForm):
    """A new connection: beside the addresses a name, and what leaves of candidates."""

    name = forms.CharField(label="Name of the partner", max_length=120, help_text="As recruiters will read it.")

    def __init__(self, *args: Any, dialect: Dialect, **kwargs: Any) -> None:
        super().__init__(*args, dialect=dialect, **kwargs)
        self.fields["credential"].required = True
        choices = [
            (scope, _fields_of(scope, dialect.carries)) for scope in _in_order(connections.optional_scopes(dialect))
        ]
        if choices:
            self.fields[SCOPES] = forms.MultipleChoiceField(
                label="Send these too",
                choices=choices,
                required=False,
                widget=forms.CheckboxSelectMultiple,
                help_text="The protocol can carry them; leave out what the partner does not need.",
            )


@require_safe
@admin_required
def protocols(request: MemberRequest) -> HttpResponse:
    """Which protocol does the partner speak?"""
    return render(request, "assessments/connecting/protocols.html", {"dialects": connections.connectable()})


@sensitive_post_parameters("credential")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@admin_required
def connect(request: MemberRequest, dialect_name: str) -> HttpResponse:
    """GET is the form, POST connects and shows the key this once."""
    dialect = _dialect(dialect_name)
    form = ConnectForm(request.POST or None, dialect=dialect)
    if request.method == "POST" and form.is_valid() and (connected := _connected(request, form)) is not None:
        return _shown_once(request, connected.installation, connected.key, is_new=True)
    context = {
        "dialect": dialect,
        "form": form,
        "leaving": [FIELD_NAMES[name] for name in CANDIDATE_FIELDS if name in dialect.requires],
        "staying": [FIELD_NAMES[name] for name in CANDIDATE_FIELDS if name not in dialect.requires | dialect.carries],
    }
    return render(request, "assessments/connecting/connect.html", context, status=422 if form.errors else 200)


@require_safe
@admin_required
def connection(request: MemberRequest, installation_id: str) -> HttpResponse:
    """How it is connected, and when its catalogue was read."""
    return _page(request, _installation(request, installation_id))


@require_POST
@admin_required
def test(request: MemberRequest, installation_id: str) -> HttpResponse:
    """Asks for the catalogue, and shows what came back word by word. Changes nothing."""
    installation = _askable(request, installation_id)
    try:
        return _page(request, installation, trial=trying.try_catalogue(installation))
    except RateLimited as refusal:
        return too_many_requests(request, refusal.facts["retry_after"])


@require_POST
@admin_required
def refresh(request: MemberRequest, installation_id: str) -> HttpResponse:
    """Reads the catalogue now."""
    installation = _askable(request, installation_id)
    row = refreshing.refresh(installation)
    say = messages.success if row.outcome == row.Outcome.DONE else messages.error
    say(request, f"Catalogue: {row.sentence}" if row.sentence else "The catalogue is being read already.")
    return redirect("assessments:connection", installation.public_id)


@sensitive_post_parameters("credential")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@admin_required
def edit(request: MemberRequest, installation_id: str) -> HttpResponse:
    """Other addresses, another credential."""
    installation = _installation(request, installation_id)
    form = AddressesForm(request.POST or None, dialect=_dialect(installation.partner.dialect), urls=_urls(installation))
    form.fields["credential"].help_text = "Leave it empty to keep the one there is. It is stored encrypted."
    if request.method == "POST" and form.is_valid():
        try:
            connections.change(
                installation, urls=form.urls, credential=form.cleaned_data["credential"], actor=request.user
            )
            messages.success(request, "The connection is changed; its catalogue is being read.")
            return redirect("assessments:connection", installation.public_id)
        except DomainError as refusal:
            form.refuse(refusal)
    context = {"installation": installation, "form": form}
    return render(request, "assessments/connecting/edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@admin_required
def key(request: MemberRequest, installation_id: str) -> HttpResponse:
    """GET asks, POST issues a new key and shows it this once."""
    installation = _installation(request, installation_id)
    if not connections.has_key(_dialect(installation.partner.dialect)):
        raise Http404
    if request.method != "POST":
        return render(request, "assessments/connecting/key.html", {"installation": installation})
    try:
        issued = connections.new_key(installation, actor=request.user)
    except DomainError as refusal:
        messages.error(request, refusal.detail)
        return redirect("assessments:connection", installation.public_id)
    return _shown_once(request, installation, issued, is_new=False)


# --- Parts ----------------------------------------------------------------------------------------------------------


def _connected(request: MemberRequest, form: ConnectForm) -> connections.Connected | None:
    """None, and the form says why."""
    try:
        return connections.connect(
            request.membership.organization,
            dialect=form.dialect,
            name=form.cleaned_data["name"],
            urls=form.urls,
            credential=form.cleaned_data["credential"],
            scopes=form.cleaned_data.get(SCOPES, []),
            actor=request.user,
        )
    except DomainError as refusal:
        form.refuse(refusal)
        return None


def _shown_once(request: MemberRequest, installation: Installation, issued: str, *, is_new: bool) -> HttpResponse:
    dialect = _dialect(installation.partner.dialect)
    context = {
        "installation": installation,
        "dialect": dialect,
        "key": issued,
        "is_new": is_new,
        "doors": connections.our_doors(dialect),
    }
    return render(request, "assessments/connecting/connected.html", context)


def _page(request: MemberRequest, installation: Installation, **more: Any) -> HttpResponse:
    dialect = _dialect(installation.partner.dialect)
    urls = _urls(installation)
    types = AssessmentType.objects.filter(partner=installation.partner_id)
    context = {
        "installation": installation,
        "dialect": dialect,
        "addresses": [(address, urls.get(address.purpose, "")) for address in dialect.addresses],
        "doors": connections.our_doors(dialect),
        "has_key": connections.has_key(dialect),
        "can_be_tried": trying.can_be_tried(installation),
        "refresh": refreshing.last_of(installation),
        "types": types.filter(retired_at=None).order_by("name"),
        "retired": types.exclude(retired_at=None).order_by("name"),
        "is_there": installation.status != Installation.Status.REMOVED,
        **more,
    }
    return render(request, "assessments/connecting/connection.html", context)


def _installation(request: MemberRequest, installation_id: str) -> Installation:
    rows = installations_visible_to(request.membership).select_related("organization", "installed_by")
    return get_object_or_404(rows.exclude(partner__organization=None), public_id=installation_id)


def _askable(request: MemberRequest, installation_id: str) -> Installation:
    """One whose catalogue can be asked for; a removed one is left in peace."""
    installation = _installation(request, installation_id)
    if installation.status == Installation.Status.REMOVED or not trying.can_be_tried(installation):
        raise Http404
    return installation


def _dialect(name: str) -> Dialect:
    try:
        return connections.dialect_named(name)
    except NotFound:
        raise Http404 from None


def _urls(installation: Installation) -> dict[str, str]:
    return dict(Endpoint.objects.filter(installation=installation, enabled=True).values_list("purpose", "url"))


def _fields_of(scope: str, carried: frozenset[str]) -> str:
    names: Sequence[str] = [name for name, needed in CANDIDATE_FIELDS.items() if needed == scope and name in carried]
    return ", ".join(FIELD_NAMES[name] for name in names)


def _in_order(scopes: frozenset[str]) -> list[str]:
    return [scope for scope in dict.fromkeys(CANDIDATE_FIELDS.values()) if scope in scopes]
