"""Carbon monoxide: the gates of the standards, and how much of it is in the blood."""

from datetime import timedelta

import pytest

from custom_components.zhian.safety.carbon_monoxide import (
    GATES,
    MOST_SHOWN,
    REST,
    carboxyhaemoglobin,
    shown,
)
from custom_components.zhian.safety.exposure import blood_level
from custom_components.zhian.safety.household import Detector
from custom_components.zhian.safety.vocabulary import (
    Hazard,
    Level,
    Message,
    Phase,
    Position,
    Standard,
)

from .homes import Home, detector, valve

MINUTE = 60.0


def co(standard: Standard = Standard.EN_50291) -> Detector:
    return Detector("co", Hazard.CARBON_MONOXIDE, "hall", standard=standard)


def home(standard: Standard = Standard.EN_50291) -> Home:
    made = Home(co(standard), valve())
    made.reads("co", Level.NORMAL, 0.0)
    made.later(120)
    return made


def minutes_to_alarm(standard: Standard, ppm: float, most: float) -> float | None:
    """Return after how long the kernel alarms by itself; None if it does not."""
    it = home(standard)
    began = it.now
    it.reads("co", Level.NORMAL, ppm)
    it.wait(most * MINUTE)
    incident = it.state.open_incident(Hazard.CARBON_MONOXIDE)
    if incident is None or incident.alarm_since is None:
        return None
    return (incident.alarm_since - began) / timedelta(minutes=1)


@pytest.mark.parametrize(
    ("ppm", "minutes", "percent"),
    [
        (70, 240, 10.68),
        (150, 50, 10.04),
        (400, 15, 9.51),
        (70, 60, 5.38),
        (100, 40, 5.63),
        (50, 90, 5.05),
        (300, 3, 1.52),
        (30, 480, 5.00),
    ],
)
def test_blood_level_reproduces_the_published_vectors(
    ppm: float, minutes: float, percent: float
) -> None:
    found = carboxyhaemoglobin(0.0, ppm, timedelta(minutes=minutes))
    assert found == pytest.approx(percent, abs=0.01)


def test_steps_of_ten_seconds_give_the_closed_form() -> None:
    level = 0.0
    for _ in range(360):
        level = carboxyhaemoglobin(level, 70.0, timedelta(seconds=10))
    assert level == pytest.approx(5.3839, abs=1e-4)
    assert carboxyhaemoglobin(level, 0.0, timedelta(hours=1)) == pytest.approx(
        2.93, abs=0.01
    )


def test_at_rest_the_blood_takes_it_up_more_slowly() -> None:
    hour = timedelta(hours=1)
    assert carboxyhaemoglobin(0.0, 70, hour, REST) < carboxyhaemoglobin(0.0, 70, hour)


def test_blood_level_is_clamped_and_nothing_above_half_is_shown() -> None:
    level = carboxyhaemoglobin(0.0, 5_000.0, timedelta(hours=10))
    assert level == 100.0
    assert shown(level) == MOST_SHOWN == 50.0
    assert shown(12.34) == 12.34


@pytest.mark.parametrize(
    ("standard", "ppm", "earliest", "latest"),
    [
        (Standard.EN_50291, 50, 60, 90),
        (Standard.EN_50291, 99, 60, 90),
        (Standard.EN_50291, 100, 10, 40),
        (Standard.EN_50291, 299, 10, 40),
        (Standard.EN_50291, 300, 0, 3),
        # The European gates keep the latest times of the American ones, too.
        (Standard.EN_50291, 70, 60, 240),
        (Standard.EN_50291, 150, 10, 50),
        (Standard.EN_50291, 400, 0, 15),
        (Standard.UL_2034, 70, 60, 240),
        (Standard.UL_2034, 150, 10, 50),
        (Standard.UL_2034, 400, 4, 15),
    ],
)
def test_alarm_comes_between_the_bounds_without_another_reading(
    standard: Standard, ppm: float, earliest: float, latest: float
) -> None:
    minutes = minutes_to_alarm(standard, ppm, latest + 1)
    assert minutes is not None
    assert earliest <= minutes <= latest


@pytest.mark.parametrize(
    ("standard", "ppm", "minutes"),
    [
        (Standard.EN_50291, 30, 24 * 60),
        (Standard.EN_50291, 49, 24 * 60),
        (Standard.UL_2034, 30, 30 * 24 * 60),
        (Standard.UL_2034, 69, 24 * 60),
    ],
)
def test_little_of_it_raises_no_alarm(
    standard: Standard, ppm: float, minutes: float
) -> None:
    assert minutes_to_alarm(standard, ppm, minutes) is None


def test_people_hear_of_thirty_ppm_after_two_hours_and_not_before() -> None:
    it = home()
    it.reads("co", Level.NORMAL, 30.0)
    it.wait(120 * MINUTE - 1)
    assert it.state.incidents == {}
    it.wait(1)
    assert it.is_in(Phase.PRE_ALARM)
    assert it.told(Message.PRE_ALARM) == 1


def test_own_alarm_of_a_detector_is_never_delayed() -> None:
    it = home()
    it.reads("co", Level.ALARM, 12.0)
    assert it.is_in(Phase.ALARM)
    assert it.drives == [("valve", Position.CLOSED)]
    binary = Home(co(), valve())
    binary.reads("co", Level.ALARM)
    assert binary.is_in(Phase.ALARM)


def test_alarm_of_the_counters_runs_the_plan() -> None:
    it = home()
    it.reads("co", Level.NORMAL, 120.0)
    assert it.drives == []
    it.wait(10 * MINUTE)
    assert it.is_in(Phase.ALARM)
    assert it.step("closed:valve").attempts >= 1
    assert it.told(Message.ALARM) == 1


def test_concentration_around_a_gate_counts_up_and_down() -> None:
    """Ten minutes above and one below, again and again, is not clean air."""
    it = home()
    began = it.now
    while not it.state.incidents and it.now - began < timedelta(minutes=90):
        it.reads("co", Level.NORMAL, 60.0)
        it.wait(10 * MINUTE)
        it.reads("co", Level.NORMAL, 45.0)
        it.wait(MINUTE)
    assert it.state.incidents
    assert it.now - began >= timedelta(minutes=60)


def test_fresh_air_takes_the_counters_back() -> None:
    it = home()
    it.reads("co", Level.NORMAL, 60.0)
    it.wait(40 * MINUTE)
    it.reads("co", Level.NORMAL, 0.0)
    it.wait(40 * MINUTE)
    it.reads("co", Level.NORMAL, 60.0)
    it.wait(59 * MINUTE)
    assert it.state.incidents == {}


def test_alarm_lasts_until_the_air_is_below_thirty() -> None:
    it = home()
    it.reads("co", Level.NORMAL, 120.0)
    it.wait(10 * MINUTE)
    it.reads("co", Level.NORMAL, 31.0)
    it.wait(10 * MINUTE)
    assert it.is_in(Phase.ALARM)
    it.reads("co", Level.NORMAL, 29.0)
    assert it.is_in(Phase.CLEARING)


def test_restart_does_not_take_bad_air_for_clear() -> None:
    """The counters are gone; the timeline says that there is an alarm."""
    it = home()
    it.reads("co", Level.NORMAL, 120.0)
    it.wait(10 * MINUTE)
    it.crash()
    it.start()
    it.reads("co", Level.NORMAL, 40.0)
    it.wait(300)
    assert it.is_in(Phase.ALARM)
    it.reads("co", Level.NORMAL, 3.0)
    it.wait(120)
    assert it.is_in(Phase.CLEARING)


def test_lost_detector_neither_counts_nor_forgets() -> None:
    it = home()
    it.reads("co", Level.NORMAL, 60.0)
    it.wait(50 * MINUTE)
    it.reads("co", Level.LOST)
    it.wait(60 * MINUTE)
    assert it.state.incidents == {}
    it.reads("co", Level.NORMAL, 60.0)
    it.wait(10 * MINUTE)
    assert it.is_in(Phase.ALARM)


def test_blood_level_of_a_home_goes_on_between_readings() -> None:
    it = home()
    assert blood_level(it.state, it.now) == pytest.approx(0.0, abs=0.1)
    it.reads("co", Level.NORMAL, 70.0)
    assert blood_level(it.state, it.now + timedelta(hours=1)) == pytest.approx(
        5.38, abs=0.02
    )
    assert blood_level(Home(detector("smoke", Hazard.SMOKE)).state, it.now) is None


def test_each_gate_alarms_inside_its_bounds() -> None:
    for gates in GATES.values():
        for gate in gates:
            assert gate.not_before <= gate.after
            assert gate.by is None or gate.after <= gate.by
