"""The verbs on a Partner's OAuth Applications: issue or rotate a secret, set redirect URIs. Secrets are shown once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import AccessToken
from oauth2_provider.validators import AllowedURIValidator

from core import audit
from core.addresses import is_host
from core.api import versions
from core.models import User
from core.places import place
from partners.errors import InvalidRedirectUri, PartnerNotApproved, PartnerSuspended, UnknownScope
from partners.models import Application, Environment, Partner
from partners.scopes import SCOPES

MOST_REDIRECT_URIS = 10
LONGEST_URI = 500
# Printable ASCII without space and backslash.
_PLAIN = re.compile(r"[!-\[\]-~]+")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def create(
    partner: Partner, environment: Environment, *, redirect_uris: Iterable[str] = (), scope: str = ""
) -> tuple[Application, str]:
    """A new Application and its secret, which is stored hashed only. Raises InvalidRedirectUri, UnknownScope."""
    secret = fresh_secret()
    application = Application.objects.create(
        partner=partner,
        environment=environment,
        name=partner.name,
        client_type=Application.CLIENT_CONFIDENTIAL,
        # The model allows two more: see Application.GRANTS.
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
        client_secret=secret,
        redirect_uris=" ".join(checked_redirect_uris(redirect_uris)),
        allowed_scopes=checked_scope(scope),
    )
    return application, secret


@transaction.atomic
def issue(partner: Partner, environment: str, *, actor: User | str | None = None) -> tuple[Application, str]:
    """Creates the Application of that environment, or gives it a new secret.

    The old secret dies at once, and with it the tokens that were had with it by client credentials; the tokens of
    Installations live on. Raises PartnerSuspended, and PartnerNotApproved for live credentials.
    """
    # The row lock makes two calls at once take turns: one creates, the other rotates.
    partner = Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    if partner.is_suspended:
        raise PartnerSuspended
    if environment == Environment.LIVE and partner.status != Partner.Status.APPROVED:
        raise PartnerNotApproved
    application = Application.objects.filter(partner=partner, environment=environment).first()
    if application is None:
        application, secret = create(partner, Environment(environment))
    else:
        secret = fresh_secret()
        application.client_secret = secret
        application.save()
        AccessToken.objects.filter(application=application, user=None).delete()
    _record("credentials.issued", application, actor)
    return application, secret


@transaction.atomic
def set_redirect_uris(application: Application, uris: Iterable[str], *, actor: User | str | None) -> None:
    """Replaces them; none means that no organization can be asked for consent. Raises InvalidRedirectUri."""
    application.redirect_uris = " ".join(checked_redirect_uris(uris))
    application.save(update_fields=["redirect_uris", "updated"])
    _record("credentials.redirect_uris_set", application, actor, redirect_uris=application.redirect_uris.split())


@transaction.atomic
def pin(application: Application, version: str, *, actor: User | str | None) -> None:
    """Calls that name no version speak this one from now on. Raises UnknownApiVersion."""
    if version not in {known.name for known in versions.VERSIONS}:
        raise versions.unknown()
    was, application.api_version = application.api_version, version
    application.save(update_fields=["api_version", "updated"])
    _record("credentials.api_version_pinned", application, actor, was=was, is_now=version)


def fresh_secret() -> str:
    secret: str = generate_client_secret()
    return secret


def checked_redirect_uris(uris: Iterable[str]) -> list[str]:
    """The same, without duplicates; raises InvalidRedirectUri with a problem for each one that cannot be taken."""
    wanted = list(dict.fromkeys(uris))
    problems = [
        _redirect_problem(f"/redirect_uris/{number}", problem)
        for number, uri in enumerate(wanted)
        if (problem := _problem_of(uri))
    ]
    if len(wanted) > MOST_REDIRECT_URIS:
        problems.append(_redirect_problem("/redirect_uris", f"At most {MOST_REDIRECT_URIS} redirect URIs."))
    if problems:
        raise InvalidRedirectUri(problems[0]["message"], problems=problems)
    return wanted


def _redirect_problem(pointer: str, message: str) -> dict[str, str]:
    return place(pointer, "invalid_redirect_uri", message)


def _problem_of(uri: str) -> str:
    schemes = settings.OAUTH2_PROVIDER["ALLOWED_REDIRECT_URI_SCHEMES"]
    try:
        AllowedURIValidator(schemes, "redirect URI", allow_path=True, allow_query=True)(uri)
        parts = urlsplit(uri)
    except (ValidationError, ValueError):
        return "This is not an absolute https URI without fragment."
    if len(uri) > LONGEST_URI:
        return f"A redirect URI has at most {LONGEST_URI} characters."
    # A space would make two of it: they are stored with spaces between them.
    if "@" in parts.netloc or not _PLAIN.fullmatch(uri):
        return "Credentials, spaces, backslashes and characters beyond ASCII have no place in a redirect URI."
    # It stands in the policy of the page of consent, where other characters would begin something new.
    host = parts.hostname or ""
    if "%" in host or not is_host(host):
        return "The host of a redirect URI is a name in its ASCII form (xn--…), or an address."
    if parts.scheme == "http" and host not in LOOPBACK:
        return "Plain http is for loopback addresses only."
    return ""


def checked_scope(scope: str) -> str:
    """The names in our order, once each; raises UnknownScope."""
    names = set(scope.split())
    if unknown := sorted(names - SCOPES.keys()):
        raise UnknownScope(f"There is no scope {unknown[0]!r}.")
    return " ".join(name for name in SCOPES if name in names)


def _record(verb: str, application: Application, actor: User | str | None, **facts: Any) -> None:
    audit.record(
        verb,
        actor=actor,
        subject=application.partner.public_id if application.partner else application.client_id,
        organization=application.organization,
        environment=application.environment,
        client_id=application.client_id,
        **facts,
    )
