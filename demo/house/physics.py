"""The house as a closed loop: gas flows in, the valve stops it, windows clear it.

One well-mixed kitchen. With C the concentration of methane as a fraction of the
air, the mass balance is

    V dC/dt = leak * valve opening - Q(windows) * C

in m3 and m3/h. No clock and no network here: time arrives as an argument.

The air may run faster than the devices (`AIR_SPEED`), because a real kitchen
needs minutes to fill and to clear. Motors always run in real time, so at speed
20 a valve that takes 2 s to close lets in as much gas as a real one in 40 s: the
house is harsher than a real one, never kinder.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from math import exp

METHANE_LEL = 0.044
"""Lower explosive limit of methane as a fraction of the air (EN 60079-20-1)."""

AIR_SPEED = 20.0
"""Seconds of air per second of the demo."""

HOUR = 3600.0

WARM_UP = 3.0
"""Seconds that the detector measures nothing after power-on; a real one: minutes."""


class Leak(StrEnum):
    """How much gas the broken pipe lets out while the valve is open."""

    NONE = "none"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"

    @property
    def flow(self) -> float:
        """Return the flow in m3/h: a fitting, a burner without flame, a hose off."""
        return {"none": 0.0, "small": 0.4, "medium": 1.5, "large": 4.0}[self.value]


@dataclass(slots=True)
class Motor:
    """A motorised thing between 0 (closed) and 1 (open)."""

    travel: float
    """Seconds from one end to the other."""
    position: float
    target: float
    jammed: bool = False

    @property
    def is_moving(self) -> bool:
        """Return True while it is on its way."""
        return not self.jammed and self.position != self.target

    def advance(self, seconds: float) -> None:
        """Move on by that time."""
        if self.jammed:
            return
        step = seconds / self.travel
        if self.position < self.target:
            self.position = min(self.target, self.position + step)
        else:
            self.position = max(self.target, self.position - step)


@dataclass(slots=True)
class Air:
    """The air of the kitchen."""

    volume: float = 30.0
    """m3: 12 m2 under a ceiling of 2.5 m."""
    infiltration: float = 15.0
    """m3/h through gaps with everything closed: half an air change per hour."""
    window_flow: float = 250.0
    """m3/h through one window that is fully open, in a light wind."""
    fraction: float = 0.0

    @property
    def lel(self) -> float:
        """Return the concentration in percent of the lower explosive limit."""
        return 100 * self.fraction / METHANE_LEL

    def advance(self, seconds: float, inflow: float, windows: float) -> None:
        """Solve the balance over a time in which flows are constant.

        `inflow` is in m3/h of gas, `windows` the sum of the windows' openings.
        """
        exchange = self.infiltration + self.window_flow * windows
        end = inflow / exchange
        decay = exp(-exchange / self.volume * seconds / HOUR)
        self.fraction = min(1.0, end + (self.fraction - end) * decay)


@dataclass(slots=True)
class GasDetector:
    """A detector of the better sort: measures, alarms, has to warm up."""

    alarm_at: float = 10.0
    quiet_below: float = 8.0
    warm_up: float = WARM_UP
    alarm: bool = False
    fault: bool = False
    dead: bool = False
    battery: int = 97
    lel: float = 0.0

    @property
    def is_warming_up(self) -> bool:
        """Return True until it can measure."""
        return self.warm_up > 0

    def advance(self, seconds: float, lel: float) -> None:
        """Look at the air; the alarm falls back by itself, without a latch."""
        self.warm_up = max(0.0, self.warm_up - seconds)
        if self.is_warming_up:
            return
        self.lel = min(100.0, round(lel, 1))
        self.alarm = self.lel >= (self.quiet_below if self.alarm else self.alarm_at)


@dataclass(slots=True)
class House:
    """Everything that is physical."""

    air_speed: float = AIR_SPEED
    leak: Leak = Leak.NONE
    air: Air = field(default_factory=Air)
    detector: GasDetector = field(default_factory=GasDetector)
    valve: Motor = field(default_factory=lambda: Motor(2.0, 1.0, 1.0))
    windows: tuple[Motor, Motor] = field(
        default_factory=lambda: (Motor(3.0, 0.0, 0.0), Motor(3.0, 0.0, 0.0))
    )
    siren: bool = False
    door_open: bool = False
    water: bool = False

    def advance(self, seconds: float) -> None:
        """Let that much of the demo's time pass; use steps well under a second."""
        for motor in (self.valve, *self.windows):
            motor.advance(seconds)
        self.air.advance(
            seconds * self.air_speed,
            self.leak.flow * self.valve.position,
            sum(window.position for window in self.windows),
        )
        self.detector.advance(seconds, self.air.lel)
