"""What a person answers aloud, or types to an assistant, while a question is open.

It is written down with who said it and where it was heard. Words cancel nothing: a call
for help stays until somebody has been there, and so does every other alarm but the
question whether a person is well, which is there to be answered.
"""

from collections.abc import Iterator
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)
from homeassistant.helpers.intent import Intent

from ..safety import asking
from ..safety.incident import Incident
from ..safety.signals import Answer
from ..safety.vocabulary import Hazard, Response
from . import Home
from .on_site import person
from .words import NOBODY

VOICE: Final = "voice"


def questions(home: Home) -> Iterator[Incident]:
    """Yield the incidents in which people are waited for, the most urgent first."""
    incidents = (
        i
        for i in home.guard.state.shown
        if i.alarm_since is not None or i.asking_since is not None
    )
    yield from sorted(incidents, key=lambda i: (i.drill, i.severity))


async def take(
    home: Home, asked: Intent, incidents: list[Incident], response: Response
) -> None:
    """Write an answer into each incident."""
    name = await person(asked.hass, asked.context)
    by = name or place_of(asked.hass, asked.device_id) or NOBODY
    for incident in incidents:
        contact = _contact(home, asked, incident, name)
        at = home.guard.clock.now()
        home.guard.handle(Answer(incident.id, response, by, VOICE, at, contact))


def area_of(hass: HomeAssistant, device_id: str | None) -> str | None:
    """Return where the device stands that has heard the person."""
    device = dr.async_get(hass).async_get(device_id) if device_id else None
    return device.area_id if device else None


def place_of(hass: HomeAssistant, device_id: str | None) -> str | None:
    """Return what people call the place where somebody was heard."""
    area_id = area_of(hass, device_id)
    area = ar.async_get(hass).async_get_area(area_id) if area_id else None
    return area.name if area else None


def _contact(
    home: Home, asked: Intent, incident: Incident, name: str | None
) -> str | None:
    """Return the contact who speaks, as far as that can be known.

    A voice has no name. Where a person was asked, it is theirs: they are known by the
    satellite that has heard them, or are the first of those who were asked.
    """
    for contact in home.people.contacts:
        if name and contact.options.name.casefold() == name.casefold():
            return contact.id
    if incident.hazard is not Hazard.INACTIVITY:
        return None
    household = home.guard.state.household
    registry = er.async_get(asked.hass)
    heard_by = {
        entry.entity_id
        for entry in (
            er.async_entries_for_device(registry, asked.device_id)
            if asked.device_id
            else ()
        )
    }
    routines = [r for r in home.routines.bindings if r.id in incident.detectors]
    routines.sort(key=lambda r: heard_by.isdisjoint(r.options.satellites))
    for routine in routines:
        detector = household.detectors[routine.id]
        for contact_id in asking.whom(household, detector):
            if contact_id in incident.asked:
                return contact_id
    return None
