"""What can go wrong on floor 2, as values. Nothing here knows HTTP."""

from __future__ import annotations

from core.errors import Conflict, Denied, Invalid
from core.places import declare


class PartnerSuspended(Denied):
    """This partner is suspended: none of its tokens works until it is reinstated.

    Write to support.
    """

    code = "partner_suspended"


class PartnerNotApproved(Denied):
    """This partner is not approved yet: it works in its own sandbox organization only.

    Approval is given by support, once the loop has been walked in the sandbox.
    """

    code = "partner_not_approved"


class OwnCredentialsNeeded(Denied):
    """This concerns the partner as a whole, and the token belongs to one Installation.

    Use a token of the client credentials grant.
    """

    code = "own_credentials_needed"


class OtherClientNeeded(Denied):
    """This call is not for you: partners make it, or programs of an organization, but not both.

    The reference says of every call whose token it takes.
    """

    code = "other_client_needed"


class TooManyClients(Conflict):
    """An organization has at most twenty API clients.

    Revoke one that is no longer used.
    """

    code = "too_many_clients"


class SandboxOnly(Denied):
    """This is possible in the sandbox only.

    Use a token of the partner's sandbox credentials.
    """

    code = "sandbox_only"


class NotInstallable(Denied):
    """This partner cannot be installed in this organization.

    A sandbox partner only in its own sandbox organization, an approved one not in another partner's sandbox.
    """

    code = "not_installable"


class InstallationPaused(Denied):
    """The organization has paused this installation: no candidate data can be read.

    Updates and results of orders already placed are still accepted; wait for `installation.resumed`.
    """

    code = "installation_paused"


class InstallationRemoved(Conflict):
    """This installation is removed.

    It has to be installed again, with a new consent.
    """

    code = "installation_removed"


class UnknownScope(Invalid):
    """A scope is asked for that does not exist, or that this client may not have.

    `scopes_supported` at `/.well-known/oauth-authorization-server` lists those that exist.
    """

    code = "invalid_scope"


class InvalidClientMetadata(Invalid):
    """A value of the registration cannot be accepted.

    Each entry of `problems` names it; the names are those of RFC 7591.
    """

    code = "invalid_client_metadata"


class InvalidRedirectUri(Invalid):
    """A redirect URI cannot be accepted.

    Send absolute https URIs without fragment or credentials.
    """

    code = "invalid_redirect_uri"


class AccountClaimed(Conflict):
    """This account has a name and a password already."""

    code = "account_claimed"


class LastMember(Conflict):
    """A partner would be left without anybody.

    Let somebody else into the portal first.
    """

    code = "last_member"


class TooManyEndpoints(Conflict):
    """A sandbox partner has at most five endpoints."""

    code = "too_many_endpoints"


class TooManyRotations(Conflict):
    """The secret was rotated three times within a day: one more would end a secret that may still be in use.

    Each secret signs until its day has passed. Rotate again from the moment in `until` on.
    """

    code = "too_many_rotations"


class UnknownPurpose(Invalid):
    """There is no such purpose for an endpoint.

    `order`, `cancel`, `status`, `catalogue`, `complaint` or `events`.
    """

    code = "unknown_purpose"


class DeliveryWithdrawn(Conflict):
    """The delivery was withdrawn: what it says is no longer true.

    Look at what it was about: its later events say how it stands.
    """

    code = "delivery_withdrawn"


declare(
    {
        "unknown": (
            "There is no such thing, as far as you can see.",
            "Check the id or the name; the sentence says whose.",
        ),
        "unknown_topic": ("There is no such topic.", "The sentence names those that there are."),
        "not_a_moment": ("It is no moment with its zone.", "Send RFC 3339, such as `2026-11-23T09:00:00Z`."),
        "not_a_range": ("A range has a first and a last event, and nothing else.", "Name both, and leave `since` out."),
    }
)
