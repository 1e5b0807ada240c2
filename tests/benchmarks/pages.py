"""E24: what pages cost the server and weigh in a browser."""

from __future__ import annotations

import json
import statistics
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.benchmarks import servers
from tests.browser.conftest import CHROMIUM, FLAGS, weight

PROCESSES = 3
ROUNDS = 7
_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def measure(server_url: str) -> dict[str, float]:
    """Medians of several processes, each with a database of its own: where one lies in memory is a matter of luck."""
    runs = [_measured(server_url) for _ in range(PROCESSES)]
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def _measured(server_url: str) -> dict[str, float]:
    with servers.database(server_url, "pages") as url:
        env = servers.environment(url)
        servers.run("manage.py", "migrate", "--run-syncdb", "--verbosity=0", env=env)
        made = json.loads(servers.run("-m", "tests.benchmarks.profile", env=env))
        print(f"  a profile, beside drawing alone: {made['figures']['profile_vs_no_database']:.2f}", flush=True)
        with servers.gunicorn(env) as port:
            return {**made["figures"], **_in_chromium(f"http://127.0.0.1:{port}", made)}


def _in_chromium(base: str, made: dict[str, Any]) -> dict[str, float]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        context = browser.new_context()
        context.add_cookies([{"name": "sessionid", "value": made["session"], "url": base}])
        page = context.new_page()
        weights = {path: weight(page, base + path) / 1024 for path in made["paths"]}
        painted = statistics.median(_painted(page, base + made["paths"][0]) for _ in range(ROUNDS))
        browser.close()
    for path, kilobytes in weights.items():
        print(f"  {path}: {kilobytes:.0f} KB", flush=True)
    return {
        "page_fcp_ms": painted,
        "page_profile_kb": weights[made["paths"][0]],
        "page_largest_kb": max(weights.values()),
    }


def _painted(page: Page, url: str) -> float:
    """Milliseconds to the first contentful paint."""
    page.goto(url, wait_until="networkidle")
    return float(page.evaluate(_PAINTED))
