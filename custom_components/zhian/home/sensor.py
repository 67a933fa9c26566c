"""What the home knows, as sensors."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, EntityCategory
from homeassistant.core import callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.typing import StateType

from ..safety.carbon_monoxide import shown
from ..safety.exposure import blood_level
from ..safety.state import worst_incident
from ..safety.vocabulary import Hazard, Phase
from .bindings import DetectorBinding
from .entity import HomeEntity
from .guard import Guard
from .options import HomeOptions
from .station_addresses import addresses_of
from .station_link import LinkStatus, StationLink
from .words import NOBODY

BLOOD_INTERVAL = timedelta(minutes=1)
IDLE = "idle"
DRILL = "drill"


@dataclass(frozen=True, kw_only=True)
class HomeSensorDescription(SensorEntityDescription):
    """A sensor and how it reads the guard."""

    read: Callable[[Guard], StateType]
    tell: Callable[[Guard], dict[str, object]] = lambda _: {}
    """What stands beside the state."""


def _phase(guard: Guard) -> StateType:
    incident = worst_incident(guard.state)
    if incident is None:
        return IDLE
    return DRILL if incident.drill else incident.phase.value


def _incident(guard: Guard) -> dict[str, object]:
    """Return what matters of the most pressing open incident."""
    incident = worst_incident(guard.state)
    if incident is None:
        return {}
    side, taken = incident.station, incident.acknowledged
    return {
        "hazard": incident.hazard.value,
        "drill": incident.drill,
        "since": incident.opened_at.isoformat(),
        "acknowledged_by": None if taken is None or taken.by == NOBODY else taken.by,
        "station_status": side.status.value,
        "station_number": side.number,
        "unit": side.unit,
        "eta_minutes": None
        if side.eta_seconds is None
        else max(1, round(side.eta_seconds / 60)),
    }


def _outbox(guard: Guard) -> StateType:
    timelines = guard.timelines.all().values()
    return sum(t.is_owed and not t.incident.silent for t in timelines)


SENSORS = (
    HomeSensorDescription(
        key="incident_phase",
        device_class=SensorDeviceClass.ENUM,
        options=[IDLE, DRILL, *(p.value for p in Phase if p is not Phase.CLOSED)],
        read=_phase,
        tell=_incident,
    ),
    HomeSensorDescription(
        key="outbox",
        entity_category=EntityCategory.DIAGNOSTIC,
        state_class=SensorStateClass.MEASUREMENT,
        read=_outbox,
    ),
)


class HomeSensor(HomeEntity, SensorEntity):
    """A sensor that reads the guard."""

    entity_description: HomeSensorDescription

    def __init__(
        self, guard: Guard, options: HomeOptions, description: HomeSensorDescription
    ) -> None:
        """Take over the description."""
        super().__init__(guard, options, description.key)
        self.entity_description = description

    @callback
    def _refresh(self) -> None:
        self._attr_native_value = self.entity_description.read(self._guard)
        self._attr_extra_state_attributes = self.entity_description.tell(self._guard)


class LevelSensor(HomeEntity, SensorEntity):
    """The highest number that the detectors of a hazard show."""

    _attr_state_class = SensorStateClass.MEASUREMENT
    _attr_suggested_display_precision = 1

    def __init__(
        self,
        guard: Guard,
        options: HomeOptions,
        hazard: Hazard,
        detectors: tuple[DetectorBinding, ...],
    ) -> None:
        """Follow the detectors of a hazard that give numbers."""
        super().__init__(guard, options, f"{hazard}_level")
        self._detectors = detectors
        self._attr_native_unit_of_measurement = (
            "ppm" if hazard is Hazard.CARBON_MONOXIDE else "%LEL"
        )

    @callback
    def _refresh(self) -> None:
        readings = self._guard.state.readings
        values = [
            sensed.value
            for detector in self._detectors
            if (sensed := readings.get(detector.id)) and sensed.value is not None
        ]
        self._attr_native_value = max(values, default=None)


class BloodSensor(HomeEntity, SensorEntity):
    """How much carbon monoxide somebody at work here would have in the blood.

    For information: people differ, and the alarm does not wait for it.
    """

    _attr_native_unit_of_measurement = PERCENTAGE
    _attr_state_class = SensorStateClass.MEASUREMENT
    _attr_suggested_display_precision = 1

    def __init__(self, guard: Guard, options: HomeOptions) -> None:
        """Follow the doses of all detectors."""
        super().__init__(guard, options, "carboxyhaemoglobin")

    async def async_added_to_hass(self) -> None:
        """Follow the time, too: a dose grows in air that stays the same."""
        await super().async_added_to_hass()
        self.async_on_remove(
            async_track_time_interval(self.hass, self._on_time, BLOOD_INTERVAL)
        )

    @callback
    def _on_time(self, _: datetime) -> None:
        self._on_change()

    @callback
    def _refresh(self) -> None:
        percent = blood_level(self._guard.state, self._guard.clock.now())
        self._attr_native_value = None if percent is None else round(shown(percent), 2)


class StationLinkSensor(HomeEntity, SensorEntity):
    """How the line to the station is."""

    _attr_device_class = SensorDeviceClass.ENUM
    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_options = [status.value for status in LinkStatus]  # noqa: RUF012

    def __init__(
        self, guard: Guard, options: HomeOptions, link: StationLink | None
    ) -> None:
        """Follow a link, if there is one."""
        super().__init__(guard, options, "station_link")
        self._link = link

    async def async_added_to_hass(self) -> None:
        """Follow the link, too."""
        await super().async_added_to_hass()
        if self._link is not None:
            self.async_on_remove(self._link.subscribe(self._on_change))

    @callback
    def _refresh(self) -> None:
        status = self._link.status if self._link else LinkStatus.NOT_ENROLLED
        self._attr_native_value = status.value
        self._attr_extra_state_attributes = addresses_of(self._link)
