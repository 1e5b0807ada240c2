"""Examples in several languages: which blocks are one, and how a reader's choice is kept."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from core.docs.library import library
from core.docs.rendering import LANGUAGES, render

SHELL, PYTHON, JAVASCRIPT = (
    "```sh\ncurl x\n```\n",
    "```python receiver\nprint(1)\n```\n",
    "```javascript\nlog(2);\n```\n",
)

EXAMPLE = re.compile(r"(?:^ *```(?:sh|python|javascript)\b[^\n]*\n.*?^ *```\n\n*)+", re.MULTILINE | re.DOTALL)
# What stands in an example that is not there in all three languages → why.
EXCEPTIONS = {
    "createServer": "A receiver is called by us; curl only calls.",
    "openapi-python-client generate": "A generator's command is for a shell.",
    "from kombo import Kombo": "Kombo's own client for Python, which its customers have already.",
    "import AuthenticatedClient": "The program of the client that was generated, in the language it was generated in.",
}


def shown(html: str) -> list[str]:
    """The code that is to be seen, without its colours."""
    seen = re.sub(r'<div data-language="\w+" hidden>.*?</div>\s*</div>', "", html, flags=re.DOTALL)
    return [re.sub(r"<[^>]+>", "", code).strip() for code in re.findall(r"<code id=.*?</code>", seen, re.DOTALL)]


def html_of(markdown: str, language: str = "curl") -> str:
    return render(markdown, file="a.md", urls={}, language=language).html


@pytest.mark.parametrize(("language", "code"), [("curl", "curl x"), ("python", "print(1)"), ("javascript", "log(2);")])
def test_blocks_of_several_languages_are_one_example_that_shows_the_chosen_one(language: str, code: str) -> None:
    html = html_of(f"{SHELL}\n{PYTHON}{JAVASCRIPT}", language)
    assert shown(html) == [code]
    assert re.findall(r'<a href="\?language=(\w+)#example-1"[^>]*>(\w+)</a>', html) == [
        (key, name) for key, (name, _block) in LANGUAGES.items()
    ]
    assert re.findall(r'data-language="(\w+)" aria-current="true"', html) == [language]


def test_an_example_that_is_not_there_in_the_chosen_language_shows_what_it_has() -> None:
    assert shown(html_of(PYTHON + JAVASCRIPT)) == ["print(1)"]
    assert shown(html_of(SHELL, "python")) == ["curl x"]


@pytest.mark.parametrize("between", ["Words.\n\n", "```json\n{}\n```\n", SHELL])
def test_blocks_with_something_between_them_or_of_one_language_are_examples_of_their_own(between: str) -> None:
    html = html_of(f"{SHELL}\n{between}\n{PYTHON}")
    assert "curl x" in shown(html)
    assert html.count('class="example"') == (1 if between == SHELL else 0)


def test_an_example_stands_in_a_list_and_all_of_it_is_found() -> None:
    indented = "".join(f"  {line}\n" for line in (SHELL + PYTHON).splitlines())
    rendered = render(f"- Item:\n\n{indented}", file="a.md", urls={})
    assert re.search(r"<li>.*example.*</li>", rendered.html, re.DOTALL)
    assert "print(1)" in rendered.passages[0].text


def test_a_choice_holds_for_the_guides_and_for_the_reference(db: None, client: Client) -> None:
    assert "import httpx" not in "".join(shown(client.get("/docs/quickstart").content.decode()))
    client.get("/docs/quickstart?language=python")
    assert "import httpx" in "".join(shown(client.get("/docs/quickstart").content.decode()))
    assert 'aria-current="page">Python<' in client.get("/docs/reference/orders").content.decode()
    client.get("/docs/reference/orders?language=javascript")
    assert 'data-language="javascript" aria-current="true"' in client.get("/docs/quickstart").content.decode()


def test_an_unknown_language_is_curl(db: None, client: Client) -> None:
    assert 'data-language="curl" aria-current="true"' in client.get("/docs/quickstart?language=cobol").content.decode()


def test_every_example_of_the_guides_is_there_in_every_language() -> None:
    languages = [block for _name, block in LANGUAGES.values()]
    narrower, whole = [], 0
    for entry in library().entries:
        for example in EXAMPLE.findall(library().markdown(entry)) if entry.file else ():
            if re.findall(r"^ *```(\w+)", example, re.MULTILINE) == languages:
                whole += 1
            else:
                narrower.append((entry.file, example, [word for word in EXCEPTIONS if word in example]))
    assert [(file, example) for file, example, reasons in narrower if not reasons] == []
    assert sorted(word for _file, _example, reasons in narrower for word in reasons) == sorted(EXCEPTIONS)
    assert whole > 50
