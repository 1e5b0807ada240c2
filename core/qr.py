"""QR codes as the path of an inline SVG: no file, no script, no style."""

from __future__ import annotations

from dataclasses import dataclass

import segno


@dataclass(frozen=True, kw_only=True, slots=True)
class QR:
    """``size`` modules on each side, the quiet zone of four included; ``path`` fills the dark ones, row by row."""

    size: int
    path: str


def qr(text: str) -> QR:
    """Of at most 2,300 bytes or so; raises ValueError for more."""
    border = 4
    matrix = segno.make_qr(text, error="m").matrix
    runs = [f"M{x + border} {y + border}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark]
    return QR(size=len(matrix) + 2 * border, path="".join(runs))
