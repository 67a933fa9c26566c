"""The home's actions."""

from typing import Final

from homeassistant.const import ATTR_ENTITY_ID, CONF_CODE
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.helpers import config_validation as cv, entity_registry as er

import voluptuous as vol

from ..const import DOMAIN
from ..link.wire_json import LONGEST_TEXT
from ..safety.arming import Mode
from ..safety.scoring import WITNESSED
from ..safety.vocabulary import Finding, Reason
from . import (
    async_get_home,
    drill_services,
    key_renewal,
    privacy_services,
    record_services,
    status_export,
)
from .refusals import refused
from .requests import acknowledge, call_for_help, inform_station, open_valve, reset
from .watch_options import MODES

ATTR_BYPASS_OPEN: Final = "bypass_open"
ATTR_EVIDENCE: Final = "evidence"
ATTR_INCIDENT: Final = "incident"
ATTR_MODE: Final = "mode"
ATTR_CONFIRMATION: Final = "confirmation"
ATTR_QUESTION: Final = "question"
ATTR_TEXT: Final = "text"
ATTR_TOKEN: Final = "token"
ATTR_ZONE: Final = "zone"

_INCIDENT: Final = vol.Schema({vol.Optional(ATTR_INCIDENT): cv.string})
_ANSWER: Final = vol.Schema({vol.Required(ATTR_TOKEN): cv.string})
_INFORM: Final = vol.Schema(
    {
        vol.Required(ATTR_TEXT): vol.All(
            cv.string, str.strip, vol.Length(min=1, max=LONGEST_TEXT)
        ),
        vol.Optional(ATTR_QUESTION): cv.string,
    }
)
_CALL_FOR_HELP: Final = vol.Schema({vol.Optional(ATTR_ZONE): cv.string})
_OPEN_VALVE: Final = vol.Schema(
    {
        vol.Required(ATTR_ENTITY_ID): cv.entity_id,
        vol.Required(ATTR_CONFIRMATION): cv.string,
    }
)
_ARM: Final = vol.Schema(
    {
        vol.Required(ATTR_MODE): vol.All(vol.In([*MODES]), vol.Coerce(Mode)),
        vol.Optional(CONF_CODE): cv.string,
        vol.Optional(ATTR_BYPASS_OPEN, default=False): cv.boolean,
    }
)
_WITNESS: Final = vol.Schema(
    {vol.Required(ATTR_EVIDENCE): vol.All(vol.In([*WITNESSED]), vol.Coerce(Finding))}
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
    hass.services.async_register(DOMAIN, "answer_station", _inform, _INFORM)
    hass.services.async_register(DOMAIN, "arm", _arm, _ARM)
    hass.services.async_register(DOMAIN, "witness", _witness, _WITNESS)
    record_services.async_register(hass)
    status_export.async_register(hass)
    key_renewal.async_register(hass, lambda: async_get_home(hass))
    privacy_services.async_register(hass, lambda: async_get_home(hass))


async def _arm(call: ServiceCall) -> None:
    await async_get_home(call.hass).keypad.arm(
        call.data[ATTR_MODE],
        call.data.get(CONF_CODE),
        call.context,
        force=call.data[ATTR_BYPASS_OPEN],
    )


async def _witness(call: ServiceCall) -> None:
    keypad = async_get_home(call.hass).keypad
    await keypad.witness(call.data[ATTR_EVIDENCE], call.context)


async def _acknowledge(call: ServiceCall) -> None:
    home = async_get_home(call.hass)
    incident = call.data.get(ATTR_INCIDENT)
    await acknowledge(call.hass, home.guard, call.context, incident, "action")


async def _answer(call: ServiceCall) -> None:
    home = async_get_home(call.hass)
    answers = home.people.answers
    if not await answers.take(call.data[ATTR_TOKEN], "action", call.context):
        raise refused(Reason.NO_SUCH_INCIDENT)


async def _inform(call: ServiceCall) -> None:
    home = async_get_home(call.hass)
    text, question = call.data[ATTR_TEXT], call.data.get(ATTR_QUESTION)
    await inform_station(call.hass, home.guard, call.context, text, question)


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
