"""The home's incident documents, in the names that its people use."""

from dataclasses import dataclass
from functools import partial

from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar

from ..link.documents import Home as HomeOnTheWire, IncidentDocument
from ..safety.reporting import priority_of
from .guard import Guard
from .options import HomeOptions
from .report import document
from .timelines import Timeline


@dataclass(frozen=True, slots=True)
class Documents:
    """Writes what a home reports."""

    hass: HomeAssistant
    options: HomeOptions
    guard: Guard

    def whole(self, timeline: Timeline) -> IncidentDocument:
        """Return the document with every entry, for those who need to compare."""
        return self.document(timeline, 0)

    def document(
        self, timeline: Timeline, since: int | None = None
    ) -> IncidentDocument:
        """Return the document; its entries are those that the station has not."""
        names = {a.id: a.options.name for a in self.guard.actuators.values()}
        areas = ar.async_get(self.hass)

        def zone_name(zone: str) -> str:
            area = areas.async_get_area(zone)
            return area.name if area else zone

        config = self.hass.config
        return document(
            timeline,
            HomeOnTheWire(
                name=self.options.name,
                address=self.options.address,
                latitude=config.latitude,
                longitude=config.longitude,
            ),
            lambda actuator: names.get(actuator, actuator),
            zone_name,
            self.guard.state.latest_value(timeline.incident),
            partial(priority_of, self.guard.state.household),
            since,
        )
