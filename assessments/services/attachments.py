"""Reports that come with an Order: recognised by their content, kept under our own names. Who may see them is not
decided here.
"""

from __future__ import annotations

import hashlib
import unicodedata
from contextlib import suppress

from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction

from assessments.errors import OrderPurged, UnsupportedAttachment
from assessments.models import Attachment, Order
from assessments.services.transitions import lock, touch
from core import audit
from core.api.parsing import LARGE_LIMIT, too_large

LARGEST = LARGE_LIMIT
# The first bytes, the type, the extension.
TYPES = (
    (b"%PDF-", "application/pdf", ".pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
)
LONGEST_NAME = 120
# What ends a name or means something to a shell, a header or a file system.
_UNSAFE = frozenset('"\\/:*?<>|;%')


def store(order: Order, *, name: str, content: bytes, request_id: str = "") -> tuple[Attachment, bool]:
    """The Attachment, and whether it is new: the same content is one Attachment, under its first name.

    Raises UnsupportedAttachment (neither PDF nor PNG, by its first bytes), PayloadTooLarge and OrderPurged.
    """
    if len(content) > LARGEST:
        raise too_large(LARGEST)
    content_type, extension = _recognise(content)
    fingerprint = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        lock(order)
        if order.purged_at is not None:
            raise OrderPurged
        if known := Attachment.objects.filter(order=order, sha256=fingerprint).first():
            return known, False
        row = Attachment(
            organization_id=order.organization_id,
            order=order,
            name=safe_name(name, extension),
            content_type=content_type,
            size=len(content),
            sha256=fingerprint,
        )
        _keep(row, content)
        touch(order)
        audit.record(
            "attachment.stored",
            actor=order.partner.public_id,
            subject=order.public_id,
            organization=order.organization,
            attachment=row.public_id,
            call=request_id,
        )
        return row, True


def open_for(attachment: Attachment) -> File[bytes]:
    """The stored bytes, for somebody whom a selector let see the row."""
    attachment.file.open("rb")
    return attachment.file


def safe_name(name: str, extension: str) -> str:
    """What a person reads and a browser saves: no path, nothing invisible, the extension of what it really is."""
    visible = (" " if char.isspace() else char for char in name)
    kept = "".join(char for char in visible if unicodedata.category(char)[0] != "C" and char not in _UNSAFE)
    stem = " ".join(kept.split())
    if stem.lower().endswith(extension):
        stem = stem[: -len(extension)]
    return f"{stem[:LONGEST_NAME].strip(' .') or 'report'}{extension}"


def _recognise(content: bytes) -> tuple[str, str]:
    for magic, content_type, extension in TYPES:
        if content.startswith(magic):
            return content_type, extension
    raise UnsupportedAttachment


def _keep(row: Attachment, content: bytes) -> None:
    """The file first, then the row that names it; without the row the file would be nobody's."""
    row.file.save(row.public_id, ContentFile(content), save=False)
    try:
        row.save(force_insert=True)
    except BaseException:
        with suppress(OSError):
            row.file.delete(save=False)
        raise
