"""One's own account: signing out everywhere."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from core import audit
from core.models import User


@transaction.atomic
def sign_out_everywhere(user: User) -> None:
    """Ends every session that there is; the caller may renew the one it is in."""
    User.objects.filter(pk=user.pk).update(signed_out_everywhere=F("signed_out_everywhere") + 1)
    user.refresh_from_db(fields=["signed_out_everywhere"])
    audit.record("account.signed_out_everywhere", actor=user, subject=f"user {user.pk}")
