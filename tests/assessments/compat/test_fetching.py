"""Reports that partners name by URL: fetched once, by the guarded door, without credentials, and checked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from assessments.models import Order, ReportToFetch
from assessments.services import fetching
from tests.assessments.compat.scene import Vendor
from tests.assessments.scene import PDF, PNG
from tests.fakes import partner_server as fakes

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(lingua: Vendor) -> Order:
    return lingua.ordered()


def wanted(lingua: Vendor, order: Order, behaviour: fakes.Behaviour) -> ReportToFetch:
    lingua.answers["report"] = behaviour
    fetching.want(order, url=f"{lingua.server.url}/report", name="Full report")
    return ReportToFetch.objects.get(order=order)


@pytest.mark.parametrize(("content", "kind"), [(PDF, "application/pdf"), (PNG, "image/png")])
def test_a_report_is_known_by_its_content_and_kept(lingua: Vendor, order: Order, content: bytes, kind: str) -> None:
    wanted(lingua, order, fakes.status(200, content, content_type="text/html"))
    assert fetching.fetch_due() == 1
    assert order.attachments.get().content_type == kind
    assert "authorization" not in lingua.calls("report")[0].headers
    assert fetching.fetch_due() == 0


def test_what_is_no_report_is_given_up_at_once_and_said(lingua: Vendor, order: Order) -> None:
    row = wanted(lingua, order, fakes.html)
    fetching.fetch_due()
    row.refresh_from_db()
    assert (row.next_at, row.trouble) == (None, "What is there is neither a PDF nor a PNG.")
    assert not order.attachments.exists()


def test_a_redirect_is_not_followed(lingua: Vendor, order: Order) -> None:
    row = wanted(lingua, order, fakes.redirect("http://127.0.0.1:9/inside"))
    fetching.fetch_due()
    row.refresh_from_db()
    assert row.trouble == "It answered 307."


def test_one_that_is_not_there_yet_is_tried_again_and_at_last_given_up(lingua: Vendor, order: Order) -> None:
    row = wanted(lingua, order, fakes.status(503))
    for wait in (*fetching.AGAIN_AFTER, timedelta(0)):
        fetching.fetch_due()
        row.refresh_from_db()
        if row.next_at is None:
            break
        assert row.next_at > timezone.now()
        ReportToFetch.objects.update(next_at=timezone.now())
        assert wait
    assert (row.tries, row.next_at, row.trouble) == (len(fetching.AGAIN_AFTER) + 1, None, "It answered 503.")


def test_an_address_inside_is_never_called(lingua: Vendor, order: Order, settings: Any) -> None:
    settings.HTTP_ALLOW_LOOPBACK = False
    fetching.want(order, url=f"{lingua.server.url}/report", name="x")
    fetching.want(order, url="https://10.0.0.7/report", name="x")
    assert not ReportToFetch.objects.exists()
    ReportToFetch.objects.create(order=order, url=f"{lingua.server.url}/report", name="x")
    fetching.fetch_due()
    assert lingua.calls("report") == []


def test_the_same_address_is_fetched_once_and_not_more_than_twenty_of_an_order(lingua: Vendor, order: Order) -> None:
    for number in range(25):
        for _ in range(2):
            fetching.want(order, url=f"https://lingua.example/{number}", name="x")
    assert ReportToFetch.objects.filter(order=order).count() == fetching.MOST


def test_one_that_another_worker_has_is_left_to_it(lingua: Vendor, order: Order) -> None:
    wanted(lingua, order, fakes.status(200, PDF))
    ReportToFetch.objects.update(claimed_until=timezone.now() + timedelta(seconds=60))
    assert fetching.fetch_due() == 0
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert fetching.fetch_due() == 1
