"""The documentation site: every page is there, every link leads somewhere, and search finds what is written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from django.test import Client

from core.docs.contents import Entry, Section, read
from core.docs.library import ROOT, library
from core.docs.rendering import WRITTEN_ADDRESS, published, render
from core.views.reference import all_chapters

LINK = re.compile(r'href="(/docs[^"#]*|/llms\.txt|)(?:#([^"]*))?"')


@pytest.fixture
def pages(db: None, client: Client) -> dict[str, str]:
    """Address → HTML, of the whole site."""
    chapters = [f"/docs/reference/{chapter.slug}" for chapter in all_chapters()]
    urls = ["/docs/", *(entry.url for entry in library().entries), *chapters]
    answers = {url: client.get(url) for url in urls}
    assert {url for url, answer in answers.items() if answer.status_code != 200} == set()
    return {url: answer.content.decode() for url, answer in answers.items()}


def test_every_file_of_the_documentation_is_in_the_table() -> None:
    files = {str(path.relative_to(ROOT)) for path in ROOT.rglob("*.md") if path.parent.name != "adr"}
    assert files - {entry.file for entry in library().entries} == set()


def test_every_page_has_one_address_and_a_sentence() -> None:
    entries = library().entries
    assert len({entry.path for entry in entries}) == len(entries)
    assert [entry for entry in entries if not entry.sentence.endswith(".")] == []


def test_every_link_and_anchor_leads_somewhere(pages: dict[str, str], client: Client) -> None:
    anchors = {url: set(re.findall(r'\sid="([^"]+)"', html)) for url, html in pages.items()}
    wrong = []
    for url, html in pages.items():
        for path, anchor in LINK.findall(html):
            target = path or url
            if target not in pages and client.get(target).status_code != 200:
                wrong.append(f"{url}: {target}")
            elif anchor and anchor not in anchors.get(target, set()):
                wrong.append(f"{url}: {target}#{anchor}")
    assert wrong == []


@pytest.mark.parametrize(
    "path", ["../.env", "..%2f.env.example", "contents.toml", "adr/0001-one-json-parser", "%2e%2e/README", "no"]
)
def test_what_is_not_in_the_table_is_no_page(db: None, client: Client, path: str) -> None:
    assert [client.get(f"/docs/{path}{suffix}").status_code for suffix in ("", ".md")] == [404, 404]


def test_every_link_of_a_page_as_markdown_leads_somewhere(db: None, client: Client) -> None:
    wrong = []
    for entry in library().entries:
        if not entry.file:
            continue
        url = f"{entry.url}.md"
        for href in re.findall(r"\]\(([^)\s#]+)", client.get(url).content.decode()):
            target = urljoin(url, href)
            if target.startswith("/") and client.get(target).status_code != 200:
                wrong.append(f"{url}: {href}")
    assert wrong == []


def test_pages_name_our_own_address(db: None, client: Client, settings: Any) -> None:
    settings.PUBLIC_URL = "https://assay.example"
    for entry in library().entries:
        for url in (entry.url, f"{entry.url}.md") if entry.file else (entry.url,):
            assert WRITTEN_ADDRESS not in client.get(url).content.decode(), url
    for path in ("/docs/quickstart.md", "/docs/oauth.md"):
        assert "BASE=${BASE:-https://assay.example}\n" in client.get(path).content.decode()


def test_a_page_is_there_as_markdown_word_by_word(client: Client) -> None:
    answer = client.get("/docs/api/orders.md")
    assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert answer.content == (ROOT / "api/orders.md").read_bytes()


def test_the_changelog_is_the_one_of_the_repository(db: None, client: Client) -> None:
    html = client.get("/docs/changelog").content.decode()
    assert "<h1" in html
    assert ">Changelog</a>" in html
    assert client.get("/docs/changelog.md").content == (ROOT.parent / "CHANGELOG.md").read_bytes()


def test_the_index_for_programs_names_every_page_with_its_sentence(client: Client, settings: Any) -> None:
    text = client.get("/llms.txt").content.decode()
    lines = [line for line in text.splitlines() if line.startswith("- ")]
    assert lines[len(library().entries) :] == [
        f"- [The API as OpenAPI 3.1]({settings.PUBLIC_URL}/api/v1/openapi.json)",
        f"- [The API as a Postman collection]({settings.PUBLIC_URL}/api/v1/postman.json)",
    ]
    sentence = "From nothing to a rendered result in five minutes, with curl, Python or JavaScript."
    assert lines[0] == f"- [Quickstart]({settings.PUBLIC_URL}/docs/quickstart.md): {sentence}"


def test_search_finds_a_heading_before_mere_mentions(db: None, client: Client) -> None:
    found = library().index.search("Checking a signature")
    assert (found[0].url, str(found[0].heading)) == (
        "/docs/delivery#checking-a-signature",
        "<mark>Checking</mark> <mark>a</mark> <mark>signature</mark>",
    )
    html = client.get("/docs/search", {"q": "validation_failed"}).content.decode()
    assert 'href="/docs/errors#validation_failed"' in html


@pytest.mark.parametrize(
    ("query", "url"),
    [
        ("errors", "/docs/errors"),
        ("pagination", "/docs/api/feeds"),
        ("paginate", "/docs/api/feeds"),
        ("timeout", "/docs/delivery"),
        ("timeouts", "/docs/delivery"),
        ("idempotency", "/docs/api/idempotency"),
        ("backfill", "/docs/api/backfill"),
        ("order.placed", "/docs/reference/webhooks#on_order_placed"),
        ("result.received", "/docs/reference/webhooks#on_result_received"),
        ("accepting an order", "/docs/reference/orders#orders_accept"),
    ],
)
def test_search_knows_other_words_and_other_forms(query: str, url: str) -> None:
    assert library().index.search(query)[0].url == url


def test_search_gives_htmx_the_list_alone_and_everything_else_a_page(db: None, client: Client) -> None:
    fragment = client.get("/docs/search", {"q": "sandbox"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert "/docs/sandbox" in fragment
    assert "<html" in client.get("/docs/search", {"q": "sandbox"}).content.decode()
    assert client.get("/docs/search", headers={"HX-Request": "true"}).content.strip() == b""


def test_a_search_for_code_shows_it_and_runs_nothing(db: None, client: Client) -> None:
    html = client.get("/docs/search", {"q": "<script>alert(1)</script>" * 30}).content.decode()
    assert "<script>alert" not in html
    assert "Nothing found" in client.get("/docs/search", {"q": "xyzzyplugh"}).content.decode()


def test_headings_are_anchored_as_github_does_and_twins_are_told_apart() -> None:
    rendered = render("# A\n\n## `x-y`: who, what?\n\n## Same\n\n### Same\n", file="a.md", urls={})
    found = [(heading.level, heading.anchor, heading.text) for heading in rendered.headings]
    assert found == [(2, "x-y-who-what", "x-y: who, what?"), (2, "same", "Same"), (3, "same-1", "Same")]


def test_links_lead_within_the_site_or_away_and_those_to_other_files_are_words() -> None:
    urls = {"b.md": "/docs/b"}
    markdown = "[a](../b.md#c) [out](https://x.example/) [`gone`](../adr) [here](#top)\n\n```\n[x](y)\n```\n"
    text = published(markdown, file="api/a.md", urls=urls, address="https://ours.example")
    assert text == markdown.replace("[`gone`](../adr)", "`gone`")
    assert render(text, file="api/a.md", urls=urls).html.startswith(
        '<p><a href="/docs/b#c">a</a> <a href="https://x.example/" rel="noopener noreferrer">out</a> '
        '<code>gone</code> <a href="#top">here</a></p>\n'
    )


def test_markup_in_markdown_is_shown_and_not_obeyed() -> None:
    html = render("<b onclick=x>hi</b>\n\n[x](javascript:alert(1))\n\n```x-y\n<i>\n```\n", file="a.md", urls={}).html
    assert re.findall(r"<(?:b|i)\b|href", html) == []


def test_a_page_that_is_not_written_yet_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A")
    words = 'title = "T", sentence = "S."'
    pages = f'[{{file = "a.md", {words}}}, {{file = "b.md", {words}}}, {{path = "c", {words}}}]'
    (tmp_path / "contents.toml").write_text(f'[[sections]]\ntitle = "Start"\npages = {pages}\n')
    entries = (
        Entry(path="a", title="T", sentence="S.", file="a.md"),
        Entry(path="c", title="T", sentence="S."),
    )
    assert read(tmp_path) == (Section(title="Start", entries=entries),)


def test_every_page_whose_examples_can_be_run_is_run_by_a_test() -> None:
    runnable = [
        entry.file
        for entry in library().entries
        if entry.file and re.search(r"^ *```(sh|python|javascript)\n", library().markdown(entry), re.MULTILINE)
    ]
    places = (ROOT.parent / "tests").rglob("test_*doc*.py"), (ROOT.parent / "tests" / "stories").glob("test_*.py")
    read = "\n".join(path.read_text() for place in places for path in place)
    assert len(runnable) > 10
    assert [file for file in runnable if f'"{file.rpartition("/")[2]}"' not in read and f'"{file}"' not in read] == []
