"""A vendor that speaks another system's protocol, on a loopback port, connected to Acme. No assertions here.

What it answers is a sample of its protocol by purpose; a test may let it misbehave in any other way.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.test import Client as Http
from django.utils import timezone

from assessments.dialects.table import DIALECTS
from assessments.models import AssessmentType, Order, StatusQuestion
from assessments.services import asking, orders, refreshing
from core.models import Application
from partners.models import Delivery, Installation
from partners.services import connecting
from tests.assessments.dialects.shipped import payload
from tests.assessments.scene import reread
from tests.fakes.partner_server import Behaviour, PartnerServer, Received, Visit, no_content, status
from tests.partners.delivery.scene import deliver
from tests.world import World

CREDENTIAL = "vendor-key-7f3a"


@dataclass(kw_only=True)
class Vendor:
    """``answers`` maps a purpose to what is answered there; ``key`` is the one that we issued to it."""

    dialect: str
    server: PartnerServer
    installation: Installation
    key: str
    application: Application
    answers: dict[str, Behaviour] = field(default_factory=dict)

    def answer(self, visit: Visit, call: Received) -> None:
        purpose = call.path.partition("?")[0].rpartition("/")[2]
        (self.answers.get(purpose) or no_content)(visit)

    def says(self, purpose: str, sample: str, code: int = 200) -> None:
        """Answers there with a sample of its protocol."""
        self.answers[purpose] = status(code, payload(self.dialect, sample), content_type="application/json")

    def calls(self, purpose: str) -> list[Received]:
        return [call for call in self.server.received if call.path.partition("?")[0].endswith(f"/{purpose}")]

    @property
    def types(self) -> list[AssessmentType]:
        return list(AssessmentType.objects.filter(partner=self.installation.partner).order_by("pk"))

    def refresh(self) -> Any:
        return refreshing.refresh(self.installation)

    def place(self, **changes: Any) -> Order:
        """An order of its first type, not sent yet."""
        given = {
            "application": self.application,
            "installation": self.installation,
            "assessment_type": self.types[0],
            "fields": {},
            "placed_by": None,
        }
        return reread(orders.place(**{**given, **changes}))

    def ordered(self, **changes: Any) -> Order:
        """The same, sent, with whatever the vendor answered."""
        order = self.place(**changes)
        deliver()
        return reread(order)

    def tell(self, method: str, door: str, body: bytes = b"", **headers: str) -> Any:
        """A call at one of our doors, with the key as the protocol shows it."""
        shown = headers or self.credentials()
        kind = "application/json"
        return Http().generic(method, f"/compat/{self.dialect}/{door}", body, content_type=kind, headers=shown)

    def credentials(self) -> dict[str, str]:
        inbound = DIALECTS[self.dialect].inbound
        if inbound is None:
            return {}
        key = self.key or CREDENTIAL
        shown = {"basic": f"Basic {base64.b64encode(f'{key}:'.encode()).decode()}", "bearer": f"Bearer {key}"}
        found = {inbound.header: shown.get(inbound.scheme, key)}
        return found | ({inbound.installation: self.installation.public_id} if inbound.installation else {})

    def token_of(self, order: Order) -> str:
        """The last segment of the callback URL in the newest order that it was sent."""
        urls = re.findall(rb'/compat/[\w/-]+/([\w-]{22,})"', self.calls("order")[-1].body)
        token: str = urls[-1].decode()
        return token

    def asks(self, order: Order) -> None:
        """The question about it is asked now, whatever the time."""
        StatusQuestion.objects.filter(order=order).update(next_at=timezone.now() - timedelta(seconds=1))
        asking.ask_due()


def connected(world: World, server: PartnerServer, dialect: str, *, scopes: tuple[str, ...] = ()) -> Vendor:
    """At Acme, with an address for each purpose of its dialect and a key where the protocol has one."""
    speaks = DIALECTS[dialect]
    installation = connecting.connect(
        world.acme,
        name="Lingua",
        dialect=dialect,
        urls={address.purpose: f"{server.url}/{address.purpose}" for address in speaks.addresses},
        credential=CREDENTIAL,
        scopes=scopes or ("candidates.name:read", "candidates.email:read"),
        actor=world.admin.user,
    )
    key = connecting.issue_key(installation, actor=world.admin.user) if speaks.inbound else ""
    vendor = Vendor(dialect=dialect, server=server, installation=installation, key=key, application=world.application)
    server.behave(lambda visit: vendor.answer(visit, server.received[-1]))
    return vendor


def state_of(order: Order) -> str:
    return Delivery.objects.filter(event__subject=order.public_id, event__topic="order.placed").latest("pk").state
