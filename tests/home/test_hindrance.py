"""Windows that rain, a child lock, a lock or something in the way keeps shut."""

from homeassistant.core import State

import pytest

from custom_components.zhian.home.bindings import ActuatorBinding
from custom_components.zhian.home.options import ActuatorOptions
from custom_components.zhian.safety.vocabulary import Outcome, Reason

from .house import DETECTOR, SAFE_WINDOW, VALVE, WINDOW, HomeUnderTest

RAIN = "binary_sensor.rain"
CHILD_LOCK = "switch.child_lock"
LOCK = "lock.window"
BLOCKED = "binary_sensor.blocked"
CONDITIONS = {
    "rain_entity": RAIN,
    "child_lock_entity": CHILD_LOCK,
    "lock_entity": LOCK,
    "obstruction_entity": BLOCKED,
}
FREE = {RAIN: "off", CHILD_LOCK: "off", LOCK: "unlocked", BLOCKED: "off"}


@pytest.fixture
def airy(home: HomeUnderTest) -> HomeUnderTest:
    """A home whose window may be opened by all conditions."""
    home.add("actuator", {**SAFE_WINDOW, **CONDITIONS})
    home.state(DETECTOR, "off")
    home.state(WINDOW, "closed")
    for entity_id, state in FREE.items():
        home.state(entity_id, state)
    return home


async def test_a_window_without_hindrance_opens(airy: HomeUnderTest) -> None:
    await airy.start()
    await airy.report(DETECTOR, "on")
    assert airy.calls("cover", "open_cover") == [WINDOW]


@pytest.mark.parametrize(
    ("entity_id", "state", "reason", "said"),
    [
        (RAIN, "on", Reason.RAIN, "because it rains"),
        (CHILD_LOCK, "on", Reason.CHILD_LOCK, "because its child lock is on"),
        (CHILD_LOCK, "unavailable", Reason.CHILD_LOCK, "because its child lock is on"),
        (LOCK, "locked", Reason.WINDOW_LOCKED, "because it is locked"),
    ],
)
@pytest.mark.parametrize("when", ["at the start", "later"])
async def test_a_window_that_is_hindered_stays_shut_and_people_read_why(
    airy: HomeUnderTest,
    entity_id: str,
    state: str,
    reason: Reason,
    said: str,
    when: str,
) -> None:
    """The valve closes all the same; when the hindrance ends the window opens."""
    if when == "at the start":
        airy.state(entity_id, state)
    await airy.start()
    if when == "later":
        await airy.report(entity_id, state)
    await airy.report(DETECTOR, "on")
    assert airy.calls("valve", "close_valve") == [VALVE]
    assert airy.calls("cover", "open_cover") == []
    assert airy.step("Kitchen window").reason is reason
    assert said in airy.recorded[-1].data["message"]
    await airy.report(entity_id, FREE[entity_id])
    assert airy.calls("cover", "open_cover") == [WINDOW]


async def test_a_window_that_is_blocked_on_its_way_is_told_at_once(
    airy: HomeUnderTest,
) -> None:
    await airy.start()
    await airy.report(DETECTOR, "on")
    await airy.report(BLOCKED, "on")
    step = airy.step("Kitchen window")
    assert (step.outcome, step.reason) == (Outcome.FAILED, Reason.OBSTRUCTED)
    assert airy.messages()[-1] == "Kitchen window is blocked at Home"
    await airy.report(BLOCKED, "off")
    assert airy.calls("cover", "open_cover") == [WINDOW, WINDOW]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ({}, None),
        ({RAIN: State("weather.home", "pouring")}, Reason.RAIN),
        ({RAIN: State("weather.home", "sunny")}, None),
        ({RAIN: None}, None),
        ({RAIN: State(RAIN, "unavailable")}, None),
        ({CHILD_LOCK: None}, Reason.CHILD_LOCK),
        ({LOCK: State(LOCK, "unknown")}, Reason.WINDOW_LOCKED),
        ({LOCK: State(LOCK, "locking")}, Reason.WINDOW_LOCKED),
        ({LOCK: State(LOCK, "open")}, None),
        (
            {LOCK: State("binary_sensor.lock", "off", {"device_class": "lock"})},
            Reason.WINDOW_LOCKED,
        ),
        ({LOCK: State("binary_sensor.lock", "on", {"device_class": "lock"})}, None),
        ({BLOCKED: None}, None),
        ({BLOCKED: State(BLOCKED, "unavailable")}, None),
        (
            {BLOCKED: State(BLOCKED, "on"), RAIN: State(RAIN, "on")},
            Reason.RAIN,
        ),
    ],
)
def test_a_lock_that_cannot_be_seen_is_locked_and_rain_is_none(
    states: dict[str, State | None], expected: Reason | None
) -> None:
    """A child may be behind the one; the other wets a floor."""
    binding = ActuatorBinding(
        "window", ActuatorOptions.from_mapping({**SAFE_WINDOW, **CONDITIONS}), WINDOW
    )
    known = {name: State(name, state) for name, state in FREE.items()} | states
    assert binding.hindrance(known.get) is expected
