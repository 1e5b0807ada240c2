"""System checks of this floor: impossible combinations that a deployment or a new dialect could bring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, register

from assessments.dialects.table import DIALECTS
from assessments.topics import TOPICS
from partners import dialects
from partners.models import Purpose


@register()
def every_dialect_is_known_below(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """What a Partner can choose must be what we can speak."""
    choosable = {name for name, _label in dialects.choices()}
    return [
        Error(f"The dialect {name!r} is choosable or spoken, not both.", id="assessments.E001")
        for name in sorted(choosable ^ DIALECTS.keys())
    ]


@register()
def every_topic_has_a_purpose(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """A topic goes to the Endpoint of a purpose that exists."""
    return [
        Error(f"The topic {topic.name} goes to the unknown purpose {topic.purpose!r}.", id="assessments.E002")
        for topic in TOPICS.values()
        if topic.purpose not in Purpose.values
    ]
