"""What a person has chosen for a detector of intrusion, for the panel and for the codes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Self

from ..safety.arming import ARMED, Mode, PanelSettings, Sense, Watch

MODES: Final = tuple(mode for mode in Mode if mode is not Mode.DISARMED)
AWAY: Final = (Mode.AWAY, Mode.VACATION, Mode.CUSTOM)
"""Modes in which nobody is to move inside."""


def usual_modes(sense: Sense) -> tuple[Mode, ...]:
    """Return the modes that a detector starts with."""
    return AWAY if sense in (Sense.MOTION, Sense.PERSON) else MODES


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """When a detector of intrusion counts; `left_open` is in minutes."""

    sense: Sense = Sense.OPENING
    modes: tuple[Mode, ...] = MODES
    delayed: bool = False
    left_open: float | None = None

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Self:
        """Read what a detector has under `watch`."""
        sense = Sense(data.get("sense", Sense.OPENING))
        modes = data.get("modes")
        minutes = data.get("left_open")
        return cls(
            sense,
            usual_modes(sense) if modes is None else tuple(map(Mode, modes)),
            data.get("delayed", False),
            float(minutes) if minutes else None,
        )

    def watch(self) -> Watch:
        """Return what the kernel needs to know."""
        seconds = None if self.left_open is None else self.left_open * 60.0
        return Watch(self.sense, ARMED.intersection(self.modes), self.delayed, seconds)


@dataclass(frozen=True, slots=True)
class PanelOptions:
    """What a person has chosen for the panel; delays are in seconds."""

    exit_delay: float = 60.0
    entry_delay: float = 30.0
    report_from: int = 2
    code_arm_required: bool = False
    cameras: tuple[str, ...] = ()

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any] | None) -> Self:
        """Read what the entry holds under `panel`."""
        chosen = data or {}
        default = cls()
        return cls(
            float(chosen.get("exit_delay", default.exit_delay)),
            float(chosen.get("entry_delay", default.entry_delay)),
            int(chosen.get("report_from", default.report_from)),
            bool(chosen.get("code_arm_required", default.code_arm_required)),
            tuple(chosen.get("cameras", default.cameras)),
        )

    def as_data(self) -> dict[str, Any]:
        """Return the JSON of the entry."""
        return {
            "exit_delay": self.exit_delay,
            "entry_delay": self.entry_delay,
            "report_from": self.report_from,
            "code_arm_required": self.code_arm_required,
            "cameras": list(self.cameras),
        }

    def settings(self) -> PanelSettings:
        """Return what the kernel needs to know."""
        return PanelSettings(
            timedelta(seconds=self.exit_delay),
            timedelta(seconds=self.entry_delay),
            self.report_from,
        )


@dataclass(frozen=True, slots=True)
class CodeOptions:
    """A person's code. Only its hash is kept, and that is never shown."""

    name: str
    salt: str = field(repr=False)
    digest: str = field(repr=False)
    duress_digest: str | None = field(default=None, repr=False)
    can_arm: bool = True
    can_disarm: bool = True

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Self:
        """Read the data of a subentry `code`."""
        return cls(
            data["name"],
            data["salt"],
            data["digest"],
            data.get("duress_digest"),
            data.get("can_arm", True),
            data.get("can_disarm", True),
        )

    def as_data(self) -> dict[str, Any]:
        """Return the JSON of the subentry."""
        return {
            "name": self.name,
            "salt": self.salt,
            "digest": self.digest,
            "duress_digest": self.duress_digest,
            "can_arm": self.can_arm,
            "can_disarm": self.can_disarm,
        }
