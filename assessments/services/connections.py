"""Connecting a partner by the protocol it speaks: what a dialect wants to know, on top of partners.services.connecting.

For the pages and for the API. Whatever is decided about scopes, addresses and keys by protocol is decided here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from assessments.dialects.base import Dialect, Door
from assessments.dialects.table import DIALECTS
from assessments.services import refreshing
from core.errors import NotFound, ValidationFailed
from core.models import Organization, User
from core.places import place
from core.pointers import join
from partners.models import Installation
from partners.scopes import CANDIDATE_FIELDS
from partners.services import connecting


@dataclass(frozen=True, kw_only=True, slots=True)
class Connected:
    """A fresh connection. ``key`` is known here and nowhere else; empty where the protocol has none."""

    installation: Installation
    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OurDoor:
    """A URL of ours that the partner has to know. ``is_per_order``: it is told the whole URL with each order.

    ``id`` is unique on a page.
    """

    id: str
    title: str
    url: str
    is_per_order: bool


def connectable() -> list[Dialect]:
    """The dialects that are connected by configuration; partners of the others register by themselves."""
    return sorted((dialect for dialect in DIALECTS.values() if dialect.addresses), key=lambda each: each.label)


def dialect_named(name: str) -> Dialect:
    """Raises NotFound."""
    dialect = DIALECTS.get(name)
    if dialect is None or not dialect.addresses:
        raise NotFound("There is no such protocol to connect by.")
    return dialect


def needed_scopes(dialect: Dialect) -> frozenset[str]:
    """What it cannot do without."""
    return frozenset(CANDIDATE_FIELDS[name] for name in dialect.requires)


def optional_scopes(dialect: Dialect) -> frozenset[str]:
    """What it can carry, if the organization wants to."""
    return frozenset(CANDIDATE_FIELDS[name] for name in dialect.carries) - needed_scopes(dialect)


@transaction.atomic
def connect(
    organization: Organization,
    *,
    dialect: Dialect,
    name: str,
    urls: Mapping[str, str],
    credential: str,
    scopes: Collection[str],
    actor: User | str | None,
) -> Connected:
    """``scopes`` are the optional ones that were chosen; its catalogue is asked for at once.

    Raises ValidationFailed with a problem for each thing that is wrong (``/name``, ``/credential``, ``/urls/…``,
    ``/scopes``).
    """
    _check(dialect, urls, credential, scopes)
    installation = connecting.connect(
        organization,
        name=name,
        dialect=dialect.name,
        urls={purpose: url for purpose, url in urls.items() if url},
        credential=credential,
        scopes=needed_scopes(dialect) | frozenset(scopes),
        actor=actor,
    )
    refreshing.schedule(installation)
    return Connected(installation=installation, key=_first_key(installation, dialect, actor))


@transaction.atomic
def change(installation: Installation, *, urls: Mapping[str, str], credential: str, actor: User | str | None) -> None:
    """Other addresses, and another credential unless it is empty; the catalogue is asked for again.

    Raises as :func:`connect`.
    """
    dialect = dialect_named(installation.partner.dialect)
    _check(dialect, urls, credential or "kept", ())
    connecting.change_urls(installation, urls, actor=actor)
    if credential:
        connecting.set_credential(installation, credential, actor=actor)
    refreshing.schedule(installation)


def new_key(installation: Installation, *, actor: User | str | None) -> str:
    """The one before ends at once. Raises NotFound where the protocol has no such key."""
    if not has_key(dialect_named(installation.partner.dialect)):
        raise NotFound("This protocol has no key of ours.")
    return connecting.issue_key(installation, actor=actor)


def has_key(dialect: Dialect) -> bool:
    """Whether the partner shows a key of ours when it calls."""
    return dialect.inbound is not None and bool(dialect.key_label)


def our_doors(dialect: Dialect) -> list[OurDoor]:
    """What the partner has to know of us."""
    return [_door(number, door) for number, door in enumerate(dialect.doors)]


def _door(number: int, door: Door) -> OurDoor:
    return OurDoor(
        id=f"door-{number}",
        title=f"{door.label} ({door.method})",
        url=f"{settings.PUBLIC_URL}/{door.path}",
        is_per_order="{token}" in door.path,
    )


def _first_key(installation: Installation, dialect: Dialect, actor: User | str | None) -> str:
    return connecting.issue_key(installation, actor=actor) if has_key(dialect) else ""


def _check(dialect: Dialect, urls: Mapping[str, str], credential: str, scopes: Collection[str]) -> None:
    purposes = {address.purpose for address in dialect.addresses}
    problems = [
        place(f"/urls/{address.purpose}", "required", f"{address.label}: this address is needed.")
        for address in dialect.addresses
        if address.is_required and not urls.get(address.purpose)
    ]
    problems += [
        place(join(["urls", purpose]), "unknown", "This protocol has no such address.")
        for purpose in urls
        if purpose not in purposes
    ]
    if not credential:
        problems.append(place("/credential", "required", "Without a credential the partner takes no call."))
    if unknown := sorted(set(scopes) - needed_scopes(dialect) - optional_scopes(dialect)):
        problems.append(place("/scopes", "unknown", f"This protocol cannot carry {unknown[0]}."))
    if problems:
        raise ValidationFailed("The connection is not described as this protocol needs.", problems=problems)
