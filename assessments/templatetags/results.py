"""Template tags that show a result: a ResultView in, semantic HTML out."""

from __future__ import annotations

from typing import Any

from django import template

from assessments.rendering.viewmodel import Field, ResultView

register = template.Library()


@register.inclusion_tag("assessments/result/_headlines.html")
def render_headlines(view: ResultView) -> dict[str, Any]:
    """The headline numbers."""
    return {"headlines": view.headlines}


@register.inclusion_tag("assessments/result/_result.html")
def render_result(view: ResultView) -> dict[str, Any]:
    """Everything below the headlines."""
    return {"view": view}


@register.inclusion_tag("assessments/result/_field.html")
def render_field(field: Field) -> dict[str, Any]:
    """One value, without its label."""
    return {"field": field}
