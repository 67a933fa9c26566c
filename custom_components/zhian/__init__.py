"""Zhi'an: a home that acts on danger, and the station that answers."""

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType

from . import home, station
from .blueprints import async_install_blueprints
from .const import CONF_ROLE, DOMAIN, ROLE_STATION
from .home import (
    entities as home_entities,
    migration,
    panel_memory,
    routines,
    services as home_services,
    websocket as home_websocket,
    withdrawals,
)
from .home.clearing import clear_repairs
from .home.doses import Doses
from .home.memory import Memory
from .home.receiver_numbers import Numbers
from .sentences import async_install_sentences, async_withdraw_sentences
from .station import (
    api as station_api,
    federation_services,
    federation_websocket,
    identity as station_identity,
    privacy_services as station_privacy,
    services as station_services,
    websocket as station_websocket,
)
from .types import Role, ZhianConfigEntry

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register what exists once, whatever the entries: it cannot be taken back."""
    home_services.async_register(hass)
    home_websocket.async_register_commands(hass)
    station_api.async_register_views(hass)
    station_services.async_register(hass)
    station_privacy.async_register(hass)
    federation_services.async_register(hass)
    station_websocket.async_register_commands(hass)
    federation_websocket.async_register_commands(hass)
    return True


_TO_RELOAD: set[str] = set()
"""Entries whose reload is under way and has not read the entry yet."""


async def async_setup_entry(hass: HomeAssistant, entry: ZhianConfigEntry) -> bool:
    """Run the role of an entry."""
    _TO_RELOAD.discard(entry.entry_id)
    # First: a detector that is added while this runs must not stay unguarded.
    entry.async_on_unload(entry.add_update_listener(_on_update))
    role: Role
    if entry.data[CONF_ROLE] == ROLE_STATION:
        role = await station.async_setup_station(hass, entry)
    else:
        role = await home.async_setup_home(hass, entry)
    entry.runtime_data = role
    try:
        await hass.config_entries.async_forward_entry_setups(entry, _platforms(entry))
    except BaseException:
        await role.async_unload()  # or the next try would run beside this one
        raise
    if entry.data[CONF_ROLE] != ROLE_STATION:
        # Nothing of the guard waits for files to be copied.
        for installing in (async_install_blueprints, async_install_sentences):
            entry.async_create_background_task(
                hass, installing(hass), f"zhian {installing.__name__}"
            )
    return True


async def async_migrate_entry(hass: HomeAssistant, entry: ZhianConfigEntry) -> bool:
    """Bring an entry of a former version up to date."""
    return migration.async_migrate(hass, entry)


async def async_unload_entry(hass: HomeAssistant, entry: ZhianConfigEntry) -> bool:
    """Stop the role of an entry."""
    if not await hass.config_entries.async_unload_platforms(entry, _platforms(entry)):
        return False
    await entry.runtime_data.async_unload()
    return True


async def async_remove_entry(hass: HomeAssistant, entry: ZhianConfigEntry) -> None:
    """Take away what only a running home can answer, and forget its habits.

    Its timelines stay on the disk.
    """
    if entry.data.get(CONF_ROLE) == ROLE_STATION:
        await station_identity.async_forget(hass)
    elif CONF_ROLE in entry.data:  # and not only a station that is to be ignored
        clear_repairs(hass)
        await async_withdraw_sentences(hass)
        await panel_memory.async_forget(hass)
        await Doses(hass, entry.entry_id).remove()
        await Memory(hass, entry.entry_id).remove()
        await routines.storage(hass, entry.entry_id).async_remove()
        await Numbers(hass).remove()
        await withdrawals.storage(hass, entry.entry_id).async_remove()


def _platforms(entry: ZhianConfigEntry) -> tuple[Platform, ...]:
    if entry.data[CONF_ROLE] == ROLE_STATION:
        return station.PLATFORMS
    return home_entities.PLATFORMS


async def _on_update(hass: HomeAssistant, entry: ZhianConfigEntry) -> None:
    """Take up what was changed, added or removed in the entry; all of it at once."""
    if entry.entry_id in _TO_RELOAD:
        return
    _TO_RELOAD.add(entry.entry_id)
    hass.config_entries.async_schedule_reload(entry.entry_id)
