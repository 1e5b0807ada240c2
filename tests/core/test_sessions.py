"""Sessions: they get a new key at the log-in, end by themselves, and end when their person says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from core.models import AuditRecord, Membership
from core.tasks import forget_old
from tests.world import PASSWORD, World

SignIn = Callable[[Membership], Client]
NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
PROGRESS = {"Assay-Polls": "1"}


@pytest.fixture(autouse=True)
def lives(settings: Settings) -> None:
    settings.SESSION_IDLE = timedelta(hours=12)
    settings.SESSION_LONGEST = timedelta(days=14)


def is_in(client: Client, **headers: str) -> bool:
    return client.get("/candidates", headers=headers or None).status_code == 200


def test_a_session_that_was_there_before_the_log_in_gets_another_key(world: World) -> None:
    client = Client()
    planted = client.session
    planted["planted"] = True
    planted.save()
    client.cookies["sessionid"] = str(planted.session_key)
    client.post("/login", {"username": "admin@acme.example", "password": PASSWORD})
    assert client.cookies["sessionid"].value != planted.session_key
    assert not Session.objects.filter(pk=planted.session_key).exists()
    assert is_in(client)


def test_a_session_ends_when_its_person_was_away_for_long(world: World, signed_in: SignIn) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client = signed_in(world.admin)
        assert is_in(client)
        clock.shift(timedelta(hours=11, minutes=59))
        assert is_in(client)
        clock.shift(timedelta(hours=11, minutes=59))
        assert is_in(client)
        clock.shift(timedelta(hours=12))
        assert not is_in(client)
        assert "_auth_user_id" not in client.session


def test_a_session_ends_after_its_longest_life_however_busy(world: World, signed_in: SignIn) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client = signed_in(world.admin)
        for _ in range(28):
            assert is_in(client)
            clock.shift(timedelta(hours=11, minutes=59))
        assert is_in(client)
        clock.shift(timedelta(hours=1))
        assert not is_in(client)


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(world: World, signed_in: SignIn) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client = signed_in(world.admin)
        assert is_in(client)
        clock.shift(timedelta(hours=6))
        assert is_in(client, **PROGRESS)
        clock.shift(timedelta(hours=6))
        assert not is_in(client)


def test_a_session_is_written_every_five_minutes_at_most(world: World, signed_in: SignIn) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        client = signed_in(world.admin)
        is_in(client)
        seen = client.session["seen_at"]
        clock.shift(299)
        is_in(client)
        assert client.session["seen_at"] == seen
        clock.shift(1)
        is_in(client)
        assert client.session["seen_at"] == seen + 300


def test_nobody_is_in_by_a_session_past_its_end_nor_with_an_account_that_is_off(
    world: World, signed_in: SignIn
) -> None:
    ended, away = signed_in(world.admin), signed_in(world.recruiter)
    assert is_in(ended)
    assert is_in(away)
    Session.objects.filter(pk=ended.cookies["sessionid"].value).update(expire_date=timezone.now())
    world.recruiter.user.is_active = False
    world.recruiter.user.save()
    assert not is_in(ended)
    assert not is_in(away)


def test_signing_out_everywhere_keeps_this_browser_and_ends_the_others(world: World, signed_in: SignIn) -> None:
    here, elsewhere, somebody = signed_in(world.admin), signed_in(world.admin), signed_in(world.recruiter)
    before = here.cookies["sessionid"].value
    answer = here.post("/account/sign-out-everywhere", follow=True)
    assert "You are signed out in all other browsers." in answer.content.decode()
    assert here.cookies["sessionid"].value != before
    assert (is_in(here), is_in(elsewhere), is_in(somebody)) == (True, False, True)
    again = signed_in(world.admin)
    here.post("/account/sign-out-everywhere")
    assert (is_in(here), is_in(again)) == (True, False)
    record = AuditRecord.objects.filter(verb="account.signed_out_everywhere").first()
    assert record
    assert (record.actor, record.subject) == (world.admin.user, f"user {world.admin.user.pk}")


def test_a_new_signing_key_keeps_people_signed_in_while_the_old_one_is_a_fallback(
    world: World, signed_in: SignIn, settings: Settings
) -> None:
    ordinary, anew = signed_in(world.recruiter), signed_in(world.admin)
    anew.post("/account/sign-out-everywhere")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of fifty characters, for this test only"
    assert (is_in(ordinary), is_in(anew)) == (True, True)
    settings.SECRET_KEY_FALLBACKS = []
    settings.SECRET_KEY = "a third key of fifty characters, for this test only"
    assert (is_in(ordinary), is_in(anew)) == (False, False)


def test_strangers_have_no_account_page(world: World) -> None:
    assert Client().get("/account").headers["Location"] == "/login?next=/account"
    assert Client().post("/account/sign-out-everywhere").status_code == 302
    assert not AuditRecord.objects.exists()


def test_the_session_is_out_of_reach_of_scripts_and_other_sites(world: World) -> None:
    client = Client()
    client.post("/login", {"username": "admin@acme.example", "password": PASSWORD})
    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", "")


def test_sessions_past_their_end_are_deleted(world: World, signed_in: SignIn) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        signed_in(world.admin)
        assert Session.objects.count() == 1
        clock.shift(timedelta(days=15))
        forget_old()
    assert Session.objects.count() == 0
