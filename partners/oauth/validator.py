"""The toolkit's validator with what it lacks: codes hashed at rest, replayed ones punished, closed users refused."""

from __future__ import annotations

import uuid
from typing import Any, cast

from oauth2_provider.models import Grant, RefreshToken
from oauth2_provider.oauth2_validators import OAuth2Validator

from core.ids import token_hash
from partners.models import Application

# The toolkit is untyped: its requests are Any here, and calling it by super() carries an ignore.
_FAMILIES = uuid.UUID("5f0f4c5e-6d0b-4d0e-9a53-0d6f0c1f6c8e")


class Validator(OAuth2Validator):
    """RFC 6749 section 4.1.2: a code used more than once is refused, and its tokens should be revoked.

    The row of a used code is gone, and tokens do not point to one; but refresh tokens carry a family. The family's
    id is derived from the code, so whoever presents the code again names the family to revoke.
    """

    def _create_authorization_code(self, request: Any, code: dict[str, str], expires: Any = None) -> Grant:
        hashed = {**code, "code": token_hash(code["code"])}
        return cast(Grant, super()._create_authorization_code(request, hashed, expires))  # type: ignore[no-untyped-call]

    def validate_code(
        self, client_id: str, code: str, client: Application, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        # Whatever comes after this, in oauthlib and in the toolkit, looks the code up by what the request holds.
        request.code = token_hash(code)
        # Two exchanges at once take turns: the second finds nothing, and counts as a replay.
        Grant.objects.select_for_update().filter(code=request.code, application=client).first()
        if super().validate_code(client_id, request.code, client, request, *args, **kwargs):  # type: ignore[no-untyped-call]
            return bool(request.user.is_active)
        family = _family_of(request.code)
        if RefreshToken.objects.filter(token_family=family, application=client).exists():
            RefreshToken.revoke_family(family)
        return False

    def validate_refresh_token(
        self, refresh_token: str, client: Application, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Removing an Installation revokes the token's row; a rotation at that very moment could have left one."""
        # Two refreshes at once take turns, as exchanges do: the second finds the token used, and counts as a replay.
        # Otherwise it would take away the tokens of the first while these are being made.
        mine = RefreshToken.objects.filter(token_checksum=token_hash(refresh_token), application=client)
        list(mine.select_for_update().values_list("pk"))
        valid = super().validate_refresh_token(refresh_token, client, request, *args, **kwargs)  # type: ignore[no-untyped-call]
        return bool(valid and request.user.is_active)

    def _create_refresh_token(
        self, request: Any, refresh_token_code: str, access_token: Any, previous_refresh_token: Any
    ) -> RefreshToken:
        row = super()._create_refresh_token(  # type: ignore[no-untyped-call]
            request, refresh_token_code, access_token, previous_refresh_token
        )
        if previous_refresh_token is None and request.grant_type == "authorization_code":
            row.token_family = _family_of(request.code)
            row.save(update_fields=["token_family"])
        return cast(RefreshToken, row)


def _family_of(hashed_code: str) -> uuid.UUID:
    return uuid.uuid5(_FAMILIES, hashed_code)
