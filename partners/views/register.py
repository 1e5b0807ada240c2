"""Self-registration by page: a company, a person, and its credentials, shown this once."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.services.account import LogInTaken
from core.views.limits import limited
from partners.forms import CompanyForm, RegisterForm
from partners.services import onboarding
from partners.services.onboarding import Registration


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@limited("register")
def register(request: HttpRequest) -> HttpResponse:
    """For somebody new; somebody who is signed in registers a further partner with the account there is."""
    kind = CompanyForm if request.user.is_authenticated else RegisterForm
    form = kind(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = _register(request, form.cleaned_data)
            return render(request, "partners/registered.html", {"made": made})
        except LogInTaken as refusal:
            form.add_error("sign_in_name", refusal.detail)
    return render(request, "partners/register.html", {"form": form}, status=422 if form.errors else 200)


def _register(request: HttpRequest, filled: dict[str, Any]) -> Registration:
    if request.user.is_authenticated:
        person = request.user
        contact = person.email if person.has_address else ""
        return onboarding.register_partner(**filled, contact_email=contact, person=person)
    made = onboarding.register_partner(contact_email=filled.pop("email"), **filled)
    login(request, made.user)
    return made
