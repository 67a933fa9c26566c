"""How the home is armed, and what each detector of intrusion is part of."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class Mode(StrEnum):
    """What is watched: everything else is a detector's own matter."""

    DISARMED = "disarmed"
    HOME = "home"
    AWAY = "away"
    NIGHT = "night"
    VACATION = "vacation"
    CUSTOM = "custom_bypass"


ARMED: Final = frozenset(Mode) - {Mode.DISARMED}
LEAVING: Final = frozenset({Mode.AWAY, Mode.VACATION, Mode.CUSTOM})
"""Modes in which people go out, and need the time to."""
INDOORS: Final = frozenset({Mode.DISARMED, Mode.HOME, Mode.NIGHT})
"""Modes in which somebody may be in, whom an open door may have escaped."""


class Sense(StrEnum):
    """What a detector of intrusion notices."""

    OPENING = "opening"
    """A door or window that is open."""
    MOTION = "motion"
    """Somebody who moves inside."""
    BREAKAGE = "breakage"
    """Glass that breaks, or a blow against a door."""
    PERSON = "person"
    """A camera that knows a person when it sees one."""
    TAMPER = "tamper"
    """A hand on the devices themselves; watched day and night."""
    PANEL = "panel"
    """Another alarm panel, which has its own modes."""


@dataclass(frozen=True, slots=True)
class Watch:
    """When a detector of intrusion counts."""

    sense: Sense = Sense.OPENING
    modes: frozenset[Mode] = ARMED
    delayed: bool = False
    """Whether people come in past it: it starts the entry delay."""
    left_open: float | None = None
    """Seconds after which a door that stands open is told; None for never."""

    @property
    def is_always(self) -> bool:
        """Whether it counts in a disarmed home, too."""
        return self.sense in _ALWAYS


_ALWAYS: Final = frozenset({Sense.TAMPER, Sense.PANEL})


@dataclass(frozen=True, slots=True)
class PanelSettings:
    """What a person has chosen for the panel."""

    # 60 s to leave is customary; EN 50131-1 is said to allow 45 s to come in.
    exit_delay: timedelta = timedelta(seconds=60)
    entry_delay: timedelta = timedelta(seconds=30)
    report_from: int = 2
    """The score from which on the station is told."""

    def exit_for(self, mode: Mode) -> timedelta:
        """Return the time to leave; who stays in needs none."""
        return self.exit_delay if mode in LEAVING else timedelta()


@dataclass(frozen=True, slots=True)
class Panel:
    """How the home is armed now. It is kept over a restart, so it holds times only."""

    mode: Mode = Mode.DISARMED
    by: str | None = None
    """Who armed or disarmed last."""
    since: datetime | None = None
    exit_until: datetime | None = None
    """When the time to leave is over; None once it is."""
    entry_since: datetime | None = None
    entry_until: datetime | None = None
    """By when somebody who came in has to disarm."""
    entered: tuple[str, ...] = ()
    """Detectors that wait for the end of the entry delay."""
    bypassed: frozenset[str] = frozenset()
    """Detectors that somebody has chosen not to watch this time."""

    def is_leaving(self, at: datetime) -> bool:
        """Whether people still have time to leave.

        After a clock that was turned back nobody knows how long it was: then it is over.
        """
        return is_running(self.since, self.exit_until, at)

    def is_entering(self, at: datetime) -> bool:
        """Whether somebody who came in still has time to disarm."""
        return is_running(self.entry_since, self.entry_until, at)

    def is_armed(self, at: datetime) -> bool:
        """Whether detectors count that do not always do."""
        return self.mode is not Mode.DISARMED and not self.is_leaving(at)

    def watches(self, detector: str, watch: Watch) -> bool:
        """Whether a detector counts in this mode, once it is armed."""
        return self.mode in watch.modes and detector not in self.bypassed


def is_running(since: datetime | None, until: datetime | None, at: datetime) -> bool:
    """Whether a delay that has begun is not over."""
    if until is None:
        return False
    return at < until and (since is None or at >= since)
