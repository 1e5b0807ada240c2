"""Two-step sign-in: turned on with a code, asked for at the log-in, got around by nothing but recovery codes."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django_otp.oath import hotp

from core.models import AuditRecord, Membership, RecoveryCode, SecondStep, User
from core.services import second_step
from core.services.account import sign_out_everywhere
from partners.services import onboarding, sign_in_links
from tests.partners.test_secrets import everything_stored
from tests.world import PASSWORD, World

SignIn = Callable[[Membership], Client]
NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
EMAIL = "admin@acme.example"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as travels:
        yield travels


def code_of(user: User, *, apart: int = 0) -> str:
    """What the person's app shows, so many steps from now; computed from the secret alone (RFC 6238)."""
    key = base64.b32decode(second_step.secret_of(SecondStep.objects.get(user=user)))
    return f"{hotp(key, int(time.time()) // 30 + apart):06d}"


def turn_on(user: User) -> list[str]:
    """Its recovery codes; the code that confirmed it is of the step before."""
    second_step.prepare(user)
    codes = second_step.confirm(user, code_of(user, apart=-1))
    assert codes is not None
    return codes


def give_password(client: Client, next_page: str = "/jobs") -> HttpResponse:
    form = {"username": EMAIL, "password": PASSWORD, "next": next_page}
    return client.post("/login", form)  # type: ignore[return-value]  # what a test client returns


def prepare(client: Client, password: str = PASSWORD) -> HttpResponse:
    return client.post("/account/second-step/prepare", {"password": password})  # type: ignore[return-value]  # the same


def give_code(client: Client, code: str) -> HttpResponse:
    return client.post("/login/code", {"code": code})  # type: ignore[return-value]  # the same


def is_in(client: Client) -> bool:
    return client.get("/candidates").status_code == 200


def verbs() -> list[str]:
    return list(AuditRecord.objects.order_by("pk").values_list("verb", flat=True))


def test_it_is_turned_on_by_scanning_and_typing_the_first_code(world: World, signed_in: SignIn) -> None:
    client = signed_in(world.admin)
    assert prepare(client).headers["Location"] == "/account/second-step"
    page = client.get("/account/second-step").content.decode()
    secret = second_step.secret_of(SecondStep.objects.get())
    assert secret in page
    assert '<path d="M4 4h1v1h-1z' in page
    assert not second_step.is_on(world.admin.user)
    shown = client.post("/account/second-step", {"code": code_of(world.admin.user)}).content.decode()
    codes = re.findall(r"\b[a-z2-7]{4}(?:-[a-z2-7]{4}){3}\b", shown)
    assert len(set(codes)) == 10
    assert "10 recovery codes left" in client.get("/account").content.decode()
    assert verbs() == ["second_step.turned_on"]
    stored = everything_stored()
    assert [text for text in (secret, *codes) if text in stored] == []


def test_a_wrong_first_code_turns_nothing_on(world: World, signed_in: SignIn) -> None:
    client = signed_in(world.admin)
    prepare(client)
    wrong = "000000" if code_of(world.admin.user) != "000000" else "000001"
    answer = client.post("/account/second-step", {"code": wrong})
    assert answer.status_code == 422
    assert "This is not the code of now." in answer.content.decode()
    assert not second_step.is_on(world.admin.user)
    assert give_password(Client()).headers["Location"] == "/jobs"


def test_turning_it_on_takes_the_password(world: World, signed_in: SignIn) -> None:
    client = signed_in(world.admin)
    assert "Your password" in client.get("/account/second-step/prepare").content.decode()
    refused = prepare(client, "no")
    assert refused.status_code == 422
    assert "This is not your password." in refused.content.decode()
    assert not SecondStep.objects.exists()


def test_a_key_that_was_prepared_is_neither_seen_nor_confirmed_in_another_browser_or_later(
    world: World, signed_in: SignIn, clock: time_machine.Traveller
) -> None:
    client, other = signed_in(world.admin), signed_in(world.admin)
    prepare(client)
    assert client.get("/account/second-step").status_code == 200
    code = {"code": code_of(world.admin.user)}
    assert other.post("/account/second-step", code).headers["Location"] == "/account"
    clock.shift(601)
    assert client.get("/account/second-step").headers["Location"] == "/account"
    client.post("/account/second-step", {"code": code_of(world.admin.user)})
    assert not second_step.is_on(world.admin.user)


def test_who_has_no_password_chooses_one_first(db: None) -> None:
    made = onboarding.register_partner(name="CodeForge", contact_email="")
    client = Client()
    client.force_login(made.user)
    assert "Choose a password first, in your portal." in client.get("/account").content.decode()


def test_what_the_app_scans_says_whose_key_it_is(world: World) -> None:
    second_step.prepare(world.admin.user)
    step = SecondStep.objects.get()
    secret = second_step.secret_of(step)
    assert second_step.address_of(step) == (f"otpauth://totp/Assay%3Aadmin%40acme.example?secret={secret}&issuer=Assay")
    assert len(base64.b32decode(secret)) == 20


def test_preparing_again_makes_another_secret_until_it_is_confirmed(world: World) -> None:
    second_step.prepare(world.admin.user)
    first = second_step.secret_of(SecondStep.objects.get())
    turn_on(world.admin.user)
    confirmed = second_step.secret_of(SecondStep.objects.get())
    second_step.prepare(world.admin.user)
    assert first != confirmed == second_step.secret_of(SecondStep.objects.get())


def test_the_password_alone_signs_nobody_in(world: World) -> None:
    turn_on(world.admin.user)
    client = Client()
    assert give_password(client).headers["Location"] == "/login/code"
    assert not is_in(client)
    assert "_auth_user_id" not in client.session
    answer = give_code(client, code_of(world.admin.user))
    assert answer.headers["Location"] == "/jobs"
    assert is_in(client)
    assert "half_way" not in client.session


def test_the_key_of_the_session_changes_at_both_steps(world: World) -> None:
    turn_on(world.admin.user)
    client = Client()
    client.get("/login")
    give_password(client)
    between = client.cookies["sessionid"].value
    give_code(client, code_of(world.admin.user))
    assert client.cookies["sessionid"].value != between


@pytest.mark.parametrize(("apart", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clocks_may_be_half_a_minute_apart(
    world: World, clock: time_machine.Traveller, apart: int, is_taken: bool
) -> None:
    turn_on(world.admin.user)
    clock.shift(300)
    client = Client()
    give_password(client)
    give_code(client, code_of(world.admin.user, apart=apart))
    assert is_in(client) is is_taken


def test_a_code_is_taken_once_and_no_older_one_after_it(world: World, clock: time_machine.Traveller) -> None:
    turn_on(world.admin.user)
    clock.shift(300)
    code = code_of(world.admin.user)
    older = code_of(world.admin.user, apart=-1)
    assert second_step.accepts(world.admin.user, code)
    assert not second_step.accepts(world.admin.user, code)
    assert not second_step.accepts(world.admin.user, older)
    clock.shift(30)
    assert second_step.accepts(world.admin.user, code_of(world.admin.user))


def test_a_recovery_code_signs_in_once_however_it_is_typed(world: World) -> None:
    codes = turn_on(world.admin.user)
    client = Client()
    give_password(client)
    assert give_code(client, f" {codes[0].upper().replace('-', ' ')} ").headers["Location"] == "/jobs"
    again = Client()
    give_password(again)
    assert give_code(again, codes[0]).status_code == 422
    assert not is_in(again)
    assert verbs() == ["second_step.turned_on", "second_step.recovery_code_used"]
    assert RecoveryCode.objects.filter(used_at=None).count() == 9


def test_a_code_of_somebody_else_is_wrong(world: World) -> None:
    turn_on(world.admin.user)
    others = turn_on(world.mallory.user)
    client = Client()
    give_password(client)
    assert give_code(client, others[0]).status_code == 422
    assert give_code(client, code_of(world.mallory.user)).status_code == 422


def test_guessing_codes_makes_all_unknown_devices_wait_and_no_known_one(world: World) -> None:
    user = world.admin.user
    codes = turn_on(user)
    known = Client()
    give_password(known)
    give_code(known, codes[0])
    known.post("/logout")
    answers = []
    for number in range(6):
        thief = Client(REMOTE_ADDR=f"203.0.113.{number}")
        give_password(thief)
        answers.append(give_code(thief, "aaaa-aaaa-aaaa-aaaa").status_code)
    assert answers == [422] * 5 + [429]
    assert "login.held_back" in verbs()
    give_password(known)
    assert give_code(known, code_of(user)).status_code == 302


def test_there_is_no_second_step_without_the_first(world: World) -> None:
    turn_on(world.admin.user)
    assert Client().get("/login/code").headers["Location"] == "/login"
    assert give_code(Client(), code_of(world.admin.user)).headers["Location"] == "/login"


def test_one_stands_between_the_steps_for_ten_minutes(world: World, clock: time_machine.Traveller) -> None:
    turn_on(world.admin.user)
    client = Client()
    give_password(client)
    clock.shift(601)
    assert give_code(client, code_of(world.admin.user)).headers["Location"] == "/login"
    assert not is_in(client)


@pytest.mark.parametrize("what", ["another password", "signed out everywhere", "closed"])
def test_between_the_steps_the_account_has_to_stay_as_it_was(world: World, what: str) -> None:
    user = world.admin.user
    turn_on(user)
    client = Client()
    give_password(client)
    if what == "another password":
        user.set_password("seven quiet lakes")
        user.save()
    elif what == "closed":
        User.objects.filter(pk=user.pk).update(is_active=False)
    else:
        sign_out_everywhere(user)
    assert give_code(client, code_of(user)).headers["Location"] == "/login"
    assert not is_in(client)


def test_a_sign_in_link_leads_to_the_second_step_too(world: World) -> None:
    made = onboarding.register_partner(name="CodeForge", contact_email="dev@codeforge.example")
    turn_on(made.user)
    token = sign_in_links.make(made.user)
    client = Client()
    answer = client.post(reverse("partners:sign_in", args=[token]))
    assert answer.headers["Location"] == "/login/code"
    assert "_auth_user_id" not in client.session
    assert give_code(client, code_of(made.user)).headers["Location"] == "/candidates"


@pytest.mark.parametrize("page", ["turn-off", "recovery-codes"])
def test_weakening_the_account_takes_the_password(world: World, signed_in: SignIn, page: str) -> None:
    before = turn_on(world.admin.user)
    client = signed_in(world.admin)
    refused = client.post(f"/account/second-step/{page}", {"password": "no"})
    assert refused.status_code == 422
    assert "This is not your password." in refused.content.decode()
    assert second_step.is_on(world.admin.user)
    assert second_step.accepts(world.admin.user, before[0])


def test_it_is_turned_off_with_the_password(world: World, signed_in: SignIn) -> None:
    turn_on(world.admin.user)
    client = signed_in(world.admin)
    answer = client.post("/account/second-step/turn-off", {"password": PASSWORD}, follow=True)
    assert "Two-step sign-in is off." in answer.content.decode()
    assert (SecondStep.objects.count(), RecoveryCode.objects.count()) == (0, 0)
    assert verbs() == ["second_step.turned_on", "second_step.turned_off"]
    assert give_password(Client()).headers["Location"] == "/jobs"


def test_new_recovery_codes_void_the_old_ones(world: World, signed_in: SignIn) -> None:
    before = turn_on(world.admin.user)
    shown = signed_in(world.admin).post("/account/second-step/recovery-codes", {"password": PASSWORD}).content.decode()
    assert before[0] not in shown
    assert not second_step.accepts(world.admin.user, before[0])
    assert second_step.accepts(world.admin.user, re.findall(r"\b[a-z2-7]{4}(?:-[a-z2-7]{4}){3}\b", shown)[0])


def test_a_browser_left_open_guesses_the_password_no_faster(world: World, signed_in: SignIn) -> None:
    turn_on(world.admin.user)
    client = signed_in(world.admin)
    answers = [client.post("/account/second-step/turn-off", {"password": "no"}).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]
    form = {"old_password": PASSWORD, "new_password1": "seven quiet lakes", "new_password2": "seven quiet lakes"}
    assert client.post("/account/password", form).status_code == 429


def test_support_takes_it_away_and_that_is_audited(world: World) -> None:
    turn_on(world.admin.user)
    support = User.objects.create_superuser("support@assay.example", PASSWORD)
    desk = Client()
    desk.force_login(support)
    act = {"action": "reset_second_step", "_selected_action": [str(world.admin.user.pk)]}
    page = desk.post("/admin/core/user/", act, follow=True).content.decode()
    assert "Taken away: admin@acme.example" in page
    assert not second_step.is_on(world.admin.user)
    record = AuditRecord.objects.get(verb="second_step.reset_by_support")
    assert (record.actor, record.subject) == (support, f"user {world.admin.user.pk}")


def test_staff_who_are_no_superusers_may_not(world: World) -> None:
    turn_on(world.admin.user)
    staff = User.objects.create_user("staff@assay.example", PASSWORD, is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(content_type__model="user"))
    desk = Client()
    desk.force_login(staff)
    act = {"action": "reset_second_step", "_selected_action": [str(world.admin.user.pk)]}
    desk.post("/admin/core/user/", act, follow=True)
    assert second_step.is_on(world.admin.user)


@pytest.mark.parametrize("path", ["", "/prepare", "/recovery-codes", "/turn-off"])
def test_strangers_find_nothing_here(world: World, path: str) -> None:
    answer = Client().post(f"/account/second-step{path}")
    assert answer.headers["Location"].startswith("/login?next=")
