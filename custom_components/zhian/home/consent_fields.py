"""The fields with which a person agrees, in every dialog where a receiver is added."""

from collections.abc import Sequence
from typing import Any, Final

from homeassistant.const import UnitOfTime
from homeassistant.helpers.selector import (
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
from homeassistant.util import dt as dt_util

import voluptuous as vol

from ..link.agreed import MOST_DAYS
from ..link.sharing import WHOLE_TIMELINE, Purpose
from ..link.wire_json import fitting_text
from ..number_field import NumberField
from .agreement import DEFAULTS, Agreement, in_order
from .subentry_flow import Errors, Input

CONF_CONTACT: Final = "contact"
CONF_KEEP_DAYS: Final = "keep_days"
CONF_PURPOSES: Final = "purposes"


def purpose_field(purposes: Sequence[Purpose]) -> dict[vol.Marker, Any]:
    """Return the field that asks for each purpose by itself."""
    return {
        vol.Required(
            CONF_PURPOSES, default=in_order(set(DEFAULTS) & set(purposes))
        ): SelectSelector(
            SelectSelectorConfig(
                options=in_order(purposes),
                translation_key="purpose",
                mode=SelectSelectorMode.LIST,
                multiple=True,
            )
        )
    }


def station_fields() -> dict[vol.Marker, Any]:
    """Return what is asked for a station."""
    return {
        **purpose_field(tuple(Purpose)),
        vol.Optional(CONF_CONTACT): TextSelector(),
        vol.Optional(CONF_KEEP_DAYS): NumberField(
            NumberSelectorConfig(
                min=1,
                max=MOST_DAYS,
                step=1,
                mode=NumberSelectorMode.BOX,
                unit_of_measurement=UnitOfTime.DAYS,
            )
        ),
    }


def filled_in(agreement: Agreement | None) -> Input:
    """Return what the fields show of a choice that was made before."""
    if agreement is None:
        return {}
    shown = {
        CONF_PURPOSES: in_order(agreement.purposes),
        CONF_CONTACT: agreement.contact,
        CONF_KEEP_DAYS: agreement.keep_days,
    }
    return {key: value for key, value in shown.items() if value is not None}


def read(user_input: Input, errors: Errors) -> Agreement:
    """Return what a person agrees to now, or tell what does not fit together."""
    purposes = frozenset(map(Purpose, user_input[CONF_PURPOSES]))
    contact = fitting_text(user_input.get(CONF_CONTACT) or "") or None
    if Purpose.CONTACT in purposes and contact is None:
        errors[CONF_CONTACT] = "contact_missing"
    if Purpose.TIMELINE in purposes and not purposes >= WHOLE_TIMELINE:
        errors[CONF_PURPOSES] = "timeline_needs_names"
    days = user_input.get(CONF_KEEP_DAYS)
    return Agreement(
        purposes=purposes,
        at=dt_util.utcnow().isoformat(timespec="microseconds"),
        contact=contact,
        keep_days=None if days is None else int(days),
    )
