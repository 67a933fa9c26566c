"""A person's routine as its subentry keeps it: what shows life, and when to ask whom."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any, Final, Self

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ..safety.routine import Limits
from ..safety.vocabulary import Hazard

ROUTINE: Final = "routine"

LEAST_POWER: Final = 50.0
"""Watts above which somebody has switched something on."""


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """An entity that shows a sign of life."""

    entity_id: str
    registry_id: str | None = None

    def resolve(self, hass: HomeAssistant) -> str:
        """Return the entity that is meant, also after it was renamed."""
        if self.registry_id is not None:
            entry = er.async_get(hass).async_get(self.registry_id)
            if entry is not None:
                return entry.entity_id
        return self.entity_id


@dataclass(frozen=True, slots=True)
class RoutineOptions:
    """One person's day.

    `asks` are the subentries of contacts; `voice` speaks on `speakers`, a satellite
    speaks for itself. `ignition_safe` is for all of them.
    """

    name: str
    sources: tuple[SourceOptions, ...]
    power_limit: float = LEAST_POWER
    limits: Limits = Limits()
    away_entities: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    voice: str | None = None
    speakers: tuple[str, ...] = ()
    satellites: tuple[str, ...] = ()
    ignition_safe: bool = False

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Self:
        """Read the data of a subentry `routine`."""
        return cls(
            name=data["name"],
            sources=tuple(
                SourceOptions(source["entity_id"], source.get("registry_id"))
                for source in data["sources"]
            ),
            power_limit=float(data.get("power_limit", LEAST_POWER)),
            limits=Limits(
                day_from=time.fromisoformat(data.get("day_from", "07:00:00")),
                day_to=time.fromisoformat(data.get("day_to", "22:00:00")),
                by_day=_hours(data.get("by_day")),
                in_all=_hours(data.get("in_all")),
                learns=data.get("learns", True),
            ),
            away_entities=tuple(data.get("away_entities", ())),
            persons=tuple(data.get("persons", ())),
            asks=tuple(data.get("asks", ())),
            voice=data.get("voice"),
            speakers=tuple(data.get("speakers", ())),
            satellites=tuple(data.get("satellites", ())),
            ignition_safe=data.get("ignition_safe", False),
        )

    def as_data(self) -> dict[str, Any]:
        """Return the JSON of the subentry."""
        limits = self.limits
        return {
            "name": self.name,
            "sources": [
                {"entity_id": source.entity_id, "registry_id": source.registry_id}
                for source in self.sources
            ],
            "power_limit": self.power_limit,
            "day_from": limits.day_from.isoformat(),
            "day_to": limits.day_to.isoformat(),
            "by_day": _in_hours(limits.by_day),
            "in_all": _in_hours(limits.in_all),
            "learns": limits.learns,
            "away_entities": [*self.away_entities],
            "persons": [*self.persons],
            "asks": [*self.asks],
            "voice": self.voice,
            "speakers": [*self.speakers],
            "satellites": [*self.satellites],
            "ignition_safe": self.ignition_safe,
        }

    @property
    def hazard(self) -> Hazard:
        """What a routine watches for."""
        return Hazard.INACTIVITY


@dataclass(frozen=True, slots=True)
class RoutineBinding:
    """A routine and the entities that show life, under the names that they have now."""

    id: str
    options: RoutineOptions
    sources: tuple[str, ...]

    @classmethod
    def of(cls, hass: HomeAssistant, id_: str, options: RoutineOptions) -> Self:
        """Find the entities."""
        return cls(id_, options, tuple(s.resolve(hass) for s in options.sources))

    @property
    def entity_id(self) -> str:
        """The entity that stands for all of them in the news."""
        return self.sources[0] if self.sources else ""

    @property
    def entity_ids(self) -> Iterator[str]:
        """What the guard itself listens to: nothing, the activity does."""
        return iter(())


def _hours(value: float | None) -> timedelta | None:
    return None if value is None else timedelta(hours=value)


def _in_hours(span: timedelta | None) -> float | None:
    return None if span is None else span / timedelta(hours=1)
