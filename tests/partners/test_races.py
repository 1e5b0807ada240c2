"""Two who do the same at the same moment, on PostgreSQL: one row, one winner, no error for anybody."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from oauth2_provider.models import AccessToken

from core.models import Membership, User
from partners.errors import LastMember, TooManyEndpoints, TooManyRotations
from partners.models import Endpoint, Environment, Event, Installation, PartnerMember, SigningSecret
from partners.scopes import ALL
from partners.services import credentials, endpoints, installations, onboarding, sign_in_links
from partners.services.onboarding import Registration
from tests.partners.delivery.test_races import at_once
from tests.partners.fixtures import Live
from tests.partners.steps import allow, asking, bearer, exchange, post_token
from tests.world import World

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _really_postgresql() -> None:
    assert connection.vendor == "postgresql", "these races need DATABASE_URL=postgresql://…"


def test_consents_at_once_make_one_installation(live: Live, world: World) -> None:
    made = at_once(6, lambda: installations.install(live.partner, world.acme, scopes=ALL, actor=None))
    assert len({row.pk for row in made}) == 1
    assert Event.objects.filter(installation=made[0], topic="installation.created").count() == 1
    assert User.objects.filter(is_service=True, installation__organization=world.acme).count() == 1


def test_consents_to_different_scopes_at_once_leave_one_of_them(live: Live, world: World) -> None:
    wanted = iter([["orders:read"], ["results:write"], ["orders:write"], ["events:read"]])
    at_once(4, lambda: installations.install(live.partner, world.acme, scopes=next(wanted), actor=None))
    assert len(Installation.objects.get(organization=world.acme).scopes) == 1


def test_removals_at_once_remove_once(installed: Installation) -> None:
    at_once(6, lambda: installations.remove(installed, actor=None))
    assert Event.objects.filter(installation=installed, topic="installation.removed").count() == 1


def test_pauses_and_resumes_at_once_end_in_one_state_with_a_story_that_fits(installed: Installation) -> None:
    verbs = iter([installations.pause, installations.resume] * 3)
    at_once(6, lambda: next(verbs)(installed, actor=None))
    installed.refresh_from_db()
    told = Counter(Event.objects.filter(installation=installed).values_list("topic", flat=True))
    paused, resumed = told["installation.paused"], told["installation.resumed"]
    assert paused - resumed == (1 if installed.status == "paused" else 0)


def test_puts_of_an_endpoint_at_once_make_one_with_one_secret(live: Live) -> None:
    made = at_once(6, lambda: endpoints.put(live.partner, Environment.LIVE, "order", url="https://codeforge.example/h"))
    assert sum(created for _, _, created in made) == 1
    assert (Endpoint.objects.count(), SigningSecret.objects.count()) == (1, 1)


def test_a_sandbox_partner_never_gets_a_sixth_endpoint(sandboxed: Registration) -> None:
    purposes = iter(["order", "cancel", "status", "catalogue", "complaint", "events"])

    def put() -> bool:
        try:
            endpoints.put(sandboxed.partner, Environment.SANDBOX, next(purposes), url="https://codeforge.example/h")
        except TooManyEndpoints:
            return False
        return True

    assert sum(at_once(6, put)) == 5


def test_rotations_at_once_leave_one_current_secret(live: Live) -> None:
    endpoint, _, _ = endpoints.put(live.partner, Environment.LIVE, "order", url="https://codeforge.example/h")

    def rotate() -> bool:
        try:
            endpoints.rotate_secret(endpoint, actor="dev")
        except TooManyRotations:
            return False
        return True

    assert sum(at_once(6, rotate)) == 3
    assert SigningSecret.objects.filter(endpoint=endpoint, expires_at=None).count() == 1


def test_live_credentials_issued_at_once_are_of_one_application(sandboxed: Registration) -> None:
    onboarding.approve(sandboxed.partner, actor="support")
    issued = at_once(4, lambda: credentials.issue(sandboxed.partner, Environment.LIVE)[0].client_id)
    assert len(set(issued)) == 1


def test_a_sign_in_link_lets_one_in(db: None) -> None:
    made = onboarding.register_partner(name="Parley", contact_email="")
    let_in = at_once(6, lambda: sign_in_links.use(str(made.sign_in_token)))
    assert [person for person in let_in if person] == [made.user]


def test_the_last_two_members_cannot_both_leave(sandboxed: Registration) -> None:
    colleague = User.objects.create_user("kim@codeforge.example")
    onboarding.add_member(sandboxed.partner, colleague, actor=None)
    members = iter(PartnerMember.objects.all())

    def leave() -> None:
        try:
            onboarding.remove_member(next(members), actor=None)
        except LastMember:
            return

    at_once(2, leave)
    assert PartnerMember.objects.count() == 1


def test_a_code_exchanged_many_times_at_once_never_gives_two_working_tokens(live: Live, world: World) -> None:
    browser = Client()
    browser.force_login(Membership.objects.get(pk=world.admin.pk).user)
    code = allow(browser, asking(live.application), world.acme)["code"]
    answers = at_once(4, lambda: exchange(live.application, live.client_secret, code))
    given = [answer.json()["access_token"] for answer in answers if answer.status_code == 200]
    assert all(answer.status_code in {200, 400} for answer in answers)
    working = [token for token in given if Client().get("/api/v1/partner", headers=bearer(token)).status_code == 200]
    assert len(working) <= 1


def test_a_refresh_token_used_many_times_at_once_never_gives_two_working_tokens(live: Live, world: World) -> None:
    browser = Client()
    browser.force_login(world.admin.user)
    code = allow(browser, asking(live.application), world.acme)["code"]
    refresh = exchange(live.application, live.client_secret, code).json()["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": refresh}
    answers = at_once(4, lambda: post_token(live.application, live.client_secret, **form))
    assert all(answer.status_code in {200, 400} for answer in answers)
    given = [answer.json()["access_token"] for answer in answers if answer.status_code == 200]
    working = [token for token in given if Client().get("/api/v1/partner", headers=bearer(token)).status_code == 200]
    assert len(working) <= 1


def test_a_removal_during_exchanges_leaves_no_working_token(live: Live, world: World) -> None:
    browser = Client()
    browser.force_login(world.admin.user)
    codes = [allow(browser, asking(live.application), world.acme)["code"] for _ in range(3)]
    installation = Installation.objects.get(organization=world.acme)
    deeds = iter([lambda code=code: exchange(live.application, live.client_secret, code) for code in codes])

    def deed() -> Any:
        try:
            return next(deeds)()
        except StopIteration:
            return installations.remove(installation, actor=None)

    answers = at_once(4, deed)
    given = [answer.json().get("access_token") for answer in answers if not isinstance(answer, Installation)]
    statuses = {Client().get("/api/v1/partner", headers=bearer(token)).status_code for token in given if token}
    assert statuses <= {401}
    assert not AccessToken.objects.filter(user=installation.service_user, user__is_active=True).exists()
