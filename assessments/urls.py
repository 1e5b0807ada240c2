"""Pages of the assessments floor."""

from __future__ import annotations

from django.urls import path

from assessments.views import vocabulary

app_name = "assessments"
urlpatterns = [
    path("schemas/display/v1", vocabulary.meta_schema, name="display_vocabulary"),
]
