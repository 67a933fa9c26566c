"""The automation blueprints: put into the configuration, never over a user's edit.

How they are told apart stands in `shipped.py`. The README has the links that bring back
a blueprint that was deleted.
"""

import logging
from pathlib import Path

from homeassistant.components.automation import automations_with_blueprint
from homeassistant.components.automation.const import DOMAIN as AUTOMATION_DOMAIN
from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.const import SERVICE_RELOAD
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN
from .shipped import Installation, async_install

_LOGGER = logging.getLogger(__name__)

PACKAGED = Path(__file__).parent / "blueprints" / AUTOMATION_DOMAIN
STORAGE_KEY = f"{DOMAIN}.blueprints"


async def async_install_blueprints(hass: HomeAssistant) -> None:
    """Bring the packaged blueprints into the configuration.

    A failure is logged and stops nothing: the home is guarded without them.
    """
    folder = Path(hass.config.path("blueprints", AUTOMATION_DOMAIN, DOMAIN))
    try:
        result = await async_install(hass, STORAGE_KEY, PACKAGED, folder)
        if result.added or result.updated:
            await _async_make_known(hass, result)
    except (OSError, HomeAssistantError) as err:
        _LOGGER.warning("The blueprints could not be installed: %s", err)


async def _async_make_known(hass: HomeAssistant, result: Installation) -> None:
    """Let the automations see the new files.

    Automations made from an updated blueprint are loaded again, as Home Assistant does
    when a blueprint is imported over an older one: a repaired blueprint must not wait
    for the restart after next. A reload leaves all other automations running.
    """
    if AUTOMATION_DOMAIN not in hass.config.components:
        return
    await async_get_blueprints(hass).async_reset_cache()
    if any(
        automations_with_blueprint(hass, f"{DOMAIN}/{name}") for name in result.updated
    ):
        await hass.services.async_call(AUTOMATION_DOMAIN, SERVICE_RELOAD)
