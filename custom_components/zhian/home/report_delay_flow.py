"""How long a report to the station may be cancelled, as a person chooses it."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.helpers.selector import NumberSelectorConfig, NumberSelectorMode

import voluptuous as vol

from ..number_field import NumberField
from ..safety.reporting import CANCELLABLE, LONGEST
from ..safety.vocabulary import Hazard

REPORT_AFTER: Final = "report_after"

_HAZARDS: Final = tuple(hazard for hazard in Hazard if hazard in CANCELLABLE)


def report_delay_schema(chosen: Mapping[str, Any] | None) -> vol.Schema:
    """Return the form, filled with what was chosen before."""
    return vol.Schema(
        {
            vol.Required(
                hazard.value, default=(chosen or {}).get(hazard, 0.0)
            ): NumberField(
                NumberSelectorConfig(
                    min=0.0,
                    max=LONGEST,
                    mode=NumberSelectorMode.BOX,
                    unit_of_measurement="s",
                )
            )
            for hazard in _HAZARDS
        }
    )


def report_delays_of(user_input: Mapping[str, Any]) -> dict[str, float]:
    """Return what the entry keeps: hazards that are reported at once are left out."""
    return {
        hazard.value: float(seconds)
        for hazard in _HAZARDS
        if (seconds := user_input[hazard]) > 0
    }


def report_after_of(kept: Mapping[str, float] | None) -> dict[Hazard, float]:
    """Return what the kernel is to know; a hazard that may not wait does not."""
    return {
        hazard: float(seconds)
        for hazard in _HAZARDS
        if (seconds := (kept or {}).get(hazard, 0.0)) > 0
    }
