"""The portal's first page: where a Partner stands, its credentials and endpoints; and keeping an account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError
from core.models import User
from partners.forms import AccountForm, EndpointForm, RedirectUrisForm
from partners.models import Application, Endpoint, Environment, Partner
from partners.selectors import partners_visible_to
from partners.services import onboarding
from partners.views.guards import for_members


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One environment of the Partner."""

    environment: Environment
    application: Application | None
    endpoints: tuple[Endpoint, ...]
    may_issue: bool
    redirect_uris: RedirectUrisForm
    new_endpoint: EndpointForm


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """To one's partner, or the choice among several; also where people land who belong nowhere."""
    mine = list(partners_visible_to(cast(User, request.user)))
    if len(mine) == 1:
        return redirect("partners:dashboard", mine[0].public_id)
    return render(request, "partners/portal/index.html", {"partners": mine})


@require_safe
@for_members
def dashboard(request: HttpRequest, partner: Partner) -> HttpResponse:
    return page(request, partner)


@never_cache
@sensitive_post_parameters("password")
@require_POST
@for_members
def claim(request: HttpRequest, partner: Partner) -> HttpResponse:
    """For an account that came by link: a name and a password to sign in with."""
    form = AccountForm(request.POST)
    if form.is_valid():
        user = User.objects.get(pk=cast(User, request.user).pk)
        try:
            onboarding.claim(user, **form.cleaned_data)
            update_session_auth_hash(request, user)
            messages.success(request, f"From now on you sign in as {user.sign_in_name}.")
            return redirect("partners:dashboard", partner.public_id)
        except DomainError as refusal:
            form.add_error("sign_in_name", refusal.detail)
    return page(request, partner, account=form)


def page(request: HttpRequest, partner: Partner, *, account: AccountForm | None = None) -> HttpResponse:
    person = cast(User, request.user)
    needs_account = not person.has_usable_password()
    context = {
        "partner": partner,
        "sides": [_side(partner, environment) for environment in Environment],
        "account": (account or AccountForm()) if needs_account else None,
    }
    return render(request, "partners/portal/dashboard.html", context, status=422 if account else 200)


def _side(partner: Partner, environment: Environment) -> Side:
    application = partner.applications.filter(environment=environment).first()
    uris = "\n".join(application.redirect_uris.split()) if application else ""
    may_issue = environment == Environment.SANDBOX or partner.status == Partner.Status.APPROVED
    return Side(
        environment=environment,
        application=application,
        endpoints=tuple(partner.endpoints.filter(environment=environment, installation=None)),
        may_issue=may_issue and not partner.is_suspended,
        redirect_uris=RedirectUrisForm(initial={"redirect_uris": uris}, prefix=environment.value),
        new_endpoint=EndpointForm(prefix=f"{environment.value}-endpoint"),
    )
