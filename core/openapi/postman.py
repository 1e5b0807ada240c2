"""A Postman collection (format 2.1) out of an OpenAPI document: a folder for each tag, an item for each call. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

from core.openapi.document import GIVES
from core.openapi.operations import FORM, JSON, MULTIPART, ORGANIZATION, PARTNER

Object = dict[str, Any]
FORMAT = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
# What the calls without a token of ours authenticate with, and the variable that holds the token of the others.
CREDENTIALS = ("client_id", "client_secret")
TOKEN = "access_token"  # noqa: S105  # a name
ORGANIZATION_TOKEN = "organization_token"  # noqa: S105  # the same


def collection(document: Object) -> Object:
    """What a call gives to later ones it keeps in a variable: register, get a token, and all others can be sent."""
    calls = [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    return {
        "info": {
            "name": document["info"]["title"],
            "description": document["info"].get("description", ""),
            "schema": FORMAT,
        },
        "auth": {"type": "bearer", "bearer": _pairs({"token": _variable(TOKEN)})},
        "variable": _variables(document, calls),
        "item": [
            {
                "name": tag["name"],
                "description": tag["description"],
                "item": [_item(*call) for call in calls if call[2]["tags"] == [tag["name"]]],
            }
            for tag in document["tags"]
            if any(call[2]["tags"] == [tag["name"]] for call in calls)
        ],
    }


def _variables(document: Object, calls: list[tuple[str, str, Object]]) -> list[Object]:
    given = dict.fromkeys(name for _, _, operation in calls for name in operation.get(GIVES, {}))
    values = {"base_url": document["servers"][0]["url"], **dict.fromkeys(given, "")}
    return _pairs(values)


def _item(path: str, method: str, operation: Object) -> Object:
    auth = _own_auth(operation)
    return {
        "name": operation["summary"],
        "request": {
            "method": method.upper(),
            "description": operation.get("description", ""),
            "header": _headers(operation),
            "url": _url(path, operation),
            **({"auth": auth} if auth else {}),
            **_body(operation),
        },
        "response": [],
        **_keeping(operation.get(GIVES, {})),
    }


def _own_auth(operation: Object) -> Object | None:
    """Nothing for a call that takes the token of the whole collection."""
    scheme = next(iter(operation["security"][0])) if operation["security"] else ""
    client_id, client_secret = map(_variable, CREDENTIALS)
    basic = {"username": client_id, "password": client_secret}
    bearer = {"type": "bearer", "bearer": _pairs({"token": _variable(ORGANIZATION_TOKEN)})}
    return {PARTNER: None, ORGANIZATION: bearer, "client": {"type": "basic", "basic": _pairs(basic)}}.get(
        scheme, {"type": "noauth"}
    )


def _keeping(gives: Object) -> Object:
    """The script that keeps what the answer gives to later calls."""
    if not gives:
        return {}
    lines = ["const told = pm.response.json();"]
    for name, pointer in gives.items():
        place = "".join(f"[{json.dumps(step)}]" for step in pointer.split("/")[1:])
        lines.append(f"if (pm.response.code < 300) pm.collectionVariables.set({json.dumps(name)}, told{place});")
    return {"event": [{"listen": "test", "script": {"type": "text/javascript", "exec": lines}}]}


def _headers(operation: Object) -> list[Object]:
    return [{"key": "Content-Type", "value": JSON}] if JSON in _content(operation) else []


def _url(path: str, operation: Object) -> Object:
    segments = [re.sub(r"^\{(\w+)\}$", r":\1", segment) for segment in path.strip("/").split("/")]
    return {
        "raw": "{{base_url}}/" + "/".join(segments),
        "host": ["{{base_url}}"],
        "path": segments,
        "variable": [
            {
                "key": each["name"],
                "value": str(each.get("example", _variable(each["name"]))),
                "description": each["description"],
            }
            for each in _parameters(operation, "path")
        ],
        "query": [
            {"key": each["name"], "value": "", "description": each["description"], "disabled": True}
            for each in _parameters(operation, "query")
        ],
    }


def _body(operation: Object) -> Object:
    for media, kind in _content(operation).items():
        example = kind["example"]
        if media == JSON:
            text = _named(json.dumps(example, indent=2, ensure_ascii=False))
            return {"body": {"mode": "raw", "raw": text, "options": {"raw": {"language": "json"}}}}
        if media == FORM:
            form = {name: _named(value) for name, value in example.items()}
            return {"body": {"mode": "urlencoded", "urlencoded": _pairs(form)}}
        if media == MULTIPART:
            files = [{"key": part, "type": "file", "src": name} for part, name in example.items()]
            return {"body": {"mode": "formdata", "formdata": files}}
    return {}


def _content(operation: Object) -> Object:
    content: Object = operation.get("requestBody", {}).get("content", {})
    return content


def _parameters(operation: Object, where: str) -> list[Object]:
    return [each for each in operation["parameters"] if each.get("in") == where]


def _variable(name: str) -> str:
    return f"{{{{{name}}}}}"


def _named(text: str) -> str:
    """What stands in braces as Postman writes its variables."""
    return re.sub(r"\{(\w+)\}", r"{{\1}}", text)


def _pairs(values: Object) -> list[Object]:
    return [{"key": key, "value": value, "type": "string"} for key, value in values.items()]
