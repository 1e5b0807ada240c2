"""The page on webhooks lists every topic with its sentence."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

from assessments import topics
from partners import topics as installations

PAGE = (Path(settings.BASE_DIR) / "docs" / "webhooks.md").read_text(encoding="utf-8")


def test_the_page_has_the_topics_and_sentences_of_the_code() -> None:
    told = dict(re.findall(r"^\| `([a-z_.]+)` \| (.*) \|$", PAGE, re.MULTILINE))
    assert told == {topic.name: topic.sentence for topic in topics.TOPICS.values()} | installations.TOPICS
