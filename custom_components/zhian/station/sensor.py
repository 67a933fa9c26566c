"""Sensors of the station: counts, never one entity per household."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from homeassistant.components.sensor import SensorEntity, SensorStateClass
from homeassistant.const import EntityCategory
from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..const import DOMAIN
from .board import community_of
from .const import SIGNAL_HOUSEHOLDS, SIGNAL_SHOWN
from .federation_sensor import FEDERATION_SENSORS
from .sensor_description import StationSensorDescription

if TYPE_CHECKING:
    from . import Station


def _open_attributes(station: Station) -> Mapping[str, Any]:
    """Say which incidents are open, without the people in them."""
    cases = station.cases.open
    return {
        "drill": bool(cases) and all(case.document.drill for case in cases),
        "drills": sum(case.document.drill for case in cases),
        "unacknowledged": sum(case.handling.acknowledged is None for case in cases),
        "incidents": [
            {
                "number": case.number,
                "hazard": case.document.hazard,
                "status": case.handling.status.value,
                "community": community_of(station, case),
                "priority": case.document.priority,
                "drill": case.document.drill,
                "received_at": case.received_at.isoformat(),
            }
            for case in cases
        ],
    }


SENSORS = (
    StationSensorDescription(
        key="open_incidents",
        translation_key="open_incidents",
        state_class=SensorStateClass.MEASUREMENT,
        value=lambda station: len(station.cases),
        attributes=_open_attributes,
        signal=SIGNAL_SHOWN,
    ),
    StationSensorDescription(
        key="households",
        translation_key="households",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        value=lambda station: len(station.registry),
        signal=SIGNAL_HOUSEHOLDS,
    ),
    StationSensorDescription(
        key="households_lost",
        translation_key="households_lost",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        value=lambda station: len(station.registry.lost_homes),
        signal=SIGNAL_HOUSEHOLDS,
    ),
)


class StationSensor(SensorEntity):
    """One of the station's counts."""

    entity_description: StationSensorDescription
    _attr_has_entity_name = True
    _attr_should_poll = False
    _unrecorded_attributes = frozenset({"incidents", "lost", "orders"})

    def __init__(self, station: Station, description: StationSensorDescription) -> None:
        """Belong to the station's device."""
        self.entity_description = description
        self._station = station
        self._attr_unique_id = f"{station.entry.entry_id}_{description.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, station.entry.entry_id)},
            name=station.name,
            entry_type=DeviceEntryType.SERVICE,
        )

    @property
    def native_value(self) -> int | str:
        """Return the count, or how it stands."""
        return self.entity_description.value(self._station)

    @property
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """Return what stands behind the count."""
        if (attributes := self.entity_description.attributes) is None:
            return None
        return attributes(self._station)

    async def async_added_to_hass(self) -> None:
        """Follow the station."""
        self.async_on_remove(
            async_dispatcher_connect(
                self.hass, self.entity_description.signal, self._on_change
            )
        )

    @callback
    def _on_change(self, *_: object) -> None:
        self.async_write_ha_state()


@callback
def async_add_sensors(
    station: Station, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the station's counts."""
    async_add_entities(
        StationSensor(station, description)
        for description in (*SENSORS, *FEDERATION_SENSORS)
    )
