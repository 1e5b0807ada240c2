"""What a new version of a result schema changes for those who send documents and for those who read them.

*Breaking*: a document that was accepted may now be refused, something that was read may be gone, or the same value
means something else. Everything else is *compatible*. Said keyword by keyword, and on the safe side where an engine
would have to prove more. Knows no versions and no rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from assessments.schemas.display import hints_of, summary_of
from assessments.schemas.messages import any_of, clean, written
from assessments.schemas.subschemas import APPLICATORS, Shape, target, types_of
from core.pointers import join

COMPATIBLE, BREAKING = "compatible", "breaking"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One change; ``pointer`` leads to the keyword in the new schema, or in the old one for what is gone."""

    pointer: str
    kind: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pair:
    """The old and the new schema of the same value, with references written out, and where they stand."""

    old: dict[str, Any]
    new: dict[str, Any]
    path: tuple[str, ...] = ()

    def inner(self, old: Any, new: Any, *path: str) -> _Pair:
        return _Pair(old=_as_object(old), new=_as_object(new), path=self.path + path)

    def change(self, kind: str, message: str, *path: str) -> Change:
        return Change(pointer=join(self.path + path), kind=kind, message=clean(message))


def compare(old_schema: dict[str, Any], new_schema: dict[str, Any]) -> list[Change]:
    """The changes from one accepted schema to another, the outermost first."""
    return list(_compare(_Pair(old=_written_out(old_schema, old_schema), new=_written_out(new_schema, new_schema))))


def _compare(pair: _Pair) -> Iterator[Change]:
    for rule in _RULES:
        yield from rule(pair)


def _written_out(root: Any, node: Any) -> Any:
    """A schema with what its references lead to in their place; policy has bounded what comes of it."""
    if not isinstance(node, dict):
        return node
    referred = target(root, node)
    own = {name: _inside(root, name, value) for name, value in node.items() if name not in ("$ref", "$defs")}
    return {**_written_out(root, referred), **own} if isinstance(referred, dict) else own


def _inside(root: Any, keyword: str, value: Any) -> Any:
    shape = APPLICATORS.get(keyword)
    if shape is Shape.LIST:
        return [_written_out(root, part) for part in value]
    if shape is Shape.MAP:
        return {name: _written_out(root, part) for name, part in value.items()}
    return _written_out(root, value) if shape is Shape.ONE else value


def _as_object(node: Any) -> dict[str, Any]:
    """``true`` and ``false`` say the same as these objects."""
    return node if isinstance(node, dict) else {} if node else {"not": {}}


# -- what is accepted -------------------------------------------------------------------------------------------------


def _types(pair: _Pair) -> Iterator[Change]:
    old, new = types_of({}, pair.old), types_of({}, pair.new)
    if new is not None and (old is None or not old <= new):
        gone = "other types" if old is None else any_of(sorted(old - new))
        yield pair.change(BREAKING, f"no longer accepts {gone}", "type")
    elif old is not None and old != new:
        more = "any type" if new is None else any_of(sorted(new - old))
        yield pair.change(COMPATIBLE, f"now accepts {more} too", "type")


def _required(pair: _Pair) -> Iterator[Change]:
    old, new = pair.old.get("required", []), pair.new.get("required", [])
    for name in new:
        if name not in old:
            yield pair.change(BREAKING, f"{name} is now required", "required")
    for name in old:
        if name not in new:
            yield pair.change(BREAKING, f"{name} was always there and may now be absent", "required")


def _properties(pair: _Pair) -> Iterator[Change]:
    old, new = pair.old.get("properties", {}), pair.new.get("properties", {})
    for name, node in new.items():
        if name in old:
            yield from _compare(pair.inner(old[name], node, "properties", name))
        else:
            yield pair.change(COMPATIBLE, "is new", "properties", name)
    for name in old:
        if name not in new:
            yield pair.change(BREAKING, "is no longer declared", "properties", name)


def _subschema(keyword: str) -> Callable[[_Pair], Iterator[Change]]:
    """A keyword with one schema for all items or members; absent means that anything goes."""

    def rule(pair: _Pair) -> Iterator[Change]:
        old, new = pair.old.get(keyword, True), pair.new.get(keyword, True)
        if old is not False and new is False:
            yield pair.change(BREAKING, "no longer accepts what is not declared", keyword)
        elif old is False and new is not False:
            yield pair.change(COMPATIBLE, "now accepts more", keyword)
        elif isinstance(old, dict) or isinstance(new, dict):
            yield from _compare(pair.inner(old, new, keyword))

    return rule


def _options(pair: _Pair) -> Iterator[Change]:
    old, new = _listed(pair.old), _listed(pair.new)
    keyword = next((name for name in ("enum", "oneOf", "const") if name in pair.new), "enum")
    if new is not None and old is None:
        yield pair.change(BREAKING, "now accepts listed values only", keyword)
    elif old is not None and new is None:
        yield pair.change(COMPATIBLE, "now accepts other values than those listed", keyword)
    elif old is not None and new is not None:
        yield from (pair.change(BREAKING, f"no longer accepts {value}", keyword) for value in old if value not in new)
        yield from (pair.change(COMPATIBLE, f"now accepts {value} too", keyword) for value in new if value not in old)


def _listed(node: dict[str, Any]) -> list[str] | None:
    """The values of an enumeration, however it is written, as JSON."""
    alternatives = node.get("oneOf")
    if _are_constants(alternatives):
        return [written(option["const"]) for option in alternatives or ()]
    values = [node["const"]] if "const" in node else node.get("enum")
    return None if values is None else [written(value) for value in values]


def _are_constants(alternatives: Any) -> bool:
    return isinstance(alternatives, list) and all(isinstance(part, dict) and "const" in part for part in alternatives)


#: Limits, and whether a greater one accepts less.
_LIMITS = {
    "minimum": True,
    "exclusiveMinimum": True,
    "minLength": True,
    "minItems": True,
    "minProperties": True,
    "minContains": True,
    "maximum": False,
    "exclusiveMaximum": False,
    "maxLength": False,
    "maxItems": False,
    "maxProperties": False,
    "maxContains": False,
}


def _limits(pair: _Pair) -> Iterator[Change]:
    for keyword, greater_is_narrower in _LIMITS.items():
        old, new = pair.old.get(keyword), pair.new.get(keyword)
        if old == new:
            continue
        if new is None:
            yield pair.change(COMPATIBLE, f"the limit of {old} is gone", keyword)
        elif old is None or (new > old) is greater_is_narrower:
            yield pair.change(BREAKING, f"is limited to {new}" + ("" if old is None else f", was {old}"), keyword)
        else:
            yield pair.change(COMPATIBLE, f"is limited to {new}, was {old}", keyword)


#: Keywords of which only this is said: whether they changed.
_OPAQUE = (
    "pattern", "format", "multipleOf", "uniqueItems", "prefixItems", "contains", "propertyNames", "allOf", "anyOf",
    "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "unevaluatedProperties",
    "unevaluatedItems",
)  # fmt: skip


def _opaque(pair: _Pair) -> Iterator[Change]:
    for keyword in _OPAQUE:
        old, new = pair.old.get(keyword), pair.new.get(keyword)
        if old == new or (keyword == "oneOf" and _are_constants(old) and _are_constants(new)):
            continue
        if new is None:
            yield pair.change(COMPATIBLE, "no longer restricts", keyword)
        else:
            yield pair.change(BREAKING, "may refuse what was accepted" if old else "is a new restriction", keyword)


# -- what it means ----------------------------------------------------------------------------------------------------


def _meaning(pair: _Pair) -> Iterator[Change]:
    old, new = hints_of(pair.old), hints_of(pair.new)
    if old.unit != new.unit:
        yield pair.change(BREAKING, f"counts {new.unit or 'no unit'}, was {old.unit or 'no unit'}", "x-display", "unit")
    if old.scale != new.scale:
        yield pair.change(BREAKING, "is read on another scale", "x-display", "scale")
    before, after = old.outcome or {}, new.outcome or {}
    for value in {**before, **after}:
        meant, means = before.get(value, "none"), after.get(value, "none")
        if meant != means:
            yield pair.change(BREAKING, f"{value} now means {means}, meant {meant}", "x-outcome")


def _audience(pair: _Pair) -> Iterator[Change]:
    old, new = hints_of(pair.old).audience, hints_of(pair.new).audience
    if old is not None and (new is None or not new <= old):
        more = "everybody" if new is None else any_of(sorted(new - old))
        yield pair.change(BREAKING, f"may now be read by {more}", "x-audience")
    elif old != new:
        yield pair.change(COMPATIBLE, f"may be read by {any_of(sorted(new or ()))} only", "x-audience")


def _summary(pair: _Pair) -> Iterator[Change]:
    old, new = summary_of(pair.old), summary_of(pair.new)
    for name in ("score", "maximum", "outcome", "report_url"):
        before, after = getattr(old, name), getattr(new, name)
        if before is not None and after != before:
            yield pair.change(BREAKING, f"{name} is {after or 'gone'}, was {before}", "x-summary", name)
        elif after != before:
            yield pair.change(COMPATIBLE, f"{name} is now {after}", "x-summary", name)


def _looks(pair: _Pair) -> Iterator[Change]:
    for keyword in ("title", "description", "x-retention"):
        if pair.old.get(keyword) != pair.new.get(keyword):
            yield pair.change(COMPATIBLE, "changed", keyword)
    if _shown(pair.old) != _shown(pair.new):
        yield pair.change(COMPATIBLE, "is shown differently", "x-display")


def _shown(node: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in node.get("x-display", {}).items() if name not in ("unit", "scale")}


_RULES: tuple[Callable[[_Pair], Iterator[Change]], ...] = (
    _types,
    _required,
    _options,
    _limits,
    _opaque,
    _meaning,
    _audience,
    _summary,
    _looks,
    _properties,
    _subschema("additionalProperties"),
    _subschema("items"),
)
