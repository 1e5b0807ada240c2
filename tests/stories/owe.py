"""Owes a partner many deliveries in an empty database: `python -m tests.stories.owe URL COUNT` prints their ids."""

from __future__ import annotations

import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402  settings first
from django.db import transaction  # noqa: E402

from tests.partners.delivery import scene  # noqa: E402

if __name__ == "__main__":
    url, count = sys.argv[1], int(sys.argv[2])
    call_command("migrate", verbosity=0)
    installation = scene.installation(scene.partner())
    scene.endpoint(installation.partner, url)
    with transaction.atomic():
        for number in range(count):
            print(scene.owed(installation, f"ord_{number}").event.public_id)
