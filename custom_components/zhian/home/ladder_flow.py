"""How long each rung of the ladder may take to answer, as a person chooses it."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.helpers.selector import NumberSelectorConfig, NumberSelectorMode

import voluptuous as vol

from ..number_field import NumberField
from ..safety.ladder import PATIENCE, REPEAT

LADDER: Final = "ladder"
CONF_REPEAT: Final = "repeat"

LEAST: Final = 5.0
"""Seconds; a phone needs some to ring."""
MOST: Final = 1800.0

_DEFAULTS: Final[Mapping[str, float]] = {
    **{role.value: patience.total_seconds() for role, patience in PATIENCE.items()},
    CONF_REPEAT: REPEAT.total_seconds(),
}


def ladder_schema(chosen: Mapping[str, Any] | None) -> vol.Schema:
    """Return the form, filled with what was chosen before."""
    return vol.Schema(
        {
            vol.Required(key, default=(chosen or {}).get(key, default)): NumberField(
                NumberSelectorConfig(
                    min=LEAST,
                    max=MOST,
                    mode=NumberSelectorMode.BOX,
                    unit_of_measurement="s",
                )
            )
            for key, default in _DEFAULTS.items()
        }
    )


def seconds_keys() -> frozenset[str]:
    """Return the times that can be chosen."""
    return frozenset(_DEFAULTS)


def seconds_of(user_input: Mapping[str, Any]) -> dict[str, float]:
    """Return what the entry keeps."""
    return {key: float(user_input[key]) for key in _DEFAULTS}
