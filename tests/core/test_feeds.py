"""Positions in a feed: for every row once, in the order of commits, and found again by a moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from core import feeds
from core.models import Feed, FeedMark
from partners.models import Event, Partner
from tests.partners.delivery import scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner() -> Partner:
    return scene.partner()


def make(partner: Partner, count: int) -> list[int]:
    rows = [Event(partner=partner, topic="ping", subject="ep_1", body="{}") for _ in range(count)]
    return [row.pk for row in Event.objects.bulk_create(rows)]


def number() -> int:
    return feeds.number("events", Event.objects.all())


def in_order() -> list[int]:
    return list(Event.objects.exclude(position=None).order_by("position").values_list("pk", flat=True))


def test_rows_are_numbered_in_the_order_of_their_ids(partner: Partner) -> None:
    pks = make(partner, 3)
    assert number() == 3
    assert in_order() == pks
    assert number() == 0


def test_what_comes_later_is_behind_whatever_its_id(partner: Partner) -> None:
    first, *others = make(partner, 4)
    Event.objects.filter(pk=first).update(position=None)
    number()
    # As after a change: without a position again.
    Event.objects.filter(pk=first).update(position=None)
    later = make(partner, 2)
    assert number() == 3
    assert in_order() == [*others, first, *later]


def test_the_end_is_the_largest_position(partner: Partner) -> None:
    assert feeds.end_of("events") == 0
    make(partner, 2)
    number()
    assert feeds.end_of("events") == Event.objects.order_by("-position").values_list("position", flat=True)[0]


def test_more_than_a_batch_is_numbered_batch_by_batch(partner: Partner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "BATCH", 2)
    pks = make(partner, 5)
    assert number() == 5
    assert in_order() == pks


def test_two_feeds_do_not_know_of_each_other(partner: Partner) -> None:
    make(partner, 2)
    number()
    assert feeds.end_of("orders") == 0


def test_a_moment_finds_a_place_before_all_that_was_written_since(partner: Partner) -> None:
    now = timezone.now()
    make(partner, 2)
    number()
    middle = feeds.end_of("events")
    Feed.objects.update(marked_at=now - timedelta(hours=2))
    FeedMark.objects.update(at=now - timedelta(hours=2))
    make(partner, 2)
    number()
    assert list(FeedMark.objects.order_by("at").values_list("position", flat=True)) == [0, middle]
    assert feeds.before("events", now - timedelta(days=1)) == 0
    assert feeds.before("events", now) == 0
    assert feeds.before("events", now + timedelta(minutes=6)) == middle


def test_marks_are_an_hour_apart(partner: Partner) -> None:
    for _ in range(3):
        make(partner, 1)
        number()
    assert FeedMark.objects.count() == 1
