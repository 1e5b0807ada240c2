"""Template tags of the design system. Presentation only: no query, no decision."""

from __future__ import annotations

from typing import Any

from django import template
from django.core.paginator import Page
from django.template.context import Context
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

# What a status means at a glance, for any model's status word that has no tone of its own.
STATUS_TONES = {
    "active": "info",
    "open": "good",
    "hired": "good",
    "approved": "good",
    "paused": "fair",
    "sandbox": "fair",
    "rejected": "poor",
    "removed": "poor",
    "suspended": "poor",
}


@register.inclusion_tag("core/_nav_link.html", takes_context=True)
def nav_link(context: Context, view_name: str, label: str, also: str = "") -> dict[str, Any]:
    """A link of the top bar, current on its page and below it; nothing where the name is not mounted.

    ``also`` is another path prefix that belongs to the same section.
    """
    try:
        url = reverse(view_name)
    except NoReverseMatch:
        return {"url": ""}
    path = context["request"].path
    below = path.startswith((f"{url}/", also) if also else f"{url}/")
    return {"url": url, "label": label, "current": "page" if path == url else "true" if below else ""}


@register.filter
def status_tone(status: str) -> str:
    """The tone of a status word; neutral for those that have none."""
    return STATUS_TONES.get(str(status), "neutral")


@register.filter
def initials(name: object) -> str:
    """At most two letters for an avatar: of the first and the last word."""
    words = str(name).replace("@", " ").split()
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


@register.filter
def with_breaks(text: object) -> SafeString:
    """An e-mail address that does not fit is broken behind its @, and not in the middle of a word."""
    return format_html_join(SafeString("@<wbr>"), "{}", ((part,) for part in str(text).split("@")))


@register.filter
def code_spans(sentence: str) -> SafeString:
    """What stands between backticks becomes code; everything is escaped."""
    parts = str(sentence).split("`")
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", part) if at % 2 else part,) for at, part in enumerate(parts))
    )


@register.filter
def page_numbers(page: Page[Any]) -> list[int | str]:
    """Page numbers around this one, with an ellipsis where some are left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))
