"""Pages of floor 1."""

from __future__ import annotations

from django.urls import path

from core.views import account, candidates, health, hiring, home, invitations, jobs, team
from core.views import errors as error_pages

app_name = "core"
urlpatterns = [
    path("", home.home, name="home"),
    path("login", account.log_in, name="login"),
    path("logout", account.log_out, name="logout"),
    path("account/password", account.change_password, name="password_change"),
    path("organization", home.switch_organization, name="switch_organization"),
    path("candidates", candidates.index, name="candidates"),
    path("candidates/new", hiring.add, name="candidate_add"),
    path("candidates/<str:candidate_id>", candidates.profile, name="candidate"),
    path("candidates/<str:candidate_id>/edit", hiring.edit, name="candidate_edit"),
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
    path("docs/errors", error_pages.codes, name="errors"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
]
