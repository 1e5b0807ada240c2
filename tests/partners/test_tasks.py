"""The periodic tasks of the partners floor, called directly."""

from __future__ import annotations

from datetime import timedelta

from celery import current_app
from django.conf import settings
from django.utils import timezone
from oauth2_provider.models import AccessToken, Grant

from partners import tasks
from partners.models import Partner
from partners.services.onboarding import Registration


def test_expired_tokens_and_codes_are_deleted_and_live_ones_stay(sandboxed: Registration) -> None:
    now = timezone.now()
    fields = {"application": sandboxed.application, "scope": ""}
    live = AccessToken.objects.create(token="live", expires=now + timedelta(minutes=1), **fields)
    AccessToken.objects.create(token="old", expires=now - timedelta(minutes=1), **fields)
    Grant.objects.create(
        code="old", user=sandboxed.user, expires=now - timedelta(minutes=1), redirect_uri="https://x.example", **fields
    )
    tasks.clear_tokens()
    assert list(AccessToken.objects.all()) == [live]
    assert not Grant.objects.exists()


def test_idle_sandboxes_are_retired(sandboxed: Registration) -> None:
    Partner.objects.update(last_seen_at=timezone.now() - timedelta(days=91))
    tasks.retire_idle_sandboxes()
    sandboxed.partner.refresh_from_db()
    assert sandboxed.partner.status == "suspended"


def test_beat_names_tasks_that_exist() -> None:
    wanted = {
        entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values() if entry["task"].startswith("partners.")
    }
    current_app.loader.import_default_modules()
    assert wanted <= set(current_app.tasks)
