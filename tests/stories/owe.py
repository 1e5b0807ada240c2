"""Owes a partner many deliveries in a migrated database: `python -m tests.stories.owe URL COUNT` prints their ids."""

from __future__ import annotations

import sys

import django

django.setup()

from django.db import transaction  # noqa: E402  settings first

from tests.partners.delivery import scene  # noqa: E402

if __name__ == "__main__":
    url, count = sys.argv[1], int(sys.argv[2])
    installation = scene.installation(scene.partner())
    scene.endpoint(installation.partner, url)
    with transaction.atomic():
        for number in range(count):
            print(scene.owed(installation, f"ord_{number}").event.public_id)
