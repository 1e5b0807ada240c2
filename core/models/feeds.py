"""How far each change feed is numbered: Feed, and FeedMark, by which a moment finds its place in one."""

from __future__ import annotations

from django.db import models


class Feed(models.Model):
    """The counter of one change feed. Whoever numbers holds this row; written by ``core.feeds`` alone."""

    name = models.CharField(max_length=40, unique=True)
    # The largest position given so far. Positions leave gaps.
    position = models.BigIntegerField(default=0)
    marked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} {self.position}"


class FeedMark(models.Model):
    """At this moment the feed had come as far as this position."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="marks")
    at = models.DateTimeField()
    position = models.BigIntegerField()

    class Meta:
        indexes = [
            # The last mark before a moment.
            models.Index(fields=["feed", "at"], name="feed_mark_at"),
        ]

    def __str__(self) -> str:
        return f"{self.feed_id} {self.at} {self.position}"
