"""E24: a profile with twenty results, beside the same view-models drawn without a database, in one process.

`python -m tests.benchmarks.profile` fills a database, and prints figures and what a browser needs, as JSON.
"""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402  settings first
from django.http import HttpRequest  # noqa: E402
from django.template.loader import render_to_string  # noqa: E402
from django.test import Client as Browser  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment, teardown_test_environment  # noqa: E402

from core import panels  # noqa: E402
from core.config import memory  # noqa: E402
from core.models import Candidate  # noqa: E402
from tests.assessments import scene  # noqa: E402
from tests.assessments.scene import Shop, open_shop  # noqa: E402
from tests.benchmarks.documents import sixty_fields  # noqa: E402
from tests.benchmarks.seed import publish_type  # noqa: E402
from tests.world import make_world  # noqa: E402

RESULTS, ROUNDS = 20, 120


def main() -> dict[str, Any]:
    world = make_world()
    shop = open_shop("Bench", world.acme, world.application)
    _twenty_results(shop)
    browser, path = Browser(headers={"host": "127.0.0.1"}), f"/candidates/{world.ada.public_id}"
    browser.force_login(world.recruiter.user)
    browser.get(path)
    setup_test_environment()
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get(path)
    asked = len(queries)
    assert answer.content.count(b'id="card-') == RESULTS
    draw = _drawing(answer.wsgi_request, answer.context["candidate"], answer.context)
    # What is measured runs as in production: the test environment copies the context of each template drawn.
    teardown_test_environment()
    memory.settle()
    whole, drawn = (statistics.median(times) * 1000 for times in _in_turns(lambda: browser.get(path), draw))
    return {
        "figures": {
            "profile_queries": asked,
            "profile_vs_no_database": whole / drawn,
            "profile_ms": whole,
            "profile_drawn_ms": drawn,
        },
        "session": browser.cookies["sessionid"].value,
        "paths": [path, "/candidates", "/jobs", "/team", "/integrations", "/assessments", "/login", "/docs"],
    }


def _twenty_results(shop: Shop) -> None:
    schema, document = sixty_fields()
    kind = publish_type(shop, "sixty", schema)[0]
    for _ in range(RESULTS):
        scene.post(scene.place(shop, assessment_type=kind, fields={}), document)


def _drawing(request: HttpRequest, candidate: Candidate, context: Any) -> Callable[[], str]:
    """Draws the page again from what it was drawn from; the view-models are built, nothing is asked, but by the frame
    around the page whether its reader is a partner's person.
    """
    drawn = [(panel, panel.context(request, request.membership, candidate)) for panel in panels.panels()]  # type: ignore[attr-defined]  # set by the middleware
    rest = {name: context[name] for name in ("candidate", "applications", "may_edit", "decisions")}

    def draw() -> str:
        shown = [
            (panel, render_to_string(panel.template, {"panel": values, "candidate": candidate}, request))
            for panel, values in drawn
        ]
        return render_to_string("core/candidates/profile.html", {**rest, "panels": shown}, request)

    draw()
    with CaptureQueriesContext(connection) as queries:
        draw()
    assert len(queries) <= 1, [query["sql"] for query in queries]
    return draw


def _in_turns(*works: Callable[[], object]) -> list[list[float]]:
    """Seconds of each round of each, in a thread as a server has them."""
    times: list[list[float]] = [[] for _ in works]

    def take_turns() -> None:
        for _ in range(ROUNDS):
            for work, taken in zip(works, times, strict=True):
                began = time.perf_counter()
                work()
                taken.append(time.perf_counter() - began)

    thread = threading.Thread(target=take_turns)
    thread.start()
    thread.join()
    return times


if __name__ == "__main__":
    print(json.dumps(main()))
