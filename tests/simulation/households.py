"""Random homes: what is in them, who lives there, and what they plan for."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from custom_components.zhian.safety import plan
from custom_components.zhian.safety.household import Actuator, Detector, Household
from custom_components.zhian.safety.ladder import PATIENCE, Contact, Ladder
from custom_components.zhian.safety.vocabulary import (
    ActuatorRole,
    ContactRole,
    Hazard,
    Position,
    Standard,
    Witness,
)

from . import burglary
from .invariants import Plans

ZONES = ("kitchen", "kitchen", "hall", None)
_TRAVELS = (0.0, 1.0, 5.0, 5.0, 20.0)
_WITNESSES = tuple(Witness)
_MORE = (
    plan._close_gas,
    plan._close_water,
    plan._open_window,
    plan._sound,
    plan._unlock,
    plan._light_up,
    plan._ventilate,
)
"""What a plan may want besides; the interlock has to hold back what is wrong in it."""

_BEGIN = {
    ActuatorRole.GAS_VALVE: Position.OPEN,
    ActuatorRole.WATER_VALVE: Position.OPEN,
    ActuatorRole.WINDOW: Position.OPEN,
    ActuatorRole.LOCK: Position.LOCKED,
    ActuatorRole.HVAC: Position.ON,
}


def pick[T](random: Random, choices: tuple[T, ...]) -> T:
    """Return one of some choices; quicker than the library's."""
    return choices[int(random.random() * len(choices))]


def begin(actuator: Actuator) -> Position:
    """Return where an actuator is on a quiet day."""
    return _BEGIN.get(actuator.role, Position.OFF)


def random_household(random: Random) -> Household:
    """Return a home with a detector of gas and anything else."""
    detectors: dict[str, Detector] = {}
    for hazard, most in (
        (Hazard.GAS, 3),
        (Hazard.CARBON_MONOXIDE, 2),
        (Hazard.SMOKE, 2),
        (Hazard.WATER, 2),
        (Hazard.SOS, 2),
        (Hazard.INACTIVITY, 2),
    ):
        least = 1 if hazard is Hazard.GAS else 0
        for n in range(max(least, int(random.random() * (most + 1)) - 1 + least)):
            name = f"{hazard}_{n}"
            standard = Standard.UL_2034 if random.random() < 0.3 else Standard.EN_50291
            asks = ("resident_0",) if random.random() < 0.5 else ()
            detectors[name] = Detector(
                name, hazard, pick(random, ZONES), standard=standard, asks=asks
            )
    for contact in burglary.contacts(random):
        detectors[contact.id] = contact
    actuators = {actuator.id: actuator for actuator in _actuators(random)}
    return Household("home", detectors, actuators, _ladder(random))


def _actuators(random: Random) -> Iterator[Actuator]:
    for role, most in (
        (ActuatorRole.GAS_VALVE, 3),
        (ActuatorRole.WATER_VALVE, 2),
        (ActuatorRole.WINDOW, 2),
        (ActuatorRole.SIREN, 2),
        (ActuatorRole.LOCK, 1),
        (ActuatorRole.LIGHT, 1),
        (ActuatorRole.FAN, 1),
        (ActuatorRole.HVAC, 1),
    ):
        for n in range(int(random.random() * (most + 1))):
            yield Actuator(
                f"{role}_{n}",
                role,
                pick(random, ZONES),
                ignition_safe=random.random() < 0.5,
                open_on_gas=random.random() < 0.7,
                travel_time=pick(random, _TRAVELS),
                witness=pick(random, _WITNESSES),
            )


def _ladder(random: Random) -> Ladder:
    """Return the people of a home: nobody, one alone, a family with neighbours."""
    if random.random() < 0.3:
        return Ladder()
    residents, others = 1 + int(random.random() * 2), int(random.random() * 4)
    people = [Contact(f"resident_{n}") for n in range(residents)]
    for n in range(others):
        role = pick(random, (ContactRole.RELATIVE, ContactRole.NEIGHBOUR))
        order = 1 + int(random.random() * 2)
        people.append(Contact(f"{role}_{n}", role, order, random.random() < 0.3))
    if random.random() < 0.1:
        people = people[residents:]  # nobody who lives there can be told
    patience = {
        role: usual * (0.5 if random.random() < 0.2 else 1)
        for role, usual in PATIENCE.items()
    }
    repeat = timedelta(minutes=pick(random, (1, 5, 30)))
    return Ladder(tuple(people), patience, repeat)


def random_plans(random: Random) -> Plans:
    """Return plans that want at least what the usual ones want."""
    plans = dict(plan.PLANS)
    while random.random() < 0.4:
        hazard, want = pick(random, tuple(Hazard)), pick(random, _MORE)
        usual = plans.get(hazard, ())
        is_contrary = want is plan._ventilate and plan._stop_air in usual
        sounds = want is plan._sound and hazard is Hazard.GAS  # has a way of its own
        if want not in usual and not is_contrary and not sounds:
            plans[hazard] = (*usual, want)
    return plans
