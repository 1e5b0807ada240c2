"""Pages of floor 1. Each view: parse, one service or selector, answer."""

from __future__ import annotations
