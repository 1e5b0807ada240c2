"""The assessments panel of a candidate's profile, the filter of the list, and the fragment that is polled."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessments.lifecycle import Status
from assessments.models import Order
from assessments.panels import MOST
from assessments.services import attachments, orders
from core.models import Membership
from partners.models import Delivery
from partners.services import installations
from tests.assessments import scene
from tests.assessments.scene import Shop
from tests.world import World

SignIn = Callable[[Membership], Client]


def profile(world: World) -> str:
    return f"/candidates/{world.ada.public_id}"


def test_the_profile_shows_the_newest_result_open_and_older_ones_closed(
    world: World, shop: Shop, signed_in: SignIn
) -> None:
    older, newer = (scene.in_status(shop, Status.COMPLETED) for _ in range(2))
    page = signed_in(world.recruiter).get(profile(world)).content.decode()
    assert page.index(f"card-{newer.public_id}") < page.index(f"card-{older.public_id}")
    assert f'id="result-{older.public_id}"' in page
    assert f'id="result-{newer.public_id}"' not in page
    assert "Passed" in page


def queries(browser: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert browser.get(path).status_code == 200
    return len(captured)


def test_a_profile_with_twenty_results_takes_at_most_twelve_queries(
    world: World, shop: Shop, signed_in: SignIn
) -> None:
    browser = signed_in(world.recruiter)
    for _ in range(20):
        scene.in_status(shop, Status.COMPLETED)
    assert browser.get(profile(world)).content.decode().count('id="card-') == 20
    assert queries(browser, profile(world)) <= 12


def test_the_number_of_queries_does_not_depend_on_the_number_of_orders_and_results(
    world: World, shop: Shop, signed_in: SignIn
) -> None:
    browser = signed_in(world.recruiter)
    scene.in_status(shop, Status.COMPLETED)
    first = scene.in_status(shop, Status.STARTED)
    scene.post(first, {"score": 1}, kind="partial")
    attachments.store(first, name="one", content=scene.PDF)
    assert browser.get(profile(world)).status_code == 200  # fills caches that are not the database's
    before = queries(browser, profile(world))
    for number in range(20):
        order = scene.place(shop)
        scene.post(order, {"score": number}, kind="partial")
        scene.post(order, {"score": number + 1})
        attachments.store(order, name="more", content=scene.PDF + bytes([number]))
    assert queries(browser, profile(world)) == before


def test_a_profile_with_very_many_orders_leads_to_the_list_of_all(world: World, shop: Shop, signed_in: SignIn) -> None:
    for _ in range(MOST + 1):
        scene.place(shop)
    browser = signed_in(world.recruiter)
    page = browser.get(profile(world)).content.decode()
    assert page.count('<article class="card order-card"') == MOST
    path = f"/assessments?candidate={world.ada.public_id}"
    assert path in page
    assert "Ada Okafor" in browser.get(path).content.decode()
    assert signed_in(world.mallory).get(path).status_code == 404


def test_an_interviewer_reads_and_is_offered_nothing_to_do(world: World, shop: Shop, signed_in: SignIn) -> None:
    order = scene.in_status(shop, Status.COMPLETED)
    page = signed_in(world.interviewer).get(profile(world)).content.decode()
    assert order.public_id in page
    assert "/send" not in page


def test_reports_stand_with_the_open_result(world: World, shop: Shop, signed_in: SignIn) -> None:
    order = scene.in_status(shop, Status.COMPLETED)
    report, _new = attachments.store(order, name="report.pdf", content=scene.PDF)
    assert f"/attachments/{report.public_id}" in signed_in(world.recruiter).get(profile(world)).content.decode()


def test_why_a_removed_partners_order_ended_is_told_in_words(world: World, shop: Shop, signed_in: SignIn) -> None:
    scene.place(shop)
    installations.remove(shop.installation, actor=world.admin.user)
    page = signed_in(world.recruiter).get(profile(world)).content.decode()
    assert "The partner was removed from your organization." in page
    assert "installation_removed" not in page


# --- The filter of the candidate list -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "found"),
    [("open", ["Ada"]), ("completed", []), ("none", ["Bram"]), ("", ["Ada", "Bram"]), ("nonsense", ["Ada", "Bram"])],
)
def test_candidates_are_filtered_by_assessment_status(
    world: World, shop: Shop, sneak: Shop, signed_in: SignIn, value: str, found: list[str]
) -> None:
    scene.place(shop)
    scene.in_status(sneak, Status.COMPLETED)
    page = signed_in(world.recruiter).get("/candidates", {"assessment": value}).content.decode()
    names = {"Ada": "Ada Okafor", "Bram": "Bram Lindqvist"}
    assert [short for short, name in names.items() if name in page] == found


# --- Progress -------------------------------------------------------------------------------------------------------


def progress(order: Order) -> str:
    return f"/orders/{order.public_id}/progress"


def test_progress_is_told_once_and_then_not_modified(world: World, shop: Shop, order: Order, signed_in: SignIn) -> None:
    browser = signed_in(world.recruiter)
    first = browser.get(progress(order))
    assert (first.status_code, first["Cache-Control"]) == (200, "private, no-cache")
    assert f'hx-get="{progress(order)}"' in first.content.decode()
    again = browser.get(progress(order), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    scene.tell(order, "started", progress=40)
    news = browser.get(progress(order), headers={"If-None-Match": first["ETag"]})
    assert news.status_code == 200
    assert 'value="40"' in news.content.decode()


def test_polling_stops_at_the_end(world: World, shop: Shop, order: Order, signed_in: SignIn) -> None:
    browser = signed_in(world.recruiter)
    etag = browser.get(progress(order))["ETag"]
    scene.post(order)
    last = browser.get(progress(order), headers={"If-None-Match": etag})
    assert last.status_code == 286
    assert "hx-trigger" not in last.content.decode().split("</header>")[0]
    assert browser.get(progress(order), headers={"If-None-Match": last["ETag"]}).status_code == 286


def test_an_open_card_stays_open_while_it_is_polled(world: World, shop: Shop, order: Order, signed_in: SignIn) -> None:
    scene.post(order, kind="partial")
    browser = signed_in(world.recruiter)
    assert f'hx-get="{progress(order)}?open=1"' in browser.get(profile(world)).content.decode()
    assert f'id="result-{order.public_id}"' not in browser.get(progress(order) + "?open=1").content.decode()
    assert f'id="result-{order.public_id}"' in browser.get(progress(order)).content.decode()


def test_a_card_tells_when_nobody_knows_whether_the_partner_has_it(
    world: World, shop: Shop, order: Order, signed_in: SignIn
) -> None:
    browser = signed_in(world.recruiter)
    before = browser.get(progress(order))
    scene.give_up(order, Delivery.State.UNCLEAR)
    after = browser.get(progress(order), headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200
    assert "Nobody can tell whether CodeForge has this order" in after.content.decode()
    orders.resend(scene.reread(order), actor=None)
    assert "Nobody can tell" not in browser.get(progress(order)).content.decode()


def test_mallory_sees_no_progress(world: World, order: Order, signed_in: SignIn) -> None:
    assert signed_in(world.mallory).get(progress(order)).status_code == 404
    assert Client().get(progress(order)).status_code == 302


# --- Amendments -----------------------------------------------------------------------------------------------------


def card_of(order: Order, page: str) -> str:
    card = page[page.index(f'id="card-{order.public_id}"') :]
    return card[: card.index("</article>")]


def test_an_amended_result_shows_the_current_one_with_the_reason_and_the_difference(
    world: World, shop: Shop, signed_in: SignIn
) -> None:
    order = scene.place(shop)
    scene.post(order, {"score": 90, "verdict": "pass"})
    scene.post(order, {"score": 30, "verdict": "fail"}, kind="amended", reason="Copied answers.")
    for path in (profile(world), f"/orders/{order.public_id}"):
        card = card_of(order, signed_in(world.interviewer).get(path).content.decode())
        assert "Failed" in card
        assert "Reason: Copied answers." in card
        assert "What changed since revision 1" in card
        rows = re.findall(r"<del>(.*?)</del></td><td><ins>(.*?)</ins>", card)
        assert rows == [("90", "30"), ("pass", "fail")]


def test_of_an_amendment_in_a_closed_card_the_reason_is_told_and_the_difference_linked(
    world: World, shop: Shop, signed_in: SignIn
) -> None:
    older = scene.in_status(shop, Status.COMPLETED)
    scene.post(older, {"score": 30}, kind="amended", reason="Copied answers.")
    scene.in_status(shop, Status.COMPLETED)
    card = card_of(older, signed_in(world.recruiter).get(profile(world)).content.decode())
    assert "Reason: Copied answers." in card
    assert f'href="/orders/{older.public_id}/result#changes"' in card
    assert "<del>" not in card


def test_a_final_result_after_partial_ones_is_no_amendment(world: World, shop: Shop, signed_in: SignIn) -> None:
    order = scene.place(shop)
    scene.post(order, {"score": 1}, kind="partial")
    scene.post(order, {"score": 90})
    assert "Amended" not in signed_in(world.recruiter).get(profile(world)).content.decode()
