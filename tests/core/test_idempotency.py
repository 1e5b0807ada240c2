"""Writes that are sent twice: one after the other, at once, with another body, after a crash, a day later."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.client import encode_multipart
from django.utils import timezone

from core.idempotency import KEPT_FOR, forget_old
from core.models import Organization, RememberedReply

pytestmark = [pytest.mark.urls("tests.core.api.site"), pytest.mark.django_db]

JSON = "application/json"


def post(key: str | None = "k-1", caller: str = "acme-app", path: str = "/api/t/organizations", **body: Any) -> Any:
    headers = {"Authorization": f"Client {caller}"} if caller else {}
    if key is not None:
        headers["Idempotency-Key"] = key
    client = Client(raise_request_exception=False)
    return client.post(path, {"name": "Initech", **body}, JSON, headers=headers)


def is_replay(answer: Any) -> bool:
    return str(answer.headers.get("Idempotent-Replayed")) == "true"


def same(first: Any, second: Any) -> bool:
    """The same answer, up to the id of the call."""
    names = ("Content-Type", "Location")
    told = [
        (answer.status_code, answer.content, [answer.headers.get(name) for name in names]) for answer in (first, second)
    ]
    return bool(told[0] == told[1])


# --- One after the other ----------------------------------------------------------------------------------------


def test_the_same_request_again_gets_the_same_answer_and_writes_nothing() -> None:
    first, second = post(), post()
    assert (first.status_code, is_replay(first)) == (201, False)
    assert same(first, second)
    assert is_replay(second)
    assert second.headers["Location"].startswith("/api/t/org_")
    assert first.headers["Request-Id"] != second.headers["Request-Id"]
    assert Organization.objects.count() == 1


def test_without_a_key_every_request_writes() -> None:
    assert post(None).json() != post(None).json()
    assert Organization.objects.count() == 2
    assert not RememberedReply.objects.exists()


def test_another_key_or_another_caller_is_another_request() -> None:
    post("k-1")
    post("k-2")
    assert not is_replay(post("k-1", caller="globex-app"))
    assert Organization.objects.count() == 3


def test_a_stranger_has_no_key_to_be_recognised_by() -> None:
    for _ in range(2):
        assert not is_replay(post(caller=""))
    assert Organization.objects.count() == 2
    assert not RememberedReply.objects.exists()


def test_the_same_key_with_another_body_or_path_is_refused() -> None:
    post()
    for other in (post(name="Umbrella"), post(path="/api/t/others"), post(path="/api/t/organizations?a=1")):
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Organization.objects.count() == 1


@pytest.mark.parametrize("key", ["", " ", "a b", "a" * 256, "é", "a\tb"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    answer = post(key)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert not Organization.objects.exists()


def test_a_key_of_255_characters_and_a_long_caller_are_kept() -> None:
    for _ in range(2):
        answer = post("a" * 255, caller="c" * 100)
    assert is_replay(answer)


def test_a_malformed_body_is_refused_before_anything_is_remembered() -> None:
    headers = {"Authorization": "Client acme-app", "Idempotency-Key": "k-1"}
    answer = Client().generic("POST", "/api/t/organizations", b"{", content_type=JSON, headers=headers)
    assert answer.status_code == 400
    assert post().status_code == 201


# --- Refusals ---------------------------------------------------------------------------------------------------


def test_a_raised_refusal_writes_nothing_and_leaves_the_key_free() -> None:
    for _ in range(2):
        answer = post(then="refuse")
        assert (answer.status_code, answer.json()["detail"], is_replay(answer)) == (422, "That will not do.", False)
    assert not Organization.objects.exists()
    assert not RememberedReply.objects.exists()
    assert post(name="Umbrella").status_code == 201


def test_what_was_refused_is_decided_anew_once_the_reason_is_gone() -> None:
    assert post(then="refuse at first").status_code == 403
    Organization.objects.create(name="Another")
    first, again = post(then="refuse at first"), post(then="refuse at first")
    assert (first.status_code, is_replay(first), is_replay(again)) == (201, False, True)
    assert same(first, again)


def test_what_was_done_is_answered_even_if_it_would_be_refused_now() -> None:
    Organization.objects.create(name="Another")
    first = post(then="refuse at first")
    Organization.objects.all().delete()
    again = post(then="refuse at first")
    assert same(first, again)
    assert is_replay(again)


def test_a_returned_refusal_commits_what_was_written_with_it() -> None:
    first, second = post(then="returned refusal"), post(then="returned refusal")
    assert first.status_code == 422
    assert same(first, second)
    assert Organization.objects.count() == 1


@pytest.mark.parametrize(("then", "status"), [("break", 500), ("conflict", 409)])
def test_an_answer_that_may_pass_is_not_remembered(then: str, status: int) -> None:
    for _ in range(2):
        answer = post(then=then)
        assert (answer.status_code, is_replay(answer)) == (status, False)
    assert not Organization.objects.exists()
    assert not RememberedReply.objects.exists()


@pytest.mark.parametrize(("then", "status"), [("returned conflict", 409), ("returned passing", 422)])
def test_a_returned_answer_that_may_pass_commits_and_is_not_remembered(then: str, status: int) -> None:
    for _ in range(2):
        answer = post(then=then)
        assert (answer.status_code, is_replay(answer)) == (status, False)
    assert Organization.objects.count() == 2
    assert not RememberedReply.objects.exists()


# --- What is kept, and for how long -------------------------------------------------------------------------------


def test_an_answer_is_not_readable_where_it_is_kept() -> None:
    made = post().json()["id"]
    row = RememberedReply.objects.get()
    assert made.encode() not in bytes(row.body)
    assert (row.client, row.key, row.status) == ("acme-app org_1", "k-1", 201)


def test_after_a_day_the_key_is_free_again() -> None:
    post()
    with time_machine.travel(timezone.now() + KEPT_FOR + timedelta(minutes=1)):
        assert not is_replay(post())
        assert is_replay(post())
    assert Organization.objects.count() == 2


def test_forgetting_deletes_what_is_older_than_a_day() -> None:
    for key, hours in (("old", 25), ("young", 23)):
        post(key)
        RememberedReply.objects.filter(key=key).update(created_at=timezone.now() - timedelta(hours=hours))
    assert forget_old() == 1
    assert [row.key for row in RememberedReply.objects.all()] == ["young"]


# --- Files ------------------------------------------------------------------------------------------------------


def upload(content: bytes, name: str = "report.pdf") -> Any:
    fields = {"name": "Initech", "file": SimpleUploadedFile(name, content)}
    headers = {"Authorization": "Client acme-app", "Idempotency-Key": "k-1"}
    return Client().post("/api/t/upload", fields, headers=headers)


def test_the_same_files_again_are_the_same_request_whatever_their_boundary() -> None:
    first = upload(b"%PDF")
    fields = {"name": "Initech", "file": SimpleUploadedFile("report.pdf", b"%PDF")}
    second = Client().generic(
        "POST",
        "/api/t/upload",
        encode_multipart("AnotherBoundary", fields),
        content_type="multipart/form-data; boundary=AnotherBoundary",
        headers={"Authorization": "Client acme-app", "Idempotency-Key": "k-1"},
    )
    assert (first.status_code, first.json()) == (201, {"size": 4})
    assert same(first, second)
    assert is_replay(second)


def test_another_file_or_file_name_is_another_request() -> None:
    upload(b"%PDF")
    for other in (upload(b"%PDF-2"), upload(b"%PDF", name="other.pdf")):
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


# --- At once, and after a crash -----------------------------------------------------------------------------------


def call(body: dict[str, Any], key: str = "k-1") -> dict[str, Any]:
    return {"key": key, "body": {"name": "Initech", **body}}


def run(environment: dict[str, str], *calls: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """The calls at once, in a process of their own."""
    return subprocess.run(
        [sys.executable, "-m", "tests.core.idempotent_calls", json.dumps(calls)],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def answers(environment: dict[str, str], *calls: dict[str, Any]) -> list[dict[str, Any]]:
    done = run(environment, *calls)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return found


def twins_write_once(environment: dict[str, str]) -> None:
    found = answers(environment, *[call({"then": "dawdle", "seconds": 0.3})] * 4)
    assert {answer["status"] for answer in found} == {201}
    assert len({answer["body"]["id"] for answer in found}) == 1
    assert sorted(answer["replayed"] for answer in found) == [False, True, True, True]


def a_killed_write_leaves_nothing(environment: dict[str, str]) -> None:
    assert run(environment, call({"then": "die"}, key="k-2")).returncode == -signal.SIGKILL
    retried = answers(environment, call({"then": "return"}, key="k-2"))[0]
    assert (retried["status"], retried["replayed"]) == (201, False)


def a_write_killed_before_its_answer_is_answered_from_memory(environment: dict[str, str]) -> None:
    asked = call({"then": "die once it is written"}, key="k-3")
    assert run(environment, asked).returncode == -signal.SIGKILL
    first, second = answers(environment, asked)[0], answers(environment, asked)[0]
    assert (first["status"], first["replayed"]) == (201, True)
    assert first["body"] == second["body"]


@pytest.mark.apart
def test_on_the_embedded_database_twins_write_once_and_a_kill_leaves_all_or_nothing(tmp_path: Path) -> None:
    environment = {"DATA_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}"}
    twins_write_once(environment)
    a_killed_write_leaves_nothing(environment)
    a_write_killed_before_its_answer_is_answered_from_memory(environment)


@pytest.fixture
def shared() -> dict[str, str]:
    """The suite's own PostgreSQL database, for another process."""
    given = connection.settings_dict
    user = f"{given['USER']}:{given['PASSWORD']}" if given["PASSWORD"] else given["USER"]
    return {"DATABASE_URL": f"postgresql://{user}@{given['HOST']}:{given['PORT']}/{given['NAME']}"}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_on_postgresql_twins_write_once(shared: dict[str, str]) -> None:
    twins_write_once(shared)
    assert Organization.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_on_postgresql_a_killed_write_leaves_nothing(shared: dict[str, str]) -> None:
    a_killed_write_leaves_nothing(shared)
    assert Organization.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_on_postgresql_a_write_killed_before_its_answer_is_answered_from_memory(shared: dict[str, str]) -> None:
    a_write_killed_before_its_answer_is_answered_from_memory(shared)
    assert Organization.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_on_postgresql_a_twin_waits_two_seconds_and_no_longer(shared: dict[str, str]) -> None:
    found = answers(shared, *[call({"then": "dawdle", "seconds": 4})] * 2)
    late, done = sorted(found, key=lambda answer: -answer["status"])
    assert (done["status"], done["replayed"]) == (201, False)
    assert (late["status"], late["body"]["code"], late["retry_after"]) == (409, "idempotency_in_flight", "2")
    assert answers(shared, call({"then": "dawdle", "seconds": 4}))[0]["replayed"]
    assert Organization.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_on_postgresql_twins_that_are_refused_get_the_same_refusal(shared: dict[str, str]) -> None:
    found = answers(shared, *[call({"then": "refuse"})] * 4)
    assert {(answer["status"], answer["body"]["detail"]) for answer in found} == {(422, "That will not do.")}
    assert not Organization.objects.exists()
