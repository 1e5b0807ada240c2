"""A Postman collection (format 2.1) out of an OpenAPI document: a folder for each tag, an item for each call. Pure.

It can be sent from top to bottom. What needs a call of a later folder, and what ends something that others need, stands
in a folder of its own at the end; there a call that uses something up follows a second copy of what gives it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from core.openapi.document import AFTER, ENDS, GIVES
from core.openapi.operations import FORM, JSON, MULTIPART, ORGANIZATION, PARTNER

Object = dict[str, Any]
# operationId → path, method, operation.
Calls = Mapping[str, tuple[str, str, Object]]
FORMAT = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
LAST = "Last"
# What the calls without a token of ours authenticate with, and the variable that holds the token of the others.
CREDENTIALS = ("client_id", "client_secret")
TOKEN = "access_token"  # noqa: S105  # a name
ORGANIZATION_TOKEN = "organization_token"  # noqa: S105  # the same


def collection(document: Object) -> Object:
    """What a call gives to later ones it keeps in a variable: register, get a token, and all others can be sent."""
    calls = {
        operation["operationId"]: (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    return {
        "info": {
            "name": document["info"]["title"],
            "description": document["info"].get("description", ""),
            "schema": FORMAT,
        },
        "auth": {"type": "bearer", "bearer": _pairs({"token": _variable(TOKEN)})},
        "variable": _variables(document, calls),
        "item": list(_folders(document["tags"], calls)),
    }


def _folders(tags: list[Object], calls: Calls) -> Iterator[Object]:
    sent: set[str] = set()
    late: list[str] = []
    ending: list[str] = []
    for tag in tags:
        own = [name for name, call in calls.items() if call[2]["tags"] == [tag["name"]]]
        ends = [name for name in own if ENDS in calls[name][2]]
        waiting = [name for name in own if name not in ends]
        names = list(_sendable(waiting, sent, calls))
        late += waiting
        # What was there first goes last.
        ending = [*ends, *ending]
        if names:
            yield _folder(tag["name"], tag["description"], names, calls)
    names = list(_sendable(late, sent, calls))
    for name in ending:
        names += [*calls[name][2][ENDS], name]
        sent.add(name)
        names += _sendable(late, sent, calls)
    yield _folder(LAST, "What needs several of the folders above, and what ends something.", names, calls)


def _sendable(waiting: list[str], sent: set[str], calls: Calls) -> Iterator[str]:
    """Takes out of ``waiting`` what can be sent, each after what it needs, and notes it as ``sent``."""
    while ready := next((name for name in waiting if sent.issuperset(calls[name][2].get(AFTER, ()))), None):
        waiting.remove(ready)
        sent.add(ready)
        yield ready


def _folder(name: str, description: str, names: list[str], calls: Calls) -> Object:
    return {"name": name, "description": description, "item": [_item(each, calls) for each in names]}


def _variables(document: Object, calls: Calls) -> list[Object]:
    given = dict.fromkeys(name for _, _, operation in calls.values() for name in operation.get(GIVES, {}))
    values = {"base_url": document["servers"][0]["url"], **dict.fromkeys(given, "")}
    return _pairs(values)


def _item(name: str, calls: Calls) -> Object:
    path, method, operation = calls[name]
    auth = _own_auth(operation)
    return {
        "name": operation["summary"],
        "request": {
            "method": method.upper(),
            "description": _description(operation, calls),
            "header": _headers(operation),
            "url": _url(path, operation),
            **({"auth": auth} if auth else {}),
            **_body(operation),
        },
        "response": [],
        **_keeping(operation.get(GIVES, {})),
    }


def _description(operation: Object, calls: Calls) -> str:
    """With what has to be sent before."""
    first = [f"*{calls[name][2]['summary']}*" for name in operation.get(AFTER, ())]
    parts = (operation.get("description", ""), f"Needs first: {', '.join(first)}" if first else "")
    return "\n\n".join(part for part in parts if part)


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
