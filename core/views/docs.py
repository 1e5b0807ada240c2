"""The pages of the documentation site. Open to anybody; what is shown comes from the table, never from a path."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_cookie, vary_on_headers

from core.docs.contents import Entry
from core.docs.library import Library, library
from core.docs.rendering import DEFAULT_LANGUAGE, LANGUAGES

FILES = (("The API as OpenAPI 3.1", "core:openapi"), ("The API as a Postman collection", "core:postman"))
LONGEST_QUERY = 200
# The language of examples that was chosen last.
_COOKIE, _KEPT_FOR = "examples", 365 * 24 * 60 * 60


@require_safe
@vary_on_cookie
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "core/docs/home.html", frame("", library()))


@require_safe
@vary_on_cookie
def page(request: HttpRequest, page: str) -> HttpResponse:
    """``?language=`` is that of the examples."""
    books = library()
    entry = _written(books, page)
    rendered = books.page(entry, language_of(request))
    context = {
        **frame(entry.path, books),
        "entry": entry,
        # Made by our renderer from our own files, with HTML in Markdown switched off.
        "content": mark_safe(rendered.html),  # noqa: S308
        "headings": rendered.headings,
    }
    return with_examples(request, "core/docs/page.html", context)


@require_safe
def markdown(request: HttpRequest, page: str) -> HttpResponse:
    """The page as Markdown, for programs."""
    books = library()
    return HttpResponse(books.markdown(_written(books, page)), content_type="text/markdown; charset=utf-8")


@require_safe
@vary_on_cookie
@vary_on_headers("HX-Request")
def search(request: HttpRequest) -> HttpResponse:
    """``?q=``: the passages that fit; only the list of them for htmx."""
    query = request.GET.get("q", "")[:LONGEST_QUERY].strip()
    books = library()
    context = {**frame("search", books), "query": query, "found": books.index.search(query)}
    is_fragment = "HX-Request" in request.headers
    return render(request, "core/docs/_found.html" if is_fragment else "core/docs/search.html", context)


@require_safe
def llms(request: HttpRequest) -> HttpResponse:
    """The index of the pages in the convention of llmstxt.org."""
    lines = [
        f"# {settings.PRODUCT_NAME}",
        "",
        "> Assessment vendors plug into hiring once: they declare results as JSON Schema, take orders, post results.",
    ]
    for section in library().sections:
        lines += ["", f"## {section.title}", "", *(_line(entry) for entry in section.entries)]
    lines += ["", "## Files", "", *(f"- [{title}]({settings.PUBLIC_URL}{reverse(name)})" for title, name in FILES)]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def frame(path: str, books: Library | None = None) -> dict[str, Any]:
    """What the frame of the site needs for the page at ``path``: the navigation and its neighbours."""
    books = books or library()
    before, after = books.beside(path) if books.entry(path) else (None, None)
    return {"sections": books.sections, "current": path, "before": before, "after": after}


def language_of(request: HttpRequest) -> str:
    """The one asked for, else the one chosen before, else curl."""
    asked = request.GET.get("language") or request.COOKIES.get(_COOKIE, "")
    return asked if asked in LANGUAGES else DEFAULT_LANGUAGE


def with_examples(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page, whose language the next one keeps if it was asked for."""
    response = render(request, template, context)
    if "language" in request.GET:
        response.set_cookie(
            _COOKIE,
            language_of(request),
            max_age=_KEPT_FOR,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
            path=reverse("docs:home"),
        )
    return response


def _line(entry: Entry) -> str:
    suffix = ".md" if entry.file else ""
    return f"- [{entry.title}]({settings.PUBLIC_URL}{entry.url}{suffix}): {entry.sentence}"


def _written(books: Library, path: str) -> Entry:
    entry = books.entry(path)
    if entry is None or not entry.file:
        raise Http404
    return entry
