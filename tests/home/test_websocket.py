"""What pages and programs may ask the home."""

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.zhian.const import DOMAIN

from .house import DETECTOR, HomeUnderTest

ASK = {"type": "zhian/home/incidents"}


async def test_the_timelines_are_shown_with_names(
    home: HomeUnderTest, hass_ws_client: WebSocketGenerator
) -> None:
    """Everything that a page needs to tell the story."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    client = await hass_ws_client(home.hass)
    await client.send_json_auto_id(ASK)
    answer = (await client.receive_json())["result"]
    (shown,) = answer["incidents"]
    assert shown["id"] == home.incident.id
    assert (shown["hazard"], shown["phase"], shown["drill"]) == ("gas", "alarm", False)
    assert [e["kind"] for e in shown["entries"]][:2] == ["opened", "detector"]
    assert "signalled" in shown["stamps"]
    assert shown["station"]["status"] == "none"
    assert sorted(answer["names"].values()) == ["Gas supply", "Kitchen gas"]


async def test_without_a_home_there_are_no_incidents(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator
) -> None:
    """The command exists once and for all."""
    assert await async_setup_component(hass, DOMAIN, {})
    client = await hass_ws_client(hass)
    await client.send_json_auto_id(ASK)
    assert (await client.receive_json())["result"] == {"incidents": [], "names": {}}


async def test_a_guest_does_not_read_the_timelines(
    home: HomeUnderTest, hass_ws_client: WebSocketGenerator, hass_admin_user: MockUser
) -> None:
    """They say who was at home and when."""
    await home.start()
    hass_admin_user.groups = []
    client = await hass_ws_client(home.hass)
    await client.send_json_auto_id(ASK)
    assert (await client.receive_json())["error"]["code"] == "unauthorized"
