"""What an alarm will move, asked of the kernel before there is one."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from ..safety.decide import decide
from ..safety.incident import Incident
from ..safety.interlock import why_hindered
from ..safety.orders import Drive
from ..safety.signals import Reading
from ..safety.state import State
from ..safety.vocabulary import Level, Phase


class Reflexes:
    """The drives of each detector's first alarm, ready before the decision is.

    Deciding means writing a timeline, and a valve should not wait for that. As long as no
    alarm was raised, what an alarm moves hangs on the home and on the open pre-alarms
    alone, not on time, readings or positions: so the kernel can be asked in advance. It
    decides all the same when the alarm is there; the drives are the same ones.
    """

    def __init__(self, state: State, now: Callable[[], datetime]) -> None:
        """Ask for a home in which nothing is wrong."""
        self._now = now
        self._quiet = {
            detector: _drives(State(state.household), detector, now())
            for detector in state.household.detectors
        }
        self._incidents: Mapping[str, Incident] | None = None
        self._drives: Mapping[str, tuple[Drive, ...]] = {}
        self.adapt(state)

    def adapt(self, state: State) -> None:
        """Ask anew if incidents have changed; never on the safety path."""
        if state.incidents is self._incidents:
            return
        self._incidents = state.incidents
        if not state.incidents:
            self._drives = self._quiet
        elif all(i.phase is Phase.PRE_ALARM for i in state.incidents.values()):
            self._drives = {
                detector: _drives(state, detector, self._now())
                for incident in state.incidents.values()
                for detector in incident.detectors
                if detector in state.household.detectors
            }
        else:
            self._drives = {}

    def to(self, reading: Reading, state: State) -> tuple[Drive, ...]:
        """Return what a reading moves at once, if that was asked for this state."""
        if reading.level is not Level.ALARM or state.incidents is not self._incidents:
            return ()
        drives = self._drives.get(reading.detector, ())
        return drives if not state.hindered else tuple(_unhindered(state, drives))


def _unhindered(state: State, drives: tuple[Drive, ...]) -> Iterator[Drive]:
    """Leave out what the surroundings of a window have something against by now."""
    for drive in drives:
        actuator = state.household.actuators[drive.actuator]
        if why_hindered(state, actuator, drive.target) is None:
            yield drive


def _drives(state: State, detector: str, at: datetime) -> tuple[Drive, ...]:
    if state.household.detectors[detector].quorum > 1:
        return ()  # whether its word is an alarm hangs on what others say then
    _, orders = decide(state, Reading(detector, Level.ALARM, at))
    return tuple(order for order in orders if isinstance(order, Drive))
