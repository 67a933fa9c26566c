"""The first question, and what each role leads to."""

from collections.abc import Iterator
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.zhian.config_flow import ZhianConfigFlow
from custom_components.zhian.const import DOMAIN

STATION = {
    "name": "Riverside Station",
    "community": "Riverside",
    "location": {"latitude": 30.25, "longitude": 120.15},
    "heartbeat_seconds": 60,
}


@pytest.fixture(autouse=True)
def _nothing_is_set_up() -> Iterator[None]:
    with (
        patch(
            "custom_components.zhian.async_setup_entry", return_value=True, create=True
        ),
        patch(
            "custom_components.zhian.async_unload_entry", return_value=True, create=True
        ),
    ):
        yield


async def test_the_first_question_is_the_role(hass: HomeAssistant) -> None:
    flows = hass.config_entries.flow
    result = await flows.async_init(DOMAIN, context={"source": "user"})
    assert result["type"] is FlowResultType.MENU
    assert result["menu_options"] == ["home", "station"]
    result = await flows.async_configure(result["flow_id"], {"next_step_id": "home"})
    assert result["step_id"] == "home"


async def test_a_station_is_set_up_and_changed(hass: HomeAssistant) -> None:
    flows = hass.config_entries.flow
    result = await flows.async_init(DOMAIN, context={"source": "user"})
    result = await flows.async_configure(result["flow_id"], {"next_step_id": "station"})
    assert result["step_id"] == "station"
    result = await flows.async_configure(result["flow_id"], STATION)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    assert entry.data["role"] == "station"

    result = await flows.async_init(
        DOMAIN, context={"source": "reconfigure", "entry_id": entry.entry_id}
    )
    result = await flows.async_configure(
        result["flow_id"], {"next_step_id": "reconfigure_station"}
    )
    assert result["step_id"] == "reconfigure_station"
    result = await flows.async_configure(
        result["flow_id"], STATION | {"name": "Hill Station"}
    )
    assert result["reason"] == "reconfigure_successful"
    assert entry.title == "Hill Station"


@pytest.mark.parametrize(
    ("role", "types"),
    [
        ("home", {"detector", "actuator", "contact", "code", "routine", "receiver"}),
        ("station", set()),
    ],
)
def test_only_a_home_has_detectors_actuators_and_contacts(
    role: str, types: set[str]
) -> None:
    entry = MockConfigEntry(domain=DOMAIN, data={"role": role})
    assert set(ZhianConfigFlow.async_get_supported_subentry_types(entry)) == types
