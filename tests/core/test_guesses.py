"""Guessing passwords: whoever guesses waits longer and longer, and nobody else does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from structlog.testing import capture_logs

from core import backoff
from core.devices import COOKIE
from core.errors import RateLimited
from core.models import AuditRecord, User
from tests.world import PASSWORD, World

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
EMAIL = "admin@acme.example"


@pytest.fixture
def few_tries(settings: LazySettings) -> None:
    """From one address, so that the test need not make a hundred."""
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "login_tries": "30/m"}


def guess(client: Client, email: str = EMAIL, password: str = "no", address: str = "198.51.100.7") -> HttpResponse:
    form = {"username": email, "password": password}
    return client.post("/login", form, REMOTE_ADDR=address)  # type: ignore[return-value]  # what a test client returns


def statuses(client: Client, count: int, **who: str) -> list[int]:
    return [guess(client, **who).status_code for _ in range(count)]


def spray(count: int) -> list[int]:
    """As many accounts, each tried once from one address."""
    return [guess(Client(), email=f"nobody{number}@acme.example").status_code for number in range(count)]


def test_after_five_wrong_tries_even_the_right_password_waits(world: World) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        assert statuses(Client(), 6) == [422] * 5 + [429]
        refused = guess(Client(), password=PASSWORD)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "61")
        assert "There were too many tries. Wait 2 minutes, and try again." in refused.content.decode()
        clock.shift(61)
        assert guess(Client(), password=PASSWORD).status_code == 302


def test_each_further_wrong_try_doubles_the_wait_up_to_a_quarter_of_an_hour(world: World) -> None:
    waits = []
    with time_machine.travel(NOON, tick=False) as clock:
        statuses(Client(), 5)
        for _ in range(6):
            waits.append(int(guess(Client()).headers["Retry-After"]) - 1)
            clock.shift(waits[-1] + 1)
            assert guess(Client()).status_code == 422
    assert waits == [60, 120, 240, 480, 900, 900]


def test_the_right_password_ends_the_count(world: World) -> None:
    statuses(Client(), 4)
    assert guess(Client(), password=PASSWORD).status_code == 302
    assert statuses(Client(), 5) == [422] * 5


def test_a_stranger_elsewhere_locks_nobody_out_of_the_account(world: World) -> None:
    assert statuses(Client(), 6, address="203.0.113.9")[-1] == 429
    assert guess(Client(), password=PASSWORD, address="198.51.100.7").status_code == 302


def test_another_account_at_the_same_address_is_not_held_back(world: World) -> None:
    assert statuses(Client(), 6)[-1] == 429
    assert guess(Client(), email="recruiter@acme.example", password=PASSWORD).status_code == 302


def test_a_known_device_is_not_kept_out_by_a_stranger_at_its_own_address(world: World, few_tries: None) -> None:
    known = Client()
    with time_machine.travel(NOON, tick=False):
        guess(known, password=PASSWORD)
        known.post("/logout")
        assert statuses(Client(), 6)[-1] == 429
        assert spray(30)[-1] == 429
        assert guess(known, password=PASSWORD).status_code == 302


def test_a_known_device_has_a_count_of_its_own(world: World) -> None:
    known = Client()
    guess(known, password=PASSWORD)
    known.post("/logout")
    assert statuses(known, 6) == [422] * 5 + [429]
    assert guess(Client(), password=PASSWORD).status_code == 302


def test_a_device_known_to_one_account_is_a_stranger_to_another(world: World) -> None:
    known = Client()
    guess(known, password=PASSWORD)
    known.post("/logout")
    assert statuses(Client(), 6, email="recruiter@acme.example")[-1] == 429
    assert guess(known, email="recruiter@acme.example", password=PASSWORD).status_code == 429


def test_a_made_up_device_is_a_stranger(world: World) -> None:
    statuses(Client(), 6)
    forger = Client()
    forger.cookies[COOKIE] = "eyJhY2NvdW50IjoieCIsImRldmljZSI6InkifQ:1wJnGg:AAAA"
    assert guess(forger, password=PASSWORD).status_code == 429


def test_the_cookie_of_a_device_names_nobody_and_is_for_the_log_in_alone(world: World) -> None:
    client = Client()
    guess(client, password=PASSWORD)
    cookie = client.cookies[COOKIE]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (
        "/login",
        True,
        "Lax",
        15552000,
    )
    assert "acme" not in cookie.value


def test_unknown_accounts_wait_like_known_ones(world: World) -> None:
    assert statuses(Client(), 6, email="nobody@acme.example") == [422] * 5 + [429]


def test_many_accounts_tried_from_one_address_hold_back_nobody_who_made_no_mistake(world: World) -> None:
    with time_machine.travel(NOON, tick=False):
        assert spray(20) == [422] * 20
        assert guess(Client(), email="nobody3@acme.example").status_code == 429
        assert guess(Client(), password=PASSWORD).status_code == 302
        assert guess(Client()).status_code == 422
        assert guess(Client(), password=PASSWORD).status_code == 429


def test_a_known_and_an_unknown_account_are_held_back_alike_after_many_tries_from_their_address(world: World) -> None:
    with time_machine.travel(NOON, tick=False):
        spray(20)
        answers = [statuses(Client(), 2, email=email) for email in (EMAIL, "unknown@acme.example")]
        assert answers == [[422, 429]] * 2


def test_so_many_tries_are_taken_from_one_address_and_no_more(world: World, few_tries: None) -> None:
    with time_machine.travel(NOON, tick=False):
        assert spray(31) == [422] * 30 + [429]
        assert guess(Client(), password=PASSWORD).status_code == 429
        assert guess(Client(), password=PASSWORD, address="203.0.113.9").status_code == 302
        assert Client().get("/login", REMOTE_ADDR="198.51.100.7").status_code == 200


def test_an_office_behind_one_address_signs_in(world: World) -> None:
    with time_machine.travel(NOON, tick=False):
        assert [guess(Client(), password=PASSWORD).status_code for _ in range(30)] == [302] * 30
        assert guess(Client()).status_code == 422
        assert guess(Client(), password=PASSWORD).status_code == 302


def test_guesses_sent_at_the_same_moment_gain_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two have looked before either has counted: one wins the wait and goes on, the other is held back."""
    for _ in range(backoff.FREE - 1):
        assert backoff.try_once("k") == 0
    assert backoff.try_once("k") == 60
    really, looks = backoff._hold_back, iter([lambda wait: None])
    monkeypatch.setattr(backoff, "_hold_back", lambda wait: next(looks, really)(wait))
    with pytest.raises(RateLimited):
        backoff.try_once("k")


def test_a_wait_is_logged_without_a_name_and_audited_once_an_hour(world: World) -> None:
    with time_machine.travel(NOON, tick=False) as clock, capture_logs() as logs:
        statuses(Client(), 5)
        clock.shift(61)
        statuses(Client(), 1)
        clock.shift(timedelta(hours=2))
        statuses(Client(), 1)
    key = world.admin.user.pk
    assert [(entry["event"], entry["user"], entry["seconds"]) for entry in logs] == [
        ("login.held_back", key, 60),
        ("login.held_back", key, 120),
        ("login.held_back", key, 240),
    ]
    assert all(EMAIL not in str(entry) and "198.51" not in str(entry) for entry in logs)
    records = AuditRecord.objects.filter(verb="login.held_back").order_by("pk")
    assert list(records.values_list("subject", "actor_label", "facts")) == [
        (f"user {key}", "log-in", {"seconds": 60}),
        (f"user {key}", "log-in", {"seconds": 240}),
    ]


def test_a_wait_for_nobody_s_account_is_logged_and_not_audited(world: World) -> None:
    with capture_logs() as logs:
        statuses(Client(), 5, email="nobody@acme.example")
    assert [(entry["event"], entry["user"]) for entry in logs] == [("login.held_back", None)]
    assert not AuditRecord.objects.filter(verb="login.held_back").exists()


def test_a_cache_that_is_away_keeps_nobody_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: object, **kwargs: object) -> None:
        raise ConnectionError

    for name in ("get", "add", "incr", "delete_many"):
        monkeypatch.setattr(type(cache._connections["default"]), name, away)  # type: ignore[attr-defined]  # private
    assert statuses(Client(), 7) == [422] * 7
    assert guess(Client(), password=PASSWORD).status_code == 302


def test_the_support_desk_has_no_log_in_of_its_own(world: World) -> None:
    client = Client()
    asked = client.get("/admin/", follow=True)
    assert asked.redirect_chain[-1] == ("/login?next=%2Fadmin%2F", 302)
    posted = client.post("/admin/login/", {"username": EMAIL, "password": PASSWORD})
    assert posted.headers["Location"] == "/login?next=%2Fadmin%2F"
    assert "_auth_user_id" not in client.session


def test_who_is_no_staff_is_told_so_and_not_sent_in_circles(world: World) -> None:
    client = Client()
    client.force_login(world.admin.user)
    assert client.get("/admin/", follow=True).status_code == 403
    staff = User.objects.create_superuser("support@assay.example", PASSWORD)
    client.force_login(staff)
    assert client.get("/admin/").status_code == 200
