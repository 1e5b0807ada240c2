"""Issuing and rotating client secrets; which redirect URIs are taken."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.contrib.auth.hashers import check_password
from django.utils import timezone
from oauth2_provider.models import AccessToken

from core.models import AuditRecord
from partners.errors import InvalidRedirectUri, PartnerNotApproved, PartnerSuspended
from partners.models import Environment, Installation
from partners.services import credentials, onboarding
from partners.services.onboarding import Registration
from tests.partners.fixtures import Live

GOOD = [
    "https://codeforge.example/callback",
    "https://codeforge.example/callback?tenant=1",
    "https://xn--bcher-kva.example/cb",
    "https://[2606:4700::1111]/cb",
    "http://127.0.0.1:9000/cb",
    "http://[::1]:9000/cb",
    "http://localhost:9000/cb",
]
BAD = [
    "http://codeforge.example/callback",
    "https://codeforge.example/callback#top",
    "https://codeforge.example@evil.example/callback",
    "https://codeforge.example\\@evil.example/",
    "https://",
    "//codeforge.example/callback",
    "/callback",
    "javascript:alert(1)",
    "data:text/html,hello",
    "com.codeforge:/callback",
    "https://*.codeforge.example/callback",
    "https://a.example;sandbox/cb",
    "https://a.example,b.example/cb",
    "https://a.example'/cb",
    "https://a.example%3Bsandbox/cb",
    "https://[fe80::1%25;sandbox]/cb",
    "https://[fe80::1%;sandbox]/cb",
    "https://a..example/cb",
    "https://b\u00fccher.example/cb",
    "https://codeforge.example/call back",
    "https://codeforge.example/\r\nSet-Cookie:a=b",
    "https://codeforge.example/é",
    "https://codeforge.example/" + "a" * 500,
    "",
]


@pytest.mark.parametrize("uri", GOOD)
def test_an_absolute_https_uri_or_a_loopback_one_is_taken(uri: str) -> None:
    assert credentials.checked_redirect_uris([uri, uri]) == [uri]


@pytest.mark.parametrize("uri", BAD)
def test_whatever_else_calls_itself_a_redirect_uri_is_refused(uri: str) -> None:
    with pytest.raises(InvalidRedirectUri) as refusal:
        credentials.checked_redirect_uris(["https://codeforge.example/ok", uri])
    assert [problem["pointer"] for problem in refusal.value.problems] == ["/redirect_uris/1"]


def test_plain_http_is_refused_where_loopback_is_not_allowed(settings: LazySettings) -> None:
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "ALLOWED_REDIRECT_URI_SCHEMES": ["https"]}
    with pytest.raises(InvalidRedirectUri):
        credentials.checked_redirect_uris(["http://127.0.0.1:9000/cb"])


def test_at_most_ten_redirect_uris() -> None:
    with pytest.raises(InvalidRedirectUri) as refusal:
        credentials.checked_redirect_uris([f"https://codeforge.example/{number}" for number in range(11)])
    assert [problem["pointer"] for problem in refusal.value.problems] == ["/redirect_uris"]


def test_live_credentials_are_for_approved_partners(sandboxed: Registration) -> None:
    with pytest.raises(PartnerNotApproved):
        credentials.issue(sandboxed.partner, Environment.LIVE)


def test_a_suspended_partner_gets_none(sandboxed: Registration) -> None:
    onboarding.suspend(sandboxed.partner, actor="support")
    with pytest.raises(PartnerSuspended):
        credentials.issue(sandboxed.partner, Environment.SANDBOX)


def test_issuing_again_replaces_the_secret_of_the_same_application(live: Live) -> None:
    application, secret = credentials.issue(live.partner, Environment.LIVE, actor="support")
    assert application.pk == live.application.pk
    assert check_password(secret, application.client_secret)
    assert not check_password(live.client_secret, application.client_secret)
    assert AuditRecord.objects.filter(verb="credentials.issued", actor_label="support").count() == 1


def test_a_new_secret_ends_the_tokens_had_with_the_old_one_but_not_those_of_installations(
    live: Live, installed: Installation
) -> None:
    fields = {"application": live.application, "scope": "", "expires": timezone.now() + timedelta(hours=1)}
    AccessToken.objects.create(token="own", user=None, **fields)
    theirs = AccessToken.objects.create(token="theirs", user=installed.service_user, **fields)
    credentials.issue(live.partner, Environment.LIVE)
    assert list(AccessToken.objects.all()) == [theirs]
