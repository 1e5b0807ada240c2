"""Who is signed in: Django's sessions and accounts, found at every page by queries that are compiled once."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from core.models import Membership, User
from core.prepared import Prepared

_sessions: Prepared[Session] = Prepared(lambda key: Session.objects.filter(session_key=key))
_memberships: Prepared[Membership] = Prepared(
    lambda user: Membership.objects.filter(user=user).select_related("user", "organization")
)
_users: Prepared[User] = Prepared(lambda pk: User.objects.filter(pk=pk))


class SessionStore(db.SessionStore):
    """Sessions in the database."""

    def _get_session_from_db(self) -> Session | None:
        row = _sessions.first(self.session_key or "")
        if row is not None and row.expire_date > timezone.now():
            return row
        self._session_key = None
        return None


class Accounts(ModelBackend):
    """Sign-in by password. A person comes with their memberships, by one query: every page asks for both."""

    def get_user(self, user_id: Any) -> User | None:
        mine = _memberships.all(int(user_id))
        user = mine[0].user if mine else _users.first(int(user_id))
        if user is None or not self.user_can_authenticate(user):
            return None
        user.memberships_read = mine
        return user
