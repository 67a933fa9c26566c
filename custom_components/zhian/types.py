"""The types that the entry points share."""

from typing import Any, Protocol

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .store.database import Database


class Role(Protocol):
    """What a config entry runs: a home or a station."""

    @property
    def database(self) -> Database | None:
        """Where the role keeps what must not be lost; None if the disk refused."""

    async def async_unload(self) -> None:
        """Stop, with everything written."""

    def diagnostics(self) -> dict[str, Any]:
        """Return what helps to find a fault; the caller redacts it."""

    @callback
    def add_entities(
        self, platform: Platform, async_add_entities: AddConfigEntryEntitiesCallback
    ) -> None:
        """Add the entities of a platform."""


type ZhianConfigEntry = ConfigEntry[Role]
