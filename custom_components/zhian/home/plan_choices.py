"""What a person has changed in the plans: which devices act, how urgent it is.

A device keeps its own part of it, so that it goes and comes with the device.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..safety import plan
from ..safety.reporting import PRIORITIES
from ..safety.vocabulary import ActuatorRole, Hazard
from .options import ActuatorOptions


def acts_on(options: ActuatorOptions, hazard: Hazard) -> bool:
    """Return whether a device acts on a hazard."""
    if hazard in options.plans and plan.possible(options.role, hazard) is not None:
        return options.plans[hazard]
    return plan.usual(options.actuator("", None), hazard)


def with_choice(
    options: ActuatorOptions, hazard: Hazard, *, acts: bool
) -> ActuatorOptions:
    """Return a device that acts on a hazard, or does not; the other plans stay.

    What the dialog of the device asks itself is kept there: it would show another thing.
    """
    if acts_on(options, hazard) is acts:
        return options
    match options.role, hazard:
        case ActuatorRole.WINDOW, Hazard.GAS:
            others = acts_on(options, Hazard.CARBON_MONOXIDE)
            changed = replace(options, open_on_gas=acts)
            return with_choice(changed, Hazard.CARBON_MONOXIDE, acts=others)
        case ActuatorRole.SIREN, Hazard.GAS:
            return replace(options, sound_on_gas=acts)
    without = {h: chosen for h, chosen in options.plans.items() if h is not hazard}
    usual = plan.usual(options.actuator("", None), hazard)
    return replace(
        options, plans=without if usual is acts else {**without, hazard: acts}
    )


def with_plans(
    options: ActuatorOptions, plans: Mapping[str, bool] | None
) -> ActuatorOptions:
    """Return a device with everything that was chosen for it."""
    for hazard, acts in (plans or {}).items():
        options = with_choice(options, Hazard(hazard), acts=acts)
    return options


def are_possible(role: ActuatorRole, plans: Mapping[str, bool] | None) -> bool:
    """Return whether a role could do, or leave undone, what was chosen."""
    return all(
        plan.possible(role, Hazard(hazard)) is not None for hazard in plans or {}
    )


def priorities_of(kept: Mapping[str, Any] | None) -> dict[Hazard, int]:
    """Return what the kernel is to know; what may not be chosen is not."""
    return {
        hazard: int(chosen)
        for hazard, allowed in PRIORITIES.items()
        if (chosen := (kept or {}).get(hazard)) in allowed
    }
