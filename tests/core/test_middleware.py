"""A NUL byte anywhere in a request is a bad request, never a fault of ours."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "path",
    [
        "/candidates/%00",
        "/candidates?q=%00",
        "/integrations/ins_%00",
        "/login?next=%00",
        "/oauth/authorize?client_id=a%00b",
        "/partner/%00",
    ],
)
def test_a_nul_in_path_or_query_is_a_bad_request(path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("text/html")


def test_a_nul_in_a_form_is_a_bad_request() -> None:
    assert Client().post("/login", "username=a%00b&password=x", FORM).status_code == 400


def test_a_nul_at_a_path_for_programs_is_a_problem() -> None:
    for answer in (Client().post("/oauth/token", "grant_type=%00", FORM), Client().post("/oauth/register?x=%00")):
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
        assert answer.json()["request_id"] == answer["Request-Id"]


def test_other_bytes_pass() -> None:
    assert Client().get("/login?next=%01").status_code == 200
