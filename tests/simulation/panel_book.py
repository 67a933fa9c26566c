"""What an alarm panel has to do, written down a second time and more plainly.

The checker asks this book, not the kernel, whether an open door is an alarm.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from custom_components.zhian.safety.arming import Mode, Sense
from custom_components.zhian.safety.household import Detector, Household
from custom_components.zhian.safety.orders import Order, Refuse
from custom_components.zhian.safety.signals import (
    ArmRequested,
    DisarmRequested,
    Reading,
    Signal,
)
from custom_components.zhian.safety.vocabulary import Hazard, Level

EVER = datetime.min.replace(tzinfo=UTC)
"""From when on a home counts as armed once it is, whatever the clock does."""
SEEN = (Level.ALARM, Level.PRE_ALARM)
WORKING = (Level.NORMAL, Level.ALARM, Level.PRE_ALARM)


class PanelBook:
    """How the home is armed, as far as people and detectors have said."""

    def __init__(self, household: Household) -> None:
        """Begin disarmed."""
        self.household = household
        self.mode = Mode.DISARMED
        self.armed_from: datetime | None = None
        self.asked_at: datetime | None = None
        self.entry: tuple[datetime, datetime] | None = None
        self.entered: set[str] = set()
        self.bypassed: frozenset[str] = frozenset()
        self.raw: dict[str, Level] = {}

    def restart(self, household: Household) -> None:
        """Only what is on the disk stays."""
        self.household = household
        self.raw.clear()

    def contacts(self) -> Iterator[Detector]:
        """Yield the detectors of intrusion that do not always count."""
        for detector in self.household.detectors.values():
            if detector.hazard is Hazard.INTRUSION and not detector.watch.is_always:
                yield detector

    def is_armed(self, at: datetime) -> bool:
        """Whether the home is armed and everybody has left."""
        if self.mode is Mode.DISARMED or self.armed_from is None:
            return False
        return at >= self.armed_from or (self.asked_at or at) > at

    def is_entry_over(self, at: datetime) -> bool:
        """Whether somebody came in and has had the time to disarm."""
        return self.entry is not None and not self.entry[0] <= at < self.entry[1]

    def counts(self, reading: Reading, *, is_intruded: bool) -> bool:
        """Whether what a detector sees has to be an alarm, now."""
        detector = self.household.detectors[reading.detector]
        watch, at = detector.watch, reading.at
        self.raw[detector.id] = reading.level
        if reading.level not in SEEN or watch.is_always:
            return reading.level in SEEN
        if not self.is_armed(at) or self.mode not in watch.modes:
            return False
        if detector.id in self.bypassed:
            return False
        if is_intruded or self.is_entry_over(at):
            return True
        on_the_way = watch.sense is Sense.MOTION or detector.id in self.entered
        if watch.delayed or (self.entry is not None and on_the_way):
            self._enter(detector.id, at)
            return False
        return True

    def _enter(self, detector: str, at: datetime) -> None:
        if self.entry is None:
            self.entry = (at, at + self.household.panel.entry_delay)
        self.entered.add(detector)

    def end_exit(self, at: datetime) -> None:
        """What still stands open when everybody has left has the time to come in."""
        if self.armed_from is None or self.asked_at is None or not self.is_armed(at):
            return
        self.armed_from, self.asked_at = EVER, None
        for detector in self.contacts():
            if self.raw.get(detector.id) in SEEN and self._watches(detector):
                self._enter(detector.id, at)

    def end_entry(self) -> set[str]:
        """Return who came in and did not disarm."""
        entered = {d for d in self.entered if d in self.household.detectors}
        self.entry = None
        self.entered.clear()
        return entered

    def _watches(self, detector: Detector) -> bool:
        return self.mode in detector.watch.modes and detector.id not in self.bypassed

    def take(self, signal: Signal, orders: Sequence[Order]) -> str | None:
        """Note what a person has done; return what is wrong with the answer."""
        match signal:
            case DisarmRequested():
                self.mode = Mode.DISARMED
                self.armed_from = self.asked_at = self.entry = None
                self.entered.clear()
                self.bypassed = frozenset()
            case ArmRequested() if signal.mode is not self.mode:
                if any(isinstance(order, Refuse) for order in orders):
                    return None
                return self._arm(signal)
        return None

    def _arm(self, signal: ArmRequested) -> str | None:
        delay = self.household.panel.exit_for(signal.mode)
        self.mode, self.asked_at = signal.mode, signal.at if delay else None
        self.armed_from = signal.at + delay if delay else EVER
        unready = {
            detector.id
            for detector in self.contacts()
            if signal.mode in detector.watch.modes
            and self._is_in_the_way(detector, may_leave=bool(delay))
        }
        self.bypassed = frozenset(unready) if signal.force else signal.bypass
        if left := unready - self.bypassed:
            return f"armed over {sorted(left)}"
        return None

    def _is_in_the_way(self, detector: Detector, *, may_leave: bool) -> bool:
        level = self.raw.get(detector.id)
        if level not in WORKING:
            return True
        is_way_out = detector.watch.delayed or detector.watch.sense is Sense.MOTION
        return level in SEEN and not (may_leave and is_way_out)
