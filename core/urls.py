"""Pages of floor 1."""

from __future__ import annotations

from django.urls import path

from core.openapi import views as openapi
from core.views import (
    account,
    candidates,
    csp_reports,
    health,
    hiring,
    home,
    invitations,
    jobs,
    reference,
    second_step,
    sign_in,
    team,
)
from core.views import errors as error_pages

app_name = "core"
urlpatterns = [
    path("", home.home, name="home"),
    path("login", sign_in.log_in, name="login"),
    path("login/code", sign_in.enter_code, name="login_code"),
    path("logout", account.log_out, name="logout"),
    path("account", account.security, name="security"),
    path("account/sign-out-everywhere", account.sign_out_everywhere, name="sign_out_everywhere"),
    path("account/second-step", second_step.confirm, name="second_step"),
    path("account/second-step/prepare", second_step.prepare, name="second_step_prepare"),
    path("account/second-step/recovery-codes", second_step.recovery_codes, name="second_step_recovery"),
    path("account/second-step/turn-off", second_step.turn_off, name="second_step_off"),
    path("account/password", account.change_password, name="password_change"),
    path("organization", home.switch_organization, name="switch_organization"),
    path("candidates", candidates.index, name="candidates"),
    path("candidates/new", hiring.add, name="candidate_add"),
    path("candidates/<str:candidate_id>", candidates.profile, name="candidate"),
    path("candidates/<str:candidate_id>/resume", candidates.resume, name="resume"),
    path("candidates/<str:candidate_id>/jobs", hiring.put_forward, name="put_forward"),
    path("applications/<str:application_id>/move", hiring.move, name="application_move"),
    path("jobs", jobs.index, name="jobs"),
    path("jobs/new", jobs.add, name="job_add"),
    path("jobs/<str:job_id>", jobs.detail, name="job"),
    path("jobs/<str:job_id>/status", jobs.set_status, name="job_status"),
    path("team", team.index, name="team"),
    path("team/invitations", team.invite, name="invite"),
    path("team/invitations/<str:invitation_id>/revoke", team.revoke, name="invitation_revoke"),
    path("team/role", team.change_role, name="member_role"),
    path("team/remove", team.remove, name="member_remove"),
    path("invitations/<str:token>", invitations.accept, name="invitation"),
    path("docs/reference", reference.index, name="reference"),
    path("docs/reference/<str:chapter>", reference.chapter, name="reference_chapter"),
    path("docs/errors", error_pages.codes, name="errors"),
    path("api/v1/openapi.json", openapi.openapi_json, name="openapi"),
    path("api/v1/postman.json", openapi.postman_json, name="postman"),
    path("csp-reports", csp_reports.take, name="csp_reports"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
]
