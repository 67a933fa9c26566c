"""The alarm panel: arming, coming and going, and what counts while it is armed.

A detector of intrusion sees something most of the day. Whether that is an alarm, the
panel says; the rest of the kernel sees an alarm, or nothing.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from .arming import INDOORS, Mode, Panel, Sense
from .household import Detector
from .orders import Refuse
from .replacing import replace
from .signals import ArmRequested, DisarmRequested, Reading
from .state import State
from .turn import Turn
from .vocabulary import Hazard, Level, Message, Reason

LOST_GRACE: Final = timedelta(seconds=60)
"""How long a contact of an armed home may be silent: a router that restarts is no
burglar, and one with a jammer does not wait for hours."""

_SEES: Final = frozenset({Level.ALARM, Level.PRE_ALARM})


def contacts(state: State) -> Iterator[Detector]:
    """Yield the detectors of intrusion."""
    for detector in state.household.detectors.values():
        if detector.hazard is Hazard.INTRUSION:
            yield detector


# --- what a reading means ------------------------------------------------------------


def judged(turn: Turn, detector: Detector, reading: Reading) -> Reading:
    """Return a reading as it counts now: what nobody watches is no alarm."""
    if detector.hazard is not Hazard.INTRUSION:
        return reading
    _keep(turn, detector, reading)
    if reading.level not in _SEES or _counts(turn, detector):
        return reading
    return replace(reading, level=Level.NORMAL)


def _keep(turn: Turn, detector: Detector, reading: Reading) -> None:
    """Remember what is open, whether it counts or not."""
    openings = turn.state.openings
    if reading.level in _SEES:
        if detector.id not in openings:
            turn.change("openings", {**openings, detector.id: reading.at})
    elif detector.id in openings:
        left = {d: at for d, at in openings.items() if d != detector.id}
        turn.change("openings", left)
        _forget(turn, Message.LEFT_OPEN, detector.id)
    if reading.level.is_protecting:
        _forget(turn, Message.WATCH_LOST, detector.id)


def _counts(turn: Turn, detector: Detector) -> bool:
    """Whether what a detector sees is an alarm; it may begin the entry delay instead."""
    watch, state, panel = detector.watch, turn.state, turn.state.panel
    if watch.is_always:
        return True
    if not panel.is_armed(turn.at) or not panel.watches(detector.id, watch):
        return False
    if state.open_incident(Hazard.INTRUSION) is not None:
        return True
    is_entering = panel.is_entering(turn.at)
    if panel.entry_until is not None and not is_entering:
        return True  # the time to disarm is over
    follows = watch.sense is Sense.MOTION or detector.id in panel.entered
    if watch.delayed or (is_entering and follows):
        return not _enter(turn, detector.id)
    return True


def _enter(turn: Turn, detector: str) -> bool:
    """Let somebody who came in disarm in time; False if there is no time."""
    panel, delay = turn.state.panel, turn.state.household.panel.entry_delay
    if not delay:
        return False
    if panel.entry_until is None:
        panel = replace(panel, entry_since=turn.at, entry_until=turn.at + delay)
    if detector not in panel.entered:
        panel = replace(panel, entered=(*panel.entered, detector))
    if panel is not turn.state.panel:
        turn.change("panel", panel)
    return True


# --- arming --------------------------------------------------------------------------


def in_the_way(state: State, mode: Mode) -> tuple[str, ...]:
    """Return the detectors that a mode watches and that are open or do not work.

    With time to leave, the way out may be open, and somebody may still walk there.
    """
    may_leave = bool(state.household.panel.exit_for(mode))
    found = []
    for detector in contacts(state):
        watch = detector.watch
        if watch.is_always or mode not in watch.modes:
            continue
        sensed = state.readings.get(detector.id)
        works = sensed is not None and sensed.level.is_protecting
        may_be_open = may_leave and (watch.delayed or watch.sense is Sense.MOTION)
        if not works or (detector.id in state.openings and not may_be_open):
            found.append(detector.id)
    return tuple(found)


def arm(turn: Turn, request: ArmRequested) -> None:
    """Arm the home, unless an alarm is on or something is in the way."""
    state, at = turn.state, turn.at
    if state.open_incident(Hazard.INTRUSION) or state.panel.entry_until is not None:
        turn.refuse(Refuse(Reason.DISARM_FIRST))
        return
    if request.mode is state.panel.mode:
        return
    lacking = in_the_way(state, request.mode)
    left_out = frozenset(lacking) if request.force else request.bypass
    if set(lacking) - left_out:
        turn.refuse(Refuse(Reason.NOT_READY))
        return
    delay = state.household.panel.exit_for(request.mode)
    turn.change(
        "panel",
        Panel(
            request.mode,
            request.by,
            at,
            exit_until=at + delay if delay else None,
            bypassed=left_out,
        ),
    )
    for detector in sorted(left_out):
        turn.tell(Message.BYPASSED, subject=detector)


def disarm(turn: Turn, request: DisarmRequested) -> None:
    """Disarm the home; what it did because it was armed is for the caller to end."""
    turn.change("panel", Panel(Mode.DISARMED, request.by, turn.at))


def calmed(state: State, at: datetime) -> Iterator[Reading]:
    """Yield the readings of what counted until the home was disarmed."""
    for detector in contacts(state):
        sensed = state.readings.get(detector.id)
        if sensed is not None and sensed.level in _SEES:
            if not detector.watch.is_always:
                yield Reading(detector.id, sensed.level, at)


def is_held(state: State, detectors: tuple[str, ...]) -> bool:
    """Whether something that always counts still alarms: no code makes it well."""
    return any(
        (detector := state.household.detectors.get(name)) is not None
        and detector.watch.is_always
        and (sensed := state.readings.get(name)) is not None
        and sensed.level in _SEES
        for name in detectors
    )


# --- time ----------------------------------------------------------------------------


def on_time(turn: Turn) -> Iterator[Reading]:
    """End the delays that are over; yield what is an alarm by that."""
    panel = turn.state.panel
    if panel.exit_until is not None and not panel.is_leaving(turn.at):
        yield from _close_the_door(turn)
    panel = turn.state.panel
    if panel.entry_until is not None and not panel.is_entering(turn.at):
        yield from _end_entry(turn)
    _remind(turn)


def _close_the_door(turn: Turn) -> Iterator[Reading]:
    """The time to leave is over: what is still open has the time to come in."""
    turn.change("panel", replace(turn.state.panel, exit_until=None))
    for detector in contacts(turn.state):
        panel = turn.state.panel
        is_open = detector.id in turn.state.openings and not detector.watch.is_always
        if is_open and panel.watches(detector.id, detector.watch):
            if not _enter(turn, detector.id):
                yield Reading(detector.id, Level.ALARM, turn.at)


def _end_entry(turn: Turn) -> Iterator[Reading]:
    """Nobody has disarmed in time."""
    for name in turn.state.panel.entered:
        sensed = turn.state.readings.get(name)
        was_open = name in turn.state.openings
        yield Reading(name, Level.ALARM, turn.at)
        if sensed is not None and not was_open:
            # It has closed, or fallen silent, behind who came in.
            yield Reading(name, sensed.level, turn.at)
    panel = turn.state.panel
    if panel.mode is not Mode.DISARMED:
        turn.change(
            "panel", replace(panel, entry_since=None, entry_until=None, entered=())
        )


def _remind(turn: Turn) -> None:
    """Tell, once, of a door that stands open and of a contact that fell silent."""
    state = turn.state
    for name, since in state.openings.items():
        due = _left_open_at(state, name, since)
        if due is not None and turn.at >= due:
            _note(turn, Message.LEFT_OPEN, name)
    if not state.panel.is_armed(turn.at):
        return
    for detector in contacts(state):
        due = _lost_at(state, detector)
        if due is not None and turn.at >= due:
            _note(turn, Message.WATCH_LOST, detector.id)


def _left_open_at(state: State, name: str, since: datetime) -> datetime | None:
    detector = state.household.detectors.get(name)
    if detector is None or detector.watch.left_open is None:
        return None
    if state.panel.mode not in INDOORS or (Message.LEFT_OPEN, name) in state.noted:
        return None
    return since + timedelta(seconds=detector.watch.left_open)


def _lost_at(state: State, detector: Detector) -> datetime | None:
    sensed = state.readings.get(detector.id)
    if sensed is None or sensed.unprotected_since is None:
        return None
    if (Message.WATCH_LOST, detector.id) in state.noted:
        return None
    if not state.panel.watches(detector.id, detector.watch):
        return None
    return sensed.unprotected_since + LOST_GRACE


def _note(turn: Turn, message: Message, detector: str) -> None:
    turn.tell(message, subject=detector)
    turn.change("noted", turn.state.noted | {(message, detector)})


def _forget(turn: Turn, message: Message, detector: str) -> None:
    if (message, detector) in turn.state.noted:
        turn.change("noted", turn.state.noted - {(message, detector)})


def dues(state: State) -> list[datetime]:
    """Return when the panel needs a look."""
    panel = state.panel
    found = []
    if panel.exit_until is not None:
        found.append(panel.exit_until)
    if panel.entry_until is not None:
        found.append(panel.entry_until)
    for name, since in state.openings.items():
        if (due := _left_open_at(state, name, since)) is not None:
            found.append(due)
    if panel.mode is not Mode.DISARMED and panel.exit_until is None:
        found += [
            due
            for detector in contacts(state)
            if (due := _lost_at(state, detector)) is not None
        ]
    return found
