"""What one revision changed against the one before it, leaf by leaf, as a role may see it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from assessments.rendering.nodes import Node, label_of, root_node
from assessments.rendering.visibility import visible_document
from assessments.rendering.words import plain

# Members by which people tell records apart, the surest first.
IDENTITIES = ("id", "key", "code", "name", "title", "label", "task")
Path = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeRow:
    """One leaf that differs. ``label`` names the way to it; ``before`` and ``after`` are texts."""

    pointer: str
    label: str
    kind: Literal["added", "removed", "changed"]
    before: str
    after: str


def changes(old_schema: Any, old: Any, new_schema: Any, new: Any, role: str) -> tuple[ChangeRow, ...]:
    """The differing leaves in the new document's order; what is gone stands last."""
    before, after = _leaves_for(old_schema, old, role), _leaves_for(new_schema, new, role)
    rows = [_row(path, before.get(path), after[path]) for path in after if before.get(path) != after[path]]
    gone = [_row(path, before[path], None) for path in before if path not in after]
    return (*rows, *gone)


def _leaves_for(schema: Any, document: Any, role: str) -> dict[Path, tuple[str, str]]:
    visible, _ = visible_document(schema, document, role)
    return dict(_leaves(visible, root_node(schema), (), ()))


def _row(path: Path, before: tuple[str, str] | None, after: tuple[str, str] | None) -> ChangeRow:
    kind: Literal["added", "removed", "changed"] = "changed"
    if before is None or after is None:
        kind = "added" if before is None else "removed"
    label = (after or before or ("", ""))[0]
    return ChangeRow(
        pointer="/" + "/".join(path),
        label=label,
        kind=kind,
        before=before[1] if before else "",
        after=after[1] if after else "",
    )


def _leaves(value: Any, node: Node, path: Path, labels: Path) -> Iterator[tuple[Path, tuple[str, str]]]:
    if isinstance(value, dict) and value:
        for name, part in value.items():
            below = node.at(name)
            yield from _leaves(part, below, (*path, name), (*labels, label_of(below, name)))
    elif isinstance(value, list) and value:
        for index, (token, part) in enumerate(zip(_tokens(value), value, strict=True)):
            yield from _leaves(part, node.at(str(index)), (*path, token), (*labels, token))
    else:
        text = "None" if isinstance(value, dict | list) else node.options.get(str(value), plain(value))
        yield path, (" › ".join(labels), text)


def _tokens(items: list[Any]) -> list[str]:
    """Records are told apart by what names them, so that one inserted does not change all that follow."""
    for key in IDENTITIES:
        names = [item.get(key) if isinstance(item, dict) else None for item in items]
        if all(isinstance(name, str | int) for name in names) and len(set(map(str, names))) == len(items):
            return [plain(name) for name in names]
    return [str(index + 1) for index in range(len(items))]
