"""The home's watch: events in, actions out, and nothing in the way."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall

import pytest

from custom_components.zhian.home import notices, questions
from custom_components.zhian.safety.orders import Tell
from custom_components.zhian.safety.signals import ResetRequested
from custom_components.zhian.safety.vocabulary import Outcome, Phase, Position, Reason

from .house import (
    DETECTOR,
    GAS_LEVEL,
    LEVEL,
    PHONE,
    SAFE_WINDOW,
    VALVE,
    WINDOW,
    HomeUnderTest,
)

SWITCH = "switch.gas_supply"
GAS_SWITCH = {
    "entity_id": SWITCH,
    "role": "gas_valve",
    "name": "Gas supply",
    "travel_time": 2,
}
CONTACT = "binary_sensor.valve_contact"


def with_valve(home: HomeUnderTest, **options: Any) -> None:
    """Put another gas valve in the place of the first."""
    home.subentries[:] = [s for s in home.subentries if s["title"] != "Gas supply"]
    home.add("actuator", GAS_SWITCH | options)


# --- detectors through the real entry --------------------------------------------------


@pytest.mark.parametrize(
    ("detector", "clear", "alarm"),
    [
        ({"unit": "%LEL"}, ("0", {}), ("12", {})),
        ({"unit": "ppm"}, ("100", {}), ("5000", {})),
        (
            {"state_map": {"leak": "alarm", "ok": "normal"}},
            ("ok", {}),
            ("leak", {}),
        ),
        (
            {
                "entity_id": "event.gas",
                "state_map": {"leak": "alarm", "ok": "normal"},
            },
            ("2026-11-22T08:00:00.000+00:00", {"event_type": "ok"}),
            ("2026-11-22T08:00:01.000+00:00", {"event_type": "leak"}),
        ),
    ],
)
async def test_every_kind_of_detector_closes_the_valve(
    home: HomeUnderTest,
    detector: Mapping[str, Any],
    clear: tuple[str, Mapping[str, Any]],
    alarm: tuple[str, Mapping[str, Any]],
) -> None:
    """A number in %LEL or ppm, a state in words, an event."""
    home.subentries.clear()
    added = {"entity_id": LEVEL, "hazard": "gas", "name": "Kitchen"} | detector
    home.add("detector", added)
    with_valve(home, entity_id=VALVE)
    home.state(added["entity_id"], clear[0], **clear[1])
    await home.start()
    assert home.calls("valve", "close_valve") == []
    await home.report(added["entity_id"], alarm[0], **alarm[1])
    assert home.calls("valve", "close_valve") == [VALVE]


async def test_a_pre_alarm_tells_people_and_moves_nothing(home: HomeUnderTest) -> None:
    """Nor is it reported to the station."""
    home.add("detector", GAS_LEVEL)
    home.state(DETECTOR, "off")
    home.state(LEVEL, "0")
    await home.start()
    await home.report(LEVEL, "6")
    assert home.incident.phase is Phase.PRE_ALARM
    assert home.messages() == ["Gas is rising at Home"]
    assert home.calls("valve", "close_valve") == []
    assert not home.incident.is_reportable
    assert home.shown("binary_sensor.home_gas").state == "off"
    await home.report(LEVEL, "2")
    await home.pass_time(61, step=5)  # it may still be flickering
    assert home.home.guard.state.incidents == {}
    assert home.messages()[-1] == "Gas is back to normal at Home"


async def test_hysteresis_keeps_an_alarm_that_hovers(home: HomeUnderTest) -> None:
    """A value that dances around the limit is one alarm, not many."""
    home.add("detector", GAS_LEVEL)
    home.state(DETECTOR, "off")
    home.state(LEVEL, "0")
    await home.start()
    for value in ("10.2", "9.5", "10.1", "8.5"):
        await home.report(LEVEL, value)
    assert home.calls("valve", "close_valve") == [VALVE]
    assert home.messages() == ["Gas alarm at Home"]
    assert home.incident.phase is Phase.ALARM


@pytest.mark.parametrize("garbage", ["nan", "inf", "-5", "overflow"])
async def test_garbage_never_ends_an_alarm(home: HomeUnderTest, garbage: str) -> None:
    """A detector that talks nonsense is not clear."""
    home.add("detector", GAS_LEVEL)
    home.state(DETECTOR, "off")
    home.state(LEVEL, "0")
    await home.start()
    await home.report(LEVEL, "12")
    await home.report(LEVEL, garbage)
    await home.pass_time(120, step=10)
    assert home.incident.phase is Phase.ALARM
    assert home.shown("sensor.home_protection").state == "50"
    assert home.shown("sensor.home_gas_level").state == "unknown"


async def test_a_detector_that_warms_up_is_unprotected_yet_heard(
    home: HomeUnderTest,
) -> None:
    """Its silence proves nothing, its alarm does."""
    home.subentries[0]["data"]["warm_up_entity"] = "binary_sensor.preheat"  # type: ignore[index]
    home.state(DETECTOR, "off")
    home.state("binary_sensor.preheat", "on")
    await home.start()
    assert home.shown("sensor.home_protection").state == "0"
    await home.report("binary_sensor.preheat", "off")
    assert home.shown("sensor.home_protection").state == "100"
    await home.report("binary_sensor.preheat", "on")
    await home.report(DETECTOR, "on")
    assert home.incident.phase is Phase.ALARM


async def test_a_home_without_anything_starts(bare_home: HomeUnderTest) -> None:
    """Nothing is bound yet: the entry loads and says that nothing is protected."""
    await bare_home.start()
    assert bare_home.shown("sensor.home_protection").state == "unknown"
    await bare_home.stop()


# --- actuators ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inverted", "opened", "closed", "service"),
    [(False, "on", "off", "turn_off"), (True, "off", "on", "turn_on")],
)
async def test_a_switch_is_a_valve(
    home: HomeUnderTest, inverted: bool, opened: str, closed: str, service: str
) -> None:
    """Most gas valves appear as a switch, some of them the other way round."""
    with_valve(home, inverted=inverted)
    home.state(SWITCH, opened)
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    assert home.calls("switch", service) == [SWITCH]
    await home.report(SWITCH, closed)
    assert home.step("Gas supply").outcome is Outcome.CONFIRMED


async def test_an_assumed_state_confirms_nothing(home: HomeUnderTest) -> None:
    """The step fails, and people are told, although Home Assistant shows it off."""
    with_valve(home)
    home.state(SWITCH, "on", assumed_state=True)
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    await home.report(SWITCH, "off", assumed_state=True)
    assert home.step("Gas supply").outcome is Outcome.ORDERED
    await home.pass_time(16)
    assert home.step("Gas supply").outcome is Outcome.FAILED
    assert "Gas supply did not obey at Home" in home.messages()


async def test_the_echo_of_a_command_is_no_late_report(home: HomeUnderTest) -> None:
    """A switch that repeats its command at once is believed half a second later."""
    with_valve(home, witness="late_report")
    home.state(SWITCH, "on")
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    await home.report(SWITCH, "off")
    assert home.step("Gas supply").outcome is Outcome.ORDERED
    await home.pass_time(1)
    await home.report(SWITCH, "off")  # the same again: reported, not changed
    assert home.step("Gas supply").outcome is Outcome.CONFIRMED


async def test_an_answer_is_the_proof_and_a_report_is_none(
    home: HomeUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, Callable[[], None]]] = []
    closed: list[str] = []

    class Asked:
        is_open = True

        def __init__(
            self, hass: HomeAssistant, entity_id: str, on_answer: Callable[[], None]
        ) -> None:
            asked.append((entity_id, on_answer))

        def close(self) -> None:
            closed.append("forgotten")

    monkeypatch.setattr(questions, "Question", Asked)
    with_valve(home, witness="read_back")
    home.state(SWITCH, "on")
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    await home.report(SWITCH, "off")
    await home.pass_time(1.9)
    await home.report(SWITCH, "off")
    assert asked == []
    await home.pass_time(0.2)
    assert [entity_id for entity_id, _ in asked] == [SWITCH]
    assert home.step("Gas supply").outcome is Outcome.ORDERED
    await home.pass_time(2.1)  # it is told again: what it says now may be an echo
    assert closed == ["forgotten"]
    await home.pass_time(2.1)
    asked[-1][1]()
    assert home.step("Gas supply").outcome is Outcome.CONFIRMED


async def test_a_report_within_the_action_is_taken_in_order(
    home: HomeUnderTest,
) -> None:
    """A device may report before its action has returned, in the same turn."""

    def obey(call: ServiceCall) -> None:
        home.freezer.tick(0.001)
        home.state(VALVE, "closed")

    home.obedient[VALVE] = obey
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    assert home.step("Gas supply").outcome is Outcome.CONFIRMED
    assert home.messages()[0] == "Gas alarm at Home"
    seqs = [r.seq for t in home.home.guard.timelines.all().values() for r in t.records]
    assert seqs == list(range(1, len(seqs) + 1))
    kinds = home.kinds()
    assert kinds.index("step_ordered") < kinds.index("step_settled")
    assert home.incident.seq == seqs[-1]


async def test_a_report_within_a_repeated_action_is_taken_in_order(
    home: HomeUnderTest,
) -> None:
    """A timer's attempt is no event: nothing of Home Assistant's queues its report."""
    home.state(DETECTOR, "off")
    home.broken[VALVE] = RuntimeError("busy")
    await home.start()
    await home.report(DETECTOR, "on")
    home.broken.clear()

    def obey(call: ServiceCall) -> None:
        home.freezer.tick(0.001)
        home.state(VALVE, "closed")

    home.obedient[VALVE] = obey
    await home.pass_time(2)
    assert home.step("Gas supply").outcome is Outcome.CONFIRMED
    (timeline,) = home.home.guard.timelines.all().values()
    assert timeline.incident == home.incident
    assert home.incident.step(home.step("Gas supply").id).attempts == 2
    await home.reload()
    assert home.step("Gas supply").outcome is Outcome.CONFIRMED


async def test_a_witness_is_believed_and_the_device_is_not(home: HomeUnderTest) -> None:
    """The switch echoes its command; only the contact on the valve proves it."""
    with_valve(home, witness="entity", witness_entity=CONTACT)
    home.state(SWITCH, "on")
    home.state(CONTACT, "on")
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    await home.report(SWITCH, "off")
    assert home.step("Gas supply").outcome is Outcome.ORDERED
    await home.report(CONTACT, "off")
    assert home.step("Gas supply").outcome is Outcome.CONFIRMED


async def test_what_a_witness_said_before_the_order_is_no_proof(
    home: HomeUnderTest,
) -> None:
    """The switch's echo does not make the witness's old word a new one."""
    with_valve(home, witness="entity", witness_entity="sensor.gas_flow")
    home.state(SWITCH, "on")
    home.state("sensor.gas_flow", "0")  # nobody cooks: no flow, with an open valve
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    await home.report(SWITCH, "off")
    assert home.step("Gas supply").outcome is Outcome.ORDERED
    await home.report("sensor.gas_flow", "0")
    assert home.step("Gas supply").outcome is Outcome.CONFIRMED


async def test_a_device_with_a_witness_is_driven_on_its_return(
    home: HomeUnderTest,
) -> None:
    """Its own return counts although its witness was there all the time."""
    with_valve(home, witness="entity", witness_entity=CONTACT)
    home.state(SWITCH, "unavailable")
    home.state(CONTACT, "on")
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    await home.pass_time(60)
    assert home.calls("switch", "turn_off") == []
    await home.report(SWITCH, "on")
    assert home.calls("switch", "turn_off") == [SWITCH]
    assert home.step("Gas supply").outcome is Outcome.FAILED
    await home.report(CONTACT, "off")
    assert home.step("Gas supply").outcome is Outcome.CONFIRMED


async def test_an_unavailable_valve_is_told_and_closed_on_its_return(
    home: HomeUnderTest,
) -> None:
    """An action on it would succeed silently: it is not even tried."""
    home.state(VALVE, "unavailable")
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    assert home.calls("valve", "close_valve") == []
    await home.pass_time(15)
    step = home.step("Gas supply")
    assert (step.outcome, step.reason) == (Outcome.FAILED, Reason.UNAVAILABLE)
    assert "Gas supply did not obey at Home" in home.messages()
    assert home.calls("valve", "close_valve") == []
    await home.report(VALVE, "open")
    assert home.calls("valve", "close_valve") == [VALVE]
    await home.report(VALVE, "closed")
    assert home.step("Gas supply").outcome is Outcome.CONFIRMED
    assert home.messages()[-1] == "Gas supply has obeyed now at Home"


async def test_a_valve_that_does_not_exist_is_a_failure(home: HomeUnderTest) -> None:
    """The reason says that it is missing."""
    with_valve(home)
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    await home.pass_time(15)
    assert home.step("Gas supply").reason is Reason.MISSING


async def test_an_action_that_hangs_stops_nothing(home: HomeUnderTest) -> None:
    """The window opens, people are told, the valve is tried again and called failed."""
    home.add("actuator", SAFE_WINDOW)
    home.state(WINDOW, "closed")
    home.state(DETECTOR, "off")
    home.hanging[VALVE] = asyncio.Event()
    await home.start()
    home.state(DETECTOR, "on")
    assert home.calls("valve", "close_valve") == [VALVE]
    assert home.calls("cover", "open_cover") == [WINDOW]
    await home.pass_time(1, wait=False)
    home.state(WINDOW, "open")
    assert home.step("Kitchen window").outcome is Outcome.CONFIRMED
    await home.pass_time(16, wait=False)
    assert home.step("Gas supply").outcome is Outcome.FAILED
    assert len(home.calls("valve", "close_valve")) > 1
    assert "Gas alarm at Home" in home.messages()
    home.hanging.pop(VALVE).set()
    await home.settle()


async def test_a_fault_in_telling_does_not_stop_the_attempts(
    home: HomeUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People come after the timer: a bug in the words leaves the valve its retries."""

    def fail(*_: object) -> None:
        raise KeyError("no word for it")

    monkeypatch.setattr(notices, "notice", fail)
    home.broken[VALVE] = RuntimeError("jammed")
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    await home.pass_time(8)
    assert len(home.calls("valve", "close_valve")) > 2


# --- the end ---------------------------------------------------------------------------


async def test_a_guard_that_was_stopped_acts_no_more(home: HomeUnderTest) -> None:
    """A contact that answers after the unload does not wake the old guard."""
    home.state(DETECTOR, "off")
    home.hanging[PHONE] = asyncio.Event()
    await home.start()
    home.state(DETECTOR, "on")
    await home.turns()
    guard = home.home.guard
    await home.stop()
    before = guard.state
    home.recorded.clear()
    home.hanging.pop(PHONE).set()
    await home.settle()
    await home.pass_time(30)
    assert guard.state is before
    assert home.calls("valve", "close_valve") == []


async def test_a_device_that_fails_after_the_unload_wakes_nobody(
    home: HomeUnderTest,
) -> None:
    """Nor does an action that was on its way."""
    home.state(DETECTOR, "off")
    home.hanging[VALVE] = asyncio.Event()
    home.broken[VALVE] = RuntimeError("gone")
    await home.start()
    home.state(DETECTOR, "on")
    await home.turns()
    guard = home.home.guard
    await home.stop()
    before = guard.state
    home.hanging.pop(VALVE).set()
    await home.settle()
    assert guard.state is before


async def test_listeners_hear_each_entry_once_and_may_leave(
    home: HomeUnderTest,
) -> None:
    """An entity that is removed is not called any more."""
    home.state(DETECTOR, "off")
    await home.start()
    heard: list[str] = []
    changes: list[Position] = []
    guard = home.home.guard
    end_news = guard.subscribe_news(lambda entry: heard.append(entry.kind))
    end_changes = guard.subscribe(lambda: changes.append(Position.OPEN))
    await home.report(DETECTOR, "on")
    assert heard[:3] == ["opened", "detector", "planned"]
    assert heard == home.kinds()
    assert changes
    end_news()
    end_changes()
    heard.clear()
    changes.clear()
    await home.report(VALVE, "closed")
    assert (heard, changes) == ([], [])


async def test_the_drive_leaves_before_anything_is_told_or_written(
    home: HomeUnderTest, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Act first: the books in the same turn, people when the orders are on the way."""
    home.state(DETECTOR, "off")
    await home.start()
    order: list[str] = []
    guard = home.home.guard
    append, tell = guard.timelines.append, guard._follow_up._tell

    def appended(*args: Any) -> None:
        order.append("written")
        append(*args)

    def told(what: Tell) -> None:
        order.append("told")
        tell(what)

    monkeypatch.setattr(guard.timelines, "append", appended)
    monkeypatch.setattr(guard._follow_up, "_tell", told)
    home.obedient[VALVE] = lambda _: order.append("driven")
    home.state(DETECTOR, "on")  # no turn of the loop in between
    assert order == ["driven", "written"]
    await home.settle()
    assert order[:3] == ["driven", "written", "told"]


async def test_what_was_decided_before_the_unload_is_still_told(
    home: HomeUnderTest,
) -> None:
    """An all-clear that waits for its turn is not lost; and the automations hear of it."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    await home.report(DETECTOR, "off")
    await home.clear_for(60)
    home.recorded.clear()
    heard: list[str] = []
    guard = home.home.guard
    guard.subscribe_news(lambda entry: heard.append(entry.kind))
    guard.handle(ResetRequested("Anna", local=True, at=guard.clock.now()))
    assert not guard.state.incidents
    await home.stop()
    await home.settle()
    assert home.messages() == ["Gas alarm at Home has been reset"]
    assert "closed" in heard


async def test_a_message_of_the_old_guard_is_not_tried_again(
    home: HomeUnderTest,
) -> None:
    """The new one tells what is still so; two would contradict each other."""
    home.state(DETECTOR, "off")
    home.broken[PHONE] = RuntimeError("no network")
    home.broken["notify.mobile_app_phone"] = RuntimeError("no network")
    await home.start()
    home.state(DETECTOR, "on")
    await home.stop()
    await home.settle()
    tried = len(home.messages())
    assert tried
    await home.pass_time(30)
    assert len(home.messages()) == tried
