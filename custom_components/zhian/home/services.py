"""The home's actions."""

from typing import Final

from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.helpers import config_validation as cv, entity_registry as er

import voluptuous as vol

from ..const import DOMAIN
from ..safety.vocabulary import Reason
from . import async_get_home, drill_services, record_services
from .refusals import refused
from .requests import acknowledge, call_for_help, open_valve, reset

ATTR_INCIDENT: Final = "incident"
ATTR_CONFIRMATION: Final = "confirmation"
ATTR_TOKEN: Final = "token"
ATTR_ZONE: Final = "zone"

_INCIDENT: Final = vol.Schema({vol.Optional(ATTR_INCIDENT): cv.string})
_ANSWER: Final = vol.Schema({vol.Required(ATTR_TOKEN): cv.string})
_CALL_FOR_HELP: Final = vol.Schema({vol.Optional(ATTR_ZONE): cv.string})
_OPEN_VALVE: Final = vol.Schema(
    {
        vol.Required(ATTR_ENTITY_ID): cv.entity_id,
        vol.Required(ATTR_CONFIRMATION): cv.string,
    }
)


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register the home's actions, once."""
    drill_services.async_register(hass)
    hass.services.async_register(DOMAIN, "acknowledge", _acknowledge, _INCIDENT)
    hass.services.async_register(DOMAIN, "answer", _answer, _ANSWER)
    hass.services.async_register(DOMAIN, "reset", _reset, _INCIDENT)
    hass.services.async_register(
        DOMAIN, "call_for_help", _call_for_help, _CALL_FOR_HELP
    )
    hass.services.async_register(DOMAIN, "open_valve", _open_valve, _OPEN_VALVE)
    record_services.async_register(hass)


async def _acknowledge(call: ServiceCall) -> None:
    home = async_get_home(call.hass)
    incident = call.data.get(ATTR_INCIDENT)
    await acknowledge(call.hass, home.guard, call.context, incident, "action")


async def _answer(call: ServiceCall) -> None:
    home = async_get_home(call.hass)
    answers = home.people.answers
    if not await answers.take(call.data[ATTR_TOKEN], "action", call.context):
        raise refused(Reason.NO_SUCH_INCIDENT)


async def _reset(call: ServiceCall) -> None:
    home = async_get_home(call.hass)
    await reset(call.hass, home.guard, call.context, call.data.get(ATTR_INCIDENT))


async def _call_for_help(call: ServiceCall) -> None:
    home = async_get_home(call.hass)
    zone = call.data.get(ATTR_ZONE)
    await call_for_help(call.hass, home.guard, call.context, zone)


async def _open_valve(call: ServiceCall) -> None:
    home = async_get_home(call.hass)
    entry = er.async_get(call.hass).async_get(call.data[ATTR_ENTITY_ID])
    if entry is None or entry.config_subentry_id is None:
        raise refused(Reason.NO_SUCH_ACTUATOR)
    await open_valve(
        call.hass,
        home.guard,
        call.context,
        entry.config_subentry_id,
        call.data[ATTR_CONFIRMATION],
    )
