"""Everything held about a candidate as a ZIP: a JSON file for each kind of rows, the files, and a manifest.

It is streamed row by row: however much there is, it takes the memory of one row, and no file of ours holds it. Who of
the organization did what is left out: they are other persons.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

from django.core.files.storage import default_storage
from django.utils import timezone

from assessments.holdings import KINDS, Kind
from assessments.models import Attachment
from assessments.services.attachments import safe_name
from assessments.trails import Trail, named_backfills, traces_of, trail_of
from core import audit
from core.models import Candidate, User
from core.secrets import decrypt

FORMAT = 1
_CHUNK = 64 * 1024
# Columns that hold JSON as the text that came.
_JSON_TEXTS = frozenset({"document", "normalised", "fields", "body"})
# Columns that hold such a text sealed.
_SEALED_TEXTS = frozenset({"was"})
_EXTENSIONS = {"application/pdf": ".pdf", "image/png": ".png"}


def export(candidate: Candidate, *, actor: User | str) -> Iterator[bytes]:
    """The ZIP in pieces; audited before the first one. The caller may close it at any moment."""
    trail = trail_of(candidate, named_backfills(candidate))
    trail = replace(trail, traces=traces_of(candidate, trail))
    audit.record("candidate.exported", actor=actor, subject=candidate.public_id, organization=candidate.organization)
    return _streamed(candidate, trail)


def file_name(candidate: Candidate) -> str:
    """Without the person's name, which has no place in a folder of downloads."""
    return f"{candidate.public_id}.zip"


class _Pipe:
    """A file that can only be written, and handed on piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is open."""

    def taken(self) -> bytes:
        pieces, self._pieces = b"".join(self._pieces), []
        return pieces


def _streamed(candidate: Candidate, trail: Trail) -> Iterator[bytes]:
    pipe, counts = _Pipe(), {}
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for kind in KINDS:
            if kind.exported:
                counts[kind.name] = 0
                with archive.open(f"{kind.name}.json", "w") as member:
                    for number, piece in enumerate(_rows(kind, trail)):
                        member.write(piece)
                        counts[kind.name] = number
                        yield pipe.taken()
        files = {}
        for name, path in _files(candidate, trail):
            with suppress(FileNotFoundError), default_storage.open(path) as stored:
                files[name] = stored.size
                with archive.open(name, "w") as member:
                    for piece in iter(lambda: stored.read(_CHUNK), b""):
                        member.write(piece)
                        yield pipe.taken()
        archive.writestr("manifest.json", _text(_manifest(candidate, counts, files)))
    yield pipe.taken()


def _rows(kind: Kind, trail: Trail) -> Iterator[bytes]:
    """A JSON list, a row at a time; the last piece ends it."""
    rows = kind.rows(trail).order_by("pk").values_list(*kind.exported.values())
    before = "["
    for row in rows.iterator(100):
        values = {name: _readable(name, value) for name, value in zip(kind.exported, row, strict=True)}
        yield (before + "\n" + _text(values)).encode()
        before = ","
    yield b"[]\n" if before == "[" else b"\n]\n"


def _readable(name: str, value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if name in _SEALED_TEXTS:
        return json.loads(decrypt(value))
    if name in _JSON_TEXTS and isinstance(value, str):
        with suppress(ValueError):
            return json.loads(value)
    return value


def _files(candidate: Candidate, trail: Trail) -> Iterable[tuple[str, str]]:
    """Names in the ZIP, and where they are stored."""
    if candidate.resume:
        yield "files/resume.pdf", str(candidate.resume.name)
    for row in Attachment.objects.filter(order__in=trail.orders).order_by("pk"):
        extension = _EXTENSIONS.get(row.content_type, PurePosixPath(row.name).suffix)
        yield f"files/{row.public_id}/{safe_name(row.name, extension)}", str(row.file.name)


def _manifest(candidate: Candidate, counts: dict[str, int], files: dict[str, int]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "candidate": candidate.public_id,
        "organization": candidate.organization.public_id,
        "exported_at": timezone.now().astimezone(UTC).isoformat(),
        "kinds": {
            kind.name: {"file": f"{kind.name}.json", "rows": counts[kind.name]} for kind in KINDS if kind.exported
        },
        "files": [{"name": name, "bytes": size} for name, size in files.items()],
        "left_out": "Who of the organization did what, digests, and places in queues.",
    }


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)
