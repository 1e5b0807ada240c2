"""Who is signed in: Django's sessions and accounts, found at every page by queries that are compiled once."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from core.models import User
from core.prepared import Prepared

_sessions: Prepared[Session] = Prepared(lambda key: Session.objects.filter(session_key=key))
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
    """Sign-in by password."""

    def get_user(self, user_id: Any) -> User | None:
        user = _users.first(int(user_id))
        return user if user is not None and self.user_can_authenticate(user) else None
