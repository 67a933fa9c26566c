"""Keep the databases still while Home Assistant copies them."""

from collections.abc import Iterator

from homeassistant.core import HomeAssistant

from .const import DOMAIN
from .store.database import Database
from .types import ZhianConfigEntry


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Fold the logs into the files; writes go on beside them."""
    for database in _databases(hass):
        await database.hold()


async def async_post_backup(hass: HomeAssistant) -> None:
    """Let the files change again."""
    for database in _databases(hass):
        await database.let_go()


def _databases(hass: HomeAssistant) -> Iterator[Database]:
    entries: list[ZhianConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    for entry in entries:
        if (database := entry.runtime_data.database) is not None:
            yield database
