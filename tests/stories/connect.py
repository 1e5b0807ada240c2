"""Connects a vendor in a sandbox of its own, in a migrated database: `python -m tests.stories.connect FOLDER` prints
what the program in examples/partners has to know, as JSON.
"""

from __future__ import annotations

import json
import sys

import django

django.setup()

from django.conf import settings  # noqa: E402  settings first

from assessments.demo import connected  # noqa: E402
from core.models import Organization  # noqa: E402
from partners.services import sandboxes  # noqa: E402

if __name__ == "__main__":
    sandbox = Organization.objects.create(name="Conformance sandbox", is_sandbox=True)
    sandboxes.furnish(sandbox)
    ours = next(ours for ours in connected.connect(sandbox) if ours["folder"] == sys.argv[1])
    print(json.dumps({"platform_url": settings.PUBLIC_URL, **ours}))
