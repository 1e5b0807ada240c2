"""The frozen values that templates get: ResultView, Section, Field, and what each widget shows. No logic of schemas.

Everything shown is a :class:`Field`; a composite one holds the Fields of its parts. So each leaf of a document is
one Field of one pointer, wherever it stands (see :func:`leaves`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct


class Words(Struct, frozen=True, kw_only=True):
    """A text; ``iso`` for a <time>, ``note`` for what stands smaller beside it (a unit, a host)."""

    text: str
    note: str = ""
    iso: str = ""
    href: str = ""
    tone: str = "neutral"


class Rich(Struct, frozen=True, kw_only=True):
    """Markdown, cleaned: the only markup that ever comes from a Partner, and it is ours by then."""

    text: str
    html: str


class Meter(Struct, frozen=True, kw_only=True):
    """A number on a scale. ``share`` is its place from 0 to 100, ``ticks`` where bands begin."""

    text: str
    unit: str
    minimum: str
    maximum: str
    share: float
    band: str = ""
    tone: str = "accent"
    ticks: tuple[float, ...] = ()
    against: str = ""

    @property
    def spoken(self) -> str:
        """The text equivalent of the drawing."""
        band = f", {self.band}" if self.band else ""
        return f"{self.text} on a scale from {self.minimum} to {self.maximum}{band}"


class Step(Struct, frozen=True, kw_only=True):
    """A word out of an ordered list: its place, for a quiet ladder beside it."""

    text: str
    tone: str
    position: int
    of: int


class Column(Struct, frozen=True, kw_only=True):
    label: str
    is_number: bool


class Table(Struct, frozen=True, kw_only=True):
    """Rows of Fields or None (nothing there). ``more`` are rows that open on demand."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Field | None, ...], ...]
    more: tuple[tuple[Field | None, ...], ...] = ()


class Moment(Struct, frozen=True, kw_only=True):
    """One entry of a timeline."""

    at: Field | None
    title: Field | None
    rest: tuple[Field, ...]


class Field(Struct, frozen=True, kw_only=True):
    """One labelled value. ``value`` is what its widget shows; ``is_wide`` asks for the whole width."""

    pointer: str
    label: str
    widget: str
    value: Any
    description: str = ""
    is_wide: bool = False
    is_leaf: bool = True

    @property
    def template(self) -> str:
        return f"assessments/result/widgets/{self.widget}.html"


class Section(Struct, frozen=True, kw_only=True):
    """A heading and what stands below it."""

    title: str
    description: str = ""
    fields: tuple[Field, ...] = ()

    @property
    def narrow(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if not field.is_wide)

    @property
    def wide(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if field.is_wide)


class ResultView(Struct, frozen=True, kw_only=True):
    """A whole result for one role. ``hidden`` counts the leaves that this role may not see."""

    headlines: tuple[Field, ...]
    sections: tuple[Section, ...]
    outcome: str = "none"
    report_url: str = ""
    hidden: int = 0


def leaves(view: ResultView) -> Iterator[Field]:
    """Every leaf shown, in reading order."""
    yield from _leaves(view.headlines)
    for section in view.sections:
        yield from _leaves(section.fields)


def leaves_of(field: Field) -> Iterator[Field]:
    """The leaves inside one field; itself, when it is one."""
    if field.is_leaf:
        yield field
        return
    yield from _leaves(_parts(field.value))


def _leaves(fields: Iterable[Field]) -> Iterator[Field]:
    for field in fields:
        yield from leaves_of(field)


def _parts(value: Any) -> Iterator[Field]:
    if isinstance(value, Table):
        yield from (cell for row in (*value.rows, *value.more) for cell in row if cell is not None)
    elif isinstance(value, tuple):
        for part in value:
            yield from _of_moment(part) if isinstance(part, Moment) else (part,)


def _of_moment(moment: Moment) -> Iterator[Field]:
    yield from (field for field in (moment.at, moment.title) if field is not None)
    yield from moment.rest
