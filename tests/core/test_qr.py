"""QR codes as SVG paths say what they were made of."""

from __future__ import annotations

import re

import pytest
import segno

from core.qr import qr


def test_the_path_fills_exactly_the_dark_modules() -> None:
    text = "otpauth://totp/Assay%3Aadmin%40acme.example?secret=ABC&issuer=Assay"
    made = qr(text)
    matrix = segno.make_qr(text, error="m").matrix
    assert made.size == len(matrix) + 8
    filled = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", made.path)}
    assert filled == {(x + 4, y + 4) for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark}
    assert re.fullmatch(r"(M\d+ \d+h1v1h-1z)+", made.path)


def test_too_long_a_text_is_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        qr("x" * 5000)
