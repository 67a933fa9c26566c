"""The station's counts."""

from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr, entity_registry as er

from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.station import Station

from .conftest import Act, Home, incident


def sensor(hass: HomeAssistant, entry: MockConfigEntry, key: str) -> State:
    """Return one of the station's sensors."""
    entity_id = er.async_get(hass).async_get_entity_id(
        "sensor", DOMAIN, f"{entry.entry_id}_{key}"
    )
    assert entity_id is not None
    state = hass.states.get(entity_id)
    assert state is not None
    return state


async def test_open_incidents_are_counted_with_their_drills(
    hass: HomeAssistant, station: Station, home: Home, act: Act, entry: MockConfigEntry
) -> None:
    """Urgent ones first, drills last."""
    assert sensor(hass, entry, "open_incidents").state == "0"
    assert sensor(hass, entry, "open_incidents").attributes["drill"] is False
    await home.put(incident(drill=True))
    await hass.async_block_till_done()
    assert sensor(hass, entry, "open_incidents").attributes["drill"] is True
    await home.put(incident(hazard="water", priority=3))
    number = (await home.put(incident())).body["number"]
    await act("desk_acknowledge", incident=number)
    await hass.async_block_till_done()
    state = sensor(hass, entry, "open_incidents")
    assert state.state == "3"
    assert state.attributes["drill"] is False
    assert state.attributes["drills"] == 1
    assert state.attributes["unacknowledged"] == 2
    assert [
        (shown["hazard"], shown["drill"]) for shown in state.attributes["incidents"]
    ] == [("gas", False), ("water", False), ("gas", True)]
    assert "Flat 5" not in str(state.attributes)


async def test_households_are_counted_and_never_entities(
    hass: HomeAssistant, station: Station, home: Home, entry: MockConfigEntry
) -> None:
    """Two thousand homes are one number."""
    before = len(hass.states.async_entity_ids())
    other = Home(home.client)
    await other.enrol((await station.registry.new_code()).text)
    await hass.async_block_till_done()
    assert sensor(hass, entry, "households").state == "2"
    assert len(hass.states.async_entity_ids()) == before


async def test_the_station_is_one_service_device(
    hass: HomeAssistant, station: Station, entry: MockConfigEntry
) -> None:
    """Named as its people call it."""
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    assert device.name == "Riverside Station"
    assert device.entry_type is dr.DeviceEntryType.SERVICE
