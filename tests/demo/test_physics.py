"""The house as a closed loop."""

import pytest

from demo.house.physics import METHANE_LEL, Air, GasDetector, House, Leak, Motor


def run(house: House, seconds: float, step: float = 0.05) -> None:
    for _ in range(round(seconds / step)):
        house.advance(step)


def seconds_until_alarm(leak: Leak, limit: float = 120) -> float:
    house = House(leak=leak)
    house.detector.warm_up = 0
    seconds = 0.0
    while not house.detector.alarm and seconds < limit:
        house.advance(0.05)
        seconds += 0.05
    return seconds


def test_concentration_settles_where_leak_and_exchange_balance() -> None:
    air = Air()
    air.advance(1000 * 3600, inflow=0.3, windows=0)
    assert air.fraction == pytest.approx(0.3 / 15)


def test_without_gas_the_air_clears_by_its_time_constant() -> None:
    air = Air(fraction=0.02)
    air.advance(30 / (15 + 500) * 3600, inflow=0, windows=2)
    assert air.fraction == pytest.approx(0.02 / 2.718281828)


def test_the_step_does_not_change_the_result() -> None:
    coarse, fine = Air(), Air()
    coarse.advance(600, inflow=1.5, windows=0.5)
    for _ in range(600):
        fine.advance(1, inflow=1.5, windows=0.5)
    assert coarse.fraction == pytest.approx(fine.fraction)


def test_a_hundred_percent_is_the_explosive_limit() -> None:
    assert Air(fraction=METHANE_LEL).lel == pytest.approx(100)


def test_a_larger_leak_alarms_sooner_and_each_alarms() -> None:
    small, medium, large = (
        seconds_until_alarm(leak) for leak in (Leak.SMALL, Leak.MEDIUM, Leak.LARGE)
    )
    assert 2 < large < medium < small < 120


def test_closing_the_valve_and_opening_the_windows_bring_the_gas_down() -> None:
    house = House(leak=Leak.LARGE)
    run(house, 9)
    assert house.detector.alarm
    house.valve.target = 0
    for window in house.windows:
        window.target = 1
    run(house, 30)
    assert house.air.lel < 5
    assert not house.detector.alarm


def test_a_jammed_valve_keeps_the_gas_in_the_alarm() -> None:
    house = House(leak=Leak.LARGE)
    run(house, 9)
    house.valve.jammed = True
    house.valve.target = 0
    run(house, 30)
    assert house.valve.position == 1
    assert house.detector.alarm


def test_a_motor_takes_its_travel_time() -> None:
    motor = Motor(2.0, 1.0, 0.0)
    motor.advance(1.5)
    assert motor.position == pytest.approx(0.25)
    assert motor.is_moving
    motor.advance(1.0)
    assert motor.position == 0
    assert not motor.is_moving


def test_the_detector_falls_back_below_eight_without_a_latch() -> None:
    detector = GasDetector(warm_up=0)
    seen = []
    for lel in (9.9, 10.0, 9.0, 8.0, 7.9, 9.0):
        detector.advance(1, lel)
        seen.append(detector.alarm)
    assert seen == [False, True, True, True, False, False]


def test_a_warming_detector_notices_nothing() -> None:
    detector = GasDetector()
    detector.advance(1, 50)
    assert detector.is_warming_up
    assert not detector.alarm
    detector.advance(3, 50)
    assert detector.alarm
