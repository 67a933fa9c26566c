"""What leaves ahead of a decision is what the decision orders."""

from unittest.mock import patch

from homeassistant.core import Event, EventStateChangedData, ServiceCall, callback
from homeassistant.helpers.event import async_track_state_change_event

from hypothesis import HealthCheck, given, settings
import pytest

from custom_components.zhian.home import guard
from custom_components.zhian.home.drivers import Action
from custom_components.zhian.home.driving import Departure
from custom_components.zhian.home.reflexes import Reflexes
from custom_components.zhian.safety.confirming import asks_others
from custom_components.zhian.safety.decide import decide
from custom_components.zhian.safety.orders import Drive, Order
from custom_components.zhian.safety.signals import ActuatorReport, Reading, Signal
from custom_components.zhian.safety.state import State
from custom_components.zhian.safety.vocabulary import (
    Hazard,
    Level,
    Outcome,
    Phase,
    Position,
)

from ..safety.homes import NOON, gas, household, valve
from ..simulation import invariants
from ..simulation.histories import History, histories
from .house import DETECTOR, GAS_LEVEL, LEVEL, VALVE, HomeUnderTest


def drives(orders: list[Order]) -> list[tuple[str, Position]]:
    """Return what is moved, and where to."""
    return [(o.actuator, o.target) for o in orders if isinstance(o, Drive)]


def ready(order: Drive, state: State, hazard: Hazard) -> Departure:
    """Have an action ready for an order."""
    return Departure(order, Action("valve", "close_valve", order.actuator))


def ahead(reflexes: Reflexes, detector: str, state: State) -> list[Order]:
    """Return what leaves ahead when a detector is in alarm."""
    return [departure.order for departure in reflexes.to(detector, state)]


@settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(histories())
def test_what_leaves_ahead_is_what_is_decided_whatever_was_before(
    history: History,
) -> None:
    """The kernel is asked at another time, and is right all the same."""
    reflexes = Reflexes(State(history.household), lambda: NOON, ready)

    def spy(state: State, signal: Signal) -> tuple[State, list[Order]]:
        after, orders = decide(state, signal)
        if isinstance(signal, Reading) and signal.level is Level.ALARM:
            left = ahead(reflexes, signal.detector, state)
            assert not left or drives(left) == drives(orders)
            if not state.incidents:
                reflexes.adapt(state)
                left = ahead(reflexes, signal.detector, state)
                is_alone = asks_others(state.household.detectors[signal.detector])
                assert drives(left) == ([] if is_alone else drives(orders))
        reflexes.adapt(after)
        return after, orders

    with patch.object(invariants.kernel, "decide", spy):
        history.run()


def test_a_pre_alarm_is_ready_for_its_alarm() -> None:
    state = State(household(gas(), valve()))
    reflexes = Reflexes(state, lambda: NOON, ready)
    state, _ = decide(state, Reading("gas", Level.PRE_ALARM, NOON))
    assert reflexes.to("gas", state) == ()  # not asked yet: the decision will tell
    reflexes.adapt(state)
    assert drives(ahead(reflexes, "gas", state)) == [("valve", Position.CLOSED)]


@pytest.mark.parametrize("word", ["off", "unknown", "unavailable", "strange"])
async def test_nothing_leaves_ahead_of_anything_but_an_alarm(
    home: HomeUnderTest, word: str
) -> None:
    await home.start()
    await home.report(DETECTOR, word)
    assert home.calls("valve", "close_valve") == []


def test_an_alarm_that_goes_on_moves_nothing_ahead() -> None:
    state = State(household(gas(), valve()))
    reflexes = Reflexes(state, lambda: NOON, ready)
    state, _ = decide(state, Reading("gas", Level.ALARM, NOON))
    reflexes.adapt(state)
    assert reflexes.to("gas", state) == ()


def test_an_alarm_that_comes_up_anew_is_decided_on_first() -> None:
    """What it moves hangs on where the valve stands by then."""
    state = State(household(gas(), valve()))
    reflexes = Reflexes(state, lambda: NOON, ready)
    state, _ = decide(state, Reading("gas", Level.ALARM, NOON))
    state, _ = decide(state, Reading("gas", Level.NORMAL, NOON))
    assert [i.phase for i in state.incidents.values()] == [Phase.CLEARING]
    reflexes.adapt(state)
    assert reflexes.to("gas", state) == ()


async def test_the_valve_is_told_before_the_kernel_works_the_timeline_out(
    home: HomeUnderTest,
) -> None:
    home.state(DETECTOR, "off")
    await home.start()
    called: list[int] = []

    def spy(state: State, signal: Signal) -> tuple[State, list[Order]]:
        called.append(len(home.calls("valve", "close_valve")))
        return decide(state, signal)

    with patch.object(guard, "decide", spy):
        home.state(DETECTOR, "on")
    assert called[0] == 1
    await home.settle()
    assert home.calls("valve", "close_valve") == [VALVE]
    assert home.incident.phase is Phase.ALARM


async def test_the_alarm_after_a_pre_alarm_is_told_as_soon(
    bare_home: HomeUnderTest,
) -> None:
    bare_home.add("detector", GAS_LEVEL)
    bare_home.add(
        "actuator", {"entity_id": VALVE, "role": "gas_valve", "name": "Gas supply"}
    )
    bare_home.state(VALVE, "open")
    bare_home.state(LEVEL, "0")
    await bare_home.start()
    await bare_home.report(LEVEL, "6")
    assert bare_home.incident.phase is Phase.PRE_ALARM

    def spy(state: State, signal: Signal) -> tuple[State, list[Order]]:
        assert bare_home.calls("valve", "close_valve") == [VALVE]
        return decide(state, signal)

    with patch.object(guard, "decide", spy):
        bare_home.state(LEVEL, "12")
    await bare_home.settle()
    assert bare_home.calls("valve", "close_valve") == [VALVE]
    await bare_home.stop()


async def test_an_order_that_fails_ahead_is_a_failed_attempt_of_its_step(
    home: HomeUnderTest,
) -> None:
    """Also if the action raises before the kernel has given the step a name."""

    def refuse(call: ServiceCall) -> None:
        raise RuntimeError("jammed")

    home.obedient[VALVE] = refuse
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    assert home.kinds().count("attempt_failed") == 1
    home.obedient.clear()
    await home.pass_time(1.5)
    assert home.step("Gas supply").outcome is Outcome.ORDERED
    assert home.calls("valve", "close_valve") == [VALVE, VALVE]


async def test_a_device_that_obeys_at_once_did_not_stand_there_before(
    home: HomeUnderTest,
) -> None:
    """What it reports while it is told is taken in after the alarm, as it was said."""
    heard: list[Signal] = []

    def spy(state: State, signal: Signal) -> tuple[State, list[Order]]:
        heard.append(signal)
        return decide(state, signal)

    home.obedient[VALVE] = lambda _: home.state(VALVE, "closed")
    home.state(DETECTOR, "off")
    await home.start()
    with patch.object(guard, "decide", spy):
        home.state(DETECTOR, "on")
    assert [type(signal) for signal in heard] == [Reading, ActuatorReport]
    assert heard[0].at <= heard[1].at
    assert home.step("Gas supply").outcome is Outcome.ORDERED
    await home.settle()


async def test_an_alarm_that_is_over_before_anybody_heard_of_it_raises_nothing(
    home: HomeUnderTest,
) -> None:
    """A listener before ours has set another state: ours reads what is there now."""

    @callback
    def calm(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if new is not None and new.state == "on":
            home.state(DETECTOR, "off")

    home.state(DETECTOR, "off")
    async_track_state_change_event(home.hass, [DETECTOR], calm)
    await home.start()
    await home.report(DETECTOR, "on")
    assert home.calls("valve", "close_valve") == []
    assert not home.home.guard.state.incidents
