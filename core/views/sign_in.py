"""The log-in in one step or two, and the door of the support desk, which leads to it."""

from __future__ import annotations

import time

from django.conf import settings
from django.contrib.auth import login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core import devices, guesses
from core.errors import RateLimited
from core.forms import CodeForm, SignInForm
from core.models import User
from core.services import second_step
from core.views.errors import too_many_requests

# In the session, between the two steps.
_HALF_WAY = "half_way"
_HALF_WAY_SECONDS = 600


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(_where_next(request))
    form = SignInForm(request, data=request.POST or None)
    if request.method == "POST":
        try:
            guess = guesses.begin(request, request.POST.get("username", ""))
        except RateLimited as refusal:
            return too_many_requests(request, refusal.facts["retry_after"])
        if form.is_valid():
            guesses.was_right(guess)
            return enter(request, form.get_user(), _where_next(request))
        guesses.was_wrong(guess)
    context = {"form": form, "next": _where_next(request)}
    return render(request, "core/login.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def support_desk(request: HttpRequest) -> HttpResponse:
    """Where the desk sends whoever may not enter: strangers to the one log-in that there is, others away."""
    if request.user.is_authenticated:
        raise PermissionDenied("The support desk is for the staff of this installation.")
    return redirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': request.GET.get('next', '/admin/')})}")


def enter(request: HttpRequest, user: User, where: str) -> HttpResponse:
    """Signs in somebody who has proved to be this person, or asks for the second step first. ``where`` is ours."""
    if not second_step.is_on(user):
        return _signed_in(request, user, where)
    request.session.cycle_key()
    request.session[_HALF_WAY] = {
        "user": user.pk,
        "password": user.get_session_auth_hash(),
        "until": int(time.time()) + _HALF_WAY_SECONDS,
        "where": where,
    }
    return redirect("core:login_code")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter_code(request: HttpRequest) -> HttpResponse:
    """The second step of somebody whose password was right a moment ago."""
    user = _half_way(request)
    if user is None:
        return redirect(settings.LOGIN_URL)
    form = CodeForm(request.POST or None)
    if request.method == "POST":
        try:
            guess = guesses.begin_code(request, user.email)
        except RateLimited as refusal:
            return too_many_requests(request, refusal.facts["retry_after"])
        if form.is_valid() and second_step.accepts(user, form.cleaned_data["code"]):
            guesses.was_right(guess)
            return _signed_in(request, user, request.session.pop(_HALF_WAY)["where"])
        guesses.was_wrong(guess)
        form.add_error("code", "This is not a code of now, nor an unused recovery code.")
    return render(request, "core/login_code.html", {"form": form}, status=422 if form.errors else 200)


def _half_way(request: HttpRequest) -> User | None:
    """Who is between the steps; nobody once the time is over, the account closed or its password another one."""
    kept = request.session.get(_HALF_WAY)
    if not kept or time.time() > kept["until"]:
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    return user if user and constant_time_compare(kept["password"], user.get_session_auth_hash()) else None


def _signed_in(request: HttpRequest, user: User, where: str) -> HttpResponse:
    response = redirect(where)
    login(request, user)
    devices.remember(request, response, user)
    return response


def _where_next(request: HttpRequest) -> str:
    """The page that asked for the log-in, if it is one of ours."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else settings.LOGIN_REDIRECT_URL
