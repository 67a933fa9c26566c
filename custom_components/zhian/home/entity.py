"""What the home's entities have in common."""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import Entity

from ..const import DOMAIN
from .bindings import ActuatorBinding
from .guard import Guard
from .options import HomeOptions


def home_device(options: HomeOptions) -> DeviceInfo:
    """Return the device that stands for the home."""
    return DeviceInfo(
        identifiers={(DOMAIN, options.home_id)},
        name=options.name,
        manufacturer="Zhi'an",
        model="Home",
        entry_type=DeviceEntryType.SERVICE,
    )


type _Shown = tuple[object, ...]


class HomeEntity(Entity):
    """An entity of the home that shows what the guard knows."""

    _attr_has_entity_name = True
    _attr_should_poll = False
    _shown: _Shown | None = None

    def __init__(self, guard: Guard, options: HomeOptions, key: str) -> None:
        """Name the entity by its key."""
        self._guard = guard
        self._attr_unique_id = f"{options.home_id}_{key}"
        self._attr_translation_key = key
        self._attr_device_info = home_device(options)

    async def async_added_to_hass(self) -> None:
        """Follow the guard."""
        self._refresh()
        self._shown = self._shows()
        self.async_on_remove(self._guard.subscribe(self._on_change))

    @property
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """Return what stands beside the state, marked while a drill runs."""
        mine = super().extra_state_attributes
        if self._guard.state.drill is None:
            return mine
        return {**(mine or {}), "drill": True}

    @callback
    def _on_change(self) -> None:
        """Write the state, if it is another one: most readings change nothing here."""
        self._refresh()
        shows = self._shows()
        if shows != self._shown:
            self._shown = shows
            self.async_write_ha_state()

    def _shows(self) -> _Shown:
        """Return all that is shown and can change."""
        return (
            self.available,
            self.state,
            self.state_attributes,
            self.extra_state_attributes,
        )

    @callback
    def _refresh(self) -> None:
        """Take over what the guard knows."""


class ActuatorEntity(HomeEntity):
    """An entity that stands for an actuator, with the interlock on it.

    It is always available, even when the real device is not: Home Assistant drops an
    action on an unavailable entity without a word, and a person must be told.
    """

    _attr_name = None

    def __init__(
        self, guard: Guard, options: HomeOptions, binding: ActuatorBinding
    ) -> None:
        """Make a device of the actuator, below that of the home."""
        super().__init__(guard, options, binding.id)
        self._binding = binding
        self._attr_translation_key = binding.options.role
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, binding.id)},
            name=binding.options.name,
            manufacturer="Zhi'an",
            model="Interlock",
            entry_type=DeviceEntryType.SERVICE,
        )
