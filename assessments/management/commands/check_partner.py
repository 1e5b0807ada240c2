"""``manage.py check_partner``: a partner's whole conversation in its protocol, walked through in a sandbox."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments.check_report import Conformance, Step, report
from assessments.models import PartnerCheck
from assessments.services import checking
from core.errors import DomainError
from partners.models import Installation

TROUBLES = (Conformance.BROKEN, Conformance.SILENT)


class Command(BaseCommand):
    help = (
        "Walk through the whole conversation of a partner's protocol, in the sandbox where it is connected, and "
        "print what was sent, what came back, and which rule it breaks. The product must be running: the partner "
        "calls its doors. Fails if anything is broken or did not come."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("installation", help="the id of the installation (ins_…)")
        parser.add_argument("--seconds", type=int, default=120, help="how long the partner may take")

    def handle(self, *args: Any, **options: Any) -> None:
        installation = self._installation(options["installation"])
        try:
            check = checking.begin(installation, actor=None, patience=timedelta(seconds=options["seconds"]))
        except DomainError as refusal:
            raise CommandError(refusal.detail) from None
        while check.ended_at is None:
            checking.advance_due()
            time.sleep(0.2)
            check = PartnerCheck.objects.select_related("installation__partner").get(pk=check.pk)
        steps = report(check)
        for line in lines_of(check, steps):
            self.stdout.write(line)
        if troubles := [step for step in steps if step.conformance in TROUBLES]:
            raise CommandError(f"{len(troubles)} of {len(steps)} steps do not hold.")

    def _installation(self, installation_id: str) -> Installation:
        rows = Installation.objects.select_related("partner", "organization")
        try:
            return rows.get(public_id=installation_id)
        except Installation.DoesNotExist:
            raise CommandError(f"There is no installation {installation_id!r}.") from None


def lines_of(check: PartnerCheck, steps: list[Step]) -> list[str]:
    """The report as plain text."""
    dialect = checking.dialect_of(check.installation)
    lines = [f"{check.installation.partner.name}: {dialect.document}", ""]
    for step in steps:
        lines += [f"[{step.conformance}] {step.title}: {step.sentence}"]
        lines += [f"  Rule: {step.rule}"] if step.rule else []
        for word, text in (("Sent", step.sent), ("Came back", step.came)):
            lines += [f"  {word}:", *(f"    {line}" for line in text.splitlines())] if text else []
        lines.append("")
    return lines
