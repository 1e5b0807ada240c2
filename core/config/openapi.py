"""The OpenAPI document of all floors: what each says of its calls, put together. drf-spectacular calls in here."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.generators import SchemaGenerator

from assessments import topics as assessment_topics
from assessments.api import components as assessment_components
from assessments.api import described as assessments
from core.api.versions import CURRENT
from core.errors import all_codes
from core.openapi import files, samples
from core.openapi.document import components, with_examples, written
from core.openapi.inspection import TabledSchema
from core.openapi.operations import Route
from core.openapi.problems import ordered, problem_examples
from core.openapi.webhooks import webhook
from partners import topics as partner_topics
from partners.api import components as partner_components
from partners.api import described as partners
from partners.delivery import readers
from partners.oauth import described as oauth

Object = dict[str, Any]

TAGS = {
    **oauth.TAGS,
    **partners.TAGS,
    **assessments.TAGS,
    **files.TAGS,
    "Webhooks": "What we tell you: calls to your endpoints, signed as Standard Webhooks says.",
}
ROUTES: tuple[Route, ...] = (*oauth.ROUTES, *files.ROUTES)
COMPONENTS = {**oauth.COMPONENTS, **partner_components.COMPONENTS, **assessment_components.COMPONENTS}
TOPICS = {
    **partner_topics.TOPICS,
    **{name: topic.sentence for name, topic in assessment_topics.TOPICS.items()},
    **{name: topic.sentence for name, topic in assessment_topics.ORGANIZATION_TOPICS.items()},
}


class DescribedSchema(TabledSchema):
    """`DEFAULT_SCHEMA_CLASS`."""

    operations = {**oauth.OPERATIONS, **partners.OPERATIONS, **assessments.OPERATIONS}
    parameters = {**partners.PARAMETERS, **assessments.PARAMETERS}
    guards = oauth.GUARDS
    other_caller = oauth.OTHER_CALLER


def only_ours(endpoints: list[Any], **_: Any) -> list[Any]:
    """`PREPROCESSING_HOOKS`: the calls of programs, whatever else is a DRF view."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith(("/api/v1/", "/oauth/"))]


def completed(result: Object, generator: SchemaGenerator, **_: Any) -> Object:
    """`POSTPROCESSING_HOOKS`: with all that is not found by looking at views."""
    base = settings.PUBLIC_URL
    described = {**COMPONENTS, **result.get("components", {}).get("schemas", {})}
    shared = components(described, problem_examples(all_codes()), oauth.security_schemes(base))
    paths = {**_routes(), **result["paths"]}
    return {
        **result,
        # With dots: generators make it the version of their package.
        "info": {**result["info"], "version": CURRENT.replace("-", ".")},
        "servers": [{"url": base}],
        "tags": [{"name": name, "description": sentence} for name, sentence in TAGS.items()],
        "paths": {
            path: {
                method: _with_samples(with_examples(operation, shared["schemas"]), path, method, base)
                for method, operation in methods.items()
            }
            for path, methods in sorted(paths.items(), key=_place)
        },
        "webhooks": {topic: webhook(topic, TOPICS[topic], sample) for topic, sample in readers.announced().items()},
        "components": shared,
    }


def _routes() -> Object:
    found: Object = {}
    for route in ROUTES:
        operation = written(
            route.operation,
            path=route.path,
            method=route.method,
            parameters={},
            security=route.security,
            errors=ordered(route.operation.errors),
            resolve=lambda _body: {},
        )
        found.setdefault(route.path, {})[route.method] = operation
    return found


def _place(entry: tuple[str, Object]) -> tuple[int, str]:
    """Tags in the guide's order, and within one by path."""
    path, methods = entry
    first = next(iter(methods.values()))["tags"][0]
    return list(TAGS).index(first), path


def _with_samples(operation: Object, path: str, method: str, base: str) -> Object:
    call = samples.call_of(operation, method=method, path=path, base=base)
    return {**operation, "x-codeSamples": samples.samples(call)}
