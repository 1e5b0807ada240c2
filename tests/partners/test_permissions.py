"""The permission behind every API view: scopes by method, and nothing open by omission."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from core.errors import InsufficientScope, NotAuthenticated
from partners.oauth.permissions import OwnCredentials, ScopeRequired
from partners.types import Client


class View:
    required_scopes = {"GET": ["orders:read"], "POST": ["orders:read", "orders:write"]}

    def get(self) -> None: ...

    def post(self) -> None: ...

    def delete(self) -> None: ...


def asked(method: str, *scopes: str | None) -> Request:
    request = Request(APIRequestFactory().generic(method, "/"))
    request.auth = None if scopes == (None,) else Client(partner=None, application=None, scopes=frozenset(scopes))  # type: ignore[arg-type]
    return request


def test_the_scopes_of_the_method_are_needed_all_of_them() -> None:
    permission: Any = ScopeRequired()
    assert permission.has_permission(asked("GET", "orders:read"), View())
    assert permission.has_permission(asked("HEAD", "orders:read"), View())
    assert permission.has_permission(asked("POST", "orders:read", "orders:write", "more"), View())
    with pytest.raises(InsufficientScope, match="orders:write") as refusal:
        permission.has_permission(asked("POST", "orders:read"), View())
    assert refusal.value.facts == {"required": "orders:read orders:write"}


@pytest.mark.parametrize("permission", [ScopeRequired(), OwnCredentials()])
def test_without_a_client_nothing_is_permitted(permission: ScopeRequired) -> None:
    with pytest.raises(NotAuthenticated):
        permission.has_permission(asked("GET", None), View())


def test_a_method_that_declares_no_scopes_is_a_programming_error() -> None:
    with pytest.raises(ImproperlyConfigured, match="answers DELETE without declaring"):
        ScopeRequired().has_permission(asked("DELETE", "orders:read"), View())


def test_a_method_without_an_answer_goes_on_to_its_405() -> None:
    assert ScopeRequired().has_permission(asked("PATCH"), View())
    assert ScopeRequired().has_permission(asked("OPTIONS"), View())
