"""Where browsers report what the content security policy refused. Nothing is stored: a line in the log for each report,
of words that we know; addresses and snippets of a report may hold anything, tokens and names too."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core.api.parsing import parse_json, take_body
from core.errors import DomainError, RateLimited
from core.limits import client_address, limit

log = structlog.get_logger(__name__)

_MOST_BYTES = 16 * 1024
_MOST_REPORTS = 10
_DIRECTIVES = {f"{kind}-src" for kind in ("child", "connect", "default", "font", "frame", "img", "manifest", "media")}
_DIRECTIVES |= {"object-src", "prefetch-src", "script-src", "script-src-attr", "script-src-elem", "style-src"}
_DIRECTIVES |= {"style-src-attr", "style-src-elem", "worker-src", "base-uri", "form-action", "frame-ancestors"}
_BLOCKED_WORDS = {"inline", "eval", "wasm-eval", "data", "blob"}


@csrf_exempt
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """``report-uri`` sends one object, ``report-to`` a list. The answer is empty: no browser reads it."""
    try:
        limit("csp_report", client_address(request))
        said = parse_json(take_body(request, limit=_MOST_BYTES), limit=_MOST_BYTES)
    except RateLimited as refusal:
        return HttpResponse(status=429, headers={"Retry-After": str(refusal.facts["retry_after"])})
    except DomainError:
        return HttpResponse(status=400)
    for violation in _violations(said):
        log.warning("csp.violation", **violation)
    return HttpResponse(status=204)


def _violations(said: Any) -> list[dict[str, str]]:
    reports = said if isinstance(said, list) else [said]
    objects = [report for report in reports[:_MOST_REPORTS] if isinstance(report, dict)]
    bodies = [report.get("csp-report", report.get("body")) for report in objects]
    return [_violation(body) for body in bodies if isinstance(body, dict)]


def _violation(body: dict[str, Any]) -> dict[str, str]:
    """Both spellings of both kinds of report, in words of ours."""
    directive = _text(body, "effectiveDirective", "effective-directive", "violated-directive").partition(" ")[0]
    return {
        "directive": directive if directive in _DIRECTIVES else "unknown",
        "blocked": _blocked(_text(body, "blockedURL", "blocked-uri")),
        "page": _page(_text(body, "documentURL", "document-uri")),
    }


def _text(body: dict[str, Any], *names: str) -> str:
    return next((body[name] for name in names if isinstance(body.get(name), str)), "")


def _blocked(address: str) -> str:
    """An address of ours, of somebody else, or the word that stands in its place."""
    word = address.partition(":")[0]
    if word in _BLOCKED_WORDS:
        return word
    return "ours" if f"{address}/".startswith(f"{settings.PUBLIC_URL}/") else "foreign"


def _page(address: str) -> str:
    """The name of its route, without what stands in its place holders."""
    try:
        return resolve(urlsplit(address).path).view_name
    except (Resolver404, ValueError):
        return "unknown"
