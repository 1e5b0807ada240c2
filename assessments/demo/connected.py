"""The demo's vendors that were built for other hiring systems: connected as any would be, each at a port of its own."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from assessments.services import connections
from core import ports
from core.models import Organization
from partners.models import Installation
from partners.services import connecting


@dataclass(frozen=True, kw_only=True, slots=True)
class Vendor:
    """A program in ``examples/partners``. ``paths``: the purpose of an address → its path there."""

    folder: str
    name: str
    dialect: str
    paths: dict[str, str]

    def urls(self, port: int) -> dict[str, str]:
        return {purpose: f"http://127.0.0.1:{port}/{path}" for purpose, path in self.paths.items()}


VENDORS = (
    Vendor(
        folder="parlance",
        name="Parlance English",
        dialect="ashby",
        paths={
            "catalogue": "assessment.list",
            "fields": "assessment.customField.list",
            "order": "assessment.start",
            "cancel": "assessment.cancel",
        },
    ),
    Vendor(
        folder="oakfen",
        name="Oakfen Checks",
        dialect="greenhouse",
        paths={
            "catalogue": "list_tests",
            "order": "send_test",
            "status": "test_status",
            "complaint": "response_error",
        },
    ),
)


def connect(organization: Organization) -> Iterator[dict[str, Any]]:
    """Connects each; gives what its program has to know, by the names of ``examples/partners/vendorkit.py``."""
    for vendor in VENDORS:
        dialect, key, port = connections.dialect_named(vendor.dialect), secrets.token_urlsafe(24), ports.free()
        made = connections.connect(
            organization,
            dialect=dialect,
            name=vendor.name,
            urls=vendor.urls(port),
            credential=key,
            scopes=connections.optional_scopes(dialect),
            actor="demo",
        )
        yield {
            "folder": vendor.folder,
            # Where the protocol has no key of ours, it shows its own.
            "platform_key": made.key or key,
            "vendor_key": key,
            "port": port,
            "installation": made.installation.public_id,
        }


def find_ports() -> None:
    """A port that somebody else has taken since the last start is changed for a free one, on both sides."""
    for vendor in VENDORS:
        file: Path = settings.DATA_DIR / "partners" / f"{vendor.folder}.json"
        ours = json.loads(file.read_text()) if file.exists() else {}
        if ours and not ports.is_free(ours["port"]):
            ours["port"] = ports.free()
            installation = Installation.objects.get(public_id=ours["installation"])
            connecting.change_urls(installation, vendor.urls(ours["port"]), actor="demo")
            file.write_text(json.dumps(ours, indent=2))
