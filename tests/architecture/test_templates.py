"""Rules of the design system that a machine can hold: no inline code, tokens for colours, short templates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLESHEET = ROOT / "core/static/core/app.css"

# An attribute that holds code or style, and a script element with a body: the pages' policy refuses all of them.
INLINE = re.compile(r"""\s(?:style|on[a-z]+)\s*=\s*["']|<style|<script(?![^>]*\ssrc=)|javascript:""")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_is_short_and_has_nothing_inline(template: Path) -> None:
    text = template.read_text()
    assert INLINE.findall(text) == []
    assert len(text.splitlines()) < 60


def colours_outside_tokens(css: str) -> Iterator[str]:
    """Declarations with a literal colour that stand outside ``@layer tokens``; comments do not count."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    before, _, rest = css.partition("@layer tokens {")
    tokens_end = rest.index("\n}")
    for declaration in re.findall(r"[\w-]+:[^;{}]*", before + rest[tokens_end:]):
        if not declaration.startswith("--") and re.search(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", declaration):
            yield declaration.strip()


def test_colours_come_from_tokens() -> None:
    assert list(colours_outside_tokens(STYLESHEET.read_text())) == []


def test_every_token_that_is_used_is_defined() -> None:
    css = STYLESHEET.read_text()
    defined = set(re.findall(r"(--[\w-]+)\s*:", css))
    assert set(re.findall(r"var\((--[\w-]+)", css)) - defined == set()
