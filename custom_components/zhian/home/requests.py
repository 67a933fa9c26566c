"""What a person may ask of the home, from a button, an action or a page."""

from homeassistant.core import Context, HomeAssistant

from ..safety.signals import (
    Acknowledge,
    HelpCalled,
    OpenRequested,
    ResetRequested,
    StationInformed,
)
from ..safety.vocabulary import ActuatorRole, Reason
from .guard import Guard
from .on_site import is_on_site, person
from .refusals import raise_if_refused, refused
from .words import NOBODY

_VALVES = (ActuatorRole.GAS_VALVE, ActuatorRole.WATER_VALVE)


async def acknowledge(
    hass: HomeAssistant,
    guard: Guard,
    context: Context | None,
    incident: str | None,
    via: str,
) -> None:
    """Note that somebody has taken an incident; None means every open one."""
    by = await person(hass, context) if context else None
    raise_if_refused(
        guard.handle(Acknowledge(by or NOBODY, via, guard.clock.now(), incident))
    )


async def call_for_help(
    hass: HomeAssistant, guard: Guard, context: Context, zone: str | None
) -> None:
    """Call for help; anybody may, from anywhere."""
    by = await person(hass, context)
    guard.handle(HelpCalled(by or NOBODY, guard.clock.now(), zone))


async def inform_station(
    hass: HomeAssistant,
    guard: Guard,
    context: Context,
    text: str,
    question: str | None,
) -> None:
    """Answer what the station has asked; anybody may who is asked."""
    by = await person(hass, context)
    raise_if_refused(
        guard.handle(StationInformed(text, by or NOBODY, guard.clock.now(), question))
    )


async def reset(
    hass: HomeAssistant, guard: Guard, context: Context | None, incident: str | None
) -> None:
    """End the latch of an incident; only a person at home may."""
    by = await person(hass, context) if context else None
    raise_if_refused(
        guard.handle(
            ResetRequested(
                by=by or NOBODY,
                local=by is not None and is_on_site(hass),
                at=guard.clock.now(),
                incident=incident,
            )
        )
    )


async def open_valve(
    hass: HomeAssistant,
    guard: Guard,
    context: Context,
    actuator: str,
    confirmation: str,
) -> None:
    """Open a valve for a person at home who has typed its name.

    Raise HomeAssistantError if that is not safe now, or the valve cannot be reached.
    """
    binding = guard.actuators.get(actuator)
    if binding is None or binding.options.role not in _VALVES:
        raise refused(Reason.NO_SUCH_ACTUATOR)
    by = await person(hass, context)
    typed = confirmation.strip().casefold()
    guard.require(binding)
    raise_if_refused(
        guard.handle(
            OpenRequested(
                actuator,
                by=by or NOBODY,
                local=by is not None and is_on_site(hass),
                confirmed=typed == binding.options.name.strip().casefold(),
                at=guard.clock.now(),
            )
        )
    )
