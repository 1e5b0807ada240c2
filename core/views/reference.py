"""The API reference, made from the OpenAPI document: an overview, and a page for each chapter. Open to anybody."""

from __future__ import annotations

from functools import cache

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_cookie

from core.docs.reference import Call, Chapter, chapters
from core.docs.rendering import LANGUAGES, code_block
from core.openapi.views import document
from core.views.docs import frame, language_of, with_examples


@require_safe
@vary_on_cookie
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "core/docs/reference.html", {**frame("reference"), "chapters": all_chapters()})


@require_safe
@vary_on_cookie
def chapter(request: HttpRequest, chapter: str) -> HttpResponse:
    """``?language=`` is that of the samples."""
    shown = next((each for each in all_chapters() if each.slug == chapter), None)
    if shown is None:
        raise Http404
    language = language_of(request)
    context = {
        **frame("reference"),
        "chapters": all_chapters(),
        "chapter": shown,
        "calls": [(call, _sample(call, language)) for call in shown.calls],
        "language": language,
        "languages": [(key, name) for key, (name, _lexer) in LANGUAGES.items()],
    }
    return with_examples(request, "core/docs/reference_chapter.html", context)


@cache
def all_chapters() -> tuple[Chapter, ...]:
    return chapters(document())


@cache
def _shown(source: str, lexer: str, identity: str) -> SafeString:
    # Ours, and escaped by the highlighter.
    return mark_safe(code_block(source, lexer, identity))  # noqa: S308


def _sample(call: Call, language: str) -> SafeString | None:
    name, lexer = LANGUAGES[language]
    return _shown(call.samples[name], lexer, f"sample-{call.id}") if call.samples else None
