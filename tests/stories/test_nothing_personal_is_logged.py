"""The whole product runs, a story goes wrong in many ways, and its log names no person and holds no secret."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes import partner_server as fakes
from tests.fakes.partner_server import partner_server
from tests.stories.programs import Program, running

PDF = b"%PDF-1.4\n%%EOF\n"
WAIT_SECONDS = 30

# Who and what must not be found; every value is like no other text of the product.
PERSON = {
    "first name": "Quintilla",
    "last name": "Zubrowskaya",
    "e-mail": "quintilla.z@postbox.example",
    "phone": "+351 912 555 777",
    "place": "Vila Praia Secreta",
    "developer": "Wilhelmina Oxenstierna",
    "developer's e-mail": "wilhelmina@oxprobe.example",
    "sign-in name": "wilhelmina.oxenstierna",
    "password": "eleven grey herons wade",
    "colleague": "new.colleague@oxprobe.example",
    "comment": "hesitated over pronouns",
    "note": "called about her visa",
}


@pytest.fixture
def site(embedded: dict[str, str], tmp_path: Path) -> Iterator[tuple[str, Program, Path]]:
    """Web, worker and beat, as they are in the embedded profile: its address, its program, its database."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    environment = {**embedded, "PUBLIC_URL": base, "BIND": f"127.0.0.1:{port}", "DEMO": "0"}
    server = (sys.executable, "-m", "gunicorn", "--config", "core/config/gunicorn_settings.py")
    with running(*server, env=environment, log=tmp_path / "server.log") as program:
        wait_until(lambda: answers(base), program)
        yield base, program, tmp_path / "db.sqlite3"


def answers(base: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{base}/livez", trust_env=False).status_code == 200
    return False


def wait_until(done: Callable[[], bool], program: Program) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while not done():
        assert time.monotonic() < until, program.output
        time.sleep(0.1)


class Browser:
    """Pages, and forms with their CSRF token."""

    def __init__(self, base: str) -> None:
        self.client = httpx.Client(base_url=base, trust_env=False, follow_redirects=True)

    def post(self, path: str, form: dict[str, Any] | None = None, **options: Any) -> httpx.Response:
        page = self.client.get(options.pop("form_on", path)).text
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token, page
        return self.client.post(path, data={**(form or {}), "csrfmiddlewaretoken": token[1]}, **options)


class Api:
    def __init__(self, base: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.client = httpx.Client(base_url=f"{base}/api/v1", headers=headers, trust_env=False)

    def __call__(self, method: str, path: str, body: Any = None, *, status: int) -> Any:
        """``body`` is a JSON value, or bytes that are none."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body else b""
        answer = self.client.request(method, path, content=content)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None


def shown(page: str, element: str) -> str:
    """A value that a page shows this once."""
    found = re.search(rf'id="{element}"[^>]*>([^<]+)<', page)
    assert found, page
    return found[1]


def test_the_log_of_a_full_story_names_nobody_and_holds_no_secret(site: tuple[str, Program, Path]) -> None:
    base, program, database = site
    known: dict[str, str] = dict(PERSON)
    with partner_server() as partner:
        partner.behave(fakes.status(500, f"cannot take {PERSON['first name']} {PERSON['e-mail']}".encode()))
        browser = register(base, known)
        api = Api(base, token_of(base, known))
        candidate, order = happy_path(browser, api, known, partner.url)
        refusals(base, browser, api, candidate, order, known)
        assert partner.wait_for(1, seconds=WAIT_SECONDS), program.output
        failures(browser, api, candidate, database, program)
    known |= {name: str(browser.client.cookies[name]) for name in ("sessionid", "csrftoken", "known_device")}
    told = program.output
    assert {name: value for name, value in known.items() if value in told} == {}
    its_lines_say_what_happened(told)


def register(base: str, known: dict[str, str]) -> Browser:
    browser = Browser(base)
    form = {"name": "Oxprobe", "person_name": PERSON["developer"], "email": PERSON["developer's e-mail"]}
    form |= {"sign_in_name": PERSON["sign-in name"], "password": PERSON["password"]}
    page = browser.post("/partners/register", form).text
    known["client id"], known["client secret"] = shown(page, "client-id"), shown(page, "client-secret")
    signed_in = Browser(base)
    signed_in.post("/login", {"username": PERSON["sign-in name"], "password": PERSON["password"]})
    return signed_in


def token_of(base: str, known: dict[str, str]) -> str:
    credentials = (known.pop("client id"), known["client secret"])
    answer = httpx.post(
        f"{base}/oauth/token", auth=credentials, data={"grant_type": "client_credentials"}, trust_env=False
    )
    known["access token"] = str(answer.json()["access_token"])
    return known["access token"]


def happy_path(browser: Browser, api: Api, known: dict[str, str], hooks: str) -> tuple[str, str]:
    """A type, an endpoint, a candidate with a résumé, an order, its result, and looking at all of it."""
    api("PUT", "/assessment-types/probe", {"name": "Probe", "kind": "skills"}, status=201)
    properties = {"score": {"type": "integer"}, "comment": {"type": "string"}}
    schema = {"schema": {"type": "object", "required": ["score"], "properties": properties}}
    api("POST", "/assessment-types/probe/result-schemas", schema, status=201)
    api("POST", "/assessment-types/probe/result-schemas/1/publish", status=200)
    endpoint = api("PUT", "/endpoints/order", {"url": f"{hooks}/hooks?key=h00kkey"}, status=201)
    known["signing secret"], known["key in a URL"] = endpoint["secret"].removeprefix("whsec_"), "h00kkey"
    api("POST", "/endpoints/order/ping", status=202)
    page = browser.post("/jobs/new", {"title": "Prober", "location": "", "stages": "Applied\nProbed"})
    form = {"first_name": PERSON["first name"], "last_name": PERSON["last name"], "email": PERSON["e-mail"]}
    form |= {"phone": PERSON["phone"], "location": PERSON["place"], "time_zone": "Europe/Lisbon"}
    form["stage"] = re.findall(r'<option value="(stg_\w+)"', browser.client.get("/candidates/new").text)[0]
    page = browser.post("/candidates/new", form, files={"resume": ("Zubrowskaya.pdf", PDF, "application/pdf")})
    assert PERSON["last name"] in page.text
    candidate = page.url.path.rpartition("/")[2]
    order = api("POST", "/sandbox/orders", {"assessment_type": "probe", "candidate": candidate}, status=201)["id"]
    api("POST", f"/orders/{order}/accept", {"reference": PERSON["e-mail"]}, status=201)
    api("POST", f"/orders/{order}/updates", {"kind": "note", "note": PERSON["note"]}, status=201)
    document = {"score": 91, "comment": PERSON["comment"]}
    api("POST", f"/orders/{order}/results", {"kind": "final", "document": document}, status=201)
    page = browser.client.get(f"/orders/{order}")
    assert PERSON["comment"] in page.text
    assert PERSON["last name"] in browser.client.get(f"/candidates?q={PERSON['last name']}").text
    assert browser.client.get(f"/candidates/{candidate}").status_code == 200
    return candidate, order


def refusals(base: str, browser: Browser, api: Api, candidate: str, order: str, known: dict[str, str]) -> None:
    """What people and programs get wrong, each with something that must not be repeated."""
    wrong = {"kind": "amended", "document": {"score": PERSON["e-mail"], "comment": PERSON["comment"]}}
    api("POST", f"/orders/{order}/results", wrong, status=422)
    api("POST", f"/orders/{order}/results", f'{{"kind": "{PERSON["last name"]}'.encode(), status=400)
    api("GET", f"/orders/{PERSON['e-mail']}", status=404)
    Api(base, known["signing secret"])("GET", "/orders", status=401)
    invited = browser.post("/team/invitations", {"email": PERSON["colleague"], "role": "recruiter"}, form_on="/team")
    known["invitation"] = re.findall(r"/invitations/([\w-]{20,})", invited.text)[0]
    stranger = Browser(base)
    assert stranger.client.post(f"/invitations/{known['invitation']}").status_code == 403
    assert stranger.client.get(f"/{PERSON['last name']}").status_code == 404
    for _ in range(6):
        last = stranger.post("/login", {"username": PERSON["sign-in name"], "password": PERSON["note"]})
    assert last.status_code == 429
    registered = {"client_name": "Other", "contacts": ["other@oxprobe.example"]}
    made = httpx.post(f"{base}/oauth/register", json=registered, trust_env=False).json()
    known["sign-in link"] = made["sandbox"]["sign_in_url"].rpartition("/")[2]
    stranger.client.get(f"/sandbox/{known['sign-in link']}")
    report = {"csp-report": {"document-uri": f"{base}/candidates/{candidate}", "script-sample": PERSON["comment"]}}
    assert stranger.client.post("/csp-reports", json=report).status_code == 204
    assert stranger.client.get("/livez", headers={"Host": "quintilla.z.postbox.example"}).status_code == 400
    garbage(base, f"GET /{PERSON['e-mail']} {PERSON['last name']}\r\n{PERSON['phone']}\r\n\r\n")


def garbage(base: str, said: str) -> None:
    """What is no HTTP at all."""
    host, port = base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(said.encode())
        connection.recv(100)


def failures(browser: Browser, api: Api, candidate: str, database: Path, program: Program) -> None:
    """The database refuses, and quotes what it was given, as PostgreSQL does: for a page, and for the worker."""
    said = f"Key (email)=({PERSON['e-mail']}) already exists"
    page = browser.client.get(f"/candidates/{candidate}/edit").text
    with refusing(database, "UPDATE ON core_candidate", said):
        form = dict(re.findall(r'<input type="(?:text|email|tel)" name="(\w+)" value="([^"]*)"', page))
        form = {"first_name": PERSON["first name"], "last_name": PERSON["last name"], "email": PERSON["e-mail"], **form}
        assert browser.post(f"/candidates/{candidate}/edit", form).status_code == 500
    with refusing(database, "UPDATE ON partners_delivery", said):
        api("POST", "/endpoints/order/ping", status=202)
        wait_until(lambda: "delivering_broke" in program.output, program)


@contextlib.contextmanager
def refusing(database: Path, what: str, said: str) -> Iterator[None]:
    with contextlib.closing(sqlite3.connect(database, timeout=20)) as connection:
        connection.execute(f"CREATE TRIGGER refuses BEFORE {what} BEGIN SELECT RAISE(ABORT, '{said}'); END")
        connection.commit()
        yield
        connection.execute("DROP TRIGGER refuses")
        connection.commit()


def its_lines_say_what_happened(told: str) -> None:
    """All that went wrong left a trace: the log was not silent, it was discreet."""
    lines = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    events = {(line["event"], line.get("route")) for line in lines}
    assert {
        ("http.failed", "assessments:contact"),
        ("http.refused", "core:invitation"),
        ("csp.violation", None),
        ("login.held_back", None),
        ("delivering_broke", None),
    } <= events
    kinds = {line["exception"].splitlines()[0] for line in lines if "exception" in line}
    assert "sqlite3.IntegrityError" in kinds
