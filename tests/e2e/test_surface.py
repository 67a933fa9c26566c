"""What automations, voices and language models see, on a real Home Assistant."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from demo.ha_api import HomeAssistantApi
from demo.node import Node, seed
from demo.processes import free_port

DETECTOR = "binary_sensor.kitchen_gas"
VALVE = "switch.gas_valve"

CONFIGURATION = """\
conversation:
system_health:
input_boolean:
  gas:
    name: Gas
  valve:
    name: Valve
    initial: true
template:
  - binary_sensor:
      - name: Kitchen gas
        device_class: gas
        state: "{{ is_state('input_boolean.gas', 'on') }}"
  - switch:
      - name: Gas valve
        state: "{{ is_state('input_boolean.valve', 'on') }}"
        turn_on:
          action: input_boolean.turn_on
          target: {entity_id: input_boolean.valve}
        turn_off:
          action: input_boolean.turn_off
          target: {entity_id: input_boolean.valve}
automation:
  - alias: Heard
    triggers:
      - trigger: zhian.incident_opened
        options: {hazard: [gas]}
    conditions:
      - condition: zhian.incident_is_open
      - not:
          - condition: zhian.is_safe
    actions:
      - event: surface_heard
        event_data:
          hazard: "{{ trigger.hazard }}"
"""


@pytest.fixture(scope="module")
async def api(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[HomeAssistantApi]:
    """A home with a gas detector and a gas valve."""
    folder = tmp_path_factory.mktemp("surface")
    node = Node(
        "home",
        "Home",
        free_port(),
        folder,
        place=(31.2, 121.4),
        configuration=CONFIGURATION,
    )
    await seed(folder, node)
    await node.start()
    try:
        entry = await node.api.create_entry(
            "zhian",
            {"next_step_id": "home"},
            {"name": "Home", "gas": "natural_gas"},
            {"contacts": []},
            {},
        )
        await node.api.create_subentry(entry, "detector", {"entity_id": DETECTOR}, {})
        await node.api.create_subentry(
            entry,
            "actuator",
            {"entity_id": VALVE, "role": "gas_valve"},
            {"name": "Gas valve"},
        )
        async with asyncio.timeout(60):
            while await node.api.state("valve.gas_valve") is None:
                await asyncio.sleep(0.2)
        async with node.api.websocket() as socket:
            # The real switch is not for voices: the README says how and why.
            await socket.call(
                "homeassistant/expose_entity",
                assistants=["conversation"],
                entity_ids=[VALVE],
                should_expose=False,
            )
            await socket.call(
                "homeassistant/expose_entity",
                assistants=["conversation"],
                entity_ids=["valve.gas_valve"],
                should_expose=True,
            )
        yield node.api
        assert node.complaints() == []
    finally:
        await node.stop()


async def say(api: HomeAssistantApi, text: str, language: str = "en") -> dict[str, Any]:
    """Say something to the voice assistant."""
    answer: dict[str, Any] = await api.request(
        "POST", "/api/conversation/process", {"text": text, "language": language}
    )
    return answer["response"]


def speech(response: dict[str, Any]) -> str:
    """Return what is said aloud."""
    said: str = response["speech"]["plain"]["speech"]
    return said


async def test_triggers_and_conditions_are_offered(api: HomeAssistantApi) -> None:
    async with api.websocket() as socket:
        for kind in ("trigger", "condition"):
            events = await socket.subscribe(f"{kind}_platforms/subscribe")
            offered: set[str] = set()
            async with asyncio.timeout(20):
                while f"zhian.{EXPECTED[kind]}" not in offered:
                    offered |= set(await events.get())
        texts = await socket.call(
            "frontend/get_translations",
            language="zh-Hans",
            category="triggers",
            integration="zhian",
        )
    name = texts["resources"]["component.zhian.triggers.incident_opened.name"]
    assert name == "发生警情"


EXPECTED = {"trigger": "incident_opened", "condition": "is_safe"}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("are we safe?", "en"),
        ("is the house safe", "en"),
        ("我们安全吗", "zh-Hans"),
        ("家里安全吗", "zh-Hans"),
    ],
)
async def test_the_home_says_whether_it_is_safe(
    api: HomeAssistantApi, text: str, language: str
) -> None:
    response = await say(api, text, language)
    assert response["response_type"] == "action_done", response
    known = ("I do not know", "Yes", "我不能确定", "安全")
    assert speech(response).startswith(known)


@pytest.mark.parametrize(
    ("text", "language", "answer"),
    [
        ("close the gas", "en", "Gas valve is closed."),
        ("shut off the gas supply now", "en", "Gas valve is closed."),
        ("turn the gas off", "en", "Gas valve is closed."),
        ("I smell gas", "en", "Gas valve is closed."),
        ("关闭燃气", "zh-Hans", "Gas valve已关闭。"),
        ("把煤气关掉", "zh-Hans", "Gas valve已关闭。"),
        ("闻到燃气味", "zh-Hans", "Gas valve已关闭。"),
    ],
)
async def test_the_gas_is_closed_by_voice(
    api: HomeAssistantApi, text: str, language: str, answer: str
) -> None:
    await api.action("input_boolean.turn_on", entity_id="input_boolean.valve")
    response = await say(api, text, language)
    assert speech(response).startswith(answer), response
    valve = await api.state("input_boolean.valve")
    assert valve is not None and valve["state"] == "off"


@pytest.mark.parametrize(
    "text",
    ["open the gas", "open the gas valve", "turn on the gas valve", "打开燃气"],
)
async def test_the_gas_is_never_opened_by_voice(
    api: HomeAssistantApi, text: str
) -> None:
    await api.action("input_boolean.turn_off", entity_id="input_boolean.valve")
    language = "en" if text.isascii() else "zh-Hans"
    response = await say(api, text, language)
    assert response["response_type"] == "error", response
    valve = await api.state("input_boolean.valve")
    assert valve is not None and valve["state"] == "off"


@pytest.mark.parametrize(
    ("text", "language"), [("I need help", "en"), ("我需要帮助", "zh-Hans")]
)
async def test_a_call_for_help_calls_for_help(
    api: HomeAssistantApi, text: str, language: str
) -> None:
    assert (await say(api, text, language))["response_type"] == "action_done"
    found = await api.ask("zhian.get_incidents", open_only=True)
    assert [i["hazard"] for i in found["incidents"]] == ["sos"]
    await api.action("zhian.reset")


async def test_an_alarm_is_heard_and_recorded(api: HomeAssistantApi) -> None:
    async with api.websocket() as socket:
        heard = await socket.subscribe("subscribe_events", event_type="surface_heard")
        await api.action("input_boolean.turn_on", entity_id="input_boolean.gas")
        async with asyncio.timeout(20):
            assert (await heard.get())["data"]["hazard"] == "gas"
    found = await api.ask("zhian.get_incidents", open_only=True)
    (incident,) = found["incidents"]
    assert incident["hazard"] == "gas"
    assert incident["timeline"][0]["kind"] == "opened"
    proved = await api.ask("zhian.verify_timeline")
    assert proved["ok"] is True
    everything = await api.ask("zhian.get_incidents")
    assert proved["checked"] == len(everything["incidents"]) == 3
    sheet = await api.ask("zhian.export_timeline", format="csv")
    assert incident["id"] in sheet["csv"]
    assert speech(await say(api, "are we safe")).startswith("No. Gas alarm. Leave now.")


async def test_the_logbook_tells_the_alarm(api: HomeAssistantApi) -> None:
    async with asyncio.timeout(30):
        while True:
            entries = await api.request("GET", "/api/logbook")
            told = [e.get("message") for e in entries if e.get("domain") == "zhian"]
            if "Gas alarm" in told:
                return
            await asyncio.sleep(0.5)


async def test_system_health_is_plain(api: HomeAssistantApi) -> None:
    async with api.websocket() as socket:
        events = await socket.subscribe("system_health/info")
        async with asyncio.timeout(30):
            info = (await events.get())["data"]["zhian"]["info"]
    assert info["roles"] == "home"
    assert info["home_incidents"] == 1
    assert info["home_journal"] is True
