"""Signing in and out, one's own password, and where one lands."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from core.models import Membership, Role, User
from tests.world import PASSWORD, World, make_member

SignIn = Callable[[Membership], Client]


def post_log_in(client: Client, email: str, password: str = PASSWORD, **extra: str) -> int:
    return client.post("/login", {"username": email, "password": password, **extra}).status_code


def test_a_member_signs_in_whatever_the_case_of_the_address(world: World, client: Client) -> None:
    assert post_log_in(client, "Admin@ACME.example") == 302
    assert client.get("/").headers["Location"] == "/candidates"


def test_a_wrong_password_and_an_unknown_address_are_refused_in_the_same_words(world: World, client: Client) -> None:
    wrong = client.post("/login", {"username": "admin@acme.example", "password": "no"})
    unknown = client.post("/login", {"username": "nobody@acme.example", "password": "no"})
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    sentence = "This e-mail address or name does not go together with this password."
    assert sentence in wrong.content.decode()
    assert sentence in unknown.content.decode()


def test_after_signing_in_one_is_where_one_wanted_to_be(world: World, client: Client) -> None:
    asked = client.get("/jobs")
    assert asked.headers["Location"] == "/login?next=/jobs"
    answer = client.post("/login", {"username": "admin@acme.example", "password": PASSWORD, "next": "/jobs"})
    assert answer.headers["Location"] == "/jobs"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_signing_in_never_leads_to_another_host(world: World, client: Client, elsewhere: str) -> None:
    answer = client.post("/login", {"username": "admin@acme.example", "password": PASSWORD, "next": elsewhere})
    assert answer.headers["Location"] == "/"


def test_logging_out_takes_a_post_and_ends_the_session(world: World, signed_in: SignIn) -> None:
    client = signed_in(world.admin)
    assert client.get("/logout").status_code == 405
    assert client.post("/logout").headers["Location"] == "/login"
    assert client.get("/candidates").status_code == 302


def test_a_new_password_ends_the_other_sessions_of_the_person(world: World, signed_in: SignIn) -> None:
    here, elsewhere = signed_in(world.admin), signed_in(world.admin)
    new = "seven quiet lakes"
    answer = here.post(
        "/account/password", {"old_password": PASSWORD, "new_password1": new, "new_password2": new}, follow=True
    )
    assert "Your password is changed." in answer.content.decode()
    assert elsewhere.get("/candidates").status_code == 302
    assert post_log_in(Client(), "admin@acme.example", new) == 302


def test_a_weak_new_password_is_refused_beside_its_field(world: World, signed_in: SignIn) -> None:
    form = {"old_password": PASSWORD, "new_password1": "12345678", "new_password2": "12345678"}
    answer = signed_in(world.admin).post("/account/password", form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in page
    assert "This password is too short." in page


def test_the_first_page_leads_strangers_to_the_log_in(db: None, client: Client) -> None:
    assert client.get("/").headers["Location"] == "/login?next=/"


def test_somebody_without_an_organization_lands_where_the_settings_say(
    db: None, client: Client, settings: Settings
) -> None:
    settings.NO_MEMBERSHIP_URL_NAME = "core:errors"
    client.force_login(User.objects.create_user("dev@codeforge.example", PASSWORD))
    assert client.get("/").headers["Location"] == "/docs/errors"
    assert client.get("/candidates").status_code == 404


def test_a_member_of_two_organizations_switches_between_them(world: World, signed_in: SignIn) -> None:
    Membership.objects.create(user=world.admin.user, organization=world.globex, role=Role.RECRUITER)
    client = signed_in(world.admin)
    assert "Ada Okafor" in client.get("/candidates").content.decode()
    client.post("/organization", {"organization": world.globex.public_id})
    page = client.get("/candidates").content.decode()
    assert "Gwen Sorel" in page
    assert "Ada Okafor" not in page


def test_nobody_switches_to_an_organization_that_is_not_theirs(world: World, signed_in: SignIn) -> None:
    client = signed_in(world.mallory)
    assert client.post("/organization", {"organization": world.acme.public_id}).status_code == 404
    assert "Ada Okafor" not in client.get("/candidates").content.decode()


def test_a_removed_member_is_out_with_the_next_request(world: World, signed_in: SignIn) -> None:
    leaver = make_member(world.acme, Role.RECRUITER, "Lea Vogt", "lea@acme.example")
    client = signed_in(leaver)
    assert client.get("/candidates").status_code == 200
    leaver.delete()
    assert client.get("/candidates").status_code == 404


def test_a_fragment_whose_session_ended_makes_its_page_load_again(world: World, client: Client) -> None:
    answer = client.get("/candidates?q=ada", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Refresh"], answer.content) == (200, "true", b"")


def test_what_members_see_is_asked_for_again_before_a_browser_shows_it_from_its_cache(
    world: World, signed_in: SignIn
) -> None:
    answer = signed_in(world.admin).get("/candidates")
    assert answer.headers["Cache-Control"] == "private, no-cache"
