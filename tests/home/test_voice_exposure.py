"""No voice moves the real device behind a gas valve; the repair goes away by itself."""

from http import HTTPStatus

from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component

import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home.voice_exposure import EXPOSED, take_from_voices

from .house import GAS_DETECTOR, SIREN, HomeUnderTest

SWITCH = "switch.gas_valve"


def exposed(hass: HomeAssistant) -> list[str]:
    return [
        issue_id
        for domain, issue_id in ir.async_get(hass).issues
        if domain == DOMAIN and issue_id.startswith(EXPOSED)
    ]


@pytest.fixture
async def spoken(bare_home: HomeUnderTest) -> HomeUnderTest:
    """A home whose gas valve is a switch, which voices may use unless told otherwise."""
    home = bare_home
    er.async_get(home.hass).async_get_or_create(
        "switch", "test", "1", suggested_object_id="gas_valve"
    )
    home.add("detector", GAS_DETECTOR)
    home.add(
        "actuator",
        {"entity_id": SWITCH, "role": "gas_valve", "name": "Gas valve"},
        {"entity_id": SIREN, "role": "siren", "name": "Siren"},
    )
    home.state(SWITCH, "on")
    return home


async def listen(home: HomeUnderTest) -> None:
    assert await async_setup_component(home.hass, "homeassistant", {})
    home.hass.config.components.add("conversation")


async def test_a_voice_that_could_open_the_gas_is_a_repair_that_clears_itself(
    spoken: HomeUnderTest,
) -> None:
    await listen(spoken)
    await spoken.start()
    assert len(exposed(spoken.hass)) == 1
    async_expose_entity(spoken.hass, "conversation", SWITCH, should_expose=False)
    assert exposed(spoken.hass) == []
    async_expose_entity(spoken.hass, "conversation", SWITCH, should_expose=True)
    assert len(exposed(spoken.hass)) == 1
    await spoken.remove()
    assert exposed(spoken.hass) == []


async def test_one_press_takes_it_from_every_voice(
    spoken: HomeUnderTest, hass_client: ClientSessionGenerator
) -> None:
    assert await async_setup_component(spoken.hass, REPAIRS, {})
    await listen(spoken)
    spoken.hass.config.components.add("cloud")
    async_expose_entity(spoken.hass, "cloud.alexa", SWITCH, should_expose=True)
    await spoken.start()
    (issue_id,) = exposed(spoken.hass)
    client = await hass_client()
    response = await client.post(
        "/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue_id}
    )
    assert response.status == HTTPStatus.OK
    form = await response.json()
    assert form["description_placeholders"] == {
        "name": "Gas valve",
        "entity_id": SWITCH,
    }
    response = await client.post(f"/api/repairs/issues/fix/{form['flow_id']}", json={})
    assert (await response.json())["type"] == "create_entry"
    assert exposed(spoken.hass) == []
    entry = er.async_get(spoken.hass).async_get(SWITCH)
    assert entry
    for assistant in ("conversation", "cloud.alexa", "cloud.google_assistant"):
        assert entry.options[assistant]["should_expose"] is False
    await spoken.stop()


async def test_where_nobody_listens_nothing_is_said(spoken: HomeUnderTest) -> None:
    assert await async_setup_component(spoken.hass, "homeassistant", {})
    await spoken.start()
    assert exposed(spoken.hass) == []
    await spoken.stop()


async def test_without_any_assistant_nothing_is_asked(spoken: HomeUnderTest) -> None:
    spoken.hass.config.components.add("conversation")
    await spoken.start()
    take_from_voices(spoken.hass, SWITCH)
    assert exposed(spoken.hass) == []
    await spoken.stop()
