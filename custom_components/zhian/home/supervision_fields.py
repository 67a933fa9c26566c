"""What the forms ask about the supervision of a detector."""

from datetime import date
from typing import Any, Final

from homeassistant.const import UnitOfTime
from homeassistant.helpers.selector import (
    DateSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
)
from homeassistant.util import dt as dt_util

import voluptuous as vol

from .subentry_flow import Errors, Input

CONF_INSTALLED: Final = "installed"
CONF_LIFE_YEARS: Final = "life_years"
CONF_LOST_AFTER: Final = "lost_after"

# Minutes. GB/T 45839 5.5.2 wants lost contact shown within a day.
LOST_AFTER_RANGE: Final = (1, 1440)
LIFE_RANGE: Final = (1, 30)

SUPERVISION: Final[dict[vol.Marker, Any]] = {
    vol.Optional(CONF_LOST_AFTER): NumberSelector(
        NumberSelectorConfig(
            mode=NumberSelectorMode.BOX,
            step=1,
            unit_of_measurement=UnitOfTime.MINUTES,
        )
    ),
    vol.Optional(CONF_INSTALLED): DateSelector(),
    vol.Optional(CONF_LIFE_YEARS): NumberSelector(
        NumberSelectorConfig(mode=NumberSelectorMode.BOX, step=1)
    ),
}


def supervision_of(user_input: Input, errors: Errors) -> Input:
    """Return what was chosen, or tell what is out of range. A NaN is never in range."""
    chosen: Input = {CONF_INSTALLED: installed_on(user_input, errors)}
    for key, (least, most), error in (
        (CONF_LOST_AFTER, LOST_AFTER_RANGE, "lost_after_range"),
        (CONF_LIFE_YEARS, LIFE_RANGE, "life_range"),
    ):
        value: float | None = user_input.get(key)
        if value is not None and not least <= value <= most:
            errors[key] = error
            value = None
        chosen[key] = value
    return chosen


def installed_on(user_input: Input, errors: Errors) -> str | None:
    """Return the day of installation, which cannot lie ahead."""
    installed: str | None = user_input.get(CONF_INSTALLED) or None
    if installed and date.fromisoformat(installed) > dt_util.now().date():
        errors[CONF_INSTALLED] = "installed_in_future"
    return installed
