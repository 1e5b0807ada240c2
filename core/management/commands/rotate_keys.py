"""``manage.py rotate_keys``: everything sealed is sealed again under the first of ENCRYPTION_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.services import keys


class Command(BaseCommand):
    help = "Seals every encrypted column again under the first of ENCRYPTION_KEYS, while the product runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say what is still under an older key")

    def handle(self, *args: Any, **options: Any) -> None:
        wanting = 0
        for column in keys.sealed_columns():
            if options["check"]:
                tally = keys.survey(column)
                wanting += tally.old + tally.lost
                done = f"{tally.old} under an older key"
            else:
                tally = keys.rotate(column)
                wanting += tally.lost
                done = f"{tally.old} sealed again"
            self.stdout.write(f"{column}: {tally.current} current, {done}, {tally.lost} opened by no key")
        if wanting:
            raise CommandError(f"{wanting} rows are not under the first key.")
