"""Reports: taken by their content, kept once, under names that harm nobody."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.errors import UnsupportedAttachment
from assessments.lifecycle import Status
from assessments.models import Attachment, Order
from assessments.services import attachments
from assessments.services.attachments import LARGEST, open_for, safe_name, store
from core.errors import PayloadTooLarge
from core.models import AuditRecord
from tests.assessments import scene
from tests.assessments.scene import PDF, PNG, Shop

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("content", "content_type", "name"), [(PDF, "application/pdf", "a.pdf"), (PNG, "image/png", "a.png")]
)
def test_a_report_is_stored_with_its_hash_under_our_own_name(
    order: Order, content: bytes, content_type: str, name: str
) -> None:
    row, is_new = store(order, name="a", content=content, request_id="req_1")
    assert is_new
    assert (row.content_type, row.name, row.size) == (content_type, name, len(content))
    assert row.sha256 == hashlib.sha256(content).hexdigest()
    assert row.file.name == f"attachments/{row.public_id[4:8]}/{row.public_id}"
    with open_for(row) as file:
        assert file.read() == content
    assert AuditRecord.objects.get(verb="attachment.stored").facts["attachment"] == row.public_id


def test_the_same_content_is_the_same_attachment(order: Order) -> None:
    first, _new = store(order, name="first.pdf", content=PDF)
    again, is_new = store(order, name="second.pdf", content=PDF)
    assert (again, again.name, is_new) == (first, "first.pdf", False)


def test_the_same_content_of_another_order_is_another_attachment(shop: Shop, order: Order) -> None:
    assert store(order, name="a", content=PDF)[0] != store(scene.place(shop), name="a", content=PDF)[0]


@pytest.mark.parametrize("content", [b"", b"MZ\x90", b"<html>%PDF-1.7", b"\x89PNG", b"GIF89a", b"PK\x03\x04"])
def test_what_is_neither_pdf_nor_png_is_refused_whatever_its_name(order: Order, content: bytes) -> None:
    with pytest.raises(UnsupportedAttachment):
        store(order, name="report.pdf", content=content)
    assert Attachment.objects.count() == 0


def test_ten_mebibytes_are_taken_and_no_byte_more(order: Order) -> None:
    with pytest.raises(PayloadTooLarge):
        store(order, name="a.pdf", content=PDF + b"0" * (LARGEST + 1 - len(PDF)))
    row, _new = store(order, name="a.pdf", content=PDF + b"0" * (LARGEST - len(PDF)))
    assert row.size == LARGEST


def test_a_report_of_an_order_that_has_ended_is_taken_too(shop: Shop) -> None:
    order = scene.in_status(shop, Status.CANCELLED)
    assert store(order, name="a", content=PDF)[1]


def test_no_file_stays_behind_without_its_row(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Attachment] = []

    def breaks(self: Attachment, **_: object) -> None:
        kept.append(self)
        raise RuntimeError

    monkeypatch.setattr(Attachment, "save", breaks)
    with pytest.raises(RuntimeError):
        store(order, name="a", content=PDF)
    assert not kept[0].file


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("Report 2026.pdf", "Report 2026.pdf"),
        ("Ergebnis für Zoë.PDF", "Ergebnis für Zoë.pdf"),
        ("../../etc/passwd", "etcpasswd.pdf"),
        ("C:\\reports\\a.pdf", "Creportsa.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe.pdf"),
        ('a"; filename="b.html', "a filename=b.html.pdf"),
        ("a\r\nSet-Cookie: x=1", "a Set-Cookie x=1.pdf"),
        ("", "report.pdf"),
        (" .. ", "report.pdf"),
        (".pdf", "report.pdf"),
        ("x" * 500, "x" * 120 + ".pdf"),
    ],
)
def test_a_name_is_for_reading_only(sent: str, shown: str) -> None:
    assert safe_name(sent, ".pdf") == shown


@given(st.text(max_size=400))
def test_no_name_breaks_a_header_or_a_path(sent: str) -> None:
    shown = safe_name(sent, ".png")
    assert shown.endswith(".png")
    assert len(shown) <= attachments.LONGEST_NAME + 4
    assert not set(shown) & set('\r\n\0"/\\')
    assert shown.isprintable()
