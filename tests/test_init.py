"""The entry points: set up once, run a role, take up changes, let go."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components import zhian
from custom_components.zhian import (
    alarm_control_panel,
    binary_sensor,
    button,
    cover,
    event,
    geo_location,
    sensor,
    station as station_role,
    switch,
    valve,
)
from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home import entities as home_entities

from .home.conftest import bare_home, home  # noqa: F401  fixtures
from .home.house import DETECTOR, VALVE, HomeUnderTest

PLATFORMS = {
    Platform.ALARM_CONTROL_PANEL: alarm_control_panel,
    Platform.BINARY_SENSOR: binary_sensor,
    Platform.BUTTON: button,
    Platform.COVER: cover,
    Platform.EVENT: event,
    Platform.GEO_LOCATION: geo_location,
    Platform.SENSOR: sensor,
    Platform.SWITCH: switch,
    Platform.VALVE: valve,
}


@pytest.fixture
def station(hass: HomeAssistant, hass_tmp_config_dir: str) -> MockConfigEntry:
    """A station that is not set up yet."""
    hass.config.config_dir = hass_tmp_config_dir
    entry = MockConfigEntry(
        domain=DOMAIN,
        unique_id="station",
        data={
            "role": "station",
            "name": "Riverside Station",
            "community": "Riverside",
            "latitude": 30.84,
            "longitude": 120.92,
            "heartbeat_seconds": 60,
        },
    )
    entry.add_to_hass(hass)
    return entry


async def test_actions_exist_before_any_entry(hass: HomeAssistant) -> None:
    """An automation that names them is valid whatever runs."""
    assert await async_setup_component(hass, DOMAIN, {})
    actions = set(hass.services.async_services_for_domain(DOMAIN))
    assert {"acknowledge", "reset", "open_valve"} <= actions
    assert {"desk_acknowledge", "desk_dispatch", "desk_close"} <= actions


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
async def test_no_action_queues_behind_another(platform: Platform) -> None:
    """Home Assistant's limit of parallel updates is one of actions, too."""
    assert PLATFORMS[platform].PARALLEL_UPDATES == 0


async def test_every_platform_of_a_role_has_an_entry_point() -> None:
    """And none is left without a role."""
    wanted = {*home_entities.PLATFORMS, *station_role.PLATFORMS}
    assert wanted == set(PLATFORMS)


async def test_the_entry_points_return_true(
    home: HomeUnderTest,  # noqa: F811
) -> None:
    """The oldest Home Assistant that is supported wants it so."""
    home.state(DETECTOR, "off")
    await home.start()
    assert home.entry is not None
    assert home.entry.state is ConfigEntryState.LOADED
    await home.stop()
    assert home.entry.state is ConfigEntryState.NOT_LOADED


async def test_a_changed_entry_is_taken_up_at_once(
    home: HomeUnderTest,  # noqa: F811
) -> None:
    """A detector that a person adds guards without a restart."""
    home.state(DETECTOR, "off")
    await home.start()
    before = home.home
    assert home.entry is not None
    (detector,) = home.entry.get_subentries_of_type("detector")
    home.state("binary_sensor.cellar", "on")
    home.hass.config_entries.async_update_subentry(
        home.entry, detector, data=detector.data | {"entity_id": "binary_sensor.cellar"}
    )
    await home.hass.async_block_till_done()
    assert home.home is not before
    assert home.calls("valve", "close_valve") == [VALVE]


async def test_a_role_that_cannot_let_go_keeps_guarding(
    home: HomeUnderTest,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An unload that a platform refuses ends nothing."""
    home.state(DETECTOR, "off")
    await home.start()
    assert home.entry is not None

    async def refuse(*_: object) -> bool:
        return False

    with monkeypatch.context() as patch:
        patch.setattr(home.hass.config_entries, "async_unload_platforms", refuse)
        assert not await zhian.async_unload_entry(home.hass, home.entry)
    await home.report(DETECTOR, "on")
    assert home.calls("valve", "close_valve") == [VALVE]


async def test_platforms_that_fail_leave_no_guard_behind(
    home: HomeUnderTest,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The next try would otherwise be the second guard of one house."""

    async def fail(*_: object) -> None:
        raise RuntimeError("bug")

    with monkeypatch.context() as patch:
        patch.setattr(home.hass.config_entries, "async_forward_entry_setups", fail)
        with pytest.raises(AssertionError):
            await home.start()
    home.state(DETECTOR, "on")
    await home.hass.async_block_till_done()
    assert home.calls("valve", "close_valve") == []


async def test_a_home_and_a_station_live_together(
    home: HomeUnderTest,  # noqa: F811
    station: MockConfigEntry,
) -> None:
    """Each with its own platforms and database."""
    home.state(DETECTOR, "off")
    await home.start()
    assert station.state is ConfigEntryState.LOADED
    assert home.home.guard is not None
    assert await home.hass.config_entries.async_unload(station.entry_id)
    await home.report(DETECTOR, "on")
    assert home.calls("valve", "close_valve") == [VALVE]
