"""Pages of a list that people look through, without counting all of a list that is long."""

from __future__ import annotations

from functools import cached_property

from django.core.paginator import Paginator

MOST = 200


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # not generic at run time
    """Django's own, that counts to MOST: whoever has more before them narrows the list rather than turn pages."""

    @property
    def count(self) -> int:
        return min(self._counted, MOST)

    @property
    def is_capped(self) -> bool:
        """Whether there are more."""
        return self._counted > MOST

    @cached_property
    def _counted(self) -> int:
        # In the order of the list: the index that gives the page gives these too.
        return int(self.object_list.values("pk")[: MOST + 1].count())  # type: ignore[attr-defined]  # of a queryset
