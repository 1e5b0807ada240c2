"""Where and why a document breaks its schema, found one by one.

The engine only says yes or no here. Its own list of errors is not used: it is built whole before the first is handed
out, each error with a copy of the value and of the keyword, and a list of 19,000 wrong items against an enumeration
of 9,000 took 46 seconds and 11 GB (jsonschema-rs 0.60). Asking it part by part costs nothing for what is right, and
stops as soon as enough is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from assessments.schemas.messages import SENTENCES
from assessments.schemas.registry import CompiledSchema
from assessments.schemas.subschemas import Path, applied, below, ref_pointer, target
from core.pointers import MISSING, tokens


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """One keyword that one value breaks. ``path`` leads to the value, ``where`` to the keyword in the schema."""

    path: tuple[str | int, ...]
    where: Path
    keyword: str
    expected: Any
    value: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class _Site:
    """A value of the document and a subschema that it has to fit."""

    compiled: CompiledSchema
    node: Any
    where: Path
    value: Any
    path: tuple[str | int, ...]

    def accepted(self) -> bool:
        return self.compiled.part_accepts(self.where, self.node, self.value)

    def beside(self, node: Any, *where: str) -> _Site:
        """The same value and another subschema."""
        return replace(self, node=node, where=self.where + where)

    def under(self, token: str | int, value: Any, node: Any, *where: str) -> _Site:
        """A member or item of the value and its subschema."""
        return replace(self, node=node, where=self.where + where, value=value, path=(*self.path, token))

    def failure(self, keyword: str, *, expected: Any = None, within: tuple[str | int, ...] = ()) -> Failure:
        where = self.where if keyword in _UNWRITTEN else (*self.where, keyword)
        return Failure(path=self.path + within, where=where, keyword=keyword, expected=expected, value=self.value)


# Not keywords: the subschema ``false``, and a refusal that no single keyword explains.
_UNWRITTEN = ("false", "invalid")
Step = Callable[[_Site], Iterator[Failure]]


def failures(compiled: CompiledSchema, document: Any) -> Iterator[Failure]:
    """All failures of a document, in the order of the schema; none for a document that is accepted."""
    return _failures(_Site(compiled=compiled, node=compiled.schema, where=(), value=document, path=()))


def _failures(site: _Site) -> Iterator[Failure]:
    if site.node is True or site.accepted():
        return
    if site.node is False:
        yield site.failure("false")
        return
    explained = False
    for keyword in site.node:
        for failure in _STEPS.get(keyword, _silent)(site):
            explained = True
            yield failure
    if not explained:
        yield from _unexplained(site)


def _unexplained(site: _Site) -> Iterator[Failure]:
    """Only ``unevaluated…`` is left: it depends on all keywords beside it, so no part can be asked alone."""
    keyword = next((name for name in ("unevaluatedProperties", "unevaluatedItems") if name in site.node), "invalid")
    named = False
    for name in _undeclared(site) if keyword == "unevaluatedProperties" else ():
        named = True
        yield site.failure(keyword, within=(name,))
    if not named:
        yield site.failure(keyword)


def _undeclared(site: _Site) -> Iterator[str]:
    """The members that no subschema for this value speaks of."""
    nodes = applied(site.compiled.schema, {**site.node, "unevaluatedProperties": False})
    for name in site.value if isinstance(site.value, dict) else ():
        if not below(site.compiled.schema, nodes, name):
            yield name


def _silent(_: _Site) -> Iterator[Failure]:
    """A keyword that asks for nothing by itself."""
    return iter(())


def _alone(keyword: str, *companions: str) -> Step:
    """A keyword that the engine can be asked about by itself, with those that change its meaning."""

    def step(site: _Site) -> Iterator[Failure]:
        part = {name: site.node[name] for name in (keyword, *companions) if name in site.node}
        if not site.compiled.part_accepts((*site.where, keyword), part, site.value):
            yield site.failure(keyword, expected=site.node[keyword])

    return step


def _ref(site: _Site) -> Iterator[Failure]:
    pointer, node = ref_pointer(site.node["$ref"]), target(site.compiled.schema, site.node)
    if pointer is not None and node is not MISSING:
        yield from _failures(replace(site, node=node, where=tokens(pointer)))


def _all_of(site: _Site) -> Iterator[Failure]:
    for index, node in enumerate(site.node["allOf"]):
        yield from _failures(site.beside(node, "allOf", str(index)))


def _if(site: _Site) -> Iterator[Failure]:
    branch = "then" if site.beside(site.node["if"], "if").accepted() else "else"
    if branch in site.node:
        yield from _failures(site.beside(site.node[branch], branch))


def _dependent_schemas(site: _Site) -> Iterator[Failure]:
    for name, node in site.node["dependentSchemas"].items():
        if isinstance(site.value, dict) and name in site.value:
            yield from _failures(site.beside(node, "dependentSchemas", name))


def _properties(site: _Site) -> Iterator[Failure]:
    for name, node in site.node["properties"].items():
        if isinstance(site.value, dict) and name in site.value:
            yield from _failures(site.under(name, site.value[name], node, "properties", name))


def _additional_properties(site: _Site) -> Iterator[Failure]:
    node, declared = site.node["additionalProperties"], site.node.get("properties", {})
    members = site.value.items() if isinstance(site.value, dict) else ()
    undeclared = [(name, value) for name, value in members if name not in declared]
    if node is False:
        yield from (site.failure("additionalProperties", within=(name,)) for name, _ in undeclared)
    else:
        yield from _each(site, "additionalProperties", undeclared, dict)


def _property_names(site: _Site) -> Iterator[Failure]:
    names = site.beside(site.node["propertyNames"], "propertyNames")
    for name in site.value if isinstance(site.value, dict) else ():
        if not replace(names, value=name).accepted():
            yield site.failure("propertyNames", within=(name,))


def _required(site: _Site) -> Iterator[Failure]:
    for name in site.node["required"]:
        if isinstance(site.value, dict) and name not in site.value:
            yield site.failure("required", within=(name,))


def _dependent_required(site: _Site) -> Iterator[Failure]:
    if not isinstance(site.value, dict):
        return
    for because, names in site.node["dependentRequired"].items():
        for name in names if because in site.value else ():
            if name not in site.value:
                yield site.failure("dependentRequired", expected=because, within=(name,))


def _items(site: _Site) -> Iterator[Failure]:
    first = len(site.node.get("prefixItems", []))
    items = list(enumerate(site.value))[first:] if isinstance(site.value, list) else []
    yield from _each(site, "items", items, lambda some: [value for _, value in some])


def _each(site: _Site, keyword: str, members: list[tuple[Any, Any]], gather: Callable[[Any], Any]) -> Iterator[Failure]:
    """Failures of many members that fit one subschema: halves are asked about, so that what is right costs little."""
    part, name = {keyword: site.node[keyword]}, (*site.where, keyword, "each")
    if not members or site.compiled.part_accepts(name, part, gather(members)):
        return
    if len(members) == 1:
        [(token, value)] = members
        yield from _failures(site.under(token, value, site.node[keyword], keyword))
        return
    middle = len(members) // 2
    yield from _each(site, keyword, members[:middle], gather)
    yield from _each(site, keyword, members[middle:], gather)


def _prefix_items(site: _Site) -> Iterator[Failure]:
    values = site.value if isinstance(site.value, list) else []
    for index, (node, value) in enumerate(zip(site.node["prefixItems"], values, strict=False)):
        yield from _failures(site.under(index, value, node, "prefixItems", str(index)))


_STEPS: dict[str, Step] = {
    **{keyword: _alone(keyword) for keyword in SENTENCES},
    "$ref": _ref,
    "allOf": _all_of,
    "if": _if,
    "dependentSchemas": _dependent_schemas,
    "properties": _properties,
    "additionalProperties": _additional_properties,
    "propertyNames": _property_names,
    "required": _required,
    "dependentRequired": _dependent_required,
    "items": _items,
    "prefixItems": _prefix_items,
    "contains": _alone("contains", "minContains", "maxContains"),
    "unevaluatedProperties": _silent,
    "unevaluatedItems": _silent,
}
