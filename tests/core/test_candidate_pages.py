"""The candidate list and the candidate profile, as members see them and as Mallory does not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, Settings

from core import panels
from core.models import Application, AuditRecord, Candidate, Membership
from tests.world import World, make_application, make_candidate, make_job

SignIn = Callable[[Membership], Client]
PDF = b"%PDF-1.7 a short life"


def names(page: str) -> list[str]:
    """Who is on a candidate list, in order."""
    return re.findall(r'class="row-link"[^>]*>([^<]+)<', page)


def listed(client: Client, query: str = "") -> list[str]:
    return names(client.get(f"/candidates{query}").content.decode())


def turn(page: str, way: str) -> str:
    """The query of the link to the next or the previous page; empty where there is none."""
    found = re.search(rf'<a href="([^"]*)" rel="{way}"', page)
    return unescape(found.group(1)) if found else ""


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> None:
    """The register of panels and filters, empty for one test."""
    monkeypatch.setattr(panels, "_panels", {})
    monkeypatch.setattr(panels, "_filters", {})


def test_members_of_every_role_see_their_candidates_newest_first(world: World, signed_in: SignIn) -> None:
    for viewer in (world.admin, world.recruiter, world.interviewer):
        assert listed(signed_in(viewer)) == ["Bram Lindqvist", "Ada Okafor"]


def test_mallory_sees_only_her_own_candidates(world: World, signed_in: SignIn) -> None:
    assert listed(signed_in(world.mallory)) == ["Gwen Sorel"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?q=okaf", ["Ada Okafor"]),
        ("?q=lindqvist+bram", ["Bram Lindqvist"]),
        ("?q=ada.okafor@mail", ["Ada Okafor"]),
        ("?q=nobody", []),
        ("?q=gwen", []),
        ("?stage=Assessment", ["Ada Okafor"]),
        ("?stage=Interview", []),
        ("?stage=Laboratory", ["Bram Lindqvist", "Ada Okafor"]),
        ("?job=nonsense", ["Bram Lindqvist", "Ada Okafor"]),
        ("?after=nobody", ["Bram Lindqvist", "Ada Okafor"]),
    ],
)
def test_the_list_is_searched_and_filtered(world: World, signed_in: SignIn, query: str, expected: list[str]) -> None:
    assert listed(signed_in(world.recruiter), query) == expected


def test_job_and_stage_are_asked_of_the_same_application(world: World, signed_in: SignIn) -> None:
    make_application(world.ada, world.other_job.stages.get(name="Offer"))
    client = signed_in(world.recruiter)
    assert listed(client, f"?job={world.job.public_id}&stage=Assessment") == ["Ada Okafor"]
    assert listed(client, f"?job={world.job.public_id}&stage=Offer") == []


def test_a_foreign_job_in_the_query_filters_nothing_and_tells_nothing(world: World, signed_in: SignIn) -> None:
    assert listed(signed_in(world.mallory), f"?job={world.job.public_id}") == ["Gwen Sorel"]


def test_a_list_is_looked_through_from_the_newest_to_the_oldest_and_back(world: World, signed_in: SignIn) -> None:
    # Several of one moment: which comes first is the same on every page.
    moment = world.ada.created_at
    for number in range(130):
        Candidate.objects.filter(pk=make_candidate(world.acme, "Noor", f"N{number:03}").pk).update(
            created_at=moment + timedelta(minutes=number // 40)
        )
    client, newest_first = signed_in(world.recruiter), [f"Noor N{number:03}" for number in reversed(range(130))]
    pages, address = [], "?q=noor"
    while address:
        page = client.get(f"/candidates{address}").content.decode()
        pages.append((address, names(page)))
        address = turn(page, "next")
    assert [name for _, shown in pages for name in shown] == newest_first
    assert [len(shown) for _, shown in pages] == [25, 25, 25, 25, 25, 5]
    address = pages[-1][0]
    for _, shown in reversed(pages[:-1]):
        address = turn(client.get(f"/candidates{address}").content.decode(), "prev")
        assert "q=noor" in address
        assert names(client.get(f"/candidates{address}").content.decode()) == shown
    assert turn(client.get(f"/candidates{address}").content.decode(), "prev") == ""


def test_the_first_page_counts_to_a_hundred(world: World, signed_in: SignIn) -> None:
    for number in range(101):
        make_candidate(world.acme, "Noor" if number else "Nora", f"N{number:03}")
    client = signed_in(world.recruiter)
    for query, said, heard in (
        ("?q=noor", "The newest 25 of 100<", "100 candidates found"),
        ("", "The newest 25 of 100+<", "100+ candidates found"),
        ("?q=okafor", "1 in all", "1 candidate found"),
    ):
        page = client.get(f"/candidates{query}").content.decode()
        assert said in page
        assert heard in page
    older = client.get(f"/candidates{turn(client.get('/candidates').content.decode(), 'next')}").content.decode()
    assert "Newest first" in older
    assert "25 more candidates" in older


def test_a_page_that_is_empty_by_now_is_the_first(world: World, signed_in: SignIn) -> None:
    foreign = Candidate.objects.get(first_name="Gwen")
    for way in ("after", "before"):
        for edge in (world.ada, foreign):
            shown = listed(signed_in(world.recruiter), f"?{way}={edge.public_id}")
            assert shown == ["Bram Lindqvist", "Ada Okafor"]


def test_the_list_costs_the_same_queries_for_two_candidates_and_for_twenty(
    world: World, signed_in: SignIn, door: None
) -> None:
    client = signed_in(world.recruiter)
    for number in range(20):
        make_application(make_candidate(world.acme, "Noor", f"Rahman{number:02}"), world.stages[0])
    # Session; user with memberships; jobs and stages to choose from; keys, page, its applications; a partner's person?
    for path in ("/candidates", "/candidates?q=ada&stage=Assessment"):
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        assert len([query for query in queries if query["sql"].startswith("SELECT")]) == 8


@pytest.mark.postgres
def test_a_search_is_planned_for_its_words(world: World, signed_in: SignIn) -> None:
    client = signed_in(world.recruiter)
    for path, is_planned in (("/candidates", False), ("/candidates?q=ada", True)):
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        statements = [query["sql"] for query in queries]
        planned = [at for at, sql in enumerate(statements) if "plan_cache_mode" in sql]
        assert bool(planned) is is_planned
        assert not planned or any("LIKE UPPER" in sql for sql in statements[planned[0] :])


def test_the_profile_costs_the_same_queries_for_one_application_and_for_ten(
    world: World, signed_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries, door: None
) -> None:
    client = signed_in(world.recruiter)
    # Session; user with memberships; the candidate with applications; their jobs' stages; a partner's person?
    with django_assert_num_queries(5):
        client.get(f"/candidates/{world.ada.public_id}")
    for number in range(9):
        make_application(world.ada, make_job(world.acme, f"Job {number}", ["Applied", "Offer"])[1][0])
    with django_assert_num_queries(5):
        client.get(f"/candidates/{world.ada.public_id}")


def test_htmx_gets_the_results_alone(world: World, signed_in: SignIn) -> None:
    answer = signed_in(world.recruiter).get("/candidates?q=ada", headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert names(page) == ["Ada Okafor"]
    assert "<html" not in page
    assert "HX-Request" in answer.headers["Vary"]


def test_a_registered_filter_narrows_the_list_by_values_it_offers(world: World, signed_in: SignIn, door: None) -> None:
    def with_phone(queryset: QuerySet[Candidate], _viewer: Membership, value: str) -> QuerySet[Candidate]:
        return queryset.exclude(phone="") if value == "yes" else queryset.filter(phone="")

    phone = panels.CandidateFilter(
        key="phone", label="Phone", choices=lambda _viewer: [("yes", "Known"), ("no", "Unknown")], apply=with_phone
    )
    panels.register_filter(phone)
    client = signed_in(world.recruiter)
    assert listed(client, "?phone=yes") == ["Ada Okafor"]
    assert listed(client, "?phone=no") == ["Bram Lindqvist"]
    assert listed(client, "?phone=invented") == ["Bram Lindqvist", "Ada Okafor"]


def test_the_profile_shows_contact_applications_and_registered_panels(
    world: World, signed_in: SignIn, door: None, settings: Settings, tmp_path: Path
) -> None:
    def context(_request: HttpRequest, viewer: Membership, candidate: Candidate) -> dict[str, Any]:
        return {"words": f"{candidate.first_name} for {viewer.user.name}"}

    (tmp_path / "words.html").write_text("{{ panel.words }}, {{ candidate.last_name }}")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]
    panels.register_panel(panels.Panel(key="b", title="B", order=2, template="words.html", context=context))
    panels.register_panel(panels.Panel(key="a", title="A", order=1, template="words.html", context=context))
    page = signed_in(world.recruiter).get(f"/candidates/{world.ada.public_id}").content.decode()
    assert "ada.okafor@mail.example" in page
    assert "Back-end engineer" in page
    assert re.findall(r'data-panel="(.)">([^<]*)<', page) == [
        ("a", "Ada for Jonas Weber, Okafor"),
        ("b", "Ada for Jonas Weber, Okafor"),
    ]


def test_what_a_candidate_is_called_is_never_read_as_html(world: World, signed_in: SignIn, door: None) -> None:
    hostile = make_candidate(world.acme, "<script>alert(1)</script>", "x", email="x@mail.example")
    client = signed_in(world.recruiter)
    for path in ("/candidates", f"/candidates/{hostile.public_id}", f"/candidates/{hostile.public_id}/edit"):
        page = client.get(path).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_an_interviewer_reads_and_changes_nothing(world: World, signed_in: SignIn) -> None:
    client = signed_in(world.interviewer)
    profile = f"/candidates/{world.ada.public_id}"
    page = client.get(profile).content.decode()
    assert f"{profile}/edit" not in page
    assert client.get(f"{profile}/edit").status_code == 403
    assert client.get("/candidates/new").status_code == 403
    move = f"/applications/{world.application.public_id}/move"
    assert client.post(move, {"stage": world.stages[2].public_id}).status_code == 403


def test_mallory_finds_nothing_under_acmes_ids(world: World, signed_in: SignIn) -> None:
    world.ada.resume.save("x.pdf", SimpleUploadedFile("x.pdf", PDF))
    client = signed_in(world.mallory)
    for tail in ("", "/edit", "/resume", "/jobs"):
        assert client.get(f"/candidates/{world.ada.public_id}{tail}").status_code == 404
    stage = {"stage": world.stages[2].public_id}
    assert client.post(f"/applications/{world.application.public_id}/move", stage).status_code == 404
    assert client.post(f"/candidates/{world.globex_candidate.public_id}/jobs", stage).status_code == 422
    world.application.refresh_from_db()
    assert world.application.stage == world.stages[1]


def filled(world: World, **changed: Any) -> dict[str, Any]:
    return {
        "first_name": "Lina",
        "last_name": "Haddad",
        "email": "Lina@Mail.example",
        "phone": "+961 1 555 010",
        "location": "Beirut",
        "stage": world.stages[0].public_id,
        **changed,
    }


def test_a_recruiter_adds_a_candidate_with_a_resume_and_an_application(world: World, signed_in: SignIn) -> None:
    form = filled(world, resume=SimpleUploadedFile("../../life.pdf", PDF, "application/pdf"))
    client = signed_in(world.recruiter)
    answer = client.post("/candidates/new", form)
    lina = Candidate.objects.get(email="lina@mail.example")
    assert answer.headers["Location"] == f"/candidates/{lina.public_id}"
    assert lina.organization == world.acme
    assert str(lina.resume.name).startswith(f"resumes/{lina.public_id}/doc_")
    assert [(row.job, row.stage) for row in lina.applications.all()] == [(world.job, world.stages[0])]
    download = client.get(f"/candidates/{lina.public_id}/resume")
    assert b"".join(download.streaming_content) == PDF  # type: ignore[attr-defined]  # a FileResponse streams
    assert download.headers["Content-Disposition"] == 'attachment; filename="Lina Haddad.pdf"'
    assert AuditRecord.objects.filter(subject=lina.public_id).get().verb == "candidate.added"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"resume": SimpleUploadedFile("life.pdf", b"MZ not a pdf", "application/pdf")}, "This file is not a PDF."),
        ({"resume": SimpleUploadedFile("life.pdf", PDF + b" " * 5 * 1024 * 1024)}, "This file is larger than 5 MB."),
        ({"email": "ada.okafor@mail.example"}, "Ada Okafor has this address already."),
        ({"email": "not an address"}, "Enter a valid email address."),
        ({"stage": ""}, "This field is required."),
        ({"first_name": "nul\x00"}, "Null characters are not allowed."),
    ],
)
def test_what_cannot_be_added_is_refused_beside_its_field(
    world: World, signed_in: SignIn, changed: dict[str, Any], sentence: str
) -> None:
    answer = signed_in(world.recruiter).post("/candidates/new", filled(world, **changed))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Candidate.objects.filter(organization=world.acme).count() == 2


def test_nobody_is_added_to_a_foreign_job(world: World, signed_in: SignIn) -> None:
    form = filled(world, stage=world.globex_stage.public_id)
    assert signed_in(world.recruiter).post("/candidates/new", form).status_code == 422


def test_editing_the_contact_is_audited_by_field_names_alone(world: World, signed_in: SignIn) -> None:
    form = filled(world, first_name="Ada", last_name="Okafor", email="ada@mail.example", location="Lagos")
    signed_in(world.recruiter).post(f"/candidates/{world.ada.public_id}/edit", form)
    world.ada.refresh_from_db()
    assert world.ada.email == "ada@mail.example"
    record = AuditRecord.objects.get(subject=world.ada.public_id)
    assert (record.verb, record.actor) == ("candidate.changed", world.recruiter.user)
    assert record.facts == {"fields": ["email", "phone"]}


def test_an_application_is_moved_and_decided(world: World, signed_in: SignIn) -> None:
    client = signed_in(world.recruiter)
    move = f"/applications/{world.application.public_id}/move"
    client.post(move, {"stage": world.stages[2].public_id})
    client.post(move, {"status": "rejected"})
    world.application.refresh_from_db()
    assert world.application.stage == world.stages[2]
    assert world.application.status == Application.Status.REJECTED
    assert client.post(move, {"status": "promoted"}).status_code == 404
    assert client.post(move, {"stage": world.other_job.stages.first().public_id}).status_code == 404  # type: ignore[union-attr]  # the world's job has stages


def test_a_candidate_is_put_forward_once_for_each_job(world: World, signed_in: SignIn) -> None:
    client = signed_in(world.recruiter)
    path = f"/candidates/{world.ada.public_id}/jobs"
    offered = client.get(path).content.decode()
    assert "Field technician" in offered
    assert world.stages[0].public_id not in offered
    offer = world.other_job.stages.get(name="Offer")
    assert client.post(path, {"stage": offer.public_id}).status_code == 302
    assert client.post(path, {"stage": offer.public_id}).status_code == 422
    assert set(world.ada.applications.values_list("job__title", "stage__name")) == {
        ("Back-end engineer", "Assessment"),
        ("Field technician", "Offer"),
    }
