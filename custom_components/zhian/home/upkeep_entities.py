"""What the upkeep and the drills have found, as sensors."""

from datetime import datetime

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, EntityCategory
from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..safety.supervision import protection
from .bindings import ActuatorBinding
from .drills import DrillBook
from .entity import HomeEntity
from .guard import Guard
from .options import HomeOptions
from .upkeep import Upkeep


class ProtectionSensor(HomeEntity, SensorEntity):
    """How well the home is protected, and what it lacks."""

    _attr_native_unit_of_measurement = PERCENTAGE
    _attr_state_class = SensorStateClass.MEASUREMENT
    _attr_suggested_display_precision = 0

    def __init__(self, guard: Guard, options: HomeOptions, upkeep: Upkeep) -> None:
        """Follow the upkeep."""
        super().__init__(guard, options, "protection")
        self._upkeep = upkeep

    async def async_added_to_hass(self) -> None:
        """Follow the upkeep, too."""
        await super().async_added_to_hass()
        self.async_on_remove(self._upkeep.subscribe(self._on_change))

    @callback
    def _refresh(self) -> None:
        names = self._guard.names()
        tested = self._upkeep.memory.tested_at
        self._attr_native_value = self._upkeep.score()
        self._attr_extra_state_attributes = {
            "unprotected": [names[d.id] for d in protection(self._guard.state).lacking],
            "reasons": [
                {
                    "name": names[finding.subject],
                    "reason": finding.lack.value,
                    "points": finding.points,
                }
                for finding in self._upkeep.findings()
            ],
            "last_test": tested.isoformat() if tested else None,
        }


class LastDrillSensor(HomeEntity, SensorEntity):
    """When the last drill was, and what came of it."""

    _attr_device_class = SensorDeviceClass.TIMESTAMP

    def __init__(self, guard: Guard, options: HomeOptions, book: DrillBook) -> None:
        """Follow the book of drills."""
        super().__init__(guard, options, "last_drill")
        self._book = book

    async def async_added_to_hass(self) -> None:
        """Follow the book, too."""
        await super().async_added_to_hass()
        self.async_on_remove(self._book.subscribe(self._on_change))

    @callback
    def _refresh(self) -> None:
        last = self._book.last
        self._attr_native_value = _time(last["at"]) if last else None
        self._attr_extra_state_attributes = (
            {key: value for key, value in last.items() if key not in ("at", "incident")}
            if last
            else {}
        )


class LastExercisedSensor(HomeEntity, SensorEntity):
    """When a valve was last moved to keep it moving."""

    _attr_device_class = SensorDeviceClass.TIMESTAMP
    _attr_entity_category = EntityCategory.DIAGNOSTIC

    def __init__(
        self,
        guard: Guard,
        options: HomeOptions,
        binding: ActuatorBinding,
        upkeep: Upkeep,
    ) -> None:
        """Stand on the device of the valve."""
        super().__init__(guard, options, "last_exercised")
        self._binding = binding
        self._upkeep = upkeep
        self._attr_unique_id = f"{options.home_id}_{binding.id}_last_exercised"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, binding.id)},
            name=binding.options.name,
            manufacturer="Zhi'an",
            model="Interlock",
            entry_type=DeviceEntryType.SERVICE,
        )

    async def async_added_to_hass(self) -> None:
        """Follow the upkeep, too."""
        await super().async_added_to_hass()
        self.async_on_remove(self._upkeep.subscribe(self._on_change))

    @callback
    def _refresh(self) -> None:
        moved = self._upkeep.memory.moved.get(self._binding.id)
        self._attr_native_value = moved.at if moved else None
        self._attr_extra_state_attributes = {
            "confirmed": moved.is_proved if moved else None
        }


def _time(value: str) -> datetime | None:
    return dt_util.parse_datetime(value)
