"""What keeps a window shut: rain, a child lock, a lock; and something in its way."""

import pytest

from custom_components.zhian.safety.vocabulary import (
    Hazard,
    Level,
    Message,
    Outcome,
    Position,
    Reason,
)

from .homes import Home, detector, gas, siren, valve, window

OPEN, CLOSED = Position.OPEN, Position.CLOSED
STEP = "open:window"

every_hindrance = pytest.mark.parametrize(
    "reason", [Reason.RAIN, Reason.CHILD_LOCK, Reason.WINDOW_LOCKED]
)


@every_hindrance
def test_window_that_is_hindered_stays_shut_and_the_reason_is_kept(
    reason: Reason,
) -> None:
    home = Home(gas(), valve(), window())
    home.hinders("window", reason)
    home.alarm()
    assert home.drives == [("valve", CLOSED)]
    step = home.step(STEP)
    assert (step.outcome, step.reason) == (Outcome.SKIPPED, reason)


@every_hindrance
def test_window_opens_when_nothing_hinders_it_any_more(reason: Reason) -> None:
    home = Home(gas(), window())
    home.hinders("window", reason)
    home.alarm()
    home.later(20).hinders("window", None)
    assert home.drives == [("window", OPEN)]


def test_window_that_is_free_too_late_stays_shut() -> None:
    """After the first minute there may be too much gas to move anything."""
    home = Home(gas(), window())
    home.hinders("window", Reason.RAIN)
    home.alarm()
    home.later(61).hinders("window", None)
    assert home.drives == []


def test_lock_behind_the_rain_still_holds() -> None:
    home = Home(gas(), window())
    home.hinders("window", Reason.RAIN)
    home.alarm()
    home.later(5).hinders("window", Reason.CHILD_LOCK)
    assert home.drives == []
    home.later(5).hinders("window", None)
    assert home.drives == [("window", OPEN)]


def test_rain_that_begins_ends_the_tries_of_a_window() -> None:
    home = Home(gas(), window())
    home.alarm()
    home.later(1).fails(STEP)
    home.hinders("window", Reason.RAIN)
    home.wait(5)
    assert home.step(STEP).reason is Reason.RAIN
    assert home.drives == []


def test_carbon_monoxide_asks_the_same_of_a_window() -> None:
    home = Home(detector("co", Hazard.CARBON_MONOXIDE), window())
    home.hinders("window", Reason.CHILD_LOCK)
    home.alarm("co")
    assert home.drives == []
    assert home.step(STEP).reason is Reason.CHILD_LOCK


def test_nothing_but_a_window_is_hindered() -> None:
    home = Home(gas(), valve(), siren())
    home.hinders("valve", Reason.WINDOW_LOCKED)
    home.hinders("siren", Reason.RAIN)
    home.hinders("nobody", Reason.RAIN)
    home.alarm()
    assert home.drives == [("valve", CLOSED), ("siren", Position.ON)]


def test_same_hindrance_twice_is_no_news() -> None:
    home = Home(gas(), window())
    home.hinders("window", Reason.RAIN)
    before = home.state
    home.hinders("window", Reason.RAIN)
    assert home.state is before


def test_window_that_is_freed_while_nobody_ran_opens_at_the_start() -> None:
    home = Home(gas(), window())
    home.hinders("window", Reason.RAIN)
    home.alarm()
    home.later(5).crash()
    home.reads("gas", Level.ALARM)
    home.start()
    assert home.drives == [("window", OPEN)]


# --- something in its way --------------------------------------------------------------


def test_window_that_is_obstructed_on_its_way_is_told_at_once() -> None:
    home = Home(gas(), window())
    home.alarm()
    home.later(1).hinders("window", Reason.OBSTRUCTED)
    step = home.step(STEP)
    assert (step.outcome, step.reason) == (Outcome.FAILED, Reason.OBSTRUCTED)
    assert home.tells == [Message.OBSTRUCTED]


def test_window_that_was_obstructed_before_is_told_to_open_all_the_same() -> None:
    """Its drive stops by itself; that it did not work is told with the reason."""
    home = Home(gas(), window())
    home.hinders("window", Reason.OBSTRUCTED)
    home.alarm()
    assert home.drives == [("window", OPEN)]
    home.wait(15)
    assert home.step(STEP).reason is Reason.OBSTRUCTED
    assert home.told(Message.OBSTRUCTED) == 1
    assert home.told(Message.STEP_FAILED) == 0


def test_window_whose_way_is_free_again_is_opened_at_once() -> None:
    home = Home(gas(), window())
    home.alarm()
    home.later(1).hinders("window", Reason.OBSTRUCTED)
    home.later(3).hinders("window", None)
    assert home.drives == [("window", OPEN)]
    home.later(2).says("window", OPEN)
    assert home.step(STEP).outcome is Outcome.CONFIRMED
    assert home.tells == [Message.STEP_CONFIRMED]


def test_window_that_stands_open_is_not_called_blocked() -> None:
    home = Home(gas(), window())
    home.alarm()
    home.later(1).says("window", OPEN)
    home.later(1).hinders("window", Reason.OBSTRUCTED)
    assert home.tells == []
    assert home.step(STEP).outcome is Outcome.CONFIRMED
