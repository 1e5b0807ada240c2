"""All pages of the site, read once in production, and again after a change elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache
from pathlib import Path

from django.conf import settings

from core import places
from core.api.problems import explained_codes
from core.docs.contents import Entry, Section, read
from core.docs.reference import WEBHOOKS, chapters
from core.docs.rendering import DEFAULT_LANGUAGE, Rendered, published, render
from core.docs.search import Index, Place
from core.openapi.views import document

ROOT = Path(settings.BASE_DIR) / "docs"


class Library:
    """The pages of docs/contents.toml."""

    def __init__(self, root: Path, address: str) -> None:
        self._root, self._address = root, address
        self.sections: tuple[Section, ...] = read(root)
        self.entries = tuple(entry for section in self.sections for entry in section.entries)
        self._by_path = {entry.path: entry for entry in self.entries}
        self._urls = {known.file: known.url for known in self.entries if known.file}
        self._rendered: dict[tuple[str, str], Rendered] = {}

    def entry(self, path: str) -> Entry | None:
        return self._by_path.get(path)

    def markdown(self, entry: Entry) -> str:
        """A page that has a file, as it is served."""
        text = (self._root / entry.file).read_text(encoding="utf-8")
        return published(text, file=entry.file, urls=self._urls, address=self._address)

    def page(self, entry: Entry, language: str = DEFAULT_LANGUAGE) -> Rendered:
        """A page that has a file, with its examples in the language; rendered once."""
        if (entry.path, language) not in self._rendered:
            page = render(self.markdown(entry), file=entry.file, urls=self._urls, language=language)
            self._rendered[entry.path, language] = page
        return self._rendered[entry.path, language]

    def beside(self, path: str) -> tuple[Entry | None, Entry | None]:
        """The pages before and after this one, in the order of the table."""
        paths = [entry.path for entry in self.entries]
        at = paths.index(path)
        before = self.entries[at - 1] if at else None
        return before, self.entries[at + 1] if at + 1 < len(paths) else None

    @cached_property
    def index(self) -> Index:
        return Index(place for entry in self.entries for place in self._places(entry))

    def _places(self, entry: Entry) -> Iterator[Place]:
        words = f"{entry.path} {entry.words}"
        if not entry.file:
            yield Place(url=entry.url, page=entry.title, heading=entry.title, text=entry.sentence, words=words)
        else:
            for passage in self.page(entry).passages:
                url = f"{entry.url}#{passage.anchor}" if passage.anchor else entry.url
                yield Place(url=url, page=entry.title, heading=passage.heading, text=passage.text, words=words)
        if entry.path == "reference":
            for chapter in chapters(document()):
                for call in chapter.calls:
                    text = f"{call.method} {call.path} {call.description}".replace("`", "")
                    url = f"{entry.url}/{chapter.slug}#{call.id}"
                    # Webhooks are looked for by their topic.
                    heading = call.path if chapter.title == WEBHOOKS else call.summary.replace("`", "")
                    yield Place(url=url, page=chapter.title, heading=heading, text=text)
        if entry.path == "errors":
            for error in explained_codes():
                text = " ".join(error.text.replace("`", "").split())
                yield Place(url=f"{entry.url}#{error.code}", page=entry.title, heading=error.code, text=text)
            for guilty in places.declared():
                url, text = f"{entry.url}#place-{guilty.code}", f"{guilty.cause} {guilty.cure}".replace("`", "")
                yield Place(url=url, page=entry.title, heading=guilty.code, text=text)


def library() -> Library:
    """The one library: in production as it was at the start, elsewhere as the files are now."""
    return _read(_stamp() if settings.EMBEDDED else 0, settings.PUBLIC_URL)


@lru_cache(maxsize=1)
def _read(_stamp: int, address: str) -> Library:
    return Library(ROOT, address)


def _stamp() -> int:
    """The latest change of any file, in nanoseconds."""
    folders = (ROOT, ROOT / "api", ROOT / "dialects")
    files = (*folders, *ROOT.glob("*.*"), *ROOT.glob("api/*.md"), *ROOT.glob("dialects/*.md"), ROOT / "../CHANGELOG.md")
    return max(path.stat().st_mtime_ns for path in files)
