"""An account: opened, given another log-in, signed out everywhere, its address freed by support."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import F

from core import audit
from core.errors import Conflict
from core.ids import public_id
from core.models import User, log_in_of


class LogInTaken(Conflict):
    """Somebody signs in by this name already.

    Choose another one.
    """

    code = "log_in_taken"


def open_account(log_in: str, password: str | None, *, name: str) -> User:
    """For a new person who will sign in by this address or name. Raises :class:`LogInTaken`."""
    return set_log_in(User(name=name), log_in, password)


def set_log_in(user: User, log_in: str, password: str | None) -> User:
    """What the person signs in with from now on. Raises :class:`LogInTaken`."""
    user.email = log_in_of(log_in)
    # Before anything is looked for: a name that is taken costs the time of one that is free.
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise LogInTaken from error
    return user


@transaction.atomic
def free_address(user: User, *, actor: User) -> bool:
    """Lets the address be used for a new account; whether there was one to free.

    The account stays with all it did. Nobody can sign in to it any more, and its sessions end with its password.
    """
    if not user.has_address:
        return False
    set_log_in(user, public_id("freed"), None)
    audit.record("account.address_freed", actor=actor, subject=f"user {user.pk}")
    return True


@transaction.atomic
def sign_out_everywhere(user: User) -> None:
    """Ends every session that there is; the caller may renew the one it is in."""
    User.objects.filter(pk=user.pk).update(signed_out_everywhere=F("signed_out_everywhere") + 1)
    user.refresh_from_db(fields=["signed_out_everywhere"])
    audit.record("account.signed_out_everywhere", actor=user, subject=f"user {user.pk}")
