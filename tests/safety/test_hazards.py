"""Every hazard's plan, several at once, calls for help, and detectors that chatter."""

from dataclasses import replace

import pytest

from custom_components.zhian.safety.household import Actuator
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.orders import Drive
from custom_components.zhian.safety.signals import HelpCalled
from custom_components.zhian.safety.state import worst_incident
from custom_components.zhian.safety.vocabulary import (
    ActuatorRole,
    Hazard,
    Level,
    Message,
    Outcome,
    Phase,
    Position,
    Presence,
    Reason,
    Witness,
)

from .homes import Home, detector, gas, siren, valve, window

SMOKE = detector("smoke", Hazard.SMOKE)
CO = detector("co", Hazard.CARBON_MONOXIDE)
BUTTON = detector("button", Hazard.SOS)
WATER = detector("water", Hazard.WATER, "bath")
LOCK = Actuator("lock", ActuatorRole.LOCK, "hall")
LIGHT = Actuator("light", ActuatorRole.LIGHT, "hall")
FAN = Actuator("fan", ActuatorRole.FAN, "hall")
HVAC = Actuator("hvac", ActuatorRole.HVAC, "hall")
METERED = Actuator("main", ActuatorRole.WATER_VALVE, "bath", witness=Witness.FLOW)


def of(home: Home, hazard: Hazard) -> Incident:
    incident = home.state.open_incident(hazard)
    assert incident is not None
    return incident


def reason(home: Home, hazard: Hazard, step: str) -> Reason | None:
    found = of(home, hazard).step(step)
    assert found is not None
    return found.reason


# --- plans ---------------------------------------------------------------------------


def test_smoke_shuts_gas_and_air_off_and_shows_the_way_out() -> None:
    home = Home(SMOKE, valve(), LOCK, LIGHT, FAN, HVAC, siren())
    home.alarm("smoke")
    assert home.drives == [
        ("valve", Position.CLOSED),
        ("lock", Position.UNLOCKED),
        ("light", Position.ON),
        ("fan", Position.OFF),
        ("hvac", Position.OFF),
        ("siren", Position.ON),
    ]


def test_carbon_monoxide_is_aired_out() -> None:
    home = Home(CO, valve(), window(), FAN, LIGHT, LOCK)
    home.alarm("co")
    assert home.drives == [
        ("valve", Position.CLOSED),
        ("window", Position.OPEN),
        ("fan", Position.ON),
    ]


def test_call_for_help_unlocks_the_door_and_is_most_urgent() -> None:
    home = Home(BUTTON, LOCK, valve())
    incident = home.alarm("button")
    assert home.drives == [("lock", Position.UNLOCKED)]
    assert incident.priority == 1


def test_gas_switches_nothing_that_could_spark() -> None:
    home = Home(gas(zone="hall"), BUTTON, SMOKE, LOCK, LIGHT, FAN)
    home.alarm()
    assert home.drives == []
    home.alarm("button")
    home.alarm("smoke")
    assert home.drives == []
    assert reason(home, Hazard.SOS, "unlocked:lock") is Reason.NOT_IGNITION_SAFE
    assert reason(home, Hazard.SMOKE, "on:light") is Reason.NOT_IGNITION_SAFE


# --- several at once -----------------------------------------------------------------


def test_fire_gets_no_air_from_another_hazards_plan() -> None:
    home = Home(SMOKE, CO, FAN, window())
    home.alarm("smoke")
    home.alarm("co")
    assert home.drives == []
    assert reason(home, Hazard.CARBON_MONOXIDE, "on:fan") is Reason.FEEDS_FIRE
    assert reason(home, Hazard.CARBON_MONOXIDE, "open:window") is Reason.FEEDS_FIRE


def test_fire_takes_back_the_air_that_another_hazard_wanted() -> None:
    home = Home(SMOKE, CO, FAN)
    home.alarm("co")
    home.later(1).says("fan", Position.ON)
    home.alarm("smoke")
    assert home.drives == [("fan", Position.OFF)]
    assert reason(home, Hazard.CARBON_MONOXIDE, "on:fan") is Reason.FEEDS_FIRE


def test_when_the_smoke_has_gone_the_air_is_let_in() -> None:
    home = Home(SMOKE, CO, FAN)
    home.alarm("co")
    home.alarm("smoke")
    home.later(1).says("fan", Position.OFF)
    home.later(5).reads("smoke", Level.NORMAL)
    assert home.drives == [("fan", Position.ON)]


def test_worst_hazard_comes_first() -> None:
    home = Home(gas(), SMOKE, CO, BUTTON, WATER)
    seen = []
    for name in ("water", "button", "co", "smoke", "gas"):
        home.later(1)
        home.alarm(name)
        worst = worst_incident(home.state)
        assert worst is not None
        seen.append(worst.hazard)
    assert seen == [
        Hazard.WATER,
        Hazard.SOS,
        Hazard.CARBON_MONOXIDE,
        Hazard.SMOKE,
        Hazard.GAS,
    ]


# --- calls for help ------------------------------------------------------------------


def test_call_for_help_lasts_until_a_person_resets() -> None:
    home = Home(BUTTON)
    home.alarm("button")
    home.reads("button", Level.NORMAL)
    home.wait(86_400)
    assert home.is_in(Phase.ALARM)
    assert home.incident.presence is Presence.YES
    assert home.told(Message.CLEARING) == 0
    home.reset(local=False)
    assert home.refusals == [Reason.NOT_ON_SITE]
    home.reset()
    assert home.state.incidents == {}


def test_call_for_help_is_reset_with_a_dead_button_but_not_with_a_held_one() -> None:
    home = Home(BUTTON)
    home.alarm("button")
    home.reset()
    assert home.refusals == [Reason.HAZARD_PRESENT]
    home.reads("button", Level.LOST)
    home.reset()
    assert home.state.incidents == {}


def test_help_is_called_without_a_detector() -> None:
    home = Home(LOCK)
    home.send(HelpCalled("Li", home.now, "bath"))
    assert home.incident.hazard is Hazard.SOS
    assert home.incident.phase is Phase.ALARM
    assert home.incident.zones == {"bath"}
    assert home.drives == [("lock", Position.UNLOCKED)]
    assert home.tells == [Message.ALARM]
    assert home.reports == [home.incident.id]
    home.wait(3_600)
    assert home.is_in(Phase.ALARM)
    home.reset()
    assert home.state.incidents == {}


def test_second_call_joins_the_first_and_is_heard() -> None:
    home = Home(BUTTON)
    home.send(HelpCalled("Li", home.now))
    first = home.incident.id
    home.later(1).send(HelpCalled("Wang", home.now, "attic"))
    assert home.incident.id == first
    assert home.incident.zones == {"attic"}
    assert home.reports == [first]
    home.alarm("button")
    assert home.incident.id == first


def test_call_for_help_ends_a_drill_and_survives_a_crash() -> None:
    home = Home(LOCK)
    home.drill()
    home.send(HelpCalled("Li", home.now, "bath"))
    assert home.state.drill is None
    before = home.incident
    home.crash()
    assert home.incident == before
    home.start()
    assert ("lock", Position.UNLOCKED) in home.drives


# --- water ---------------------------------------------------------------------------


def test_water_that_flows_through_a_closed_valve_is_told() -> None:
    home = Home(WATER, METERED)
    home.says("main", Position.OPEN)
    home.later(1).alarm("water")
    home.wait(15)
    assert home.told(Message.STILL_FLOWING) == 1
    assert home.told(Message.STEP_FAILED) == 0
    assert home.step("closed:main").outcome is Outcome.FAILED


def test_water_that_flows_again_is_told_and_shut_off_once_more() -> None:
    home = Home(WATER, METERED)
    home.alarm("water")
    home.later(2).says("main", Position.CLOSED)
    home.later(60).says("main", Position.OPEN)
    assert home.tells == [Message.STILL_FLOWING]
    assert home.drives == [("main", Position.CLOSED)]


def test_valve_that_cannot_be_reached_is_not_called_a_flow() -> None:
    home = Home(WATER, METERED)
    home.alarm("water")
    for _ in range(4):
        home.fails("closed:main", Reason.UNAVAILABLE)
        home.wait(4)
    assert home.told(Message.STEP_FAILED) == 1
    assert home.told(Message.STILL_FLOWING) == 0


# --- chattering ----------------------------------------------------------------------


@pytest.mark.parametrize("flips", [3, 5, 12])
def test_detector_that_chatters_tells_once_and_its_phases_are_right(
    flips: int,
) -> None:
    home = Home(gas(), valve())
    home.reads("gas", Level.NORMAL)
    home.wait(120)
    for _ in range(flips):
        home.reads("gas", Level.ALARM)
        assert home.is_in(Phase.ALARM)
        home.wait(60 / flips / 2)
        home.reads("gas", Level.NORMAL)
        assert home.is_in(Phase.CLEARING)
        home.wait(60 / flips / 2)
    assert home.told(Message.ALARM) == 1
    assert home.told(Message.CLEARING) == 0
    home.wait(60)
    assert home.told(Message.CLEARING) == 1


def test_alarm_after_the_all_clear_is_told_again() -> None:
    home = Home(gas())
    home.alarm()
    home.reads("gas", Level.NORMAL)
    home.wait(60)
    assert home.told(Message.CLEARING) == 1
    home.alarm()
    assert home.tells == [Message.ALARM]


def test_another_detector_is_told_also_while_the_first_chatters() -> None:
    home = Home(gas(), gas("cellar", "cellar"))
    home.alarm()
    home.later(5).reads("gas", Level.NORMAL)
    home.later(5).reads("cellar", Level.ALARM)
    assert home.tells == [Message.ALARM]


def test_pre_alarm_that_chatters_is_one_incident() -> None:
    home = Home(gas())
    home.reads("gas", Level.NORMAL, 1.0)
    home.wait(120)
    for _ in range(4):
        home.reads("gas", Level.PRE_ALARM, 5.0)
        home.wait(8)
        home.reads("gas", Level.NORMAL, 2.0)
        home.wait(8)
    assert home.told(Message.PRE_ALARM) == 1
    assert home.told(Message.PRE_ALARM_OVER) == 0
    home.wait(60)
    assert home.told(Message.PRE_ALARM_OVER) == 1
    assert home.state.incidents == {}


def test_all_clear_is_not_told_while_a_detector_is_lost() -> None:
    home = Home(gas())
    home.alarm()
    home.reads("gas", Level.NORMAL)
    home.wait(30)
    home.reads("gas", Level.LOST)
    home.wait(300)
    assert home.told(Message.CLEARING) == 0
    home.reads("gas", Level.NORMAL)
    home.wait(180)
    assert home.told(Message.CLEARING) == 1


def test_restart_does_not_tell_the_all_clear_twice() -> None:
    home = Home(gas())
    home.alarm()
    home.reads("gas", Level.NORMAL)
    home.wait(60)
    home.delivered(Message.CLEARING)
    home.crash()
    home.start()
    home.reads("gas", Level.NORMAL)
    home.wait(300)
    assert home.told(Message.CLEARING) == 1


def test_lights_stay_on_and_doors_unlocked_when_somebody_answers() -> None:
    home = Home(SMOKE, LIGHT, LOCK, siren())
    home.alarm("smoke")
    home.later(1).acknowledge()
    assert [o.actuator for o in home.orders if isinstance(o, Drive)] == ["siren"]


def test_restart_tells_an_alarm_that_came_back_after_the_all_clear() -> None:
    home = Home(gas())
    home.alarm()
    home.delivered(Message.ALARM)
    home.reads("gas", Level.NORMAL)
    home.wait(60)
    home.delivered(Message.CLEARING)
    home.alarm()
    home.crash()
    home.start()
    assert Message.ALARM in home.tells


def test_a_siren_that_is_left_out_of_the_gas_plan_sounds_for_all_else() -> None:
    """Nobody is told of a step that was never meant to be."""
    quiet = replace(siren(safe=False), sound_on_gas=False)
    home = Home(gas(), SMOKE, quiet)
    assert home.alarm("gas").steps == ()
    assert [step.actuator for step in Home(SMOKE, quiet).alarm("smoke").steps] == [
        "siren"
    ]
