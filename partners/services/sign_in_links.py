"""The single-use way in for whoever registered by the API: made with the registration, good for an hour."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from core.ids import fresh_token, token_hash
from core.models import SignInLink, User

LIFETIME = timedelta(hours=1)


def make(user: User) -> str:
    """The token; it is stored hashed only."""
    token = fresh_token()
    SignInLink.objects.create(user=user, token_hash=token_hash(token), expires_at=timezone.now() + LIFETIME)
    return token


def is_open(token: str) -> bool:
    """Whether the link would let somebody in now. Looking does not use it up: link scanners look at everything."""
    return _open(token).exists()


def use(token: str) -> User | None:
    """The person whom the link lets in, once; None where it is unknown, used or too old, or the account is closed."""
    if not _open(token).update(used_at=timezone.now()):
        return None
    user = SignInLink.objects.select_related("user").get(token_hash=token_hash(token)).user
    return user if user.is_active else None


def _open(token: str) -> QuerySet[SignInLink]:
    # Of this table alone: a condition on another would make the update a subquery, which two may pass at once.
    return SignInLink.objects.filter(token_hash=token_hash(token), used_at=None, expires_at__gt=timezone.now())
