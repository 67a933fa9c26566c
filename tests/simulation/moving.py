"""I1, I2 and I9: what may move, and what an alarm has to shut off."""

from datetime import timedelta

from custom_components.zhian.safety.household import Actuator, Household
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.orders import Drive
from custom_components.zhian.safety.plan import POSSIBLE
from custom_components.zhian.safety.signals import OpenRequested
from custom_components.zhian.safety.state import State
from custom_components.zhian.safety.vocabulary import (
    ActuatorRole,
    Hazard,
    Outcome,
    Phase,
    Position,
    Reason,
)

from .decision import Decision
from .senses import Senses
from .violation import Violation

FLAMES = frozenset({Hazard.GAS, Hazard.CARBON_MONOXIDE, Hazard.SMOKE})
"""Hazards in which gas stays shut off."""
CLEAR = timedelta(seconds=300)

_AIRS = (ActuatorRole.FAN, ActuatorRole.HVAC, ActuatorRole.WINDOW)


def check_drives(decision: Decision, senses: Senses) -> None:
    """Look at everything that one decision moves."""
    after = decision.after
    household = after.household
    gas = [
        incident
        for incident in after.incidents.values()
        if incident.hazard is Hazard.GAS and not incident.drill
    ]
    for drive in decision.drives:
        actuator = household.actuators.get(drive.actuator)
        if actuator is None:
            raise Violation("I0", f"{drive} moves what is not there")
        if drive.incident is not None:
            _check_air(actuator, drive, after)
            _check_wish(actuator, drive, after)
        if actuator.role is ActuatorRole.GAS_VALVE:
            if drive.target is not Position.CLOSED:
                _check_opening(decision, senses, drive)
        elif not actuator.ignition_safe:
            _check_sparks(actuator, drive, after, gas)


def _check_wish(actuator: Actuator, drive: Drive, after: State) -> None:
    """I0: what people have left out of a plan stays still; I2: so does a wet window.

    Closing the gas is no matter of wishes, and a siren that sounds may be silenced.
    """
    hindrance = after.hindered.get(actuator.id)
    if actuator.role is ActuatorRole.WINDOW and drive.target is Position.OPEN:
        # One that something is in the way of is tried: the way may be free by now.
        if hindrance not in (None, Reason.OBSTRUCTED):
            raise Violation("I2", f"{drive} in spite of {hindrance}")
    incident = after.incidents.get(drive.incident or "")
    if incident is None or incident.hazard not in actuator.left_out:
        return
    if actuator.role is not ActuatorRole.GAS_VALVE:
        raise Violation("I0", f"{drive} was left out of {incident.hazard}")


def _check_sparks(
    actuator: Actuator, drive: Drive, after: State, gas: list[Incident]
) -> None:
    """I2: nothing that could ignite gas moves in its zone."""
    for incident in gas:
        zones = {
            known.zone
            for d in incident.detectors
            if (known := after.household.detectors.get(d)) is not None
        }
        if (
            not incident.detectors
            or actuator.zone is None
            or None in zones
            or actuator.zone in zones
        ):
            raise Violation("I2", f"{drive} during {incident.id} in {zones}")


def _check_air(actuator: Actuator, drive: Drive, after: State) -> None:
    """I9: no plan gives air to a fire."""
    if actuator.role not in _AIRS or drive.target is Position.OFF:
        return
    for incident in after.incidents.values():
        if incident.hazard is Hazard.SMOKE and incident.phase is Phase.ALARM:
            if not incident.drill:
                raise Violation("I9", f"{drive} gives air to a fire")


def _check_opening(decision: Decision, senses: Senses, drive: Drive) -> None:
    """I1: gas flows again for a person on site who means it, and with all clear."""
    signal, before = decision.signal, decision.before
    if (
        not isinstance(signal, OpenRequested)
        or not (signal.local and signal.confirmed)
        or signal.actuator != drive.actuator
        or drive.by != signal.by
    ):
        raise Violation("I1", f"{signal} opens {drive.actuator}")
    for incident in before.incidents.values():
        if incident.hazard in FLAMES and not incident.drill:
            raise Violation("I1", f"opened during {incident.hazard}")
    for detector in before.household.detectors.values():
        if detector.hazard is Hazard.GAS and not senses.is_clear(
            detector.id, signal.at, CLEAR
        ):
            raise Violation("I1", f"opened while {detector.id} is not known clear")


def check_added(incident: Incident, household: Household) -> None:
    """I3: an alarm moves, or knows why not, what people have added to its plan."""
    for actuator in household.actuators.values():
        if incident.hazard in actuator.added:
            target = POSSIBLE.get(incident.hazard, {}).get(actuator.role)
            steps = [s for s in incident.steps if s.actuator == actuator.id]
            if target is not None and not any(s.attempts or s.reason for s in steps):
                raise Violation("I3", f"an alarm leaves {actuator.id} alone")


def check_shut_off(incident: Incident, after: State) -> None:
    """I3: an alarm closes every gas valve, or knows that it stands closed."""
    for actuator in after.household.actuators.values():
        if actuator.role is not ActuatorRole.GAS_VALVE:
            continue
        step = incident.step(f"closed:{actuator.id}")
        known = after.positions.get(actuator.id)
        if step is None or step.outcome is Outcome.PENDING:
            raise Violation("I3", f"an alarm does not close {actuator.id}")
        if step.outcome in (Outcome.CONFIRMED, Outcome.SKIPPED) and (
            known is None or known.position is not Position.CLOSED
        ):
            raise Violation("I3", f"an alarm leaves {actuator.id} open")
