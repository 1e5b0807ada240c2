"""One's own account: signing out here and everywhere else, and the password."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import guesses
from core.errors import RateLimited
from core.forms import ChangePasswordForm
from core.models import SecondStep, User
from core.services import account
from core.views.errors import too_many_requests


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@never_cache
@login_required
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    step = SecondStep.objects.filter(user=cast(User, request.user)).exclude(confirmed_at=None).first()
    context = {
        "second_step": step,
        "unused_codes": step.recovery_codes.filter(used_at=None).count() if step else 0,
        "idle_hours": int(settings.SESSION_IDLE.total_seconds() // 3600),
        "longest_days": settings.SESSION_LONGEST.days,
    }
    return render(request, "core/security.html", context)


@login_required
@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """The session that asked for it stays, under a new key."""
    person = cast(User, request.user)
    account.sign_out_everywhere(person)
    update_session_auth_hash(request, person)
    messages.success(request, "You are signed out in all other browsers.")
    return redirect("core:security")


@never_cache
@login_required
@sensitive_post_parameters("old_password", "new_password1", "new_password2")
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    """The session that changed it stays; all others of this person end."""
    person = cast(User, request.user)
    form = ChangePasswordForm(person, data=request.POST or None)
    if request.method == "POST":
        try:
            guess = guesses.begin_own(person)
        except RateLimited as refusal:
            return too_many_requests(request, refusal.facts["retry_after"])
        is_good = form.is_valid()
        guesses.was_wrong(guess) if "old_password" in form.errors else guesses.was_right(guess)
        if is_good:
            update_session_auth_hash(request, form.save())
            messages.success(request, "Your password is changed. Other browsers are signed out.")
            return redirect("core:security")
    return render(request, "core/password_change.html", {"form": form}, status=422 if form.errors else 200)
