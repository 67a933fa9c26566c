"""The automation blueprints: put into the configuration, never over a user's edit.

What was installed is remembered by its SHA-256. So three things are told apart
without a list of every version that was ever shipped:

- our own older copy, which is replaced;
- a file that the user has edited (or that another source has put there), which is
  left alone for good;
- a file that the user has deleted, which stays deleted. The README has the link that
  brings it back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
import logging
from pathlib import Path
from typing import TypedDict

from homeassistant.components.automation import automations_with_blueprint
from homeassistant.components.automation.const import DOMAIN as AUTOMATION_DOMAIN
from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.const import SERVICE_RELOAD
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store

from .const import DOMAIN

_LOGGER = logging.getLogger(__name__)

PACKAGED = Path(__file__).parent / "blueprints" / AUTOMATION_DOMAIN
STORAGE_KEY = f"{DOMAIN}.blueprints"
STORAGE_VERSION = 1


class Remembered(TypedDict):
    """What the store holds: file name to the SHA-256 of what we installed."""

    installed: dict[str, str]


@dataclass(frozen=True, slots=True)
class Installation:
    """The result of one pass over the blueprints."""

    installed: Mapping[str, str]
    """File name to the SHA-256 of our copy in the configuration, old and new."""

    added: tuple[str, ...]
    updated: tuple[str, ...]


async def async_install_blueprints(hass: HomeAssistant) -> None:
    """Bring the packaged blueprints into the configuration.

    A failure is logged and stops nothing: the home is guarded without them.
    """
    store = Store[Remembered](hass, STORAGE_VERSION, STORAGE_KEY)
    try:
        remembered = await store.async_load()
        before = remembered["installed"] if remembered else {}
        result = await hass.async_add_executor_job(
            install, PACKAGED, Path(hass.config.path("blueprints")), before
        )
        if result.installed != before:
            await store.async_save({"installed": dict(result.installed)})
        if result.added or result.updated:
            await _async_make_known(hass, result)
    except (OSError, HomeAssistantError) as err:
        _LOGGER.warning("The blueprints could not be installed: %s", err)


def install(packaged: Path, folder: Path, before: Mapping[str, str]) -> Installation:
    """Copy what is new or unmodified from `packaged` into the blueprint folder.

    `before` maps the file names of earlier installations to their SHA-256.
    Blocking: runs in the executor.
    """
    installed = dict(before)
    added: list[str] = []
    updated: list[str] = []
    for source in sorted(packaged.glob("*.yaml")):
        name = source.name
        target = folder / AUTOMATION_DOMAIN / DOMAIN / name
        content = source.read_bytes()
        new = sha256(content).hexdigest()
        try:
            present = sha256(target.read_bytes()).hexdigest()
        except FileNotFoundError:
            if name in before:
                continue  # the user has deleted it
            added.append(name)
        else:
            if present == new:
                installed[name] = new
                continue
            if present != before.get(name):
                continue  # the user has edited it
            updated.append(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_suffix(".unfinished")
        unfinished.write_bytes(content)
        unfinished.replace(target)
        installed[name] = new
    return Installation(installed, tuple(added), tuple(updated))


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
