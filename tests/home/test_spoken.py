"""What voices and language models may do: close, ask, acknowledge, call. Never open."""

from collections.abc import Callable
from typing import Any

from homeassistant.components.llm import LLMTools
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import area_registry as ar, device_registry as dr, intent
from homeassistant.helpers.llm import LLM_API_ASSIST, LLMContext, ToolInput, ToolResult

import pytest

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home import questions
from custom_components.zhian.home.intents import CALL_FOR_HELP, INTENTS
from custom_components.zhian.intent import async_setup_intents
from custom_components.zhian.llm import async_get_tools
from custom_components.zhian.safety.orders import Drive
from custom_components.zhian.safety.vocabulary import Position

from .house import DETECTOR, GAS_VALVE, VALVE, HomeUnderTest

GAS_SWITCH = "switch.gas"

CLOSE = "ZhianCloseGas"
SAFE = "ZhianAreWeSafe"
HELP = "ZhianNeedHelp"


async def say(home: HomeUnderTest, what: str, language: str = "en") -> str:
    """Say something whose intent was recognised; return what is said aloud."""
    await async_setup_intents(home.hass)
    response = await intent.async_handle(home.hass, "test", what, language=language)
    return str(response.speech["plain"]["speech"])


def context(home: HomeUnderTest, by: Context | None = None) -> LLMContext:
    """Return who talks to the language model."""
    return LLMContext(
        platform="test",
        context=by or Context(),
        language="en",
        assistant="conversation",
        device_id=None,
    )


def tools(home: HomeUnderTest) -> LLMTools:
    """Return what a language model is offered."""
    offered = async_get_tools(home.hass, context(home), LLM_API_ASSIST)
    assert offered is not None
    return offered


async def use(home: HomeUnderTest, name: str, by: Context | None = None) -> Any:
    """Let a language model use a tool."""
    (tool,) = (t for t in tools(home).tools if t.name == f"zhian__{name}")
    result = await tool.async_call(
        home.hass, ToolInput(tool.name, {}), context(home, by)
    )
    assert isinstance(result, ToolResult)
    return result


def with_valve(home: HomeUnderTest, **options: Any) -> None:
    """Put a switch in the place of the gas valve."""
    home.subentries[:] = [s for s in home.subentries if s["title"] != "Gas supply"]
    home.add("actuator", GAS_VALVE | {"entity_id": GAS_SWITCH} | options)


def answering(
    home: HomeUnderTest,
    monkeypatch: pytest.MonkeyPatch,
    entity_id: str,
    answer: str | None,
) -> list[str]:
    """Let a device answer at once, or not at all; return which were asked."""
    asked: list[str] = []

    class Answered:
        is_open = False

        def __init__(
            self, hass: HomeAssistant, asked_id: str, on_answer: Callable[[], None]
        ) -> None:
            asked.append(asked_id)
            if answer is not None:
                home.state(entity_id, answer)
                on_answer()

        def close(self) -> None:
            """Nothing is open."""

    monkeypatch.setattr(questions, "Question", Answered)
    return asked


def obey(home: HomeUnderTest) -> None:
    """Let the valve close when it is told to."""

    def close(call: ServiceCall) -> None:
        home.state(VALVE, "closed" if call.service == "close_valve" else "open")

    home.obedient[VALVE] = close


@pytest.mark.parametrize(
    ("language", "answer"),
    [("en", "Gas supply is closed."), ("zh-Hans", "Gas supply已关闭。")],
)
async def test_the_gas_is_closed_and_proved(
    home: HomeUnderTest, language: str, answer: str
) -> None:
    """The answer says what the valve says."""
    obey(home)
    home.state(DETECTOR, "off")
    await home.start()
    assert (await say(home, CLOSE, language)).startswith(answer)
    assert home.calls("valve", "close_valve") == [VALVE]
    assert not home.calls("valve", "open_valve")


async def test_a_valve_that_does_not_say_so_is_not_called_closed(
    home: HomeUnderTest,
) -> None:
    """An action that returned proves nothing."""
    home.state(DETECTOR, "off")
    await home.start()
    task = home.hass.async_create_task(say(home, CLOSE))
    await home.pass_time(4, wait=False)
    assert (await task).startswith("Gas supply was told to close and has not proved it")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("off", "Gas supply is closed."),
        ("on", "Gas supply was told to close and has not proved it"),
        (None, "Gas supply was told to close and has not proved it"),
    ],
)
async def test_a_valve_that_repeats_its_command_is_asked_where_it_is(
    home: HomeUnderTest,
    monkeypatch: pytest.MonkeyPatch,
    answer: str | None,
    said: str,
) -> None:
    """Zigbee2MQTT says "off" before the valve does; it may never have moved."""
    asked = answering(home, monkeypatch, GAS_SWITCH, answer)
    with_valve(home, witness="read_back")
    home.obedient[GAS_SWITCH] = lambda _: home.state(GAS_SWITCH, "off")
    home.state(GAS_SWITCH, "on")
    home.state(DETECTOR, "off")
    await home.start()
    task = home.hass.async_create_task(say(home, CLOSE))
    await home.pass_time(1.5, wait=False)
    assert (home.shown(GAS_SWITCH).state, asked) == ("off", [])
    assert not task.done()
    await home.pass_time(4, wait=False)
    assert asked == [GAS_SWITCH]
    assert (await task).startswith(said)


async def test_a_valve_is_asked_of_its_newest_order_only(
    home: HomeUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not of one that another has followed, and not after the home is gone."""
    asked = answering(home, monkeypatch, GAS_SWITCH, "off")
    with_valve(home, witness="read_back")
    home.state(GAS_SWITCH, "on")
    home.state(DETECTOR, "off")
    await home.start()
    guard = home.home.guard
    (valve,) = guard.actuators
    close = Drive(valve, Position.CLOSED)
    for _ in range(2):
        await guard.move(close)
        await home.pass_time(1)
    assert asked == []
    await home.pass_time(1.5)
    assert asked == [GAS_SWITCH]
    await guard.move(close)
    await home.stop()
    await home.pass_time(5)
    assert asked == [GAS_SWITCH]


async def test_a_valve_that_cannot_be_reached_is_named(home: HomeUnderTest) -> None:
    """A person is told to do it by hand."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(VALVE, "unavailable")
    assert (await say(home, CLOSE)).startswith("Gas supply cannot be reached.")


async def test_a_valve_that_fails_does_not_stop_another(home: HomeUnderTest) -> None:
    """Each is told in its own right."""
    home.add(
        "actuator",
        {"entity_id": "switch.gas", "role": "gas_valve", "name": "Boiler"},
    )
    home.state("switch.gas", "off")
    obey(home)
    home.broken["switch.gas"] = ValueError("no")
    home.state(DETECTOR, "off")
    await home.start()
    said = await say(home, CLOSE)
    assert "Gas supply is closed." in said
    assert "Boiler cannot be reached." in said


async def test_without_a_gas_valve_a_person_is_told_so(
    bare_home: HomeUnderTest,
) -> None:
    """And the model is not offered the tool."""
    await bare_home.start()
    assert (await say(bare_home, CLOSE)).startswith("There is no gas valve")
    names = [tool.name for tool in tools(bare_home).tools]
    assert names == ["zhian__home_safety", "zhian__acknowledge"]
    await bare_home.stop()


async def test_are_we_safe_has_three_answers(home: HomeUnderTest) -> None:
    """Yes, no with what to do, and I do not know."""
    home.state(DETECTOR, "off")
    await home.start()
    assert "Kitchen gas" in await say(home, SAFE)
    assert (await say(home, SAFE)).startswith("I do not know.")
    await home.clear_for(90)
    assert (await say(home, SAFE)).startswith("Yes.")
    assert await say(home, SAFE, "zh-Hans") == (
        "安全。所有探测器都在工作，没有发现危险。"
    )
    await home.report(DETECTOR, "on")
    assert (await say(home, SAFE)).startswith("No. Gas alarm. Leave now.")
    assert (await say(home, SAFE, "zh-Hans")).startswith("不安全。燃气报警。立即离开。")


async def test_a_home_without_detectors_is_not_called_safe(
    bare_home: HomeUnderTest,
) -> None:
    """Nobody looks."""
    await bare_home.start()
    assert await say(bare_home, SAFE) == "I do not know. There is no detector."
    await bare_home.stop()


@pytest.mark.parametrize("what", [handler.intent_type for handler in INTENTS])
async def test_without_a_running_home_the_answer_says_so(
    home: HomeUnderTest, what: str
) -> None:
    """A voice that is silent could pass for good news."""
    await home.start()
    await home.stop()
    assert (await say(home, what)).startswith("The home is not guarded")
    assert async_get_tools(home.hass, context(home), LLM_API_ASSIST) is None


async def test_a_call_for_help_is_the_homes_action(home: HomeUnderTest) -> None:
    """The person is told whether it went out."""
    await home.start()
    home.hass.services.async_remove(DOMAIN, CALL_FOR_HELP)
    assert (await say(home, HELP)).startswith("I cannot call for help from here.")
    calls: list[ServiceCall] = []

    async def call_for_help(call: ServiceCall) -> None:
        calls.append(call)

    home.hass.services.async_register(DOMAIN, CALL_FOR_HELP, call_for_help)
    assert (await say(home, HELP)).startswith("I am calling for help.")
    assert len(calls) == 1

    async def refuse(call: ServiceCall) -> None:
        raise HomeAssistantError("no")

    home.hass.services.async_register(DOMAIN, CALL_FOR_HELP, refuse)
    assert (await say(home, HELP)).startswith("I cannot call for help from here.")


async def test_a_call_for_help_says_where_it_was_heard(
    home: HomeUnderTest,
    device_registry: dr.DeviceRegistry,
    area_registry: ar.AreaRegistry,
) -> None:
    """The speaker in the bathroom knows that it is in the bathroom."""
    await home.start()
    assert home.entry is not None
    bathroom = area_registry.async_create("Bathroom")
    speaker = device_registry.async_get_or_create(
        config_entry_id=home.entry.entry_id, identifiers={("test", "speaker")}
    )
    device_registry.async_update_device(speaker.id, area_id=bathroom.id)
    calls: list[ServiceCall] = []

    async def call_for_help(call: ServiceCall) -> None:
        calls.append(call)

    home.hass.services.async_register(DOMAIN, CALL_FOR_HELP, call_for_help)
    await async_setup_intents(home.hass)
    await intent.async_handle(home.hass, "test", HELP, device_id=speaker.id)
    assert calls[0].data == {"zone": bathroom.id}


async def test_nothing_that_listens_can_open(home: HomeUnderTest) -> None:
    """Neither by its name nor by what it does, whatever it is given."""
    home.state(DETECTOR, "off")
    await home.start()
    offered = tools(home)
    names = {t.name for t in offered.tools}
    assert names == {"zhian__close_gas", "zhian__home_safety", "zhian__acknowledge"}
    spoken = {handler.intent_type for handler in INTENTS}
    assert spoken == {CLOSE, SAFE, HELP, "ZhianSendHelp", "ZhianIAmSafe"}
    obey(home)
    for tool in offered.tools:
        arguments = {"position": Position.OPEN, "confirmation": "Gas supply"}
        await tool.async_call(home.hass, ToolInput(tool.name, arguments), context(home))
    assert not home.calls("valve", "open_valve")


async def test_every_tool_says_what_it_is(home: HomeUnderTest) -> None:
    """Home Assistant asks for prefix, title and integration; models for annotations."""
    await home.start()
    for tool in tools(home).tools:
        assert tool.name.startswith("zhian__")
        assert tool.integration == DOMAIN
        assert tool.title
        assert tool.description
        assert tool.annotations.open_world is False
        assert tool.annotations.read_only is (tool.name == "zhian__home_safety")
    assert async_get_tools(home.hass, context(home), "another") is None


async def test_a_model_learns_what_is_going_on(home: HomeUnderTest) -> None:
    """Facts, and the words to say; no names of people."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.clear_for(90)
    assert (await use(home, "home_safety")).data["safety"] == "safe"
    await home.report(DETECTOR, "on")
    await home.do(DOMAIN, "acknowledge", await home.person("Anna"))
    data = (await use(home, "home_safety")).data
    assert data["safety"] == "danger"
    (incident,) = data["incidents"]
    assert incident["hazard"] == "gas"
    assert incident["acknowledged"] is True
    assert "Anna" not in str(data)


async def test_a_model_closes_the_gas(home: HomeUnderTest) -> None:
    """And gets the proof, not the hope."""
    obey(home)
    home.state(DETECTOR, "off")
    await home.start()
    result = await use(home, "close_gas")
    assert result.data["valves"] == [{"name": "Gas supply", "result": "closed"}]


async def test_a_model_acknowledges_for_a_person(home: HomeUnderTest) -> None:
    """Who it was and by what way stands in the timeline; without an alarm it fails."""
    home.state(DETECTOR, "off")
    await home.start()
    anna = await home.person("Anna")
    refused = await use(home, "acknowledge", anna)
    assert refused.error
    await home.report(DETECTOR, "on")
    assert (await use(home, "acknowledge", anna)).data == {"acknowledged": True}
    taken = home.incident.acknowledged
    assert taken is not None
    assert (taken.by, taken.via) == ("Anna", "assistant")
