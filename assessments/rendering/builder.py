"""From a schema, a document and a role to a ResultView. Pure; a field that fails is shown as unknown, never lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import structlog
from msgspec.structs import replace

from assessments.rendering import words
from assessments.rendering.nodes import Node, Root, label_of, root_node
from assessments.rendering.viewmodel import Column, Field, Moment, ResultView, Section, Table, Words
from assessments.rendering.visibility import visible_document
from assessments.rendering.widgets import SHORT, WIDGETS, candidates
from assessments.rendering.words import Unfit
from core.pointers import join, tokens

logger = structlog.get_logger(__name__)

# Beside a score without a declared maximum.
UNSCALED = "scale not stated"
# Rows of a table that are seen at once; the others open on demand.
ROWS = 25

Path = tuple[str, ...]


def build(schema: Any, document: Any, role: str) -> ResultView:
    """The view of a document that its schema accepted, as this role may see it.

    In the schema's order, unless ``x-display.order`` says otherwise; what the schema does not declare follows.
    """
    visible, hidden = visible_document(schema, document, role)
    root = root_node(schema)
    fields = list(_members(visible, root, ())) if isinstance(visible, dict) else [_field(visible, root, (), "Result")]
    return _view(fields, _primary_pointers(visible, root), visible, root, hidden)


def build_top(schema: Any, document: Any, role: str) -> ResultView:
    """What :func:`build` puts at the top, headlines and outcome, without the work for what stands below."""
    visible, hidden = visible_document(schema, document, role)
    if not isinstance(visible, dict):
        return build(schema, document, role)
    root = root_node(schema)
    primary = _primary_pointers(visible, root)
    tops = {path[0] for pointer in primary if (path := tokens(pointer))}
    # Whole members: how an object is shown depends on all that is in it.
    fields = list(_members({name: visible[name] for name in tops if name in visible}, root, ()))
    return _view(fields, primary, visible, root, hidden, is_top=True)


def _view(
    fields: list[Field], primary: list[str], visible: Any, root: Root, hidden: int, *, is_top: bool = False
) -> ResultView:
    headlines, rest = _split(fields, primary)
    headline = root.headlines.of(visible)
    # Where the score stands whose maximum nobody says; empty where there is none.
    unscaled = root.headlines.summary.score or "" if headline.maximum is None else ""
    return ResultView(
        headlines=tuple(_noted(field, unscaled) for field in headlines),
        sections=() if is_top else tuple(_sections(rest, root)),
        outcome=headline.outcome,
        report_url=headline.report_url,
        hidden=hidden,
    )


# --- What stands at the top -----------------------------------------------------------------------------------


def _primary_pointers(document: Any, root: Root) -> list[str]:
    """The leaves marked primary; where there are none, the score that the summary points at."""
    marked = list(_marked(document, root, ()))
    score = root.headlines.summary.score
    return marked or ([score] if score else [])


def _marked(value: Any, node: Node, path: Path) -> Iterator[str]:
    if isinstance(value, dict):
        names = value.keys() - node.unmarked
        if dict in set(map(type, value.values())):
            names |= {name for name, part in value.items() if isinstance(part, dict)}
        for name in node.ordered(names):
            yield from _marked(value[name], node.at(name), (*path, name))
    elif node.hints.primary and not isinstance(value, list):
        yield join(path)


def _split(fields: Iterable[Field], primary: list[str]) -> tuple[list[Field], list[Field]]:
    """Headlines are taken out of where they stood: nothing is shown twice."""
    taken: list[Field] = []
    rest = [kept for field in fields if (kept := _without(field, set(primary), taken)) is not None]
    return sorted(taken, key=lambda field: primary.index(field.pointer)), rest


def _without(field: Field, primary: set[str], taken: list[Field]) -> Field | None:
    if field.is_leaf:
        if field.pointer not in primary:
            return field
        taken.append(field)
        return None
    if field.widget != "section":
        return field
    kept = tuple(part for inner in field.value if (part := _without(inner, primary, taken)) is not None)
    return _composite(field, kept) if kept else None


def _composite(field: Field, parts: tuple[Field, ...]) -> Field:
    return Field(
        pointer=field.pointer,
        label=field.label,
        description=field.description,
        widget="section",
        value=parts,
        is_wide=True,
        is_leaf=False,
    )


def _noted(field: Field, unscaled: str) -> Field:
    """A score that stands on no scale says so, where its number says nothing else."""
    is_bare = field.widget == "number" and field.pointer == unscaled and not field.value.note
    return replace(field, value=replace(field.value, note=UNSCALED)) if is_bare else field


# --- Sections --------------------------------------------------------------------------------------------------


def _sections(fields: list[Field], root: Node) -> Iterator[Section]:
    """Loose fields first, then each group and each object under a heading of its own, where it first stands."""
    loose: list[Field] = []
    headed: dict[str, list[Field]] = {}
    described: dict[str, str] = {}
    for field in fields:
        group = root.at("/".join(tokens(field.pointer))).hints.group
        if group:
            headed.setdefault(group, []).append(field)
        elif field.widget == "section":
            headed.setdefault(field.label, []).extend(field.value)
            described[field.label] = field.description
        else:
            loose.append(field)
    if loose:
        yield Section(title="", fields=tuple(loose))
    for title, parts in headed.items():
        yield Section(title=title, description=described.get(title, ""), fields=tuple(parts))


# --- Fields ----------------------------------------------------------------------------------------------------


def _members(value: dict[str, Any], node: Node, path: Path) -> Iterator[Field]:
    for name in node.ordered(value):
        below = node.at(name)
        yield _field(value[name], below, (*path, name), label_of(below, name))


def _field(value: Any, node: Node, path: Path, label: str) -> Field:
    """One value as a Field. Whatever goes wrong below, the value is shown."""
    try:
        return _composed(value, node, path, label) or _leaf(value, node, path, label)
    except Exception as error:
        logger.warning("rendering.failed", pointer=join(path)[:200], error=type(error).__name__)
        return _unknown(value, path, label)


def _unknown(value: Any, path: Path, label: str) -> Field:
    """Whatever it is, in parts that cannot fail."""
    if isinstance(value, dict | list) and value:
        members = value.items() if isinstance(value, dict) else ((str(i), part) for i, part in enumerate(value))
        parts = tuple(_unknown(part, (*path, name), name) for name, part in members)
        return Field(pointer=join(path), label=label, widget="section", value=parts, is_wide=True, is_leaf=False)
    return Field(pointer=join(path), label=label, widget="unknown", value=Words(text=_scalar(value)))


def _leaf(value: Any, node: Node, path: Path, label: str) -> Field:
    if value is None or isinstance(value, dict | list):
        return Field(
            pointer=join(path),
            label=label,
            description=node.description,
            widget="text",
            value=Words(text=_scalar(value)),
        )
    for name in candidates(value, node):
        widget = WIDGETS[name]
        if widget.show is None:
            continue
        try:
            shown = widget.show(value, node)
        except Unfit:
            continue
        return Field(
            pointer=join(path),
            label=label,
            description=node.description,
            widget=name,
            value=shown,
            is_wide=widget.is_wide,
        )
    raise Unfit


def _scalar(value: Any) -> str:
    if isinstance(value, dict | list):
        return "None" if not value else words.plain(str(value))
    return words.plain(value)


def _composed(value: Any, node: Node, path: Path, label: str) -> Field | None:
    """The Field of an object or a list; None for a leaf, and for a container with nothing in it."""
    if not isinstance(value, dict | list) or not value:
        return None
    for name in _shapes(value, node):
        try:
            shown = SHAPES[name](value, node, path)
        except Unfit:
            continue
        is_leaf = name == "money"
        is_wide = WIDGETS[name].is_wide or (name == "list" and _is_long(shown))
        return Field(
            pointer=join(path),
            label=label,
            description=node.description,
            widget=name,
            value=shown,
            is_wide=is_wide,
            is_leaf=is_leaf,
        )
    return None


def _is_long(items: tuple[Field, ...]) -> bool:
    return any(not item.is_leaf or item.is_wide for item in items)


def _shapes(value: Any, node: Node) -> list[str]:
    wanted = [node.hints.widget] if node.hints.widget in SHAPES else []
    if isinstance(value, dict):
        return [*wanted, "section"]
    are_records = all(isinstance(item, dict) and item for item in value)
    return [*wanted, *(["table"] if are_records else []), "list"]


# --- Shapes of composite values ---------------------------------------------------------------------------------


def _section(value: Any, node: Node, path: Path) -> tuple[Field, ...]:
    if not isinstance(value, dict):
        raise Unfit
    return tuple(_members(value, node, path))


def _list(value: Any, node: Node, path: Path) -> tuple[Field, ...]:
    if not isinstance(value, list):
        raise Unfit
    return tuple(
        _field(item, node.at(str(index)), (*path, str(index)), str(index + 1)) for index, item in enumerate(value)
    )


def _bars(value: Any, node: Node, path: Path) -> tuple[Field, ...]:
    """An object of numbers, or a list of objects of one name and one number each, on a scale."""
    if not isinstance(value, dict):
        raise Unfit
    parts = tuple(_members(value, node, path))
    if any(part.widget not in {"score", "percentile"} for part in parts):
        raise Unfit
    return parts


def _table(value: Any, node: Node, path: Path) -> Table:
    """Columns in the schema's order; a cell may hold whatever stands there, nested things too."""
    if not isinstance(value, list) or not all(isinstance(item, dict) and item for item in value):
        raise Unfit
    nodes = [node.at(str(index)) for index in range(len(value))]
    names = nodes[0].ordered(dict.fromkeys(name for item in value for name in item))
    rows = [
        tuple(_cell(item, inner, (*path, str(index)), name) for name in names)
        for index, (item, inner) in enumerate(zip(value, nodes, strict=True))
    ]
    labels = {name: label_of(nodes[0].at(name), name) for name in names}
    columns = tuple(
        Column(label=labels[name], is_number=_are_numbers(row[place] for row in rows))
        for place, name in enumerate(names)
    )
    return Table(columns=columns, rows=tuple(rows[:ROWS]), more=tuple(rows[ROWS:]))


def _cell(item: dict[str, Any], node: Node, path: Path, name: str) -> Field | None:
    if name not in item:
        return None
    below = node.at(name)
    return _field(item[name], below, (*path, name), label_of(below, name))


def _are_numbers(cells: Iterable[Field | None]) -> bool:
    """Plain ones, which stand at the end of their cells: a score's bar begins where its label does."""
    return all(cell.widget == "number" for cell in cells if cell)


def _timeline(value: Any, node: Node, path: Path) -> tuple[Moment, ...]:
    """Objects with a moment each, in the order that they were sent."""
    if not isinstance(value, list) or not all(isinstance(item, dict) and item for item in value):
        raise Unfit
    return tuple(_moment(item, node.at(str(index)), (*path, str(index))) for index, item in enumerate(value))


def _moment(item: dict[str, Any], node: Node, path: Path) -> Moment:
    fields = dict(zip(node.ordered(item), _members(item, node, path), strict=True))
    at = next((name for name, field in fields.items() if field.widget in {"date", "datetime"}), None)
    titles = (name for name, field in fields.items() if field.widget in {"text", "badge"} and name != at)
    title = next((name for name in titles if len(str(item[name])) <= SHORT), None)
    rest = tuple(field for name, field in fields.items() if name not in {at, title})
    return Moment(at=fields.get(at or ""), title=fields.get(title or ""), rest=rest)


def _money(value: Any, _node: Node, _path: Path) -> Words:
    return words.money(value)


SHAPES: dict[str, Callable[[Any, Node, Path], Any]] = {
    "section": _section,
    "list": _list,
    "bars": _bars,
    "table": _table,
    "timeline": _timeline,
    "money": _money,
}
