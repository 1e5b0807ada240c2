"""Pages of the documentation: their text, their blocks, and a shell that runs their commands as they stand."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

from tests.stories.programs import ROOT


def text(page: str) -> str:
    """The page at this path below docs/."""
    return (ROOT / "docs" / page).read_text()


def blocks(page: str, language: str) -> list[str]:
    """Its examples in one language, in order."""
    return re.findall(rf"^ *```{language}\n(.*?)```", text(page), re.DOTALL | re.MULTILINE)


def run_commands(*pages: str, where: Path, **variables: str) -> str:
    """Runs what the pages' blocks of shell hold, by one shell in the folder ``where``; what they print."""
    given = [f"{name}={shlex.quote(value)}" for name, value in variables.items()]
    return run_script("\n".join([*given, *(block for page in pages for block in blocks(page, "sh"))]), where=where)


def run_script(script: str, *, where: Path) -> str:
    """What it prints; the first command that fails ends it, and the test."""
    command = ["bash", "-c", f"set -euo pipefail\n{script}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=where)
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout
