"""What leaves ahead of a decision is what the decision orders."""

from unittest.mock import patch

from homeassistant.core import ServiceCall

from hypothesis import HealthCheck, given, settings

from custom_components.zhian.home import guard
from custom_components.zhian.home.reflexes import Reflexes
from custom_components.zhian.safety.decide import decide
from custom_components.zhian.safety.orders import Drive, Order
from custom_components.zhian.safety.signals import Reading, Signal
from custom_components.zhian.safety.state import State
from custom_components.zhian.safety.vocabulary import Level, Outcome, Phase, Position

from ..safety.homes import NOON, gas, household, valve
from ..simulation import invariants
from ..simulation.histories import History, histories
from .house import DETECTOR, GAS_LEVEL, LEVEL, VALVE, HomeUnderTest


def drives(orders: list[Order]) -> list[tuple[str, Position]]:
    """Return what is moved, and where to."""
    return [(o.actuator, o.target) for o in orders if isinstance(o, Drive)]


@settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(histories())
def test_what_leaves_ahead_is_what_is_decided_whatever_was_before(
    history: History,
) -> None:
    """The kernel is asked at another time, and is right all the same."""
    reflexes = Reflexes(State(history.household), lambda: NOON)

    def spy(state: State, signal: Signal) -> tuple[State, list[Order]]:
        after, orders = decide(state, signal)
        if isinstance(signal, Reading):
            ahead = reflexes.to(signal, state)
            assert not ahead or drives(list(ahead)) == drives(orders)
            if signal.level is Level.ALARM and not state.incidents:
                reflexes.adapt(state)
                ahead = reflexes.to(signal, state)
                assert drives(list(ahead)) == drives(orders)
        reflexes.adapt(after)
        return after, orders

    with patch.object(invariants.kernel, "decide", spy):
        history.run()


def test_a_pre_alarm_is_ready_for_its_alarm() -> None:
    state = State(household(gas(), valve()))
    reflexes = Reflexes(state, lambda: NOON)
    state, _ = decide(state, Reading("gas", Level.PRE_ALARM, NOON))
    alarm = Reading("gas", Level.ALARM, NOON)
    assert reflexes.to(alarm, state) == ()  # not asked yet: the decision will tell
    reflexes.adapt(state)
    assert drives(list(reflexes.to(alarm, state))) == [("valve", Position.CLOSED)]


def test_nothing_leaves_ahead_of_anything_but_an_alarm() -> None:
    state = State(household(gas(), valve()))
    reflexes = Reflexes(state, lambda: NOON)
    for level in set(Level) - {Level.ALARM}:
        assert reflexes.to(Reading("gas", level, NOON), state) == ()


def test_an_alarm_that_goes_on_moves_nothing_ahead() -> None:
    state = State(household(gas(), valve()))
    reflexes = Reflexes(state, lambda: NOON)
    alarm = Reading("gas", Level.ALARM, NOON)
    state, _ = decide(state, alarm)
    reflexes.adapt(state)
    assert reflexes.to(alarm, state) == ()


def test_an_alarm_that_comes_up_anew_is_decided_on_first() -> None:
    """What it moves hangs on where the valve stands by then."""
    state = State(household(gas(), valve()))
    reflexes = Reflexes(state, lambda: NOON)
    alarm = Reading("gas", Level.ALARM, NOON)
    state, _ = decide(state, alarm)
    state, _ = decide(state, Reading("gas", Level.NORMAL, NOON))
    assert [i.phase for i in state.incidents.values()] == [Phase.CLEARING]
    reflexes.adapt(state)
    assert reflexes.to(alarm, state) == ()


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
