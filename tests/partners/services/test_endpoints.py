"""Putting an endpoint, rotating its secret, pinging, disabling."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from core import secrets
from core.errors import InvalidUrl
from core.models import AuditRecord
from partners.errors import PartnerSuspended, TooManyEndpoints, TooManyRotations, UnknownPurpose
from partners.models import Delivery, Endpoint, Environment, Purpose, SigningSecret
from partners.services import endpoints, onboarding
from partners.services.onboarding import Registration
from tests.partners.fixtures import Live

URL = "https://codeforge.example/hooks"


@pytest.fixture
def endpoint(sandboxed: Registration) -> Endpoint:
    return endpoints.put(sandboxed.partner, Environment.SANDBOX, "order", url=URL)[0]


def live_secrets(endpoint: Endpoint) -> list[str]:
    rows = SigningSecret.objects.filter(endpoint=endpoint)
    return [secrets.decrypt(row.encrypted) for row in rows if not row.expires_at or row.expires_at > timezone.now()]


def test_putting_an_endpoint_creates_it_with_a_secret_that_is_stored_encrypted(sandboxed: Registration) -> None:
    endpoint, secret, created = endpoints.put(sandboxed.partner, Environment.SANDBOX, "order", url=URL)
    assert (endpoint.url, endpoint.purpose, endpoint.enabled, created) == (URL, "order", True, True)
    assert secret is not None
    assert secret.startswith("whsec_")
    row = SigningSecret.objects.get(endpoint=endpoint)
    assert secret not in row.encrypted
    assert secrets.decrypt(row.encrypted) == secret


def test_putting_it_again_replaces_the_url_and_shows_no_secret(endpoint: Endpoint) -> None:
    again, secret, created = endpoints.put(endpoint.owner, Environment.SANDBOX, "order", url=URL + "/2")
    assert (again.pk, again.url, secret, created) == (endpoint.pk, URL + "/2", None, False)
    assert SigningSecret.objects.filter(endpoint=endpoint).count() == 1


def test_putting_it_again_forgets_failures_and_why_it_was_disabled(endpoint: Endpoint) -> None:
    endpoints.disable(endpoint, reason="It answered 410.", actor="support")
    Endpoint.objects.update(consecutive_failures=9, open_until=timezone.now() + timedelta(hours=1))
    again, _, _ = endpoints.put(endpoint.owner, Environment.SANDBOX, "order", url=URL)
    assert (again.enabled, again.disabled_reason, again.consecutive_failures, again.is_broken) == (True, "", 0, False)


@pytest.mark.parametrize(
    "url",
    [
        "http://codeforge.example/hooks",
        "https://10.0.0.7/hooks",
        "https://169.254.169.254/latest",
        "https://[::1]/hooks",
        "https://0x7f.1/hooks",
        "https://localhost/hooks",
        "ftp://codeforge.example",
        "https://user:pass@codeforge.example/",
        "nonsense",
    ],
)
def test_a_url_that_must_not_be_called_is_refused_with_a_pointer(
    sandboxed: Registration, url: str, settings: pytest.FixtureRequest
) -> None:
    settings.HTTP_ALLOW_LOOPBACK = False  # type: ignore[attr-defined]  # pytest-django's
    with pytest.raises(InvalidUrl) as refusal:
        endpoints.put(sandboxed.partner, Environment.SANDBOX, "order", url=url)
    assert [problem["pointer"] for problem in refusal.value.problems] == ["/url"]
    assert not Endpoint.objects.exists()


def test_an_unknown_purpose_is_refused(sandboxed: Registration) -> None:
    with pytest.raises(UnknownPurpose):
        endpoints.put(sandboxed.partner, Environment.SANDBOX, "everything", url=URL)


def test_a_sandbox_partner_has_at_most_five_endpoints(sandboxed: Registration) -> None:
    purposes = Purpose.values
    for purpose in purposes[:5]:
        endpoints.put(sandboxed.partner, Environment.SANDBOX, purpose, url=URL)
    with pytest.raises(TooManyEndpoints):
        endpoints.put(sandboxed.partner, Environment.SANDBOX, purposes[5], url=URL)
    assert endpoints.put(sandboxed.partner, Environment.SANDBOX, purposes[0], url=URL)[2] is False


def test_an_approved_partner_has_one_for_each_purpose_in_each_environment(live: Live) -> None:
    for environment in Environment:
        for purpose in Purpose.values:
            endpoints.put(live.partner, environment, purpose, url=URL)
    assert Endpoint.objects.filter(partner=live.partner).count() == 2 * len(Purpose.values)


def test_after_a_rotation_both_secrets_sign_until_the_overlap_has_passed(endpoint: Endpoint) -> None:
    old = live_secrets(endpoint)
    new = endpoints.rotate_secret(endpoint, actor="dev")
    assert live_secrets(endpoint) == [new, *old]
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1), tick=False):
        assert live_secrets(endpoint) == [new]


def test_no_secret_ends_before_its_time_however_often_it_is_rotated(endpoint: Endpoint) -> None:
    secrets = live_secrets(endpoint)
    for _ in range(3):
        secrets.insert(0, endpoints.rotate_secret(endpoint, actor="dev"))
    for _ in range(6):
        with pytest.raises(TooManyRotations) as refused:
            endpoints.rotate_secret(endpoint, actor="dev")
    assert live_secrets(endpoint) == secrets
    with time_machine.travel(refused.value.facts["until"], tick=False):
        newest = endpoints.rotate_secret(endpoint, actor="dev")
        assert live_secrets(endpoint) == [newest, *secrets[:-1]]


def test_a_ping_is_owed_to_that_very_endpoint(endpoint: Endpoint) -> None:
    endpoints.put(endpoint.owner, Environment.SANDBOX, "events", url=URL + "/events")
    delivery = endpoints.ping(endpoint)
    body = json.loads(delivery.event.body)
    assert (delivery.endpoint, delivery.state) == (endpoint, "due")
    assert (delivery.event.topic, body["type"], body["data"]) == ("ping", "ping", {"endpoint": endpoint.public_id})


def test_a_suspended_partner_cannot_ping(endpoint: Endpoint) -> None:
    assert endpoint.partner is not None
    onboarding.suspend(endpoint.partner, actor="support")
    endpoint.partner.refresh_from_db()
    with pytest.raises(PartnerSuspended):
        endpoints.ping(endpoint)
    assert not Delivery.objects.exists()


def test_disabling_says_why_and_is_audited(endpoint: Endpoint) -> None:
    endpoints.disable(endpoint, reason="Asked for by mail.", actor="support")
    endpoint.refresh_from_db()
    assert (endpoint.enabled, endpoint.disabled_reason) == (False, "Asked for by mail.")
    record = AuditRecord.objects.get(verb="endpoint.disabled")
    assert (record.subject, record.actor_label) == (endpoint.public_id, "support")
