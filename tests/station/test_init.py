"""The station's start and end."""

import logging
from pathlib import Path
import threading

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.zhian.station import Station
from custom_components.zhian.station.registry import Registry
from custom_components.zhian.store.database import THREAD_NAME, Database
from custom_components.zhian.store.errors import DatabaseClosed, Trouble, WriteFailed

from .conftest import Home, incident


async def test_the_store_is_closed_when_home_assistant_stops(
    hass: HomeAssistant, station: Station, home: Home
) -> None:
    """Entries are not unloaded then; what was accepted is on disk."""
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    with pytest.raises(DatabaseClosed):
        await station.database.submit(lambda _: None)
    assert (await home.put(incident())).reason == "not_ready"


async def test_a_file_that_is_not_ours_stops_the_set_up_and_is_left_alone(
    hass: HomeAssistant, prepared: MockConfigEntry, tmp_path: Path
) -> None:
    """Nobody's data is overwritten."""
    path = tmp_path / "zhian" / "station.db"
    path.parent.mkdir()
    path.write_bytes(b"a letter to grandmother" * 100)
    assert not await hass.config_entries.async_setup(prepared.entry_id)
    assert prepared.state is ConfigEntryState.SETUP_ERROR
    assert path.read_bytes() == b"a letter to grandmother" * 100


async def test_a_disk_that_is_full_at_the_start_is_tried_again(
    hass: HomeAssistant, prepared: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The station comes back by itself."""

    async def refuse(_: Database) -> None:
        raise WriteFailed(Trouble.FULL)

    with monkeypatch.context() as full:
        full.setattr(Database, "open", refuse)
        assert not await hass.config_entries.async_setup(prepared.entry_id)
    assert prepared.state is ConfigEntryState.SETUP_RETRY
    await hass.config_entries.async_unload(prepared.entry_id)


async def test_a_start_that_fails_leaves_no_thread_behind(
    hass: HomeAssistant, prepared: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reload may follow."""

    async def fail(_: Registry) -> None:
        raise WriteFailed(Trouble.IO)

    with monkeypatch.context() as failing:
        failing.setattr(Registry, "load", fail)
        assert not await hass.config_entries.async_setup(prepared.entry_id)
    assert not [t for t in threading.enumerate() if t.name == THREAD_NAME]
    assert await hass.config_entries.async_reload(prepared.entry_id)
    await hass.config_entries.async_unload(prepared.entry_id)


async def test_trouble_of_the_disk_is_logged_once_and_its_end_once(
    hass: HomeAssistant, station: Station, caplog: pytest.LogCaptureFixture
) -> None:
    """One line each."""
    caplog.set_level(logging.INFO)
    caplog.clear()
    station.database._on_health(WriteFailed(Trouble.FULL))
    station.database._on_health(None)
    ours = [r for r in caplog.records if r.name == "custom_components.zhian.station"]
    assert [record.levelname for record in ours] == ["ERROR", "INFO"]
