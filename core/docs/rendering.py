"""A page of Markdown as HTML: anchors, a table of contents, coloured code, examples in the language that was chosen,
links that lead within the site. Pure.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

# The address of an installation as the pages write it, for whoever reads them in the repository.
WRITTEN_ADDRESS = "http://127.0.0.1:8000"
_FENCE = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[([^\[\]]*)\]\(([^()\s]+)\)")
_NOT_IN_ANCHORS = re.compile(r"[^\w\- ]")
# Classes only: the colours are tokens of the stylesheet.
_FORMATTER = HtmlFormatter(nowrap=True, classprefix="hl-")
# How people write a language → the name of its lexer.
_LEXERS = {"sh": "bash"}
# What the address calls a language of examples → its name, and that of its blocks.
LANGUAGES = {"curl": ("curl", "sh"), "python": ("Python", "python"), "javascript": ("JavaScript", "javascript")}
# That of those who chose none.
DEFAULT_LANGUAGE = "curl"
_KEYS = {block: key for key, (_name, block) in LANGUAGES.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    """A heading of level 2 or 3, as the table of contents lists it."""

    level: int
    anchor: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """What stands under one heading, as words: what search looks through. ``anchor`` is empty above the first."""

    anchor: str
    heading: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendered:
    """A page: its HTML, its headings and its passages, each in reading order."""

    html: str
    headings: tuple[Heading, ...]
    passages: tuple[Passage, ...]


def published(markdown: str, *, file: str, urls: Mapping[str, str], address: str) -> str:
    """The text of a page as it is served at ``address``: commands call us there, and a link to a file that is no page
    keeps its words and loses its link. ``file`` and ``urls`` as for :func:`render`.
    """
    markdown = markdown.replace(WRITTEN_ADDRESS, address)
    fences = [*_FENCE.findall(markdown), ""]
    texts = _FENCE.split(markdown)
    return "".join(_linked(text, file, urls) + fence for text, fence in zip(texts, fences, strict=True))


def _linked(text: str, file: str, urls: Mapping[str, str]) -> str:
    return _LINK.sub(lambda link: link[0] if _is_there(link[2], file, urls) else link[1], text)


def render(markdown: str, *, file: str, urls: Mapping[str, str], language: str = DEFAULT_LANGUAGE) -> Rendered:
    """``file`` is where the page stands below docs/; ``urls`` maps the files that are pages to their addresses.

    Examples are shown in the ``language``, one of LANGUAGES, that have it.
    """
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table")
    tokens = list(_gathered(parser.parse(markdown)))
    _anchor(tokens)
    _relink(tokens, file, urls)
    html: str = parser.renderer.render(tokens, parser.options, {"language": language})
    return Rendered(html=html, headings=tuple(_headings(tokens)), passages=tuple(_passages(tokens)))


def highlighted(source: str, language: str) -> str:
    """Source as HTML with classes for its colours; only escaped where the language is not known."""
    try:
        lexer = get_lexer_by_name(_LEXERS.get(language, language))
    except ClassNotFound:
        return escape(source)
    return str(highlight(source, lexer, _FORMATTER))


# --- Headings and passages ------------------------------------------------------------------------------------


def _anchor(tokens: Sequence[Token]) -> None:
    """Gives every heading its id, as GitHub does: the same links work there and here."""
    seen: dict[str, int] = {}
    for opening, inline in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        slug = _NOT_IN_ANCHORS.sub("", _words(inline).lower()).strip().replace(" ", "-")
        seen[slug] = seen.get(slug, -1) + 1
        opening.attrSet("id", f"{slug}-{seen[slug]}" if seen[slug] else slug)


def _headings(tokens: Sequence[Token]) -> Iterator[Heading]:
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open" and opening.tag in {"h2", "h3"}:
            yield Heading(level=int(opening.tag[1]), anchor=str(opening.attrGet("id")), text=_words(inline))


def _passages(tokens: Sequence[Token]) -> Iterator[Passage]:
    anchor, heading, parts = "", "", list[str]()
    for opening, token in zip([None, *tokens], tokens, strict=False):
        if opening is not None and opening.type == "heading_open":
            if parts or heading:
                yield Passage(anchor=anchor, heading=heading, text=" ".join(parts))
            anchor = "" if opening.tag == "h1" else str(opening.attrGet("id"))
            heading, parts = _words(token), []
        elif token.type in {"inline", "fence", "code_block", "example"}:
            parts.append(" ".join(_words(token).split()))
    yield Passage(anchor=anchor, heading=heading, text=" ".join(parts))


def _words(token: Token) -> str:
    """The text of a token without its marks."""
    if not token.children:
        return token.content
    return "".join(" " if child.type in {"softbreak", "hardbreak"} else child.content for child in token.children)


# --- Examples -------------------------------------------------------------------------------------------------


def _gathered(tokens: Iterable[Token]) -> Iterator[Token]:
    """Blocks of different LANGUAGES with nothing between them are one token, which holds them as its children."""
    example: list[Token] = []
    for token in (*tokens, None):
        key = _key(token)
        if example and (not key or key in map(_key, example)):
            yield Token("example", "", 0, children=example) if len(example) > 1 else example[0]
            example = []
        if token is not None and key:
            example.append(token)
        elif token is not None:
            yield token


def _key(token: Token | None) -> str:
    """Its language, as LANGUAGES call it; empty for what is no example in one of them."""
    return _KEYS.get(_language(token), "") if token is not None and token.type == "fence" else ""


def _language(token: Token) -> str:
    return token.info.split()[0] if token.info.strip() else ""


# --- Links ----------------------------------------------------------------------------------------------------


def _relink(tokens: Iterable[Token], file: str, urls: Mapping[str, str]) -> None:
    for token in tokens:
        for child in token.children or ():
            if child.type == "link_open":
                _lead(child, file, urls)


def _lead(link: Token, file: str, urls: Mapping[str, str]) -> None:
    """Points one link at the site, or away from it."""
    parts = urlsplit(str(link.attrGet("href")))
    if parts.scheme or parts.netloc:
        link.attrSet("rel", "noopener noreferrer")
    elif (target := _file_of(parts.path, file)) in urls:
        link.attrSet("href", urls[target] + (f"#{parts.fragment}" if parts.fragment else ""))


def _is_there(href: str, file: str, urls: Mapping[str, str]) -> bool:
    """False for a link to a file that is no page."""
    parts = urlsplit(href)
    return bool(parts.scheme or parts.netloc) or parts.path[:1] in {"", "/"} or _file_of(parts.path, file) in urls


def _file_of(path: str, file: str) -> str:
    """The file that a relative path leads to, from the page's own."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(file), path)) if path else ""


# --- What differs from plain Markdown ---------------------------------------------------------------------------


class _Renderer(RendererHTML):
    """Code with colours and a copy button, tables that scroll, headings that can be linked to."""

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        token = tokens[idx]
        env["codes"] = number = env.get("codes", 0) + 1
        return code_block(token.content, _language(token), f"code-{number}")

    def example(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        """Tabs that are links, so that they need no script; examples.js spares the way to the server."""
        blocks = {_key(block): block for block in tokens[idx].children or ()}
        shown = env["language"] if env["language"] in blocks else next(iter(blocks))
        env["examples"] = number = env.get("examples", 0) + 1
        links, panels = "", ""
        for key, block in blocks.items():
            current, hidden = (' aria-current="true"', "") if key == shown else ("", " hidden")
            links += (
                f'<a href="?language={key}#example-{number}" data-language="{key}"{current}>{LANGUAGES[key][0]}</a>'
            )
            panels += f'<div data-language="{key}"{hidden}>{self.fence([block], 0, options, env)}</div>'
        tabs = f'<div class="tabs" role="group" aria-label="Language of the examples">{links}</div>'
        return f'<div class="example" id="example-{number}">{tabs}{panels}</div>\n'

    def code_block(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        return self.fence(tokens, idx, options, env)

    def heading_close(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        opening = tokens[idx - 2]
        if opening.tag == "h1":
            return "</h1>\n"
        anchor, name = escape(str(opening.attrGet("id"))), escape(_words(tokens[idx - 1]))
        link = f'<a class="heading-anchor" href="#{anchor}" aria-label="Link to {name}">'
        return f' {link}<span aria-hidden="true">#</span></a></{opening.tag}>\n'

    def table_open(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        env["tables"] = number = env.get("tables", 0) + 1
        region = f'<div class="table-scroll" tabindex="0" role="region" aria-label="Table {number}">'
        return f'{region}<table class="table table-plain table-top">\n'

    def table_close(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        return "</table></div>\n"

    def th_open(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        # An empty cell of the head heads nothing.
        tokens[idx + 2].tag = tag = "th" if tokens[idx + 1].content else "td"
        return f"<{tag}>"

    def td_open(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        return "<td>"


def code_block(source: str, language: str, identity: str) -> str:
    """Coloured source that scrolls, with a button that copies it where a script runs. ``identity`` is its HTML id."""
    button = (
        f'<button class="button button-small copy" type="button" data-copy="{identity}" hidden>'
        "<span data-copy-label>Copy</span></button>"
    )
    code = f'<code id="{identity}">{highlighted(source, language)}</code>'
    return f'<div class="code-block">{button}<pre class="code" tabindex="0">{code}</pre></div>\n'
