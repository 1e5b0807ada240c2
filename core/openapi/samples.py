"""The same call in curl, Python and JavaScript, written from its operation and its example. Pure.

What only the reader knows stands in braces: `{token}`, `{organization_token}`, `{order_id}`, `{client_id}`.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pprint import pformat
from typing import Any

from core.openapi.operations import FORM, JSON, MULTIPART, ORGANIZATION, PARTNER

Object = dict[str, Any]

# Whose token is sent → what stands for it.
TOKENS = {PARTNER: "{token}", ORGANIZATION: "{organization_token}"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """What a sample does. ``file`` is where an answer that is no JSON is written; ``scheme`` how it authenticates."""

    method: str
    url: str
    scheme: str = ""
    media: str = ""
    body: Any = None
    file: str = ""
    is_empty: bool = False


def call_of(operation: Object, *, method: str, path: str, base: str) -> Call:
    """The call of an operation's own example."""
    media, body = _example(operation)
    answer = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
    kinds = list(answer.get("content", {}))
    return Call(
        method=method.upper(),
        url=base + _filled(path, operation["parameters"]),
        scheme=next(iter(operation["security"][0])) if operation["security"] else "",
        media=media,
        body=body,
        file=_FILES.get(kinds[0], "") if len(kinds) == 1 else "",
        is_empty=not kinds,
    )


def samples(call: Call) -> list[Object]:
    """`x-codeSamples`."""
    written = {"curl": ("shell", curl), "Python": ("python", python), "JavaScript": ("javascript", javascript)}
    return [{"lang": lang, "label": label, "source": write(call)} for label, (lang, write) in written.items()]


def curl(call: Call) -> str:
    lines = [f"curl --fail-with-body {'' if call.method == 'GET' else f'-X {call.method} '}{_quoted(call.url)}"]
    if call.scheme in TOKENS:
        lines.append(f'-H "Authorization: Bearer {TOKENS[call.scheme]}"')
    if call.scheme == "client":
        lines.append('-u "{client_id}:{client_secret}"')
    if call.media == JSON:
        lines += ['-H "Content-Type: application/json"', f"-d {shlex.quote(_json(call.body))}"]
    if call.media == FORM:
        lines += [f"-d {shlex.quote(f'{name}={value}')}" for name, value in call.body.items()]
    if call.media == MULTIPART:
        lines += [f'-F "{part}=@{name}"' for part, name in call.body.items()]
    if call.file:
        lines.append(f"-o {call.file}")
    return " \\\n  ".join(lines)


def python(call: Call) -> str:
    arguments = [f'"{call.url}"']
    if call.scheme in TOKENS:
        arguments.append(f'headers={{"Authorization": "Bearer {TOKENS[call.scheme]}"}}')
    if call.scheme == "client":
        arguments.append('auth=("{client_id}", "{client_secret}")')
    if call.media in {JSON, FORM}:
        name = "json" if call.media == JSON else "data"
        arguments.append(f"{name}={pformat(call.body, sort_dicts=False, width=100)}")
    if call.media == MULTIPART:
        files = ", ".join(f'"{part}": ("{name}", Path("{name}").read_bytes())' for part, name in call.body.items())
        arguments.append(f"files={{{files}}}")
    listed = ",\n".join(_indented(argument) for argument in arguments)
    imports = _WITH_PATH if call.file or call.media == MULTIPART else "import httpx\n"
    return f"{imports}\nanswer = httpx.{call.method.lower()}(\n{listed},\n)\nanswer.raise_for_status()\n{_kept(call)}"


def javascript(call: Call) -> str:
    headers = _javascript_headers(call)
    options = [f'method: "{call.method}"'] if call.method != "GET" else []
    if headers:
        options.append(f"headers: {{ {', '.join(headers)} }}")
    if call.media == JSON:
        options.append(f"body: JSON.stringify({_json(call.body)})")
    if call.media == FORM:
        options.append(f"body: new URLSearchParams({_json(call.body)})")
    if call.media == MULTIPART:
        options.append("body: form")
    inner = "".join(f"{_indented(option)},\n" for option in options)
    asked = f'const answer = await fetch("{call.url}"{f", {{{_LINE}{inner}}}" if options else ""});\n'
    return f"{_form(call)}{asked}if (!answer.ok) throw new Error(await answer.text());\n{_shown(call)}"


# --- Parts ------------------------------------------------------------------------------------------------------

_LINE = "\n"
# What an answer that is no JSON is kept as.
_FILES = {"application/pdf": "resume.pdf", "application/octet-stream": "attachment.pdf"}
_WITH_PATH = "from pathlib import Path\n\nimport httpx\n"


def _example(operation: Object) -> tuple[str, Any]:
    content: Mapping[str, Any] = operation.get("requestBody", {}).get("content", {})
    return next(((media, kind["example"]) for media, kind in content.items()), ("", None))


def _filled(path: str, parameters: list[Object]) -> str:
    """The path with the examples of those of its parameters whose value is known beforehand."""
    known = {each["name"]: each["example"] for each in parameters if each.get("in") == "path" and "example" in each}
    return re.sub(r"\{(\w+)\}", lambda found: str(known.get(found[1], found[0])), path)


def _kept(call: Call) -> str:
    """What the Python sample does with the answer."""
    if call.file:
        return f'Path("{call.file}").write_bytes(answer.content)'
    return "print(answer.status_code)" if call.is_empty else "print(answer.json())"


def _shown(call: Call) -> str:
    """What the JavaScript sample does with the answer."""
    if call.file:
        return "console.log((await answer.blob()).size);"
    return "console.log(answer.status);" if call.is_empty else "console.log(await answer.json());"


def _javascript_headers(call: Call) -> list[str]:
    headers = {
        **{scheme: [f'Authorization: "Bearer {token}"'] for scheme, token in TOKENS.items()},
        "client": ['Authorization: "Basic " + btoa("{client_id}:{client_secret}")'],
    }.get(call.scheme, [])
    return [*headers, *(['"Content-Type": "application/json"'] if call.media == JSON else [])]


def _form(call: Call) -> str:
    if call.media != MULTIPART:
        return ""
    lines = ["const form = new FormData();"]
    for part, name in call.body.items():
        content = 'new Blob(["%PDF-1.7\\n%%EOF\\n"], { type: "application/pdf" })'
        lines.append(f'form.set("{part}", {content}, "{name}");')
    return "\n".join(lines) + "\n"


def _quoted(url: str) -> str:
    return f'"{url}"'


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
