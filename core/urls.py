"""Pages of floor 1."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "core"
urlpatterns: list[URLPattern] = []
