"""The data of events that tell nothing true: for those who try how they take each topic. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping

from assessments import topics
from assessments.dialects.native import Native
from assessments.dialects.values import ErasureFacts, OrderFacts
from partners.delivery.messages import Message

_FACTS = OrderFacts(
    order="ord_00000000000000000000000000",
    installation="ins_00000000000000000000000000",
    organization="org_00000000000000000000000000",
    assessment_type="sample",
)
_ERASED = ErasureFacts(
    erasure="era_00000000000000000000000000",
    candidate="cand_00000000000000000000000000",
    installation=_FACTS.installation,
    organization=_FACTS.organization,
)
_MORE: dict[str, dict[str, str]] = {
    topics.CANDIDATE_CONTACT_CHANGED.name: {"candidate": "cand_00000000000000000000000000"},
    topics.RESULT_REJECTED.name: {"update": "upd_00000000000000000000000000"},
}

_RESULT = {"order": _FACTS.order, "result": "res_00000000000000000000000000"}
# What an organization's own programs are told, by topic.
OF_ORGANIZATIONS: dict[str, Mapping[str, str]] = {
    topics.ORDER_STATUS_CHANGED.name: {"order": _FACTS.order, "status": "started"},
    topics.RESULT_RECEIVED.name: _RESULT,
    topics.RESULT_AMENDED.name: _RESULT,
}


def data_of(topic: str) -> Mapping[str, str]:
    """Ids by name, as the native dialect tells them of an order."""
    data: Mapping[str, str] = json.loads(_message(topic).body)["data"]
    return data


def _message(topic: str) -> Message:
    native = Native()
    if topic == topics.ORDER_PLACED.name:
        return native.order(_FACTS)
    if topic == topics.CANDIDATE_ERASED.name:
        return native.erased(_ERASED)
    return native.event(topic, _FACTS, **_MORE.get(topic, {}))
