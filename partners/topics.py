"""The topics of this floor's Events, dotted and past tense (`ping` apart), each with its sentence. A table."""

from __future__ import annotations

INSTALLATION_CREATED = "installation.created"
INSTALLATION_PAUSED = "installation.paused"
INSTALLATION_RESUMED = "installation.resumed"
INSTALLATION_REMOVED = "installation.removed"
PING = "ping"

TOPICS: dict[str, str] = {
    INSTALLATION_CREATED: "An organization installed you; it may send you orders from now on.",
    INSTALLATION_PAUSED: "An organization paused you: no new order is sent, and no candidate data can be read.",
    INSTALLATION_RESUMED: "An organization resumed you: orders that waited are on their way.",
    INSTALLATION_REMOVED: "An organization removed you: its tokens are revoked, its open orders cancelled.",
    PING: "You asked for a message, to try an endpoint and its signature.",
}

_INSTALLATION = {"installation": "ins_00000000000000000000000000", "organization": "org_00000000000000000000000000"}
# The data of a message that only tries an endpoint.
SAMPLES: dict[str, dict[str, str]] = {
    name: {"endpoint": "ep_00000000000000000000000000"} if name == PING else _INSTALLATION for name in TOPICS
}
