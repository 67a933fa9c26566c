"""The actions that try what guards the home: drills, and the exercise of a valve."""

from datetime import timedelta
from typing import Final

from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv, entity_registry as er

import voluptuous as vol

from ..const import DOMAIN
from ..safety.signals import DrillEnded, DrillStarted
from ..safety.vocabulary import Hazard, Reason
from . import Home, async_get_home
from .on_site import is_on_site, person
from .refusals import raise_if_refused, refused
from .words import NOBODY

ATTR_DETECTOR: Final = "detector"
ATTR_HAZARD: Final = "hazard"
ATTR_MINUTES: Final = "minutes"
ATTR_MOVE_ACTUATORS: Final = "move_actuators"

MOST_MINUTES: Final = 60
USUAL_MINUTES: Final = 15

_EXERCISE: Final = vol.Schema({vol.Required(ATTR_ENTITY_ID): cv.entity_id})
_START: Final = vol.Schema(
    {
        vol.Optional(ATTR_MINUTES, default=USUAL_MINUTES): vol.All(
            vol.Coerce(int), vol.Range(min=1, max=MOST_MINUTES)
        ),
        vol.Exclusive(ATTR_DETECTOR, "subject"): cv.entity_id,
        vol.Exclusive(ATTR_HAZARD, "subject"): vol.Coerce(Hazard),
        vol.Optional(ATTR_MOVE_ACTUATORS, default=False): cv.boolean,
    }
)


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register the actions, once."""
    hass.services.async_register(
        DOMAIN, "start_drill", _start, _START, SupportsResponse.OPTIONAL
    )
    hass.services.async_register(
        DOMAIN, "end_drill", _end, vol.Schema({}), SupportsResponse.OPTIONAL
    )
    hass.services.async_register(DOMAIN, "exercise_valve", _exercise, _EXERCISE)


def _detector(home: Home, entity_id: str | None) -> str | None:
    """Return the detector that an entity is bound as."""
    if entity_id is None:
        return None
    for detector in home.detectors:
        if entity_id in (detector.entity_id, detector.options.entity_id):
            return detector.id
    raise refused(Reason.NO_SUCH_DETECTOR)


async def _start(call: ServiceCall) -> ServiceResponse:
    home = async_get_home(call.hass)
    by = await person(call.hass, call.context)
    moves: bool = call.data[ATTR_MOVE_ACTUATORS]
    if moves and (by is None or not is_on_site(call.hass)):
        # Somebody has to see what moves, and to open the gas valve again.
        raise refused(Reason.NOT_ON_SITE)
    detector = _detector(home, call.data.get(ATTR_DETECTOR))
    hazard = call.data.get(ATTR_HAZARD)
    now = home.guard.clock.now()
    until = now + timedelta(minutes=call.data[ATTR_MINUTES])
    raise_if_refused(
        home.guard.handle(
            DrillStarted(by or NOBODY, until, now, detector, hazard, moves=moves)
        )
    )
    drill = home.guard.state.drill
    if drill is None or drill.ends_at is None:
        return None
    return {"incident": drill.id, "until": drill.ends_at.isoformat()}


async def _end(call: ServiceCall) -> ServiceResponse:
    home = async_get_home(call.hass)
    if (drill := home.guard.state.drill) is None:
        raise refused(Reason.NO_SUCH_INCIDENT)
    by = await person(call.hass, call.context)
    home.guard.handle(DrillEnded(by or NOBODY, home.guard.clock.now()))
    return home.drills.write_down(drill.id)


async def _exercise(call: ServiceCall) -> None:
    home = async_get_home(call.hass)
    entity_id: str = call.data[ATTR_ENTITY_ID]
    entry = er.async_get(call.hass).async_get(entity_id)
    actuator = entry.config_subentry_id if entry else None
    binding = home.guard.actuators.get(actuator or "")
    if binding is None:
        raise refused(Reason.NO_SUCH_ACTUATOR)
    # No machine opens a gas valve again: it needs somebody at home.
    by = await person(call.hass, call.context)
    await home.upkeep.exercises.ask(binding.id, by, local=is_on_site(call.hass))
