"""Jobs: the list, one job with its stages, opening and closing."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.test import Client
from pytest_django import DjangoAssertNumQueries

from core.models import Job, Membership
from core.views.jobs import PER_STAGE
from tests.world import World, make_application, make_candidate

SignIn = Callable[[Membership], Client]


def test_members_see_their_jobs_and_mallory_hers(world: World, signed_in: SignIn) -> None:
    ours = signed_in(world.interviewer).get("/jobs").content.decode()
    hers = signed_in(world.mallory).get("/jobs").content.decode()
    assert re.findall(r'class="row-link"[^>]*>([^<]+)<', ours) == ["Back-end engineer", "Field technician"]
    assert re.findall(r'class="row-link"[^>]*>([^<]+)<', hers) == ["Chemist"]


def test_a_job_shows_who_stands_at_which_stage(world: World, signed_in: SignIn) -> None:
    page = signed_in(world.interviewer).get(f"/jobs/{world.job.public_id}").content.decode()
    assert page.index("Assessment <span") < page.index("Ada Okafor") < page.index("Interview <span")
    assert "Bram" not in page


def test_a_foreign_job_does_not_exist(world: World, signed_in: SignIn) -> None:
    client = signed_in(world.mallory)
    assert client.get(f"/jobs/{world.job.public_id}").status_code == 404
    assert client.post(f"/jobs/{world.job.public_id}/status", {"status": "closed"}).status_code == 404


def test_a_crowded_stage_shows_the_first_and_leads_to_all(
    world: World, signed_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(PER_STAGE + 3):
        make_application(make_candidate(world.acme, "Noor", f"Rahman{number:02}"), world.stages[0])
    client = signed_in(world.recruiter)
    # Session; user with memberships; the job, its stages with counts, the first of each; a partner's person?
    with django_assert_num_queries(6):
        page = client.get(f"/jobs/{world.job.public_id}").content.decode()
    assert len(re.findall("Noor Rahman", page)) == PER_STAGE
    assert f"?job={world.job.public_id}&amp;stage=Applied" in page
    assert f"All {PER_STAGE + 3}" in page


def test_a_recruiter_opens_a_job_with_its_stages_in_order(world: World, signed_in: SignIn) -> None:
    form = {"title": "Welder", "location": "Porto", "stages": "Applied\n\n Trial day \nOffer"}
    signed_in(world.recruiter).post("/jobs/new", form)
    job = Job.objects.get(title="Welder")
    assert job.organization == world.acme
    assert list(job.stages.values_list("position", "name")) == [(1, "Applied"), (2, "Trial day"), (3, "Offer")]


def test_a_hiring_plan_has_different_stages(world: World, signed_in: SignIn) -> None:
    client = signed_in(world.recruiter)
    for stages in ("", "A\nA", "\n".join(map(str, range(13))), "x" * 81):
        assert client.post("/jobs/new", {"title": "Welder", "stages": stages}).status_code == 422
    assert not Job.objects.filter(title="Welder").exists()


def test_a_job_is_closed_and_reopened_by_editors_only(world: World, signed_in: SignIn) -> None:
    path = f"/jobs/{world.job.public_id}/status"
    assert signed_in(world.interviewer).post(path, {"status": "closed"}).status_code == 403
    client = signed_in(world.recruiter)
    client.post(path, {"status": "closed"})
    world.job.refresh_from_db()
    assert world.job.status == Job.Status.CLOSED
    assert client.post(path, {"status": "half open"}).status_code == 404
    client.post(path, {"status": "open"})
    world.job.refresh_from_db()
    assert world.job.status == Job.Status.OPEN
