"""Pages of the documentation: their text, their blocks, and running what they hold in one language as it stands."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from core.docs.library import ROOT

# What each language of examples is run by; the program comes last.
_RUN = {
    "sh": ("bash", "-euo", "pipefail", "-c"),
    "python": (sys.executable, "-c"),
    "javascript": ("node", "--input-type=module", "--eval"),
}
# The server is asked the same in each of them: one is enough on another database.
in_every_language = pytest.mark.parametrize(
    "language",
    [
        pytest.param("sh", marks=pytest.mark.apart),
        "python",
        pytest.param("javascript", marks=pytest.mark.apart),
    ],
)


def text(page: str) -> str:
    """The page at this path below docs/."""
    return (ROOT / page).read_text()


def blocks(page: str, language: str) -> list[str]:
    """Its examples in one language, in order. A word behind the language (`python receiver`) makes it another."""
    return blocks_of(text(page), language)


def blocks_of(markdown: str, language: str) -> list[str]:
    found = re.findall(rf"^( *)```{language}\n(.*?)```", markdown, re.DOTALL | re.MULTILINE)
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


def run_page(language: str, *pages: str, where: Path, **given: str) -> str:
    """Runs all blocks of the pages in one language as one program, in the folder ``where``; what it prints.

    ``given`` is what its environment holds beside.
    """
    return run_program(language, _program(language, pages), where=where, **given)


def run_program(language: str, program: str, *, where: Path, **given: str) -> str:
    """The same for any text."""
    with _process(language, program, where=where, **given) as process:
        said, complaint = process.communicate(timeout=120)
    assert process.returncode == 0, f"{said}\n{complaint}"
    return said


@contextlib.contextmanager
def started(language: str, *pages: str, where: Path, **given: str) -> Iterator[subprocess.Popen[str]]:
    """The program of the pages, which may ask for a line."""
    with _process(language, _program(language, pages), where=where, **given) as process:
        yield process


def _program(language: str, pages: Sequence[str]) -> str:
    program = "\n".join(block for page in pages for block in blocks(page, language))
    assert program
    return program


@contextlib.contextmanager
def _process(language: str, program: str, *, where: Path, **given: str) -> Iterator[subprocess.Popen[str]]:
    environment = {
        **os.environ,
        # The live server is on this machine: no proxy is asked for it.
        "NO_PROXY": ",".join(["localhost,127.0.0.1", os.environ.get("NO_PROXY", "")]),
        # Nor do they speak TLS with it: httpx would read the certificates of the whole world for each call.
        "SSL_CERT_FILE": "",
        "SSL_CERT_DIR": str(where),
        **given,
    }
    with subprocess.Popen(
        [*_RUN[language], program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=where,
        env=environment,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def squeezed(said: str) -> str:
    """What was printed without quotes and white space, in which the languages differ."""
    return re.sub(r"[\s\"']", "", said)
