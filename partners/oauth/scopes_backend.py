"""Which scopes an Application may ask for: the toolkit's question, answered from :mod:`partners.scopes`."""

from __future__ import annotations

from typing import Any

from oauth2_provider.scopes import BaseScopes

from partners.models import Application
from partners.scopes import ORGANIZATION_SCOPES, SCOPES, allowed_to


class ApplicationScopes(BaseScopes):
    """An Application without ``allowed_scopes`` may ask for every scope; asked for none, it gets all it may have."""

    def get_all_scopes(self) -> dict[str, str]:
        return {**ORGANIZATION_SCOPES, **SCOPES}

    def get_available_scopes(
        self, application: Application | None = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        if application is None:
            return list(SCOPES)
        table = SCOPES if application.partner_id else ORGANIZATION_SCOPES
        return list(allowed_to(application.allowed_scopes, table=table))

    def get_default_scopes(
        self, application: Application | None = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        return self.get_available_scopes(application)
