"""The thin body of a native message."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import time_machine

from partners.delivery import messages


def test_a_thin_body_holds_the_topic_the_moment_and_ids() -> None:
    with time_machine.travel(datetime(2026, 12, 1, 9, 30, 15, 123456, tzinfo=UTC), tick=False):
        body = messages.thin("order.placed", order="ord_1", installation="ins_1")
    assert json.loads(body) == {
        "type": "order.placed",
        "timestamp": "2026-12-01T09:30:15.123Z",
        "data": {"order": "ord_1", "installation": "ins_1"},
    }
