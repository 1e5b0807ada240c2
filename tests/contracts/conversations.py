"""One whole conversation in each protocol, by its samples: what the vendor answers, and what it tells at our doors.

A dialect without one here fails its contract. No assertions.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Told:
    """A call of the vendor: ``door`` is below ``/compat/<dialect>/``, perhaps with ``{token}`` or ``{order}``."""

    method: str
    door: str
    sample: str = ""


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """``answers``: by purpose a sample and its status. ``before`` and ``after`` are told around the order.

    ``asked`` is the sample that answers the question how it stands, in protocols where the result comes so.
    """

    answers: dict[str, tuple[str, int]]
    before: tuple[Told, ...] = ()
    after: tuple[Told, ...] = ()
    asked: str = ""


CONVERSATIONS = {
    "ashby": Conversation(
        answers={
            "catalogue": ("assessment.list.reply", 200),
            "order": ("assessment.start.reply", 200),
            "fields": ("assessment.customField.list.reply", 200),
        },
        after=(
            Told(method="POST", door="assessment.update", sample="assessment.update.started"),
            Told(method="POST", door="assessment.update", sample="assessment.update.progress"),
            Told(method="POST", door="assessment.update", sample="assessment.update.result"),
        ),
    ),
    "greenhouse": Conversation(
        answers={"catalogue": ("list_tests.reply", 200), "order": ("send_test.reply", 200)},
        after=(Told(method="PATCH", door="orders/{token}"),),
        asked="test_status.complete.reply",
    ),
    "workable": Conversation(
        answers={"catalogue": ("tests", 200), "order": ("accepted", 201)},
        after=(
            Told(method="PUT", door="orders/{token}", sample="pending"),
            Told(method="PUT", door="orders/{token}", sample="completed"),
        ),
    ),
    "recruitee": Conversation(
        answers={"catalogue": ("tests", 200), "order": ("tests", 200)},
        after=(
            Told(method="PATCH", door="reports/{order}", sample="sent"),
            Told(method="PATCH", door="reports/{order}", sample="completed"),
        ),
    ),
    "kombo": Conversation(
        answers={},
        before=(Told(method="PUT", door="v1/assessment/packages", sample="packages"),),
        after=(
            Told(method="PUT", door="v1/assessment/orders/{order}/result", sample="open"),
            Told(method="PUT", door="v1/assessment/orders/{order}/result", sample="partial"),
            Told(method="PUT", door="v1/assessment/orders/{order}/result", sample="completed"),
        ),
    ),
}
