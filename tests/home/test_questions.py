"""Asking devices where they are: over Zigbee2MQTT's topics, or by polling."""

import asyncio
import json
from typing import Any
from unittest.mock import patch

from homeassistant.components.switch import DOMAIN as SWITCH, SwitchEntity
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component

import pytest
from pytest_homeassistant_custom_component.common import async_fire_mqtt_message
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.zhian.home import questions
from custom_components.zhian.home.questions import (
    Question,
    Questions,
    answers,
    can_be_asked,
    topics_for,
)

VALVE = "switch.gas_valve"
TOPIC = "zigbee2mqtt/gas_valve"
TUYA = ("zigbee2mqtt/gas_valve/set", questions._ASK_TUYA)


@pytest.fixture(autouse=True)
def _in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "SETTLE", 0.0)
    monkeypatch.setattr(questions, "SECOND_QUESTION", 0.02)
    monkeypatch.setattr(questions, "LIMIT", 0.2)


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Home Assistant's MQTT client keeps a timer."""
    return True


async def announce(hass: HomeAssistant, **changes: Any) -> None:
    """Announce the valve as Zigbee2MQTT does."""
    announced = {
        "command_topic": f"{TOPIC}/set",
        "default_entity_id": VALVE,
        "name": "Gas valve",
        "origin": {"name": "Zigbee2MQTT"},
        "payload_off": "OFF",
        "payload_on": "ON",
        "state_topic": TOPIC,
        "unique_id": "valve",
        "value_template": '{{ value_json["state"] }}',
        **changes,
    }
    topic = "homeassistant/switch/valve/config"
    async_fire_mqtt_message(hass, topic, json.dumps(announced))
    await hass.async_block_till_done()
    assert hass.states.get(VALVE)


def published(mqtt_mock: MqttMockHAClient) -> list[tuple[str, str]]:
    return [call.args[:2] for call in mqtt_mock.async_publish.call_args_list]


async def a_turn() -> None:
    await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("command", "question"),
    [
        (f"{TOPIC}/set", (f"{TOPIC}/get", '{"state": ""}')),
        (f"{TOPIC}/left/set", (f"{TOPIC}/left/get", '{"state": ""}')),
        (f"{TOPIC}/set/gas_valve_state", (f"{TOPIC}/get/gas_valve_state", "")),
    ],
)
async def test_the_question_goes_where_the_command_went(
    hass: HomeAssistant,
    mqtt_mock: MqttMockHAClient,
    command: str,
    question: tuple[str, str],
) -> None:
    await announce(hass, command_topic=command)
    topics = topics_for(hass, VALVE)
    assert topics is not None
    assert topics.answer == TOPIC
    assert topics.questions == (question, TUYA)
    assert can_be_asked(hass, VALVE)


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": {"name": "Another bridge"}},
        {"command_topic": "home/valve/command"},
    ],
)
async def test_only_a_device_of_zigbee2mqtt_is_asked_over_mqtt(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, changes: dict[str, Any]
) -> None:
    await announce(hass, **changes)
    assert topics_for(hass, VALVE) is None
    assert not can_be_asked(hass, VALVE)
    assert not await answers(hass, VALVE)
    assert published(mqtt_mock) == []


async def test_a_message_after_the_question_is_the_answer(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient
) -> None:
    """Also one that changes nothing, for which Home Assistant writes no state."""
    await announce(hass)
    async_fire_mqtt_message(hass, TOPIC, '{"state": "OFF"}')
    state = hass.states.get(VALVE)
    heard: list[str] = []
    asked = Questions(hass, heard.append)
    asked.ask("valve", VALVE)
    await a_turn()
    assert published(mqtt_mock) == [(f"{TOPIC}/get", '{"state": ""}')]
    assert heard == []
    async_fire_mqtt_message(hass, TOPIC, '{"state": "OFF"}')
    await a_turn()
    assert heard == ["valve"]
    assert hass.states.get(VALVE) is state
    async_fire_mqtt_message(hass, TOPIC, '{"state": "OFF"}')
    await a_turn()
    assert heard == ["valve"]


async def test_what_the_broker_remembers_is_no_answer(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient
) -> None:
    await announce(hass)
    heard: list[str] = []
    Questions(hass, heard.append).ask("valve", VALVE)
    await a_turn()
    async_fire_mqtt_message(hass, TOPIC, '{"state": "OFF"}', retain=True)
    await asyncio.sleep(0.3)
    assert heard == []


async def test_the_answer_is_read_when_a_message_under_way_has_passed(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first message repeats the command; the truth is right behind it."""
    monkeypatch.setattr(questions, "SETTLE", 0.05)
    await announce(hass)
    read: list[str] = []

    def on_answer(_: str) -> None:
        state = hass.states.get(VALVE)
        assert state is not None
        read.append(state.state)

    Questions(hass, on_answer).ask("valve", VALVE)
    await a_turn()
    async_fire_mqtt_message(hass, TOPIC, '{"state": "OFF"}')
    await a_turn()
    async_fire_mqtt_message(hass, TOPIC, '{"state": "ON"}')
    await asyncio.sleep(0.1)
    assert read == ["on"]


async def test_a_device_without_attributes_is_asked_the_other_way(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient
) -> None:
    await announce(hass)
    heard: list[str] = []
    Questions(hass, heard.append).ask("valve", VALVE)
    await asyncio.sleep(0.06)
    assert published(mqtt_mock) == [(f"{TOPIC}/get", '{"state": ""}'), TUYA]
    async_fire_mqtt_message(hass, TOPIC, '{"state": "OFF"}')
    await a_turn()
    assert heard == ["valve"]


async def test_after_a_new_order_no_answer_to_an_older_question_counts(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient
) -> None:
    """The next message may be the echo of that order."""
    await announce(hass)
    heard: list[str] = []
    asked = Questions(hass, heard.append)
    asked.ask("valve", VALVE)
    await a_turn()
    asked.forget("valve")
    async_fire_mqtt_message(hass, TOPIC, '{"state": "OFF"}')
    await a_turn()
    assert heard == []


async def test_a_question_is_asked_once_while_it_is_open(
    hass: HomeAssistant, mqtt_mock: MqttMockHAClient
) -> None:
    await announce(hass)
    heard: list[str] = []
    asked = Questions(hass, heard.append)
    asked.ask("valve", VALVE)
    asked.ask("valve", VALVE)
    await a_turn()
    # The other way of asking may follow at once on a busy machine.
    assert [t for t, _ in published(mqtt_mock)].count(f"{TOPIC}/get") == 1
    await asyncio.sleep(0.3)  # its time is up
    async_fire_mqtt_message(hass, TOPIC, '{"state": "OFF"}')
    await a_turn()
    assert heard == []
    asked.ask("valve", VALVE)
    await a_turn()
    asked.close()
    async_fire_mqtt_message(hass, TOPIC, '{"state": "OFF"}')
    await a_turn()
    assert heard == []


async def test_a_broker_that_is_gone_is_no_answer(
    hass: HomeAssistant,
    mqtt_mock: MqttMockHAClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await announce(hass)
    with patch(
        "homeassistant.components.mqtt.async_publish",
        side_effect=HomeAssistantError("no broker"),
    ):
        assert not await answers(hass, VALVE)
    assert "no broker" in caplog.text


# --- polling ---------------------------------------------------------------------------


class PolledValve(SwitchEntity):
    """A switch that Home Assistant asks."""

    entity_id = VALVE
    _attr_is_on = True

    def __init__(self) -> None:
        """Answer."""
        self.asked = 0
        self.error: Exception | None = None

    async def async_update(self) -> None:
        """Answer, or fail."""
        self.asked += 1
        if self.error:
            raise self.error


class PushedValve(PolledValve):
    """A switch that speaks by itself: updating it repeats what it said."""

    _attr_should_poll = False


@pytest.fixture
async def _core(hass: HomeAssistant) -> None:
    await async_setup_component(hass, "homeassistant", {})
    await async_setup_component(hass, SWITCH, {})


async def add(hass: HomeAssistant, valve: PolledValve) -> None:
    component = hass.data["entity_components"][SWITCH]
    await component.async_add_entities([valve])
    await hass.async_block_till_done()


@pytest.mark.usefixtures("_core")
async def test_a_polled_device_answers_by_its_update(hass: HomeAssistant) -> None:
    valve = PolledValve()
    await add(hass, valve)
    assert can_be_asked(hass, VALVE)
    asked = valve.asked
    assert await answers(hass, VALVE)
    assert valve.asked == asked + 1


@pytest.mark.usefixtures("_core")
async def test_an_update_that_fails_is_no_answer(hass: HomeAssistant) -> None:
    valve = PolledValve()
    await add(hass, valve)
    valve.error = TimeoutError()
    assert not await answers(hass, VALVE)


@pytest.mark.usefixtures("_core")
async def test_a_device_that_is_not_polled_cannot_be_asked(hass: HomeAssistant) -> None:
    await add(hass, PushedValve())
    assert not can_be_asked(hass, VALVE)
    assert not await answers(hass, VALVE)


async def test_an_entity_that_is_not_there_cannot_be_asked(hass: HomeAssistant) -> None:
    assert not can_be_asked(hass, VALVE)
    question = Question(hass, VALVE, lambda: pytest.fail("nobody is there"))
    assert not question.is_open
