"""Search over the pages: an inverted index in memory, ranked, with the words marked. Pure; no service, no database."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

_WORD = re.compile(r"\w+")
# What is left of a word without these is the same for its plural and most of its forms.
_ENDING = re.compile(r"(?<=\w{3})(?:ations?|at(?:e|es|ed|ing)|ions?|ings?|ies|ed|es|e|s|y)$")
TITLE, HEADING, TEXT = 8.0, 5.0, 1.0
MOST_RESULTS = 20
MOST_WORDS = 8
# What a word counts that only has the same stem, and one that only begins like it.
SAME_STEM, BEGINS_SO = 0.8, 0.5
# Characters of an excerpt, before and after the first word found.
BEFORE, AFTER = 60, 140


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Somewhere search can lead: a passage of a page. ``words``: others that count like those of the page's title."""

    url: str
    page: str
    heading: str
    text: str
    words: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A place that was found, with its marked heading and excerpt."""

    url: str
    page: str
    heading: SafeString
    excerpt: SafeString


class Index:
    """Words → the places where they stand, each with its weight."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._places = tuple(places)
        self._weights: defaultdict[str, dict[int, float]] = defaultdict(dict)
        for number, place in enumerate(self._places):
            for word, weight in _weighed(place).items():
                self._weights[word][number] = weight
        self._stems = {word: _stem(word) for word in self._weights}

    def search(self, query: str) -> list[Found]:
        """The best places first: those with all words, or where there is none, with any. At most MOST_RESULTS."""
        words = list(dict.fromkeys(_words(query)))[:MOST_WORDS]
        scores = [self._scores(word) for word in words]
        together = set.intersection(*map(set, scores)) if scores else set()
        chosen = together or {number for score in scores for number in score}
        total = {number: sum(score.get(number, 0) for score in scores) for number in chosen}
        best = sorted(total, key=lambda number: (-total[number], number))[:MOST_RESULTS]
        return [_found(self._places[number], words) for number in best]

    def _scores(self, word: str) -> dict[int, float]:
        """The places of a word, of its other forms and of those that begin with it; rare words count more."""
        scores: dict[int, float] = {}
        stem = _stem(word)
        for known, places in self._weights.items():
            likeness = 1 if known == word else SAME_STEM if self._stems[known] == stem else BEGINS_SO
            if likeness == BEGINS_SO and not known.startswith(word):
                continue
            rarity = math.log(1 + len(self._places) / len(places)) * likeness
            for number, weight in places.items():
                scores[number] = max(scores.get(number, 0), weight * rarity)
        return scores


def _weighed(place: Place) -> dict[str, float]:
    weights: defaultdict[str, float] = defaultdict(float)
    for word, count in Counter(_words(place.text)).items():
        weights[word] += TEXT * (1 + math.log(count))
    for word in set(_words(place.heading)):
        weights[word] += HEADING
    # Only where the page begins: else each of its passages would be as good as the page.
    if "#" not in place.url:
        for word in set(_words(f"{place.page} {place.words}")):
            weights[word] += TITLE
    return weights


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _stem(word: str) -> str:
    return _ENDING.sub("", word)


def _found(place: Place, words: list[str]) -> Found:
    marks = re.compile("|".join(rf"\b{re.escape(_stem(word))}\w*" for word in words), re.IGNORECASE)
    return Found(
        url=place.url,
        page=place.page,
        heading=_marked(place.heading, marks),
        excerpt=_marked(_excerpt(place.text, marks), marks),
    )


def _excerpt(text: str, marks: re.Pattern[str]) -> str:
    first = marks.search(text)
    at = first.start() if first else 0
    start = text.rfind(" ", 0, max(0, at - BEFORE)) + 1 if at > BEFORE else 0
    end = text.find(" ", at + AFTER)
    cut = text[start:] if end < 0 else text[start:end]
    return f"{'… ' if start else ''}{cut}{' …' if end >= 0 else ''}"


def _marked(text: str, marks: re.Pattern[str]) -> SafeString:
    """Everything escaped; what was looked for in ``<mark>``."""
    parts: list[tuple[str, str, str]] = []
    at = 0
    for match in marks.finditer(text):
        parts += [("", text[at : match.start()], ""), ("<mark>", match[0], "</mark>")]
        at = match.end()
    parts.append(("", text[at:], ""))
    return format_html_join("", "{}{}{}", ((SafeString(a), words, SafeString(b)) for a, words, b in parts))
