"""How long a person may be silent before somebody should ask.

Two kinds of limits, and the earlier one counts: fixed ones that a person has chosen, by
day and in all, and what is usual for this person at this hour, learnt from their last
28 days. Times are instants; only the hours of the day and the windows are local, so that
neither daylight saving nor a journey of the clock makes anybody silent.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from math import ceil
from typing import Any, Final, Self

from .vocabulary import Level

DAYS_KEPT: Final = 28
DAYS_NEEDED: Final = 14
"""With fewer days at an hour nobody knows what is usual then."""

_QUANTILE: Final = 0.95
"""Of 28 days the second longest silence counts: one odd day is not usual."""
_NEAR: Final = (-2, -1, 0, 1)
"""Hours whose silence is usual at an hour, too."""
_LEAST_MARGIN: Final = timedelta(hours=2)
_MARGIN: Final = 0.25
_SHORTEST: Final = timedelta(hours=3)
"""Less silence than this is never too long, however lively the person."""
_OBSERVED: Final = timedelta(minutes=30)
"""How much of an hour must have been watched for it to say anything."""

OUTAGE: Final = timedelta(hours=1)
"""A silence goes on over a shorter gap in the watch; after a longer one it begins anew."""

_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
_FURTHEST: Final = 24 * 30
"""Hours to look ahead; a usual silence is a few of them."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much silence is allowed; None where there is no fixed limit.

    `by_day` counts within the day's window only: a long night is no long silence. In
    `in_all` everything counts from the last sign of life on.
    """

    day_from: time = time(7)
    day_to: time = time(22)
    by_day: timedelta | None = timedelta(hours=12)
    in_all: timedelta | None = timedelta(hours=24)
    learns: bool = True

    def length(self) -> timedelta:
        """Return how long the day's window is."""
        span = _of_day(self.day_to) - _of_day(self.day_from)
        return span if span > timedelta() else span + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of one day: the longest silence that was reached in it."""

    longest: timedelta
    observed: timedelta

    @property
    def is_known(self) -> bool:
        """Whether enough of the hour was watched."""
        return self.observed >= _OBSERVED


type Day = tuple[Hour | None, ...]

_EMPTY: Final[Day] = (None,) * 24


class Routine:
    """What is known of one person's activity. It reads no clock; times come in."""

    def __init__(self, limits: Limits, zone: tzinfo, at: datetime) -> None:
        """Begin to watch: silence counts from now."""
        self.limits = limits
        self._zone = zone
        self.since = at
        """From when silence counts."""
        self.last: datetime | None = None
        """The last sign of life."""
        self.is_away = False
        self.lost_at: datetime | None = None
        """Since when no source works."""
        self._is_overdue = False
        self._is_learnable = True
        self._days: dict[date, Day] = {}
        self._usual: tuple[timedelta | None, ...] | None = None

    # --- what happens --------------------------------------------------------------

    def live(self, at: datetime) -> None:
        """Take in a sign of life."""
        self.last = at
        if self.is_away:
            return
        if self.lost_at is not None:
            self.regain(at)
        self._is_overdue = False
        silence = at - self.since
        if self._is_learnable and timedelta() <= silence < _MINUTE:
            return  # a lively room says the same many times a minute
        if self._is_learnable and silence > timedelta() and self.limits.learns:
            self._learn(self.since, at)
        self.since = at
        self._is_learnable = True

    def overstay(self) -> None:
        """The silence is too long: nothing but a sign of life, or a person, ends it.

        That sources were lost for a while does not mean that somebody is well.
        """
        self._is_overdue = True

    def forget(self) -> None:
        """Do not learn from the silence that is on: something was wrong with it."""
        self._is_learnable = False

    def leave(self) -> None:
        """Nobody is expected to move; this silence is neither counted nor learnt."""
        self.is_away = True
        self._is_overdue = False

    def come_back(self, at: datetime) -> None:
        """Somebody is at home again."""
        self.is_away = False
        self.begin_anew(at)

    def begin_anew(self, at: datetime) -> None:
        """Count from now on; what was before is neither counted nor learnt."""
        self.since = at
        self._is_learnable = True
        self._is_overdue = False

    @property
    def zone(self) -> tzinfo:
        """Whose hours count."""
        return self._zone

    def move_to(self, zone: tzinfo) -> None:
        """Count the hours of another zone; the silence that is on is of neither."""
        self._zone = zone
        self.forget()

    def lose(self, at: datetime) -> None:
        """No source works any more: silence proves nothing."""
        if self.lost_at is None:
            self.lost_at = at

    def regain(self, at: datetime) -> None:
        """A source works again; what was not watched does not count as silence."""
        if self.lost_at is None:
            return
        gone = at - max(self.lost_at, self.since)
        self.lost_at = None
        if self._is_overdue:
            self._is_learnable = False
        elif timedelta() <= gone <= OUTAGE:
            self.since += gone
            self._is_learnable = False
        else:
            self.since = at
            self._is_learnable = True

    # --- what follows --------------------------------------------------------------

    def level(self, at: datetime) -> Level:
        """Return what the silence says now.

        Without any limit that could be passed it says nothing: it is still learning.
        """
        if self.lost_at is not None:
            return Level.LOST
        if self.is_away:
            return Level.NORMAL
        if self._is_overdue:
            return Level.PRE_ALARM
        due = self.due()
        if due is None:
            return Level.WARMING_UP
        if at >= due:
            self.overstay()
            return Level.PRE_ALARM
        return Level.NORMAL

    def due(self) -> datetime | None:
        """Return when the person is asked if nothing happens until then."""
        if self.is_away or self.lost_at is not None:
            return None
        found = (self._due_in_all(), self._due_by_day(), self._due_as_usual())
        return min((at for at in found if at is not None), default=None)

    def _due_in_all(self) -> datetime | None:
        limit = self.limits.in_all
        return None if limit is None else self.since + limit

    def _due_by_day(self) -> datetime | None:
        limit = self.limits.by_day
        if limit is None:
            return None
        first = self.since.astimezone(self._zone).date()
        for days in range(-1, 4):
            begins, ends = self._window(first + timedelta(days=days))
            due = max(self.since, begins) + limit
            if due <= ends:
                return due
        return None

    def _window(self, day: date) -> tuple[datetime, datetime]:
        """Return when the window of a day begins and ends."""
        limits = self.limits
        is_over_midnight = limits.day_to <= limits.day_from
        last = day + timedelta(days=is_over_midnight)
        return (
            datetime.combine(day, limits.day_from, self._zone).astimezone(UTC),
            datetime.combine(last, limits.day_to, self._zone).astimezone(UTC),
        )

    def _due_as_usual(self) -> datetime | None:
        usual = self.usual()
        if not any(usual):
            return None
        begins = self.since
        for _ in range(_FURTHEST):
            local, ends = self._hour(begins)
            if (allowed := usual[local.hour]) is not None:
                due = max(self.since + allowed, begins)
                if due < ends:
                    return due
            begins = ends
        return None

    def usual(self) -> tuple[timedelta | None, ...]:
        """Return the silence that is allowed at each hour; None where it is not known.

        The hours beside it count, too: people sleep late now and then.
        """
        if self._usual is None:
            self._usual = self._learnt() if self.limits.learns else (None,) * 24
        return self._usual

    def _learnt(self) -> tuple[timedelta | None, ...]:
        longest = [self._quantile(hour) for hour in range(24)]
        allowed: list[timedelta | None] = []
        for hour in range(24):
            near = [longest[(hour + away) % 24] for away in _NEAR]
            known = [found for found in near if found is not None]
            if len(known) < len(near):
                allowed.append(None)
                continue
            most = max(known)
            margin = max(most * _MARGIN, _LEAST_MARGIN)
            allowed.append(max(most + margin, _SHORTEST))
        return tuple(allowed)

    def _quantile(self, hour: int) -> timedelta | None:
        found = sorted(
            at.longest
            for day in self._days.values()
            if (at := day[hour]) is not None and at.is_known
        )
        if len(found) < DAYS_NEEDED:
            return None
        return found[ceil(_QUANTILE * len(found)) - 1]

    @property
    def days_learnt(self) -> int:
        """Return how many days are known well enough: half of their hours or more."""
        return sum(
            sum(hour is not None and hour.is_known for hour in day) >= 12
            for day in self._days.values()
        )

    # --- learning --------------------------------------------------------------------

    def _learn(self, begins: datetime, ends: datetime) -> None:
        """Keep a silence that ended well, in each hour that it went through."""
        for start, local, stop in self._hours(begins, ends):
            day = self._days.get(local.date(), _EMPTY)
            before = day[local.hour] or Hour(timedelta(), timedelta())
            after = Hour(
                max(before.longest, stop - begins),
                min(before.observed + (stop - start), _HOUR),
            )
            hours = (*day[: local.hour], after, *day[local.hour + 1 :])
            self._days[local.date()] = hours
        self._trim(ends)
        self._usual = None

    def _trim(self, at: datetime) -> None:
        """Keep today and the last 28 days that are known."""
        today = at.astimezone(self._zone).date()
        past = sorted(day for day in self._days if day <= today)
        # A day that lies ahead was written by a clock that was wrong.
        kept = past[-DAYS_KEPT - 1 :]
        self._days = {day: self._days[day] for day in kept}

    def _hours(
        self, begins: datetime, ends: datetime
    ) -> Iterator[tuple[datetime, datetime, datetime]]:
        """Yield start, local time and end of each hour of the day in a span."""
        while begins < ends:
            local, stop = self._hour(begins)
            yield begins, local, min(stop, ends)
            begins = stop

    def _hour(self, at: datetime) -> tuple[datetime, datetime]:
        """Return the local time of an instant, and when its hour of the day ends."""
        local = at.astimezone(self._zone)
        passed = timedelta(
            minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )
        return local, at + _HOUR - passed

    # --- what is kept ------------------------------------------------------------------

    def as_data(self, at: datetime) -> dict[str, Any]:
        """Return what survives a restart, as JSON."""
        return {
            "since": self.since.isoformat(),
            "last": self.last.isoformat() if self.last else None,
            "seen": (self.lost_at or at).isoformat(),
            "overdue": self._is_overdue,
            "learnable": self._is_learnable,
            "away": self.is_away,
            "days": {
                day.isoformat(): [
                    None
                    if hour is None
                    else [_seconds(hour.longest), _seconds(hour.observed)]
                    for hour in hours
                ]
                for day, hours in self._days.items()
            },
        }

    @classmethod
    def restore(
        cls, limits: Limits, zone: tzinfo, at: datetime, data: Mapping[str, Any]
    ) -> Self:
        """Return the routine as it was kept; what cannot be read is begun anew.

        Until a source has spoken nothing is watched: the program was not running.
        """
        routine = cls(limits, zone, at)
        try:
            routine._take(data)
        except AttributeError, KeyError, TypeError, ValueError:
            routine = cls(limits, zone, at)
        if routine.since > at or (routine.lost_at or at) > at:
            # The clock was set back: nobody knows how long it was silent.
            routine.since, routine.lost_at = at, at
            routine.last = min(routine.last, at) if routine.last else None
        routine._trim(at)
        return routine

    def _take(self, data: Mapping[str, Any]) -> None:
        self._days = {
            date.fromisoformat(day): _hours_of(hours)
            for day, hours in data["days"].items()
        }
        self.since = _instant(data["since"])
        self.last = _instant(data["last"]) if data["last"] else None
        self.lost_at = _instant(data["seen"])
        self._is_overdue = bool(data["overdue"])
        self._is_learnable = bool(data["learnable"])
        self.is_away = bool(data["away"])


def _hours_of(hours: list[list[float] | None]) -> Day:
    if len(hours) != 24:
        raise ValueError("a day has 24 hours")
    return tuple(
        Hour(timedelta(seconds=hour[0]), timedelta(seconds=hour[1])) if hour else None
        for hour in hours
    )


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a time without a zone")
    return found.astimezone(UTC)


def _of_day(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)


def _seconds(span: timedelta) -> int:
    return round(span.total_seconds())
