"""The home's incident documents, in the names that its people use."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar

from ..link.documents import Home as HomeOnTheWire, IncidentDocument
from ..link.sharing import shared
from ..safety.reporting import priority_of
from ..safety.state import State
from .agreement import Agreement, agreed
from .options import HomeOptions
from .receiver_options import ReceiverKind, ReceiverOptions
from .report import document
from .timelines import Timeline


class _Options(Protocol):
    @property
    def name(self) -> str: ...


class Named(Protocol):
    """A device with the name that people use."""

    @property
    def options(self) -> _Options:
        """What was chosen for it."""


class Watched(Protocol):
    """What a document needs of a home that is guarded."""

    @property
    def actuators(self) -> Mapping[str, Named]:
        """Its devices, by their ids."""

    @property
    def state(self) -> State:
        """What the kernel knows."""


@dataclass(frozen=True, slots=True)
class Documents:
    """Writes what a home reports."""

    hass: HomeAssistant
    options: HomeOptions
    guard: Watched

    def for_station(self, timeline: Timeline) -> IncidentDocument:
        """Return what the station gets: what was agreed to, and what it has to honour."""
        station = self.options.station
        return self.for_agreement(timeline, station.agreement if station else None)

    def for_agreement(
        self, timeline: Timeline, agreement: Agreement | None
    ) -> IncidentDocument:
        """Return what a station gets with which this was agreed."""
        document = self.document(timeline)
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
        names = {id_: a.options.name for id_, a in self.guard.actuators.items()}
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
