"""Results without an order that wait for a person: the list, whose they may be, attaching and dismissing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from assessments.models import Backfill, Order
from assessments.services import attaching, backfill
from core.models import AuditRecord, Membership
from tests.assessments import scene
from tests.assessments.scene import Shop
from tests.world import World, make_application, make_candidate

SignIn = Callable[[Membership], Client]
LIST = "/assessments/review"


@pytest.fixture
def waiting(shop: Shop, world: World) -> Backfill:
    """Of somebody whom nobody here knows by that address."""
    row = scene.backfill(shop, email="ada@home.example", first_name="Ada", last_name="Okafor")
    backfill.match_due()
    row.refresh_from_db()
    return row


def page_of(row: Backfill, act: str = "") -> str:
    return f"{LIST}/{row.public_id}{act}"


def chosen_in(page: Any) -> list[str]:
    return re.findall(r"/attach/(\w+)", page.content.decode())


def told(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def test_the_list_shows_what_waits_oldest_first_and_the_tabs_count_it(
    shop: Shop, world: World, waiting: Backfill, signed_in: SignIn
) -> None:
    scene.backfill(shop, email=world.ada.email)
    later = scene.backfill(shop, {"score": 7}, reference="unheard of")
    backfill.match_due()
    browser = signed_in(world.recruiter)
    page = browser.get(LIST).content.decode()
    assert re.findall(rf'class="row-link" href="{LIST}/(\w+)">([^<]+)<', page) == [
        (waiting.public_id, "Ada Okafor"),
        (later.public_id, "unheard of"),
    ]
    for path in (LIST, "/assessments"):
        assert 'class="count">2<' in browser.get(path).content.decode()


def test_without_a_search_those_who_fit_are_offered_and_with_one_those_who_are_called_so(
    shop: Shop, world: World, signed_in: SignIn
) -> None:
    twin = make_application(make_candidate(world.acme, "Wren", "Okafor", email=world.ada.email), world.stages[0])
    row = scene.backfill(shop, email=world.ada.email)
    backfill.match_due()
    browser = signed_in(world.recruiter)
    assert set(chosen_in(browser.get(page_of(row)))) == {twin.public_id, world.application.public_id}
    assert chosen_in(browser.get(page_of(row), {"q": "wren okafor"})) == [twin.public_id]
    assert chosen_in(browser.get(page_of(row), {"q": world.globex_candidate.last_name})) == []


def test_the_page_shows_the_result_as_the_role_may_see_it(world: World, waiting: Backfill, signed_in: SignIn) -> None:
    page = signed_in(world.recruiter).get(page_of(waiting)).content.decode()
    assert "81" in page
    assert "Passed" in page
    assert "ada@<wbr>home.example" in page


def test_attaching_is_asked_first_and_leads_to_the_order_in_the_profile(
    world: World, waiting: Backfill, signed_in: SignIn
) -> None:
    browser, path = signed_in(world.recruiter), page_of(waiting, f"/attach/{world.application.public_id}")
    asked = browser.get(path).content.decode()
    assert "Is this Ada Okafor’s result?" in asked
    assert "The partner is not told." in asked
    assert not Order.objects.exists()
    answer = browser.post(path, follow=True)
    order = Order.objects.get()
    assert answer.redirect_chain == [(f"/orders/{order.public_id}", 302)]
    assert told(answer) == ["It is in the profile of Ada Okafor now."]
    page = answer.content.decode()
    assert f"Back-filled: the result came without an order, and was attached by {world.recruiter.user}" in page
    assert order.public_id in browser.get(f"/candidates/{world.ada.public_id}").content.decode()
    assert AuditRecord.objects.get(verb="order.backfilled").actor == world.recruiter.user


def test_dismissing_needs_a_reason(world: World, waiting: Backfill, signed_in: SignIn) -> None:
    browser, path = signed_in(world.admin), page_of(waiting, "/dismiss")
    assert browser.get(path).status_code == 200
    assert browser.post(path, {"reason": " "}).status_code == 422
    answer = browser.post(path, {"reason": "Applied elsewhere."}, follow=True)
    assert (answer.redirect_chain, told(answer)) == ([(LIST, 302)], ["Dismissed. It is kept, and shown nowhere."])
    waiting.refresh_from_db()
    assert (waiting.state, waiting.note, waiting.decided_by) == ("dismissed", "Applied elsewhere.", world.admin.user)
    assert "Nothing waits" in answer.content.decode()


def test_whoever_comes_second_is_told_and_brought_to_what_was_made_of_it(
    world: World, waiting: Backfill, signed_in: SignIn
) -> None:
    order = attaching.attach(waiting, world.application, actor=world.admin.user)
    browser = signed_in(world.recruiter)
    attach = f"/attach/{world.application.public_id}"
    answers = [browser.get(page_of(waiting, act), follow=True) for act in ("", "/dismiss", attach)]
    answers += [browser.post(page_of(waiting, act), {"reason": "x"}, follow=True) for act in ("/dismiss", attach)]
    for answer in answers:
        assert answer.redirect_chain == [(f"/orders/{order.public_id}", 302)]
        assert told(answer) == ["Nothing is to be decided about this result: it is attached."]
    assert Order.objects.count() == 1


def test_of_two_who_decide_at_the_same_moment_the_second_is_refused_in_words(
    world: World, waiting: Backfill, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide = attaching.attach

    def overtaken(row: Backfill, *args: Any, **kwargs: Any) -> Order:
        attaching.dismiss(Backfill.objects.get(pk=row.pk), reason="Nobody.", actor=world.admin.user)
        return decide(row, *args, **kwargs)

    monkeypatch.setattr(attaching, "attach", overtaken)
    path = page_of(waiting, f"/attach/{world.application.public_id}")
    answer = signed_in(world.recruiter).post(path, follow=True)
    assert told(answer) == ["This result is dismissed already."]
    assert not Order.objects.exists()


def test_an_application_elsewhere_is_not_there(world: World, waiting: Backfill, signed_in: SignIn) -> None:
    path = page_of(waiting, f"/attach/{world.globex_application.public_id}")
    assert signed_in(world.recruiter).post(path).status_code == 404


def test_mallory_finds_nothing_and_an_interviewer_is_refused(
    world: World, waiting: Backfill, signed_in: SignIn
) -> None:
    mallory, interviewer = signed_in(world.mallory), signed_in(world.interviewer)
    assert "Nothing waits" in mallory.get(LIST).content.decode()
    for act in ("", "/dismiss", f"/attach/{world.application.public_id}"):
        assert mallory.get(page_of(waiting, act)).status_code == 404
        assert interviewer.get(page_of(waiting, act)).status_code == 403
    for act in ("/dismiss", f"/attach/{world.application.public_id}"):
        assert mallory.post(page_of(waiting, act), {"reason": "Mine."}).status_code == 404
    assert interviewer.get(LIST).status_code == 403
    assert LIST not in interviewer.get("/assessments").content.decode()
