"""Steps of the configuration flow for the role station."""

from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigFlow, ConfigFlowResult
from homeassistant.const import (
    CONF_LATITUDE,
    CONF_LOCATION,
    CONF_LONGITUDE,
    CONF_NAME,
    UnitOfTime,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    BooleanSelector,
    LocationSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

import voluptuous as vol

from ..const import CONF_ROLE, ROLE_STATION, SAVED
from ..link.addresses import BadAddress, station_origin
from ..link.agreed import MOST_DAYS
from ..link.messages import MAX_ADDRESSES
from ..number_field import NumberField
from .const import (
    CONF_ADDRESSES,
    CONF_ANNOUNCE,
    CONF_COMMUNITY,
    CONF_HEARTBEAT_SECONDS,
    CONF_RETENTION_DAYS,
    DEFAULT_HEARTBEAT_SECONDS,
    DEFAULT_RETENTION_DAYS,
)

HEARTBEAT_RANGE: Final = (10, 600)
"""Seconds. Faster drowns a full station, slower hides a lost home for half an hour."""

SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_NAME): TextSelector(),
        vol.Required(CONF_COMMUNITY): TextSelector(),
        vol.Required(CONF_LOCATION): LocationSelector(),
        vol.Required(
            CONF_HEARTBEAT_SECONDS, default=DEFAULT_HEARTBEAT_SECONDS
        ): NumberField(
            NumberSelectorConfig(
                min=HEARTBEAT_RANGE[0],
                max=HEARTBEAT_RANGE[1],
                step=1,
                mode=NumberSelectorMode.BOX,
                unit_of_measurement=UnitOfTime.SECONDS,
            )
        ),
        vol.Required(CONF_RETENTION_DAYS, default=DEFAULT_RETENTION_DAYS): NumberField(
            NumberSelectorConfig(
                min=1,
                max=MOST_DAYS,
                step=1,
                mode=NumberSelectorMode.BOX,
                unit_of_measurement=UnitOfTime.DAYS,
            )
        ),
        vol.Optional(CONF_ADDRESSES): TextSelector(
            TextSelectorConfig(type=TextSelectorType.URL, multiple=True)
        ),
        vol.Required(CONF_ANNOUNCE, default=True): BooleanSelector(),
    }
)


async def async_step_station(
    flow: ConfigFlow, user_input: dict[str, Any] | None = None
) -> ConfigFlowResult:
    """Ask what the station is called and where it is, then make its entry."""
    if await flow.async_set_unique_id(ROLE_STATION):
        return flow.async_abort(reason="already_configured")
    errors: dict[str, str] = {}
    if user_input is not None and not (errors := _errors(user_input)):
        data = _data(user_input)
        return flow.async_create_entry(title=data[CONF_NAME], data=data)
    return _form(flow, "station", user_input or _here(flow.hass), errors)


async def async_step_reconfigure_station(
    flow: ConfigFlow, entry: ConfigEntry, user_input: dict[str, Any] | None = None
) -> ConfigFlowResult:
    """Change the station's facts; its households and incidents stay."""
    errors: dict[str, str] = {}
    if user_input is not None and not (errors := _errors(user_input)):
        data = _data(user_input)
        return flow.async_update_and_abort(
            entry, title=data[CONF_NAME], data_updates=data, reason=SAVED
        )
    suggested = {
        **entry.data,
        CONF_LOCATION: {
            CONF_LATITUDE: entry.data[CONF_LATITUDE],
            CONF_LONGITUDE: entry.data[CONF_LONGITUDE],
        },
    }
    return _form(flow, "reconfigure_station", user_input or suggested, errors)


def _form(
    flow: ConfigFlow,
    step_id: str,
    suggested: dict[str, Any],
    errors: dict[str, str],
) -> ConfigFlowResult:
    return flow.async_show_form(
        step_id=step_id,
        data_schema=flow.add_suggested_values_to_schema(SCHEMA, suggested),
        errors=errors,
    )


def _here(hass: HomeAssistant) -> dict[str, Any]:
    """Suggest the place where this Home Assistant stands."""
    return {
        CONF_LOCATION: {
            CONF_LATITUDE: hass.config.latitude,
            CONF_LONGITUDE: hass.config.longitude,
        }
    }


def _errors(user_input: dict[str, Any]) -> dict[str, str]:
    errors = {
        field: f"{field}_empty"
        for field in (CONF_NAME, CONF_COMMUNITY)
        if not user_input[field].strip()
    }
    try:
        if len(_addresses(user_input)) > MAX_ADDRESSES:
            errors[CONF_ADDRESSES] = "too_many_addresses"
    except BadAddress as error:
        errors[CONF_ADDRESSES] = error.fault
    return errors


def _addresses(user_input: dict[str, Any]) -> list[str]:
    """Return where homes reach the station; raises BadAddress."""
    typed = filter(str.strip, user_input.get(CONF_ADDRESSES) or ())
    return list(
        dict.fromkeys(str(station_origin(text, allow_http=True)) for text in typed)
    )


def _data(user_input: dict[str, Any]) -> dict[str, Any]:
    location = user_input[CONF_LOCATION]
    return {
        CONF_ROLE: ROLE_STATION,
        CONF_NAME: user_input[CONF_NAME].strip(),
        CONF_COMMUNITY: user_input[CONF_COMMUNITY].strip(),
        CONF_LATITUDE: location[CONF_LATITUDE],
        CONF_LONGITUDE: location[CONF_LONGITUDE],
        CONF_HEARTBEAT_SECONDS: int(user_input[CONF_HEARTBEAT_SECONDS]),
        CONF_RETENTION_DAYS: int(user_input[CONF_RETENTION_DAYS]),
        CONF_ADDRESSES: _addresses(user_input),
        CONF_ANNOUNCE: user_input[CONF_ANNOUNCE],
    }
