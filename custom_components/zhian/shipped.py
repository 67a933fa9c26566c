"""Files that come with the package and belong to the user once they are there.

What was installed is remembered by its SHA-256. So three things are told apart
without a list of every version that was ever shipped:

- our own older copy, which is replaced;
- a file that the user has edited (or that another source has put there), which is
  left alone for good;
- a file that the user has deleted, which stays deleted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypedDict

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

STORAGE_VERSION = 1


class Remembered(TypedDict):
    """What a store holds: file name to the SHA-256 of what we installed."""

    installed: dict[str, str]


@dataclass(frozen=True, slots=True)
class Installation:
    """The result of one pass over the files."""

    installed: Mapping[str, str]
    """File name to the SHA-256 of our copy in the configuration, old and new."""

    added: tuple[str, ...]
    updated: tuple[str, ...]


async def async_install(
    hass: HomeAssistant, storage_key: str, packaged: Path, folder: Path
) -> Installation:
    """Bring packaged files into a folder of the configuration.

    Raise OSError or HomeAssistantError; files of an unknown origin are left alone.
    """
    store = Store[Remembered](hass, STORAGE_VERSION, storage_key)
    remembered = await store.async_load()
    before = remembered["installed"] if remembered else {}
    result = await hass.async_add_executor_job(install, packaged, folder, before)
    if result.installed != before:
        await store.async_save({"installed": dict(result.installed)})
    return result


async def async_withdraw(hass: HomeAssistant, storage_key: str, folder: Path) -> bool:
    """Remove our own, unmodified files again; return whether there were any."""
    store = Store[Remembered](hass, STORAGE_VERSION, storage_key)
    remembered = await store.async_load()
    if not remembered:
        return False
    removed = await hass.async_add_executor_job(
        withdraw, folder, remembered["installed"]
    )
    await store.async_remove()
    return removed


def install(packaged: Path, folder: Path, before: Mapping[str, str]) -> Installation:
    """Copy what is new or unmodified from `packaged` into `folder`.

    `before` maps the file names of earlier installations, relative to the folder, to
    their SHA-256. Blocking: runs in the executor.
    """
    installed = dict(before)
    added: list[str] = []
    updated: list[str] = []
    for source in sorted(packaged.rglob("*.yaml")):
        name = source.relative_to(packaged).as_posix()
        target = folder / name
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


def withdraw(folder: Path, installed: Mapping[str, str]) -> bool:
    """Delete the files that are still as we installed them. Blocking."""
    removed = False
    for name, ours in installed.items():
        target = folder / name
        try:
            present = sha256(target.read_bytes()).hexdigest()
        except FileNotFoundError:
            continue
        if present == ours:
            target.unlink()
            removed = True
    return removed
