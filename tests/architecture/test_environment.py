"""`.env.example` names every variable that the settings read, and no other."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r'(?:env\.\w+|_needed)\(\s*"([A-Z_]+)"')


def test_the_example_names_every_variable_that_is_read() -> None:
    read = set(READ.findall((ROOT / "core/config/settings.py").read_text()))
    named = {line.split("=")[0] for line in (ROOT / ".env.example").read_text().splitlines() if "=" in line[:40]}
    assert named - {line for line in named if line.startswith("#")} == read
