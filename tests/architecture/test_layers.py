"""The direction of imports, read from the syntax trees: assessments → partners → core, and pure packages stay pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("core", "partners", "assessments")
# What each floor may import of ours.
BELOW = {"core": {"core"}, "partners": {"core", "partners"}, "assessments": {"core", "partners", "assessments"}}
PURE = (
    "assessments/lifecycle.py",
    "assessments/topics.py",
    "assessments/terms.py",
    "assessments/zones.py",
    "assessments/schemas",
    "assessments/rendering",
    "assessments/dialects",
    "partners/delivery/messages.py",
    "partners/delivery/retry.py",
    "partners/delivery/readers.py",
    "partners/scopes.py",
)
# No rows, no sockets, no framework that would bring either.
IMPURE = re.compile(
    r"^(django(\.|$)|rest_framework|celery|socket|asyncio|httpx|httpcore|h11|urllib\.request|\w+\.models(\.|$))"
)


def modules(*folders: str) -> Iterator[Path]:
    for folder in folders:
        place = ROOT / folder
        yield from [place] if place.is_file() else sorted(place.rglob("*.py"))


@cache
def imports(path: Path) -> set[str]:
    """The modules named by a file's import statements, wherever they stand; those for types alone left out."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found - type_only(path)


def type_only(path: Path) -> set[str]:
    """What is imported under ``if TYPE_CHECKING``."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for inner in ast.walk(node):
                if isinstance(inner, ast.ImportFrom) and inner.module:
                    found |= {inner.module} | {f"{inner.module}.{alias.name}" for alias in inner.names}
    return found


@pytest.mark.parametrize("floor", FLOORS)
def test_nobody_imports_upward(floor: str) -> None:
    upward = set(FLOORS) - BELOW[floor]
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(floor)
        if path.relative_to(ROOT).parts[:2] != ("core", "config")
        for name in imports(path)
        if name.split(".")[0] in upward
    ]
    assert wrong == []


def test_the_composition_root_is_imported_by_nobody() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(*FLOORS)
        if path.relative_to(ROOT).parts[:2] != ("core", "config")
        for name in imports(path)
        if name.startswith("core.config")
    ]
    assert wrong == []


@pytest.mark.parametrize("place", PURE)
def test_what_decides_opens_nothing(place: str) -> None:
    paths = list(modules(place))
    assert paths
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}" for path in paths for name in imports(path) if IMPURE.match(name)
    ]
    assert wrong == []


def test_only_the_door_opens_connections() -> None:
    clients = re.compile(r"^(httpx|httpcore|h11|asyncio|requests|urllib\.request|http\.client|socket)(\.|$)")
    # addresses.py only parses; ports.py looks for free ports of its own machine, up.py whether its server answers;
    # gunicorn_reading.py ends what a client opened.
    door = {"core/http.py", "core/http1.py", "core/guard.py"}
    allowed = {
        *door,
        "core/addresses.py",
        "core/ports.py",
        "core/management/commands/up.py",
        "core/config/gunicorn_reading.py",
    }
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(*FLOORS)
        if str(path.relative_to(ROOT)) not in allowed
        for name in imports(path)
        if clients.match(name)
    ]
    assert wrong == []


def test_the_product_imports_neither_tests_nor_examples() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(*FLOORS)
        for name in imports(path)
        if name.split(".")[0] in {"tests", "examples"}
    ]
    assert wrong == []


def test_a_contact_is_changed_by_way_of_the_floor_that_told_the_old_one() -> None:
    """Whoever called the service of floor 1 by itself would leave partners with an address that is no longer true."""
    callers = [str(path.relative_to(ROOT)) for path in modules(*FLOORS) if "hiring.change_contact(" in path.read_text()]
    assert callers == ["assessments/services/contacts.py"]
