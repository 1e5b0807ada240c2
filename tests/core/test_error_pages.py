"""Error pages, the page of error codes, and the two questions of a load balancer."""

from __future__ import annotations

import re
from collections.abc import Callable
from unittest.mock import patch

from django.db import DatabaseError, connection
from django.test import Client, RequestFactory

from core.errors import all_codes
from core.models import Membership
from core.views.errors import server_error
from tests.world import World

SignIn = Callable[[Membership], Client]


def test_an_unknown_page_is_a_404_in_the_look_of_the_product(world: World, signed_in: SignIn) -> None:
    for client in (Client(), signed_in(world.admin)):
        answer = client.get("/no/such/page")
        assert answer.status_code == 404
        assert "There is nothing here" in answer.content.decode()
        assert "core/app.css" in answer.content.decode()


def test_an_unknown_api_path_is_a_problem(db: None, client: Client) -> None:
    answer = client.get("/api/v1/no/such/thing")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "not_found"


def test_a_form_without_its_token_is_explained(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/login", {"username": "admin@acme.example", "password": "x"})
    assert answer.status_code == 403
    assert "This form is too old" in answer.content.decode()


def test_the_page_of_a_failure_needs_neither_session_nor_database() -> None:
    answer = server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.content.decode()


def test_every_error_code_is_explained_under_its_own_anchor(db: None, client: Client) -> None:
    page = client.get("/docs/errors").content.decode()
    assert re.findall(r'<div id="([a-z_]+)">', page) == sorted(error.code for error in all_codes())


def test_error_codes_are_distinct_and_have_a_cause_and_words(db: None) -> None:
    codes = [error.code for error in all_codes()]
    assert len(codes) == len(set(codes))
    assert [error for error in all_codes() if not (error.__doc__ or "").strip()] == []


def test_the_process_is_alive_without_a_database(client: Client) -> None:
    answer = client.get("/livez")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_the_product_is_ready_while_the_database_answers(db: None, client: Client) -> None:
    assert client.get("/readyz").status_code == 200
    with patch.object(connection, "cursor", side_effect=DatabaseError):
        assert client.get("/readyz").status_code == 503


def test_pages_carry_a_policy_without_inline_code(db: None, client: Client) -> None:
    answer = client.get("/login")
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    page = answer.content.decode()
    assert re.findall(r"<script(?![^>]*\ssrc=)", page) == []
    assert re.findall(r"\s(?:style|on\w+)=", page) == []
