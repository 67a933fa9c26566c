"""What may not be moved, whoever wants it."""

import pytest

from custom_components.zhian.safety.household import Actuator
from custom_components.zhian.safety.interlock import is_locked_out
from custom_components.zhian.safety.vocabulary import (
    ActuatorRole,
    Hazard,
    Level,
    Position,
    Reason,
)

from .homes import Home, detector, gas, siren, valve, window

OPEN = Position.OPEN


def _clear(*more: object) -> Home:
    home = Home(gas(), valve(), *more)  # type: ignore[arg-type]
    home.reads("gas", Level.NORMAL)
    return home.later(360)


# --- opening a gas valve -------------------------------------------------------------


def test_valve_opens_300_s_after_the_end_of_the_warm_up_and_not_before() -> None:
    home = Home(gas(), valve())
    home.reads("gas", Level.NORMAL)
    home.later(359.9).ask_to_open()
    assert home.refusals == [Reason.NOT_CLEAR_LONG_ENOUGH]
    home.later(0.1).ask_to_open()
    assert home.drives == [("valve", OPEN)]


def test_valve_is_not_opened_from_afar() -> None:
    home = _clear()
    home.ask_to_open(local=False)
    assert home.refusals == [Reason.NOT_ON_SITE]


def test_valve_is_not_opened_without_confirmation() -> None:
    home = _clear()
    home.ask_to_open(confirmed=False)
    assert home.refusals == [Reason.NOT_CONFIRMED_BY_PERSON]


def test_valve_is_not_opened_while_one_gas_detector_is_unknown() -> None:
    home = _clear(gas("cellar"))
    home.ask_to_open()
    assert home.refusals == [Reason.DETECTOR_UNKNOWN]


@pytest.mark.parametrize("hazard", [Hazard.CARBON_MONOXIDE, Hazard.SMOKE])
@pytest.mark.parametrize("level", [Level.PRE_ALARM, Level.ALARM])
def test_valve_is_not_opened_during_an_incident_with_a_flame(
    hazard: Hazard, level: Level
) -> None:
    home = _clear(detector("d", hazard))
    home.reads("d", level)
    home.ask_to_open()
    assert home.refusals == [Reason.INCIDENT_OPEN]


@pytest.mark.parametrize("level", [Level.PRE_ALARM, Level.ALARM])
def test_valve_is_not_opened_during_a_gas_incident(level: Level) -> None:
    home = _clear()
    home.reads("gas", level)
    home.ask_to_open()
    assert home.refusals == [Reason.INCIDENT_OPEN]


def test_valve_is_not_opened_while_gas_is_seen_without_an_incident() -> None:
    home = _clear()
    home.reads("gas", Level.PRE_ALARM)
    home.state = type(home.state)(home.state.household, home.state.readings)
    home.ask_to_open()
    assert home.refusals == [Reason.HAZARD_PRESENT]


def test_valve_opens_during_a_water_incident() -> None:
    home = _clear(detector("leak", Hazard.WATER))
    home.alarm("leak")
    home.ask_to_open()
    assert home.drives == [("valve", OPEN)]


def test_valve_opens_during_a_drill() -> None:
    home = _clear()
    home.drill()
    home.ask_to_open()
    assert home.drives == [("valve", OPEN)]


def test_every_blink_of_a_detector_starts_the_300_s_again() -> None:
    home = _clear()
    home.reads("gas", Level.LOST)
    home.later(1).reads("gas", Level.NORMAL)
    home.later(359).ask_to_open()
    assert home.refusals == [Reason.NOT_CLEAR_LONG_ENOUGH]


def test_valve_of_a_home_without_gas_detectors_opens_for_a_person() -> None:
    home = Home(valve())
    home.ask_to_open()
    assert home.drives == [("valve", OPEN)]


def test_unknown_valve_is_refused() -> None:
    home = _clear()
    home.ask_to_open("nobody")
    assert home.refusals == [Reason.NO_SUCH_ACTUATOR]


def test_clock_that_runs_back_opens_nothing() -> None:
    home = _clear()
    home.later(-3600).ask_to_open()
    assert home.refusals != []


# --- other valves --------------------------------------------------------------------


def test_water_valve_is_locked_out_by_a_leak_only() -> None:
    main = Actuator("main", ActuatorRole.WATER_VALVE, "bath")
    home = Home(detector("leak", Hazard.WATER), gas(), main)
    home.ask_to_open("main", local=False, confirmed=False)
    assert home.drives == [("main", OPEN)]
    home.alarm("gas")
    home.ask_to_open("main")
    assert home.drives == [("main", OPEN)], "another zone than the gas"
    home.alarm("leak")
    assert is_locked_out(home.state, main)
    home.ask_to_open("main")
    assert home.refusals == [Reason.INCIDENT_OPEN]


def test_water_valve_that_may_spark_is_not_opened_in_gas() -> None:
    main = Actuator("main", ActuatorRole.WATER_VALVE, "kitchen")
    home = Home(gas(), main)
    home.alarm()
    home.ask_to_open("main")
    assert home.refusals == [Reason.NOT_IGNITION_SAFE]


def test_siren_is_never_locked_out() -> None:
    home = Home(gas(), siren())
    home.alarm()
    assert not is_locked_out(home.state, siren())


# --- sparks --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone_of_gas", "zone_of_siren", "sounds"),
    [
        ("kitchen", "kitchen", False),
        ("kitchen", "attic", True),
        ("kitchen", None, False),
        (None, "attic", False),
    ],
)
def test_what_may_spark_is_not_driven_in_the_zone_of_gas(
    zone_of_gas: str | None, zone_of_siren: str | None, *, sounds: bool
) -> None:
    home = Home(gas(zone=zone_of_gas), siren(zone=zone_of_siren, safe=False))
    home.alarm()
    assert bool(home.drives) is sounds


def test_zone_grows_with_the_detectors_that_join() -> None:
    home = Home(
        gas(),
        gas("cellar", "cellar"),
        detector("smoke", Hazard.SMOKE),
        siren(zone="cellar", safe=False),
    )
    home.alarm()
    home.reads("cellar", Level.PRE_ALARM)
    home.alarm("smoke")
    assert home.drives == []


def test_drill_forbids_no_spark() -> None:
    home = Home(gas(), detector("smoke", Hazard.SMOKE), siren(safe=False))
    home.drill()
    home.alarm("smoke")
    assert home.drives == [("siren", Position.ON)]


# --- windows -------------------------------------------------------------------------


def _retry_of_window_at(
    seconds: float, value: float | None, *more: object
) -> tuple[Home, list[tuple[str, Position]]]:
    home = Home(gas(), window(), *more)  # type: ignore[arg-type]
    home.alarm(value=12.0)
    home.wait(30)
    home.reads("gas", Level.ALARM, value)
    home.wait(seconds - 30)
    home.says("window", Position.UNKNOWN)
    home.says("window", Position.CLOSED)  # it was away, and is driven at once
    return home, home.drives


def test_window_is_moved_in_the_first_minute_whatever_the_level() -> None:
    assert _retry_of_window_at(59, 80.0)[1] == [("window", OPEN)]


@pytest.mark.parametrize("value", [25.0, 80.0, None])
def test_window_is_not_moved_later_at_a_high_or_unknown_level(
    value: float | None,
) -> None:
    home, drives = _retry_of_window_at(120, value)
    assert drives == []
    assert home.step("open:window").reason is Reason.LEVEL_TOO_HIGH


def test_window_is_moved_later_at_a_low_level() -> None:
    assert _retry_of_window_at(120, 24.9)[1] == [("window", OPEN)]


def test_detector_without_a_number_makes_the_level_unknown() -> None:
    home = Home(gas(), gas("cellar"), window())
    home.alarm(value=12.0)
    home.alarm("cellar")
    home.wait(120)
    home.says("window", Position.UNKNOWN)
    home.says("window", Position.CLOSED)
    assert home.drives == []


def test_detector_that_is_known_clear_does_not_make_the_level_unknown() -> None:
    home = Home(gas(), gas("cellar"), window())
    home.alarm(value=12.0)
    home.alarm("cellar")
    home.later(1).reads("cellar", Level.NORMAL)
    home.wait(120)
    home.says("window", Position.UNKNOWN)
    home.says("window", Position.CLOSED)
    assert home.drives == [("window", OPEN)]


def test_window_that_was_not_asked_for_stays() -> None:
    home = Home(
        gas(), Actuator("window", ActuatorRole.WINDOW, "kitchen", ignition_safe=True)
    )
    home.alarm()
    assert home.drives == []


def test_carbon_monoxide_opens_a_window_at_any_time() -> None:
    home = Home(detector("co", Hazard.CARBON_MONOXIDE), window())
    home.alarm("co", 300.0)
    home.wait(120)
    home.says("window", Position.UNKNOWN)
    home.says("window", Position.CLOSED)
    assert home.drives == [("window", OPEN)]


def test_carbon_monoxide_moves_no_window_in_much_gas() -> None:
    home = Home(gas(), detector("co", Hazard.CARBON_MONOXIDE), window())
    home.alarm(value=60.0)
    home.later(120)
    home.alarm("co")
    incident = home.state.open_incident(Hazard.CARBON_MONOXIDE)
    assert incident is not None
    assert [s.reason for s in incident.steps] == [Reason.LEVEL_TOO_HIGH]


# --- reset ---------------------------------------------------------------------------


def test_pre_alarm_is_not_reset_while_it_is_there() -> None:
    home = Home(gas())
    home.reads("gas", Level.PRE_ALARM)
    home.reset()
    assert home.refusals == [Reason.HAZARD_PRESENT]


def test_reset_does_not_wait_for_300_s() -> None:
    home = Home(gas())
    home.alarm()
    home.later(1).reads("gas", Level.NORMAL)
    home.reset()
    assert home.refusals == []
