"""The Postman collection: every call of the description, sent from top to bottom by a small Postman of the tests."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any

import httpx
import pytest
from pytest_django.live_server_helper import LiveServer

from core.openapi.postman import FORMAT, LAST, collection
from core.openapi.views import document
from tests.stories.examples import CALLS, REPORT

COLLECTION = collection(document())
ITEMS = {item["name"]: item for folder in COLLECTION["item"] for item in folder["item"]}


def test_each_call_is_an_item_in_the_folder_of_its_tag() -> None:
    assert COLLECTION["info"]["schema"] == FORMAT
    found = [(folder["name"], item["name"]) for folder in COLLECTION["item"] for item in folder["item"]]
    tags = {call.operation["summary"]: call.operation["tags"][0] for call in CALLS.values()}
    assert {name for _, name in found} == set(tags)
    assert [folder for folder, _ in found if folder != LAST] == [tags[name] for folder, name in found if folder != LAST]
    assert len({name for folder, name in found if folder == LAST}) < len(tags) / 4


def test_an_item_says_what_it_needs_first() -> None:
    said = ITEMS["Accepts an order."]["request"]["description"]
    assert said.endswith("Needs first: *Orders from yourself, as your sandbox organization would.*")


def test_every_variable_that_is_used_is_kept_by_a_call_or_known() -> None:
    variables = {variable["key"] for variable in COLLECTION["variable"]}
    used = set(re.findall(r"\{\{(\w+)\}\}", json.dumps(COLLECTION)))
    assert used <= variables
    kept = set(re.findall(r'collectionVariables\.set\(\\"(\w+)', json.dumps(COLLECTION)))
    assert variables == {"base_url"} | kept


class Postman:
    """As much of it as the collection needs: variables, authorization, bodies, and the scripts by Node.js."""

    def __init__(self, base: str) -> None:
        self.variables = {each["key"]: each["value"] for each in COLLECTION["variable"]} | {"base_url": base}
        # One for all calls: a client reads the certificates of the whole world before its first.
        self._client = httpx.Client(timeout=20)

    def send(self, item: dict[str, Any]) -> int:
        request = item["request"]
        answer = self._client.request(
            request["method"], self._url(request["url"]), **self._auth(request), **self._body(request)
        )
        for event in item.get("event", ()):
            self._run("\n".join(event["script"]["exec"]), answer)
        return answer.status_code

    def _url(self, url: dict[str, Any]) -> str:
        raw: str = url["raw"]
        for variable in url["variable"]:
            raw = raw.replace(f":{variable['key']}", variable["value"])
        return self._filled(raw)

    def _auth(self, request: dict[str, Any]) -> dict[str, Any]:
        auth: dict[str, Any] = request.get("auth") or COLLECTION["auth"]
        values = {each["key"]: self._filled(each["value"]) for each in auth.get(auth["type"], ())}
        headers = {each["key"]: each["value"] for each in request["header"]}
        if auth["type"] == "bearer":
            headers["Authorization"] = f"Bearer {values['token']}"
        basic = (values["username"], values["password"]) if auth["type"] == "basic" else None
        return {"headers": headers, **({"auth": basic} if basic else {})}

    def _body(self, request: dict[str, Any]) -> dict[str, Any]:
        body = request.get("body", {"mode": ""})
        if body["mode"] == "raw":
            return {"content": self._filled(body["raw"])}
        if body["mode"] == "urlencoded":
            return {"data": {each["key"]: self._filled(each["value"]) for each in body["urlencoded"]}}
        if body["mode"] == "formdata":
            return {"files": {each["key"]: (each["src"], REPORT) for each in body["formdata"]}}
        return {}

    def _run(self, script: str, answer: httpx.Response) -> None:
        assert shutil.which("node"), "Node.js is needed: install it."
        given = f"const response = {{ code: {answer.status_code}, json: () => ({answer.text}) }};"
        pm = "const pm = { response, collectionVariables: { set: (...pair) => console.log(JSON.stringify(pair)) } };"
        done = subprocess.run(
            ["node", "--eval", given + pm + script], capture_output=True, text=True, timeout=30, check=True
        )
        self.variables |= dict(json.loads(line) for line in done.stdout.splitlines())

    def _filled(self, text: str) -> str:
        return re.sub(r"\{\{(\w+)\}\}", lambda found: self.variables[found[1]], text)


@pytest.mark.django_db(transaction=True)
def test_the_collection_can_be_sent_from_top_to_bottom(live_server: LiveServer) -> None:
    postman = Postman(live_server.url)
    statuses = [(item["name"], postman.send(item)) for folder in COLLECTION["item"] for item in folder["item"]]
    assert [(name, status) for name, status in statuses if not 200 <= status < 300] == []
    assert {name for name, _ in statuses} == set(ITEMS)
    assert statuses[-1][0] == CALLS["token_revoke"].operation["summary"]
