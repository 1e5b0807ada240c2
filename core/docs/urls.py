"""The documentation site. Open to anybody; `/docs/errors` and the pages made by other floors stand with their views."""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from core.views import docs

app_name = "docs"
urlpatterns = [
    path("docs", RedirectView.as_view(pattern_name="docs:home")),
    path("docs/", docs.home, name="home"),
    path("docs/search", docs.search, name="search"),
    path("docs/<path:page>.md", docs.markdown, name="markdown"),
    path("docs/<path:page>", docs.page, name="page"),
    path("llms.txt", docs.llms, name="llms"),
]
