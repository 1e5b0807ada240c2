"""The table of contents: which pages there are, in which order, under which words. Read from docs/contents.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TABLE = "contents.toml"


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One page. ``file`` is its Markdown below docs/; empty for a page that the product makes itself. ``words``: other
    words under which people look for it.
    """

    path: str
    title: str
    sentence: str
    file: str = ""
    words: str = ""

    @property
    def url(self) -> str:
        return f"/docs/{self.path}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """Pages that belong together, in reading order."""

    title: str
    entries: tuple[Entry, ...]


def read(root: Path) -> tuple[Section, ...]:
    """The sections of ``root/contents.toml``. An entry whose file is not there is left out: it is not written yet."""
    table = tomllib.loads((root / TABLE).read_text(encoding="utf-8"))
    return tuple(
        Section(title=section["title"], entries=tuple(_entries(section["pages"], root)))
        for section in table["sections"]
    )


def _entries(pages: list[dict[str, str]], root: Path) -> Iterator[Entry]:
    for page in pages:
        file = page.get("file", "")
        if file and not (root / file).is_file():
            continue
        yield Entry(
            path=page.get("path") or file.removesuffix(".md"),
            title=page["title"],
            sentence=page["sentence"],
            file=file,
            words=page.get("words", ""),
        )
