"""How drf-spectacular finds what is said of a view: in a table beside it, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.drainage import error
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry
from rest_framework import serializers

from core.errors import InsufficientScope
from core.openapi.document import written
from core.openapi.operations import ORGANIZATION, PARTNER, Errors, Operations, Parameter
from core.openapi.problems import errors_of
from core.openapi.schemas import Schema

_MARK = "x-spec-enum-id"
_EMPTY = (("default", ""), ("default", None), ("oneOf", [{}, {"type": "null"}]))


class TabledSchema(AutoSchema):
    """A view that the table does not know is left out with an error, which `manage.py spectacular` does not forgive."""

    operations: ClassVar[Operations] = {}
    parameters: ClassVar[Mapping[str, Parameter]] = {}
    # A permission → what it refuses with, but for scopes and for callers of the other kind.
    guards: ClassVar[Mapping[type[Any], Errors]] = {}
    # What a caller of a kind for which a call is not is refused with.
    other_caller: ClassVar[Errors] = ()

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> dict[str, Any] | None:
        self.registry, self.path, self.method = registry, path, method.upper()
        view = type(self.view)
        said = self.operations.get(view, {}).get(method.lower())
        if said is None:
            error(f"nothing is said of {method.upper()} {path} ({view.__name__})")
            return None
        return written(
            said,
            path=path,
            method=method.lower(),
            parameters=self.parameters,
            security=self._security(),
            errors=errors_of(said, method=method.lower(), path=path, guards=self._guards()),
            resolve=self._resolved,
        )

    def _security(self) -> list[dict[str, list[str]]]:
        """The scopes that the view itself checks, of each kind of caller that may call it."""
        return [{scheme: scopes} for scheme, scopes in self._scopes().items()] if self.view.permission_classes else []

    def _scopes(self) -> dict[str, list[str]]:
        view: Any = self.view
        tables = {PARTNER: getattr(view, "required_scopes", {}), ORGANIZATION: getattr(view, "organization_scopes", {})}
        return {scheme: list(table[self.method]) for scheme, table in tables.items() if self.method in table}

    def _guards(self) -> Errors:
        permissions: list[Any] = list(self.view.permission_classes)
        found = [refusal for guard in permissions for refusal in self.guards[guard]]
        scopes = self._scopes() if found else {}
        return [
            *found,
            *([InsufficientScope] if any(scopes.values()) else []),
            *(self.other_caller if len(scopes) == 1 else []),
        ]

    def _resolved(self, body: type[serializers.Serializer[Any]]) -> Schema:
        reference: Schema = self.resolve_serializer(body(), "request").ref
        return reference

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        """Without what says nothing: a default that is empty, the library's own mark, *or null* beside anything."""
        shown = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]  # the library's
        if not shown:
            return shown
        return {name: value for name, value in shown.items() if (name, value) not in _EMPTY and name != _MARK}
