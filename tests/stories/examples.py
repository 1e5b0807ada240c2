"""Sending the examples of the API's description, each after those that it says come before. No assertions here."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx

from core.openapi.operations import FORM, JSON, MULTIPART
from core.openapi.views import document

Operation = dict[str, Any]
REPORT = b"%PDF-1.7\n%%EOF\n"


class Call:
    """One operation of the document with its path and method."""

    def __init__(self, path: str, method: str, operation: Operation) -> None:
        self.path, self.method, self.operation = path, method, operation
        self.id: str = operation["operationId"]

    def sample(self, label: str) -> str:
        return str(next(each["source"] for each in self.operation["x-codeSamples"] if each["label"] == label))


CALLS = {
    operation["operationId"]: Call(path, method, operation)
    for path, methods in document()["paths"].items()
    for method, operation in methods.items()
}


class Sandbox:
    """A sandbox of its own at ``base``, and what its calls have given so far: the name in braces → value."""

    def __init__(self, base: str) -> None:
        self._client = httpx.Client(base_url=base, timeout=20)
        self._base = base
        self.values: dict[str, str] = {}
        self.send(CALLS["register"])
        self.send(CALLS["token"])
        self.values["token"] = self.values["access_token"]

    def prepare(self, call: Call) -> None:
        """Sends what comes before the call, so that its example finds what it needs."""
        for name in call.operation.get("x-after", []):
            self.prepare(CALLS[name])
            self.send(CALLS[name])

    def send(self, call: Call, **headers: str) -> httpx.Response:
        self._client.headers = httpx.Headers(headers)
        answer = self._client.request(call.method.upper(), self._path(call), **self._body(call), **self._auth(call))
        answer.raise_for_status()
        for name, pointer in call.operation.get("x-gives", {}).items():
            value = answer.json()
            for step in pointer.strip("/").split("/"):
                value = value[int(step)] if isinstance(value, list) else value[step]
            self.values[name] = value
        return answer

    def filled(self, text: str) -> str:
        """With our values for what stands in braces, and our address for the document's."""
        text = text.replace(document()["servers"][0]["url"], self._base)
        return re.sub(r"\{(\w+)\}", lambda found: self.values.get(found[1], found[0]), text)

    def _path(self, call: Call) -> str:
        examples = {each["name"]: str(each["example"]) for each in call.operation["parameters"] if "example" in each}
        return re.sub(r"\{(\w+)\}", lambda found: examples.get(found[1]) or self.values[found[1]], call.path)

    def _body(self, call: Call) -> dict[str, Any]:
        for media, kind in call.operation.get("requestBody", {}).get("content", {}).items():
            if media == MULTIPART:
                return {"files": {part: (name, REPORT) for part, name in kind["example"].items()}}
            return {{JSON: "json", FORM: "data"}[media]: json.loads(self.filled(json.dumps(kind["example"])))}
        return {}

    def _auth(self, call: Call) -> dict[str, Any]:
        schemes = {name for needed in call.operation["security"] for name in needed}
        if "oauth2" in schemes:
            return {"headers": {"Authorization": f"Bearer {self.values['token']}"}}
        if "organization" in schemes:
            return {"headers": {"Authorization": f"Bearer {self.values['organization_token']}"}}
        return {"auth": (self.values["client_id"], self.values["client_secret"])} if schemes else {}
