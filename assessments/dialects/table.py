"""The dialects we speak, by the name a Partner chooses. A new one is a module, and a line here."""

from __future__ import annotations

from assessments.dialects.ashby import Ashby
from assessments.dialects.base import Dialect
from assessments.dialects.greenhouse import Greenhouse
from assessments.dialects.kombo import Kombo
from assessments.dialects.native import Native
from assessments.dialects.recruitee import Recruitee
from assessments.dialects.workable import Workable

_ALL: tuple[Dialect, ...] = (Native(), Ashby(), Greenhouse(), Workable(), Recruitee(), Kombo())

DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in _ALL}
