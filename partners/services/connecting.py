"""The verbs on a partner that an organization connects by its protocol: connect, change addresses, set the
credential, issue a key. Which protocols there are and what they want to know is floor 3's matter.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping

from django.db import transaction

from core import audit, http, secrets
from core.errors import InvalidUrl, ValidationFailed
from core.ids import fresh_token
from core.models import Organization, User
from core.places import place
from core.pointers import join
from partners import names
from partners.delivery import outbox
from partners.errors import InstallationRemoved
from partners.models import Endpoint, Installation, Partner
from partners.services import installations
from partners.services.endpoints import check_purpose

KEY_PREFIX = "assay_key_"
# As headers carry it: visible ASCII.
LONGEST_CREDENTIAL = 500
LONGEST_NAME = 120
# What a partner does here in any case; of candidates it gets what the organization chose.
AT_WORK = ("orders:read", "orders:write", "results:write", "catalogue:write")


@transaction.atomic
def connect(
    organization: Organization,
    *,
    name: str,
    dialect: str,
    urls: Mapping[str, str],
    credential: str,
    scopes: Iterable[str],
    actor: User | str | None,
) -> Installation:
    """A Partner that is this organization's alone, installed, with an Endpoint for each purpose of ``urls``.

    ``scopes`` say what leaves of candidates. Raises ValidationFailed (pointers ``/name``, ``/credential`` and
    ``/urls/…``) and UnknownPurpose; opens no connection.
    """
    if problem := names.problem_of(name) or ("" if 0 < len(name.strip()) <= LONGEST_NAME else "A name is needed."):
        raise _wrong("/name", problem)
    partner = Partner.objects.create(
        name=name, dialect=dialect, organization=organization, status=Partner.Status.APPROVED
    )
    granted = {*AT_WORK, *scopes}
    installation = installations.install(partner, organization, scopes=granted, actor=actor)
    audit.record(
        "partner.connected",
        actor=actor,
        subject=partner.public_id,
        organization=organization,
        dialect=dialect,
        installation=installation.public_id,
    )
    change_urls(installation, urls, actor=actor)
    set_credential(installation, credential, actor=actor)
    return installation


@transaction.atomic
def change_urls(installation: Installation, urls: Mapping[str, str], *, actor: User | str | None) -> None:
    """Puts the Endpoints of these purposes; an empty URL takes one away. What waits for one is due again.

    Raises ValidationFailed (``/urls/…``), UnknownPurpose, InstallationRemoved.
    """
    _check_there(installation)
    _check_urls(installation.partner, urls)
    # Two forms at once take turns.
    Installation.objects.select_for_update(no_key=True).get(pk=installation.pk)
    for purpose, url in urls.items():
        if url:
            _put(installation, purpose, url, actor)
        else:
            _take_away(installation, purpose, actor)


@transaction.atomic
def set_credential(installation: Installation, credential: str, *, actor: User | str | None) -> None:
    """What our calls are authenticated by, from the next one on. Raises ValidationFailed, InstallationRemoved."""
    _check_there(installation)
    if len(credential) > LONGEST_CREDENTIAL or not credential.isascii() or not credential.isprintable():
        raise _wrong("/credential", f"At most {LONGEST_CREDENTIAL} visible ASCII characters.")
    installation.credential = secrets.encrypt(credential) if credential else ""
    installation.save(update_fields=["credential"])
    _record("installation.credential_set", installation, actor)


@transaction.atomic
def issue_key(installation: Installation, *, actor: User | str | None) -> str:
    """A new key for the partner's own calls, known here and nowhere else; the one before ends. InstallationRemoved."""
    _check_there(installation)
    key = KEY_PREFIX + fresh_token(256)
    installation.key_hash = secrets.hash_key(key)
    installation.save(update_fields=["key_hash"])
    _record("installation.key_issued", installation, actor)
    return key


def holder_of(key: str) -> Installation | None:
    """The Installation whose key this is, unless it is removed."""
    if not key:
        return None
    rows = Installation.objects.exclude(status=Installation.Status.REMOVED).select_related("partner", "organization")
    return rows.filter(key_hash=secrets.hash_key(key)).first()


def is_shown_by(installation: Installation, key: str) -> bool:
    """Whether the partner may show this: the key that we issued, or, in some protocols, the very credential of ours."""
    if installation.key_hash and secrets.hash_key(key) == installation.key_hash:
        return True
    try:
        ours = secrets.decrypt(installation.credential) if installation.credential else ""
    except secrets.Undecipherable:
        return False
    return bool(ours) and hmac.compare_digest(ours.encode(), key.encode())


def _check_there(installation: Installation) -> None:
    if installation.status == Installation.Status.REMOVED:
        raise InstallationRemoved


def _check_urls(partner: Partner, urls: Mapping[str, str]) -> None:
    problems = []
    for purpose, url in urls.items():
        check_purpose(purpose, partner)
        try:
            if url:
                http.check_url(url)
        except InvalidUrl as refusal:
            problems.append(place(join(["urls", purpose]), "invalid_url", refusal.detail))
    if problems:
        raise ValidationFailed("An address cannot be called.", problems=problems)


def _put(installation: Installation, purpose: str, url: str, actor: User | str | None) -> None:
    endpoint, is_new = Endpoint.objects.get_or_create(
        installation=installation,
        purpose=purpose,
        defaults={"partner": installation.partner, "environment": installation.environment, "url": url},
    )
    if not is_new and endpoint.url == url and endpoint.enabled:
        return
    if not is_new:
        endpoint.url, endpoint.enabled, endpoint.disabled_reason = url, True, ""
        endpoint.save(update_fields=["url", "enabled", "disabled_reason", "updated_at"])
        outbox.resume_endpoint(endpoint)
    _record("installation.address_put", installation, actor, purpose=purpose, url=url)


def _take_away(installation: Installation, purpose: str, actor: User | str | None) -> None:
    """One that was used stays, disabled: its deliveries are part of what was exchanged."""
    rows = Endpoint.objects.filter(installation=installation, purpose=purpose, enabled=True)
    if rows.update(enabled=False, disabled_reason="Taken away by an admin of the organization."):
        _record("installation.address_taken_away", installation, actor, purpose=purpose)


def _record(verb: str, installation: Installation, actor: User | str | None, **facts: str) -> None:
    audit.record(verb, actor=actor, subject=installation.public_id, organization=installation.organization, **facts)


def _wrong(pointer: str, message: str) -> ValidationFailed:
    return ValidationFailed(message, problems=[place(pointer, "invalid", message)])
