"""The home's incident documents, in the names that its people use."""

from dataclasses import dataclass, replace
from functools import partial

from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar

from ..link.documents import Home as HomeOnTheWire, IncidentDocument
from ..link.sharing import shared
from ..safety.reporting import priority_of
from .agreement import agreed
from .guard import Guard
from .options import HomeOptions
from .receiver_options import ReceiverKind, ReceiverOptions
from .report import document
from .timelines import Timeline


@dataclass(frozen=True, slots=True)
class Documents:
    """Writes what a home reports."""

    hass: HomeAssistant
    options: HomeOptions
    guard: Guard

    def for_station(self, timeline: Timeline) -> IncidentDocument:
        """Return what the station gets: what was agreed to, and what it has to honour."""
        document = self.document(timeline)
        station = self.options.station
        agreement = station.agreement if station else None
        if agreement is not None:
            document = replace(
                document,
                home=replace(document.home, contact=agreement.contact),
                consents=agreement.consents,
            )
        return shared(document, agreed(agreement))

    def for_receiver(
        self, options: ReceiverOptions, timeline: Timeline
    ) -> IncidentDocument:
        """Return what a receiver gets: what was agreed to for it and nothing else."""
        speaks = options.kind is not ReceiverKind.WEBHOOK
        return shared(self.whole(timeline), agreed(options.agreement), speaks=speaks)

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
