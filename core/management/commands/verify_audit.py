"""``manage.py verify_audit``: whether the audit log is what was written, from its first record to its last."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core import audit_chain

_ANCHOR = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")


def anchor(text: str) -> tuple[int, str]:
    if (found := _ANCHOR.fullmatch(text)) is None:
        raise ArgumentTypeError("write it as this command printed it: POSITION:SEAL")
    return int(found[1]), found[2]


class Command(BaseCommand):
    help = "Verifies the hash chain of the audit log; exits with 1 at the first record that was tampered with."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--anchor", type=anchor, help="POSITION:SEAL as printed or logged earlier, kept elsewhere")

    def handle(self, *args: Any, **options: Any) -> None:
        found = audit_chain.verify(anchor=options["anchor"])
        self.stdout.write(f"{found.position} records hold; the last is {found.position}:{found.seal}")
        if found.oldest:
            age = int((timezone.now() - found.oldest).total_seconds())
            self.stdout.write(f"{found.unsealed} records are not sealed yet, the oldest for {age} s")
        if broken := found.broken:
            name = f"record {broken.record.pk}, {broken.record}" if broken.record else "no record"
            raise CommandError(f"The chain breaks at position {broken.position} ({name}): {broken.reason}.")
