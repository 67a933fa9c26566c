"""What may not be moved, whoever wants it."""

from datetime import datetime, timedelta
from typing import Final

from .household import Actuator
from .incident import Incident
from .plan import AIR
from .signals import OpenRequested, ResetRequested
from .state import State
from .vocabulary import ActuatorRole, Hazard, Level, Phase, Position, Presence, Reason

CLEAR_BEFORE_OPENING: Final = timedelta(seconds=300)
"""How long every gas detector must have been known clear before gas may flow again."""

WINDOW_TIME: Final = timedelta(seconds=60)
WINDOW_LEVEL: Final = 25.0
"""%LEL. A window is moved in the first minute of an alarm or below this level only."""

CLOSING_HAZARDS: Final = frozenset({Hazard.GAS, Hazard.CARBON_MONOXIDE, Hazard.SMOKE})
"""Hazards that keep a gas valve locked out while their incident is open."""


def is_locked_out(state: State, actuator: Actuator) -> bool:
    """Whether a valve may not be opened because of an open incident."""
    hazards = _hazards_that_lock(actuator)
    return any(
        incident.hazard in hazards and incident.is_reportable and not incident.drill
        for incident in state.incidents.values()
    )


def _hazards_that_lock(actuator: Actuator) -> frozenset[Hazard]:
    match actuator.role:
        case ActuatorRole.GAS_VALVE:
            return CLOSING_HAZARDS
        case ActuatorRole.WATER_VALVE:
            return frozenset({Hazard.WATER})
        case _:
            return frozenset()


def why_not_drive(state: State, actuator: Actuator) -> Reason | None:
    """Return why an actuator may not be moved now at all, None if it may.

    While a gas incident is open nothing that could spark moves in its zone.
    """
    if actuator.is_safe_in_gas:
        return None
    if any(_reaches(incident, actuator) for incident in state.gas_incidents()):
        return Reason.NOT_IGNITION_SAFE
    return None


def _reaches(incident: Incident, actuator: Actuator) -> bool:
    """Whether an incident is where an actuator is; an unknown place is every place."""
    zones = incident.zones
    return actuator.zone is None or not zones or None in zones or actuator.zone in zones


def why_not_step(
    state: State, incident: Incident, actuator: Actuator, target: Position, at: datetime
) -> Reason | None:
    """Return why a plan's step may not be ordered now, None if it may."""
    if incident.drill and not _moves_in_drill(incident, actuator, target):
        return Reason.DRILL
    if reason := why_not_drive(state, actuator):
        return reason
    if _lets_air_in(actuator, target) and is_burning(state):
        return Reason.FEEDS_FIRE
    if reason := why_hindered(state, actuator, target):
        return reason
    if (
        actuator.role is ActuatorRole.WINDOW
        and target is Position.OPEN
        and any(
            not _may_open_window(state, gas, at)
            for gas in state.gas_incidents()
            if gas.alarm_since is not None
            and (gas.id == incident.id or _reaches(gas, actuator))
        )
    ):
        return Reason.LEVEL_TOO_HIGH
    return None


def why_hindered(state: State, actuator: Actuator, target: Position) -> Reason | None:
    """Return what its surroundings have against opening a window.

    One that something is in the way of is told to open all the same: its drive stops by
    itself, and the way may be free by now.
    """
    if actuator.role is not ActuatorRole.WINDOW or target is not Position.OPEN:
        return None
    reason = state.hindered.get(actuator.id)
    return None if reason is Reason.OBSTRUCTED else reason


def _lets_air_in(actuator: Actuator, target: Position) -> bool:
    if actuator.role is ActuatorRole.WINDOW:
        return target is Position.OPEN
    return actuator.role in AIR and target is Position.ON


def is_burning(state: State) -> bool:
    """Whether there is smoke: no plan may give air to a fire."""
    smoke = state.open_incident(Hazard.SMOKE)
    return smoke is not None and smoke.phase is Phase.ALARM


def _moves_in_drill(incident: Incident, actuator: Actuator, target: Position) -> bool:
    """Whether a drill may really move this: nothing that sparks, no gas valve to open."""
    opens_gas = (
        actuator.role is ActuatorRole.GAS_VALVE and target is not Position.CLOSED
    )
    return incident.moves and actuator.is_safe_in_gas and not opens_gas


def _may_open_window(state: State, gas: Incident, at: datetime) -> bool:
    began = gas.alarm_since or gas.opened_at
    return timedelta() <= at - began <= WINDOW_TIME or _is_low(state, gas, at)


def _is_low(state: State, gas: Incident, at: datetime) -> bool:
    """Whether every detector of a gas incident is clear or shows a low number."""
    for detector in gas.detectors:
        sensed = state.readings.get(detector)
        if sensed is not None and sensed.is_known_clear(at):
            continue
        if sensed is None or sensed.value is None or sensed.value >= WINDOW_LEVEL:
            return False
    return bool(gas.detectors)


def why_not_open(state: State, request: OpenRequested) -> Reason | None:
    """Return why a valve may not be opened for this person now, None if it may."""
    actuator = state.household.actuators.get(request.actuator)
    if actuator is None:
        return Reason.NO_SUCH_ACTUATOR
    hazards = _hazards_that_lock(actuator)
    if any(i.hazard in hazards and not i.drill for i in state.incidents.values()):
        return Reason.INCIDENT_OPEN  # a pre-alarm is reason enough
    if actuator.role is not ActuatorRole.GAS_VALVE:
        return why_not_drive(state, actuator)
    if not request.local:
        return Reason.NOT_ON_SITE
    if not request.confirmed:
        return Reason.NOT_CONFIRMED_BY_PERSON
    return _why_gas_is_not_clear(state, request.at)


def _why_gas_is_not_clear(state: State, at: datetime) -> Reason | None:
    gas = tuple(
        detector.id
        for detector in state.household.detectors.values()
        if detector.hazard is Hazard.GAS
    )
    if not gas:
        return None
    match state.presence(gas, at):
        case Presence.YES:
            return Reason.HAZARD_PRESENT
        case Presence.UNKNOWN:
            return Reason.DETECTOR_UNKNOWN
        case Presence.NO:
            clear = [state.readings[detector].clear_since for detector in gas]
            if all(since and at - since >= CLEAR_BEFORE_OPENING for since in clear):
                return None
            return Reason.NOT_CLEAR_LONG_ENOUGH


def why_not_reset(
    state: State, incident: Incident, request: ResetRequested
) -> Reason | None:
    """Return why this person may not end a real incident now, None if they may."""
    if not request.local:
        return Reason.NOT_ON_SITE
    if incident.hazard is Hazard.INACTIVITY:
        return None  # whoever resets it on site has seen how the person is
    if incident.hazard is Hazard.SOS:
        # Nothing measures whether somebody needs help. A button that is held does.
        held = any(
            sensed.level is Level.ALARM
            for detector in incident.detectors
            if (sensed := state.readings.get(detector))
            and detector in state.household.detectors
        )
        return Reason.HAZARD_PRESENT if held else None
    watched = [d for d in incident.detectors if d in state.household.detectors]
    if not watched:
        # Its detectors were removed by a person: nobody but a person can tell.
        return None
    match state.presence(incident.detectors, request.at):
        case Presence.YES:
            return Reason.HAZARD_PRESENT
        case Presence.UNKNOWN:
            return Reason.DETECTOR_UNKNOWN
        case Presence.NO:
            return None if incident.phase is Phase.CLEARING else Reason.HAZARD_PRESENT
