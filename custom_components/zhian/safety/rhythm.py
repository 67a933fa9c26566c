"""How often a device speaks of its own accord, learnt from what it has said."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final, Self

from .replacing import replace

ONE_WORD: Final = timedelta(seconds=30)
"""A device says several things at once; that is one word."""

LEARNT_FROM: Final = 12
LEARNT_FOR: Final = timedelta(days=1)
"""Nothing is expected of a device before so many words over a whole day: one that
speaks when a person is near is quiet at night."""

KEPT: Final = 64

TIMES_MEDIAN: Final = 4
TIMES_LONGEST: Final = 1.5
"""A device is silent after four of its usual pauses, and never before it was silent half
as long again as it ever was while it worked."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The pauses between a device's words, in seconds, the newest last."""

    pauses: tuple[float, ...] = ()
    longest: float = 0.0
    heard: float = 0.0
    """How long, in all, it was listened to while it worked."""
    last: datetime | None = None
    """Its last word in this run; a pause over a restart is nobody's."""

    def after_word(self, at: datetime) -> Self:
        """Return the rhythm after one more word of a device that works."""
        if self.last is None or at < self.last:
            return replace(self, last=at)
        if at - self.last < ONE_WORD:
            return self
        pause = (at - self.last).total_seconds()
        return replace(
            self,
            pauses=(*self.pauses, pause)[-KEPT:],
            longest=max(self.longest, pause),
            heard=self.heard + pause,
            last=at,
        )

    def after_silence(self, at: datetime) -> Self:
        """Return the rhythm after the word that ends a fault: the pause is not its."""
        return replace(self, last=at)

    @property
    def usual(self) -> timedelta | None:
        """The usual pause; None as long as none is known."""
        if len(self.pauses) < LEARNT_FROM or self.heard < LEARNT_FOR.total_seconds():
            return None
        return timedelta(seconds=median(self.pauses))

    def silent_after(self, at_least: timedelta) -> timedelta | None:
        """Return the pause that is too long; None for a device without a rhythm."""
        if (usual := self.usual) is None:
            return None
        longest = timedelta(seconds=self.longest)
        return max(at_least, TIMES_MEDIAN * usual, TIMES_LONGEST * longest)

    def silent_since(self, now: datetime, at_least: timedelta) -> datetime | None:
        """Return since when a device has been silent for too long, None if it is not."""
        limit = self.silent_after(at_least)
        if limit is None or self.last is None or now - self.last < limit:
            return None
        return self.last

    def as_data(self) -> dict[str, object]:
        """Return what is kept over a restart, as JSON."""
        return {
            "pauses": list(self.pauses),
            "longest": self.longest,
            "heard": self.heard,
        }

    @classmethod
    def from_mapping(cls, data: Mapping[str, object]) -> Self:
        """Read what was kept; begin anew with what cannot be understood."""
        pauses, longest, heard = (data.get(k) for k in ("pauses", "longest", "heard"))
        if (
            isinstance(pauses, list)
            and all(isinstance(pause, int | float) for pause in pauses)
            and isinstance(longest, int | float)
            and isinstance(heard, int | float)
        ):
            return cls(tuple(map(float, pauses)), float(longest), float(heard))
        return cls()
