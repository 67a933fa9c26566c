"""Setting up and changing a station."""

from typing import Any

from homeassistant import config_entries
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    get_schema_suggested_value,
)

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.station import Station

ANSWERS = {
    "name": " Riverside Station ",
    "community": "Riverside",
    "location": {"latitude": 30.84, "longitude": 120.92, "radius": 100},
    "heartbeat_seconds": 45.0,
}


async def begin(hass: HomeAssistant) -> Any:
    """Choose the role station."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": config_entries.SOURCE_USER}
    )
    return await hass.config_entries.flow.async_configure(
        result["flow_id"], {"next_step_id": "station"}
    )


async def test_a_station_is_set_up_in_one_step(
    hass: HomeAssistant, prepared: MockConfigEntry
) -> None:
    """With the place of this Home Assistant as the first guess."""
    await hass.config_entries.async_remove(prepared.entry_id)
    form = await begin(hass)
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == "station"
    assert get_schema_suggested_value(form["data_schema"].schema, "location") == {
        "latitude": hass.config.latitude,
        "longitude": hass.config.longitude,
    }
    result = await hass.config_entries.flow.async_configure(form["flow_id"], ANSWERS)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Riverside Station"
    assert result["data"] == {
        "role": "station",
        "name": "Riverside Station",
        "community": "Riverside",
        "latitude": 30.84,
        "longitude": 120.92,
        "heartbeat_seconds": 45,
        "retention_days": 365,
        "addresses": [],
        "announce": True,
    }
    assert result["result"].unique_id == "station"
    await hass.async_block_till_done()
    assert isinstance(result["result"].runtime_data, Station)
    await hass.config_entries.async_unload(result["result"].entry_id)


@pytest.mark.parametrize("field", ["name", "community"])
async def test_an_empty_name_is_told_at_its_field_and_can_be_mended(
    hass: HomeAssistant, prepared: MockConfigEntry, field: str
) -> None:
    """Nothing that was typed is lost."""
    await hass.config_entries.async_remove(prepared.entry_id)
    form = await begin(hass)
    form = await hass.config_entries.flow.async_configure(
        form["flow_id"], {**ANSWERS, field: "  "}
    )
    assert form["type"] is FlowResultType.FORM
    assert form["errors"] == {field: f"{field}_empty"}
    schema = form["data_schema"].schema
    assert get_schema_suggested_value(schema, "heartbeat_seconds") == 45
    result = await hass.config_entries.flow.async_configure(form["flow_id"], ANSWERS)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    await hass.config_entries.async_unload(result["result"].entry_id)


async def test_one_station_in_one_home_assistant(
    hass: HomeAssistant, station: Station
) -> None:
    """A second one is not even asked about."""
    result = await begin(hass)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


async def test_a_station_is_changed_and_keeps_the_rest(
    hass: HomeAssistant, station: Station, entry: MockConfigEntry
) -> None:
    """The form shows what is there."""
    menu = await entry.start_reconfigure_flow(hass)
    assert menu["menu_options"] == ["reconfigure_station", "parent"]
    form = await hass.config_entries.flow.async_configure(
        menu["flow_id"], {"next_step_id": "reconfigure_station"}
    )
    assert form["step_id"] == "reconfigure_station"
    schema = form["data_schema"].schema
    assert get_schema_suggested_value(schema, "name") == "Riverside Station"
    assert get_schema_suggested_value(schema, "location") == {
        "latitude": 30.84,
        "longitude": 120.92,
    }
    form = await hass.config_entries.flow.async_configure(
        form["flow_id"], {**ANSWERS, "name": ""}
    )
    assert form["errors"] == {"name": "name_empty"}
    result = await hass.config_entries.flow.async_configure(
        form["flow_id"], {**ANSWERS, "name": "Lakeside Station"}
    )
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    assert entry.title == entry.data["name"] == "Lakeside Station"
    assert entry.data["heartbeat_seconds"] == 45
    assert entry.data["role"] == "station"
    await hass.async_block_till_done()
    assert entry.runtime_data.heartbeat_seconds == 45


async def reconfigure(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    """Open the form with the station's facts."""
    menu = await entry.start_reconfigure_flow(hass)
    return await hass.config_entries.flow.async_configure(
        menu["flow_id"], {"next_step_id": "reconfigure_station"}
    )


async def test_the_addresses_that_homes_are_told_are_kept_in_order(
    hass: HomeAssistant, station: Station, entry: MockConfigEntry
) -> None:
    """The best first; plain http in a private network only."""
    for typed, error in (
        (["http://station.example.org"], "http_to_public"),
        (["station"], "not_an_address"),
        ([f"https://{n}.example.org" for n in range(6)], "too_many_addresses"),
    ):
        form = await reconfigure(hass, entry)
        form = await hass.config_entries.flow.async_configure(
            form["flow_id"], {**ANSWERS, "addresses": typed}
        )
        assert form["errors"] == {"addresses": error}
        hass.config_entries.flow.async_abort(form["flow_id"])
    form = await reconfigure(hass, entry)
    typed = ["http://192.168.1.9:8123/lovelace", " ", "https://station.example.org"]
    await hass.config_entries.flow.async_configure(
        form["flow_id"], {**ANSWERS, "addresses": typed, "announce": False}
    )
    await hass.async_block_till_done()
    assert entry.runtime_data.reachable_at == (
        "http://192.168.1.9:8123",
        "https://station.example.org",
    )
    assert entry.data["announce"] is False
