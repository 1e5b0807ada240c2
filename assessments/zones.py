"""Moments in people's own time zones: the end of a day, quiet hours, how a moment reads there. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# Nobody is bothered between these hours of their own clock, nor on a Saturday or Sunday there.
QUIET_FROM, QUIET_UNTIL = 20, 8
_SATURDAY = 5
_LAST_MINUTE = time(23, 59)


def zone_of(name: str) -> ZoneInfo:
    """The zone of that IANA name; UTC for none, and for one that nobody knows."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def end_of_day(moment: datetime, zone: ZoneInfo, *, days: int = 0) -> datetime:
    """The last minute of the day so many days after the moment's, by the clocks of that zone; in UTC."""
    day = moment.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, _LAST_MINUTE, tzinfo=zone).astimezone(UTC)


def out_of_quiet(moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment itself; where it is quiet then in that zone, the end of the quiet hours. In UTC."""
    local = moment.astimezone(zone)
    day = local.date() + timedelta(days=1 if local.hour >= QUIET_FROM else 0)
    is_weekend = day.weekday() >= _SATURDAY
    if not is_weekend and QUIET_UNTIL <= local.hour < QUIET_FROM:
        return moment.astimezone(UTC)
    if is_weekend:
        day += timedelta(days=7 - day.weekday())
    return datetime.combine(day, time(QUIET_UNTIL), tzinfo=zone).astimezone(UTC)


def quiet_from(moment: datetime, zone: ZoneInfo) -> datetime:
    """When the quiet hours after this moment begin in that zone, where it is not quiet then. In UTC."""
    return datetime.combine(moment.astimezone(zone).date(), time(QUIET_FROM), tzinfo=zone).astimezone(UTC)


def reads(moment: datetime, zone: ZoneInfo) -> str:
    """As a clock of that zone shows it, such as ``1 Dec 2026, 23:59``."""
    return f"{moment.astimezone(zone):%-d %b %Y, %H:%M}"
