"""The system checks of this floor, and what beat asks of the floors."""

from __future__ import annotations

from datetime import timedelta

import pytest
from celery import current_app
from django.conf import settings
from django.core.checks import run_checks
from django.utils import timezone

from assessments import checks, topics
from assessments.dialects.native import Native
from assessments.dialects.table import DIALECTS
from core.models import RememberedReply, RequestLog
from core.tasks import forget_old


def test_the_floor_passes_its_own_checks() -> None:
    assert not [message for message in run_checks() if (message.id or "").startswith("assessments.")]


def test_a_dialect_that_nobody_can_choose_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DIALECTS, "morse", Native())
    assert [message.id for message in checks.every_dialect_is_known_below(None)] == ["assessments.E001"]


def test_a_topic_without_a_place_to_go_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    stray = topics.Topic(name="order.lost", purpose="nowhere", sentence="Lost.")
    monkeypatch.setitem(topics.TOPICS, stray.name, stray)
    assert [message.id for message in checks.every_topic_has_a_purpose(None)] == ["assessments.E002"]


def test_everything_that_beat_asks_for_is_a_task() -> None:
    current_app.loader.import_default_modules()
    asked = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert asked <= set(current_app.tasks)


@pytest.mark.django_db
def test_what_is_past_its_day_or_its_month_is_forgotten() -> None:
    now = timezone.now()
    for age in (timedelta(hours=23), timedelta(hours=25)):
        RememberedReply.objects.create(client="c", key=str(age), fingerprint="f", created_at=now - age)
    for age in (timedelta(days=29), timedelta(days=31)):
        RequestLog.objects.create(
            request_id=str(age), method="GET", path="/", status=200, latency_ms=1, created_at=now - age
        )
    forget_old()
    assert [row.key for row in RememberedReply.objects.all()] == ["23:00:00"]
    assert [row.request_id for row in RequestLog.objects.all()] == ["29 days, 0:00:00"]
