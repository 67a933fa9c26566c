"""The gas blueprint, driven as a home would."""

import asyncio
from typing import Any

from homeassistant.core import CoreState
from homeassistant.exceptions import HomeAssistantError

import pytest

from .conftest import Home

DETECTOR = "binary_sensor.kitchen_gas"
VALVE = "valve.home_gas"
SWITCH = "switch.gas_valve"
INVERTED = "switch.gas_solenoid"
LEVEL = "sensor.kitchen_lel"

INPUTS: dict[str, Any] = {
    "gas_sensors": [DETECTOR, "binary_sensor.cellar_gas"],
    "valves": [VALVE],
    "switches": [SWITCH],
    "inverted_switches": [INVERTED],
    "phones": ["notify.mobile_app_anna"],
    "notify_entities": ["notify.neighbour"],
    "travel_time": 10,
    "retry_minutes": 5,
}


@pytest.fixture
def opened(home: Home) -> Home:
    """Return a home with the gas on."""
    home.state(DETECTOR, "off")
    home.state(VALVE, "open", friendly_name="Gas supply")
    home.state(SWITCH, "on", friendly_name="Boiler gas")
    home.state(INVERTED, "off", friendly_name="Cooker gas")
    return home


def ordered_closed(home: Home) -> bool:
    """Say if each device was ordered to close."""
    return (
        "valve.close_valve" in home.orders(VALVE)
        and "switch.turn_off" in home.orders(SWITCH)
        and "switch.turn_on" in home.orders(INVERTED)
    )


@pytest.mark.parametrize("before", ["off", "unknown", "unavailable"])
async def test_gas_closes_everything_at_once(opened: Home, before: str) -> None:
    """Also when the detector could not be reached before."""
    opened.state(DETECTOR, before)
    await opened.guard(**INPUTS)
    assert not opened.calls
    await opened.report(DETECTOR, "on")
    assert opened.calls == [
        ("valve.close_valve", VALVE),
        ("switch.turn_off", SWITCH),
        ("switch.turn_on", INVERTED),
    ]


async def test_the_orders_leave_before_anything_else(opened: Home) -> None:
    """Within two turns of the event loop, and before the first message."""
    await opened.guard(**INPUTS)
    opened.state(DETECTOR, "on")
    for _ in range(2):
        assert not opened.messages
        await asyncio.sleep(0)
    assert ordered_closed(opened)


async def test_a_detector_that_appears_in_alarm_counts(opened: Home) -> None:
    """A detector may have no state at all before it reports gas."""
    await opened.guard(**INPUTS)
    await opened.report("binary_sensor.cellar_gas", "on")
    assert ordered_closed(opened)


async def test_gas_present_at_start_closes(opened: Home) -> None:
    """A detector that is on when Home Assistant starts is an alarm (P1)."""
    opened.hass.set_state(CoreState.not_running)
    opened.state(DETECTOR, "on")
    await opened.guard(**INPUTS)
    await opened.start()
    assert ordered_closed(opened)
    assert opened.told()[0] == "Gas alarm"


async def test_no_gas_at_start_does_nothing(opened: Home) -> None:
    """A start by itself moves no valve."""
    opened.hass.set_state(CoreState.not_running)
    await opened.guard(**INPUTS)
    await opened.start()
    await opened.wait(5)
    assert not opened.calls
    assert not opened.messages


async def test_gas_present_at_reload_closes(opened: Home) -> None:
    """An automation that is made while there is gas acts, too."""
    opened.state(DETECTOR, "on")
    await opened.guard(**INPUTS)
    opened.hass.bus.async_fire("automation_reloaded")
    await opened.settle()
    assert ordered_closed(opened)


async def test_reload_during_a_run_starts_no_second_one(opened: Home) -> None:
    """People are not told twice."""
    opened.is_stuck(VALVE)
    await opened.guard(**INPUTS)
    await opened.report(DETECTOR, "on")
    opened.hass.bus.async_fire("automation_reloaded")
    await opened.settle()
    assert opened.orders(VALVE) == ["valve.close_valve"]
    assert opened.told() == ["Gas alarm"]


async def test_everybody_is_told_to_leave_first(opened: Home) -> None:
    """The first line is what a person must do."""
    await opened.guard(**INPUTS)
    await opened.report(DETECTOR, "on")
    assert {receiver for receiver, *_ in opened.messages} == {
        "notify.mobile_app_anna",
        "notify.send_message",
        "persistent_notification.create",
    }
    for _, title, message in opened.messages:
        assert title == "Gas alarm"
        first, *rest = message.split("\n")
        assert first == (
            "Leave the building now. Touch no switch and no plug, light no flame, "
            "and phone for help from outside."
        )
        assert rest == [
            "Gas reported by: binary_sensor.kitchen_gas.",
            "Being shut off now: Gas supply, Boiler gas, Cooker gas.",
        ]


async def test_closed_is_told_only_after_the_devices_said_so(opened: Home) -> None:
    """An action that returned proves nothing."""
    opened.is_stuck(VALVE)
    await opened.guard(**INPUTS)
    await opened.report(DETECTOR, "on")
    await opened.wait(5)
    assert opened.told() == ["Gas alarm"]
    await opened.report(VALVE, "closing")
    await opened.report(VALVE, "closed")
    await opened.wait(4)
    assert opened.told() == ["Gas alarm", "Gas alarm: the gas is shut off"]
    assert "Closed: Gas supply, Boiler gas, Cooker gas." in opened.last_message
    assert "NOT" not in opened.last_message


async def test_a_report_that_is_taken_back_does_not_count(opened: Home) -> None:
    """An optimistic device says closed at once and corrects itself."""
    await opened.guard(**INPUTS)
    await opened.report(DETECTOR, "on")
    opened.is_stuck(VALVE)
    await opened.wait(1)
    await opened.report(VALVE, "open")
    await opened.wait(4)
    assert opened.told()[-1] == "Gas alarm: the gas is NOT shut off yet"
    assert opened.orders(VALVE) == ["valve.close_valve"] * 2


async def test_a_stuck_valve_is_tried_again_and_told(opened: Home) -> None:
    """At the first failure and at the end; the others are not ordered again."""
    opened.is_stuck(VALVE)
    await opened.guard(**INPUTS)
    await opened.report(DETECTOR, "on")
    await opened.wait(14)
    assert opened.told() == ["Gas alarm", "Gas alarm: the gas is NOT shut off yet"]
    assert "NOT closed: Gas supply (open)." in opened.last_message
    assert "Closed: Boiler gas, Cooker gas." in opened.last_message
    await opened.wait(6 * 60)
    assert opened.told()[2:] == ["Gas alarm: the gas is NOT shut off"]
    assert "Home Assistant has stopped trying." in opened.last_message
    # 10 s, 20 s, 40 s, then every minute, until five minutes are over
    assert 6 <= len(opened.orders(VALVE)) <= 9
    assert len(opened.orders(SWITCH)) == 1


async def test_a_valve_that_closes_at_a_later_try_is_told_closed(opened: Home) -> None:
    """The last word is the state of the valve."""
    opened.is_stuck(VALVE)
    await opened.guard(**INPUTS)
    await opened.report(DETECTOR, "on")
    await opened.wait(14)
    del opened.behaviours[VALVE]
    await opened.wait(30)
    assert opened.told()[-1] == "Gas alarm: the gas is shut off"


async def test_an_unavailable_valve_is_told_and_closed_when_it_is_back(
    opened: Home,
) -> None:
    """An action on an unavailable entity succeeds silently; that is not believed."""
    opened.state(VALVE, "unavailable", friendly_name="Gas supply")
    opened.is_stuck(VALVE)
    await opened.guard(**INPUTS)
    await opened.report(DETECTOR, "on")
    await opened.wait(14)
    assert "NOT closed: Gas supply (unavailable)." in opened.last_message
    await opened.wait(6 * 60)
    assert opened.told()[-1] == "Gas alarm: the gas is NOT shut off"
    before = len(opened.orders(VALVE))
    del opened.behaviours[VALVE]
    await opened.report(VALVE, "open")
    assert len(opened.orders(VALVE)) == before + 1


async def test_a_valve_opened_during_gas_is_closed_again(opened: Home) -> None:
    """Whoever opened it."""
    await opened.guard(**INPUTS)
    await opened.report(DETECTOR, "on")
    await opened.wait(5)
    await opened.report(VALVE, "open")
    assert opened.orders(VALVE) == ["valve.close_valve"] * 2


async def test_a_valve_opened_without_gas_is_left_alone(opened: Home) -> None:
    """The gas is on in ordinary life."""
    opened.state(VALVE, "closed")
    await opened.guard(**INPUTS)
    await opened.report(VALVE, "open")
    assert not opened.calls


@pytest.mark.parametrize(
    "error",
    [
        HomeAssistantError("no answer"),
        ValueError("a bug"),
        TimeoutError(),
        OSError("broken pipe"),
    ],
)
async def test_a_device_that_raises_stops_no_other(
    opened: Home, error: Exception
) -> None:
    """The others close, people are told, the device gets its order again (P4, P8)."""
    opened.fails(VALVE, error)
    await opened.guard(**INPUTS)
    await opened.report(DETECTOR, "on")
    assert ordered_closed(opened)
    await opened.wait(14)
    assert opened.told()[-1] == "Gas alarm: the gas is NOT shut off yet"
    assert len(opened.orders(VALVE)) == 2
    assert len(opened.orders(SWITCH)) == 1


async def test_a_device_that_never_answers_stops_no_other(opened: Home) -> None:
    """A hanging action holds up only itself."""
    opened.hangs(VALVE)
    await opened.guard(**INPUTS)
    await opened.report(DETECTOR, "on")
    assert ordered_closed(opened)
    await opened.wait(14)
    assert opened.told()[-1] == "Gas alarm: the gas is NOT shut off yet"
    assert len(opened.orders(VALVE)) == 2


async def test_a_domain_without_actions_stops_nothing(opened: Home) -> None:
    """The integration of the valve may have failed to load."""
    opened.hass.services.async_remove("valve", "close_valve")
    await opened.guard(**INPUTS)
    await opened.report(DETECTOR, "on")
    assert opened.orders(SWITCH) == ["switch.turn_off"]
    await opened.wait(14)
    assert opened.told()[-1] == "Gas alarm: the gas is NOT shut off yet"


@pytest.mark.parametrize("receiver", ["notify.mobile_app_anna", "notify.neighbour"])
async def test_a_receiver_that_fails_stops_nothing(opened: Home, receiver: str) -> None:
    """Nor does one that hangs."""
    opened.fails(receiver, RuntimeError("a bug"))
    await opened.guard(**INPUTS)
    await opened.report(DETECTOR, "on")
    await opened.wait(5)
    assert ordered_closed(opened)
    for by in (
        "notify.mobile_app_anna",
        "notify.send_message",
        "persistent_notification.create",
    ):
        assert opened.told(by) == ["Gas alarm", "Gas alarm: the gas is shut off"]


async def test_a_missing_notification_action_stops_nothing(opened: Home) -> None:
    """A phone that was renamed does not keep the valve open (P9)."""
    await opened.guard(**INPUTS | {"phones": ["notify.mobile_app_gone", "no such"]})
    await opened.report(DETECTOR, "on")
    await opened.wait(5)
    assert ordered_closed(opened)
    assert opened.told() == ["Gas alarm", "Gas alarm: the gas is shut off"]


async def test_a_phone_is_rung_through_silence(opened: Home) -> None:
    """Critical on both kinds of phone, later messages replace earlier ones."""
    seen: list[dict[str, Any]] = []
    opened.hass.services.async_register(
        "notify", "mobile_app_anna", lambda call: seen.append(dict(call.data["data"]))
    )
    await opened.guard(**INPUTS)
    await opened.report(DETECTOR, "on")
    await opened.hass.async_add_executor_job(lambda: None)
    assert seen[0]["push"]["sound"]["critical"] == 1
    assert seen[0]["channel"] == "alarm_stream"
    assert (seen[0]["ttl"], seen[0]["priority"]) == (0, "high")
    assert seen[0]["tag"].startswith("automation.")


async def test_a_second_detector_during_a_run_is_not_lost(opened: Home) -> None:
    """It gets its own orders at once, whatever the first run waits for (P2)."""
    opened.is_stuck(VALVE)
    await opened.guard(**INPUTS)
    await opened.report(DETECTOR, "on")
    await opened.wait(3)
    await opened.report(SWITCH, "on")
    await opened.report("binary_sensor.cellar_gas", "on")
    assert opened.orders(VALVE) == ["valve.close_valve"] * 2
    assert opened.orders(SWITCH) == ["switch.turn_off"] * 2
    assert "binary_sensor.cellar_gas" in opened.last_message


async def test_gas_that_goes_away_opens_nothing_and_ends_no_try(opened: Home) -> None:
    """A detector that is silent again does not prove that the leak is gone."""
    opened.is_stuck(VALVE)
    await opened.guard(**INPUTS)
    await opened.report(DETECTOR, "on")
    await opened.report(DETECTOR, "off")
    await opened.wait(14)
    assert opened.orders(VALVE) == ["valve.close_valve"] * 2
    assert len(opened.orders(SWITCH)) == len(opened.orders(INVERTED)) == 1


@pytest.mark.parametrize(
    ("limit", "before", "now", "acts"),
    [
        (10, "0", "11", True),
        (10, "unavailable", "12.5", True),
        (10, "unknown", "11", True),
        (10, "0", "9.5", False),
        (10, "0", "unavailable", False),
        (10, "0", "nan", False),
        (3, "0", "4", True),
        # typed in by hand, past the limit of the field
        (50, "0", "21", True),
        (50, "0", "19", False),
    ],
)
async def test_a_level_above_the_limit_closes(
    opened: Home, limit: float, before: str, now: str, acts: bool
) -> None:
    """Never later than at 20 %LEL."""
    opened.state(LEVEL, before)
    await opened.guard(**INPUTS, level_sensors=[LEVEL], alarm_level=limit)
    await opened.report(LEVEL, now)
    assert ordered_closed(opened) is acts


async def test_a_jump_over_both_limits_is_one_alarm(opened: Home) -> None:
    """The limit chosen and the limit of 20 %LEL do not tell people twice."""
    opened.state(LEVEL, "0")
    await opened.guard(**INPUTS, level_sensors=[LEVEL])
    await opened.report(LEVEL, "25")
    assert opened.told() == ["Gas alarm"]
    assert f"{LEVEL} (25 %LEL)" in opened.last_message


async def test_a_level_above_the_limit_at_start_closes(opened: Home) -> None:
    """P1 for a sensor that measures."""
    opened.hass.set_state(CoreState.not_running)
    opened.state(LEVEL, "15")
    await opened.guard(**INPUTS, level_sensors=[LEVEL])
    await opened.start()
    assert ordered_closed(opened)


WINDOWS: dict[str, Any] = INPUTS | {
    "windows": ["cover.kitchen_window"],
    "level_sensors": [LEVEL],
    "alarm_level": 10,
}


@pytest.mark.parametrize(
    ("safe", "level", "before", "moves"),
    [
        (True, "unavailable", "off", True),
        (True, "12", "unavailable", True),
        (True, "25", "off", False),
        (True, "unavailable", "unavailable", False),
        (False, "unavailable", "off", False),
    ],
)
async def test_windows_move_only_if_safe_and_early(
    opened: Home, safe: bool, level: str, before: str, moves: bool
) -> None:
    """Opt-in, declared safe, and a leak that is small or young."""
    opened.state("cover.kitchen_window", "closed")
    opened.state(LEVEL, "unavailable" if level == "unavailable" else "5")
    opened.state(DETECTOR, before)
    await opened.guard(**WINDOWS, windows_are_safe=safe)
    if level != "unavailable":
        await opened.report(LEVEL, level)
    await opened.report(DETECTOR, "on")
    assert opened.orders("cover.kitchen_window") == ["cover.open_cover"] * moves
    assert opened.calls[0] == ("valve.close_valve", VALVE)
    await opened.wait(5)
    assert ("Windows open: " in opened.last_message) is (moves and level != "12")


async def test_a_second_alarm_moves_no_window(opened: Home) -> None:
    """The gas has had time to gather by then."""
    opened.state("cover.kitchen_window", "closed")
    opened.is_stuck("cover.kitchen_window")
    opened.is_stuck(VALVE)
    await opened.guard(**WINDOWS, windows_are_safe=True)
    await opened.report(DETECTOR, "on")
    await opened.wait(14)
    assert "Windows NOT open: cover.kitchen_window." in opened.last_message
    await opened.report("binary_sensor.cellar_gas", "on")
    assert len(opened.orders("cover.kitchen_window")) == 1


async def test_own_actions_run_after_the_orders_and_may_fail(opened: Home) -> None:
    """They get the words, and their failure stops nothing."""
    texts: list[str] = []

    async def own(call: Any) -> None:
        texts.append(call.data["text"])
        raise RuntimeError("a bug")

    opened.hass.services.async_register("test", "own", own)
    say = {"action": "test.own", "data": {"text": "{{ stage }}: {{ title }}"}}
    extra = {"action": "test.own", "data": {"text": "extra {{ states(valves[0]) }}"}}
    await opened.guard(**INPUTS, tell_actions=[say], extra_actions=[extra])
    await opened.report(DETECTOR, "on")
    await opened.wait(5)
    assert sorted(texts) == [
        "alarm: Gas alarm",
        "closed: Gas alarm: the gas is shut off",
        "extra closed",
    ]


async def test_a_valve_closed_all_along_is_told_as_such(opened: Home) -> None:
    """Its state may be old: no report has come since the order."""
    opened.state(VALVE, "closed", friendly_name="Gas supply")
    opened.is_stuck(VALVE)
    await opened.guard(**INPUTS)
    await opened.wait(2)
    await opened.report(DETECTOR, "on")
    assert opened.orders(VALVE) == ["valve.close_valve"]
    await opened.wait(5)
    assert "Shown as closed already, no new report: Gas supply." in opened.last_message


async def test_without_any_valve_people_are_told_so(opened: Home) -> None:
    """A detector alone still warns."""
    await opened.guard(gas_sensors=[DETECTOR])
    await opened.report(DETECTOR, "on")
    await opened.wait(5)
    assert opened.told() == ["Gas alarm", "Gas alarm: the gas is NOT shut off"]
    assert "No valve is set up here" in opened.last_message
    assert not opened.calls


async def test_a_switch_in_both_lists_gets_one_order(opened: Home) -> None:
    """On and off in turn would be worse than either."""
    await opened.guard(**INPUTS | {"switches": [SWITCH, INVERTED]})
    await opened.report(DETECTOR, "on")
    assert opened.orders(INVERTED) == ["switch.turn_on"]


async def test_single_entities_are_accepted_as_well_as_lists(opened: Home) -> None:
    """People who write YAML by hand leave the brackets out."""
    await opened.guard(gas_sensors=DETECTOR, valves=VALVE)
    await opened.report(DETECTOR, "on")
    assert opened.orders(VALVE) == ["valve.close_valve"]


async def test_two_automations_do_not_do_each_others_tasks(opened: Home) -> None:
    """Each house part is guarded by its own."""
    await opened.guard(gas_sensors=[DETECTOR], valves=[VALVE])
    opened.hass.bus.async_fire(
        "zhian_blueprint_task",
        {"automation": "automation.other", "what": "close", "to": VALVE},
    )
    await opened.settle()
    assert not opened.calls


@pytest.mark.parametrize("what", ["close", "open_window", "say", "open", "nonsense"])
async def test_a_task_reaches_only_devices_of_the_automation(
    opened: Home, what: str
) -> None:
    """An event from elsewhere cannot make it do anything else."""
    await opened.guard(**INPUTS)
    [automation] = opened.hass.states.async_entity_ids("automation")
    for to in ("light.kitchen", "valve.other", "notify.other", "cover.other"):
        opened.hass.bus.async_fire(
            "zhian_blueprint_task", {"automation": automation, "what": what, "to": to}
        )
    opened.hass.bus.async_fire("zhian_blueprint_task", {"automation": automation})
    opened.hass.bus.async_fire("zhian_blueprint_task")
    await opened.settle()
    assert not opened.calls
    assert not opened.messages
