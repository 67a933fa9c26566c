"""What the people of a home have chosen: who has to agree, what acts, what is reported.

Each choice is made in a share of the homes only, with dice of its own: the other homes
live the same lives as before.
"""

from dataclasses import replace
from random import Random

from custom_components.zhian.safety.household import Actuator, Detector, Household
from custom_components.zhian.safety.vocabulary import ActuatorRole, Hazard

from .agreeing import MAY_ASK

_HAZARDS = tuple(Hazard)
_WINDOWS = (5.0, 30.0, 60.0, 120.0)
_CANCELLABLE = (Hazard.WATER, Hazard.INTRUSION)


def with_wishes(household: Household, dice: Random) -> Household:
    """Return a home as its people want it."""
    roll = dice.random
    if roll() < 0.2:
        household = _that_agree(household, dice)
    if roll() < 0.25:
        household = _with_own_plans(household, dice)
    if roll() < 0.25:
        household = _that_keep_back(household, dice)
    return household


def _that_agree(household: Household, dice: Random) -> Household:
    """Some detectors ask for others; some of hazards for which none may wait."""

    def wish(detector: Detector) -> Detector:
        if dice.random() < 0.3 or (
            detector.hazard not in MAY_ASK and dice.random() < 0.5
        ):
            return detector
        quorum, window = dice.choice((2, 2, 3)), dice.choice(_WINDOWS)
        return replace(detector, quorum=quorum, window=window)

    detectors = {name: wish(each) for name, each in household.detectors.items()}
    return replace(household, detectors=detectors)


def _with_own_plans(household: Household, dice: Random) -> Household:
    """Some devices act on more hazards than usual, some on fewer."""

    def wish(actuator: Actuator) -> Actuator:
        added = frozenset(h for h in _HAZARDS if dice.random() < 0.3)
        left_out = frozenset(h for h in _HAZARDS if dice.random() < 0.3) - added
        sounds = dice.random() < 0.7 or actuator.role is not ActuatorRole.SIREN
        return replace(actuator, added=added, left_out=left_out, sound_on_gas=sounds)

    actuators = {name: wish(each) for name, each in household.actuators.items()}
    return replace(household, actuators=actuators)


def _that_keep_back(household: Household, dice: Random) -> Household:
    """A time to cancel, and what the station never hears; not of what kills."""
    after = {
        hazard: dice.choice((0.0, 15.0, 60.0, 300.0))
        for hazard in _HAZARDS
        if dice.random() < (0.7 if hazard in _CANCELLABLE else 0.2)
    }
    chosen = {
        hazard: dice.choice((0, 1, 2)) for hazard in _HAZARDS if dice.random() < 0.4
    }
    return replace(household, report_after=after, priorities=chosen)
