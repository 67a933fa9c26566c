"""Open incidents on the map.

The entities have no unique id: an incident comes and goes, and a registry entry for
every one of them would outlive it. After a restart they are made anew from the store.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from homeassistant.components.geo_location import GeolocationEvent
from homeassistant.const import MATCH_ALL, UnitOfLength
from homeassistant.core import callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util.location import distance

from ..const import DOMAIN
from ..safety.vocabulary import Hazard
from .cases import Case
from .const import SIGNAL_CASES

if TYPE_CHECKING:
    from . import Station

KNOWN_HAZARDS: Final = frozenset(Hazard)


@callback
def async_add_incidents(
    station: Station, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Show the open incidents, now and as they come."""
    shown: dict[str, IncidentOnTheMap] = {}

    @callback
    def on_cases(cases: Sequence[Case]) -> None:
        new = []
        for case in cases:
            entity = shown.get(case.incident)
            if entity is not None and not entity.follow(case):
                del shown[case.incident]
                entity = None
            if entity is None and case.handling.is_open:
                # New, or no longer what its name says: a drill that turned out real.
                shown[case.incident] = entity = IncidentOnTheMap(station, case)
                new.append(entity)
        if new:
            async_add_entities(new)

    station.entry.async_on_unload(
        async_dispatcher_connect(station.hass, SIGNAL_CASES, on_cases)
    )
    on_cases(station.cases.open)


def _kind(case: Case) -> str:
    """Return what the entity is called: a hazard, perhaps as a drill.

    A hazard that this version does not know is free text of the home's, which has no
    place in a name.
    """
    hazard = case.document.hazard
    kind = "drill" if case.document.drill else "incident"
    return f"{kind}_{hazard if hazard in KNOWN_HAZARDS else 'unknown'}"


class IncidentOnTheMap(GeolocationEvent):
    """One open incident, where it is."""

    _attr_has_entity_name = True
    _attr_should_poll = False
    _attr_source = DOMAIN
    _attr_unit_of_measurement = UnitOfLength.KILOMETERS
    # A household's place and name belong on the desk's screen, not in a history.
    _unrecorded_attributes = frozenset({MATCH_ALL})

    def __init__(self, station: Station, case: Case) -> None:
        """Take the name from the hazard and the number: no personal data in it."""
        self._station = station
        self._case = case
        self._is_there = self._is_over = False
        self._attr_translation_key = self._kind = _kind(case)
        self._attr_translation_placeholders = {"number": case.number}
        self._locate()

    def _locate(self) -> None:
        latitude, longitude = self._station.place_of(self._case)
        config = self._station.hass.config
        metres = distance(config.latitude, config.longitude, latitude, longitude)
        self._attr_latitude = latitude
        self._attr_longitude = longitude
        self._attr_distance = None if metres is None else metres / 1000

    @property
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return what an officer needs at a glance."""
        document = self._case.document
        household = self._station.registry.get(self._case.household)
        return {
            "hazard": document.hazard,
            "number": self._case.number,
            "incident": self._case.incident,
            "status": self._case.handling.status.value,
            "phase": document.phase,
            "priority": document.priority,
            "drill": document.drill,
            "no_answer_at_home": document.unanswered_at is not None,
            "help_wanted": document.help is not None,
            "silent": document.silent,
            "score": document.score,
            "received_at": self._case.received_at.isoformat(),
            "household": household.name if household else None,
        }

    async def async_added_to_hass(self) -> None:
        """Be there, or go again: it may have ended while this was being added."""
        self._is_there = True
        if self._is_over or not self._station.cases.is_open(self._case.incident):
            self._leave()

    async def async_will_remove_from_hass(self) -> None:
        """Write no state any more."""
        self._is_there = False

    @callback
    def follow(self, case: Case) -> bool:
        """Show what has become of the incident; False if it has no place here now."""
        self._case = case
        self._is_over = not case.handling.is_open or _kind(case) != self._kind
        if not self._is_over:
            self._locate()
        if self._is_there:
            if self._is_over:
                self._leave()
            else:
                self.async_write_ha_state()
        return not self._is_over

    @callback
    def _leave(self) -> None:
        # Not eagerly: while the entity is being added, its state is still to come.
        self.hass.async_create_task(
            self.async_remove(force_remove=True), eager_start=False
        )
