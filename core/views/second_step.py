"""Two-step sign-in on one's own account page: turned on, given new recovery codes, turned off."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core import guesses
from core.errors import RateLimited
from core.forms import CodeForm, OwnPasswordForm
from core.models import User
from core.qr import qr
from core.services import second_step
from core.views.errors import too_many_requests

# In the session: until when the key that was prepared may be seen and confirmed without the password.
_PREPARED = "second_step_until"
_PREPARED_SECONDS = 600


def prepare(request: HttpRequest) -> HttpResponse:
    def show(person: User) -> HttpResponse:
        second_step.prepare(person)
        request.session[_PREPARED] = int(time.time()) + _PREPARED_SECONDS
        return redirect("core:second_step")

    return _with_password(
        request,
        "Turn on two-step sign-in",
        "From then on each sign-in asks for a code of your authenticator app.",
        show,
        is_on=False,
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """The code to scan, and the field for the first code of the app."""
    person = cast(User, request.user)
    step = second_step.prepared(person)
    if step is None or time.time() > request.session.get(_PREPARED, 0):
        return redirect("core:security")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if codes := second_step.confirm(person, form.cleaned_data["code"]):
            del request.session[_PREPARED]
            return render(request, "core/recovery_codes.html", {"codes": codes})
        form.add_error("code", "This is not the code of now. Does the clock of your phone agree with ours?")
    context = {"form": form, "secret": second_step.secret_of(step), "qr": qr(second_step.address_of(step))}
    return render(request, "core/second_step.html", context, status=422 if form.errors else 200)


def recovery_codes(request: HttpRequest) -> HttpResponse:
    def renew(person: User) -> HttpResponse:
        return render(request, "core/recovery_codes.html", {"codes": second_step.renew_recovery_codes(person)})

    return _with_password(request, "New recovery codes", "The codes you have now will be void.", renew)


def turn_off(request: HttpRequest) -> HttpResponse:
    def take_away(person: User) -> HttpResponse:
        second_step.take_away(person, actor=person)
        messages.success(request, "Two-step sign-in is off.")
        return redirect("core:security")

    return _with_password(
        request, "Turn off two-step sign-in", "Your password alone will be enough to sign in.", take_away
    )


@never_cache
@login_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def _with_password(
    request: HttpRequest, act: str, consequence: str, deed: Callable[[User], HttpResponse], *, is_on: bool = True
) -> HttpResponse:
    """Asks for the password first: a browser that was left open is not its person.

    ``is_on``: whether there has to be a second step for it, or none.
    """
    person = cast(User, request.user)
    if second_step.is_on(person) != is_on:
        return redirect("core:security")
    form = OwnPasswordForm(request.POST or None, user=person)
    if request.method == "POST":
        try:
            guess = guesses.begin_own(person)
        except RateLimited as refusal:
            return too_many_requests(request, refusal.facts["retry_after"])
        if form.is_valid():
            guesses.was_right(guess)
            return deed(person)
        guesses.was_wrong(guess)
    context = {"form": form, "act": act, "consequence": consequence}
    return render(request, "core/own_password.html", context, status=422 if form.errors else 200)
