"""The alarm panel: arming, coming and going, what counts and what is only told."""

from datetime import timedelta

import pytest

from custom_components.zhian.safety.arming import (
    ARMED,
    Mode,
    PanelSettings,
    Sense,
    Watch,
)
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.vocabulary import (
    ActuatorRole,
    Ending,
    Hazard,
    Level,
    Message,
    Phase,
    Position,
    Reason,
)

from .homes import Actuator, Home, door, gas, siren

LAMP = Actuator("lamp", ActuatorRole.LIGHT, "hall")
EXIT, ENTRY = 60.0, 30.0


def closed(*parts: object) -> Home:
    """Return a home in which everything is closed, and known to be."""
    home = Home(*parts)  # type: ignore[arg-type]
    for name in home.state.household.detectors:
        home.reads(name, Level.NORMAL)
    return home.later(120)


def armed(*parts: object, mode: Mode = Mode.AWAY) -> Home:
    """Return a home that is armed, with the time to leave over."""
    home = closed(*parts)
    home.arm(mode)
    assert home.refusals == []
    return home.wait(EXIT)


def intrusion(home: Home) -> Incident | None:
    """Return the open intrusion that people can see."""
    return home.state.open_incident(Hazard.INTRUSION)


# --- what counts ---------------------------------------------------------------------


def test_open_door_of_a_disarmed_home_is_no_alarm() -> None:
    home = closed(door(), siren())
    home.reads("door", Level.ALARM)
    assert home.state.incidents == {}
    assert home.orders == []
    assert home.state.readings["door"].level is Level.NORMAL
    assert home.state.openings == {"door": home.now}
    home.reads("door", Level.NORMAL)
    assert home.state.openings == {}


def test_instant_contact_of_an_armed_home_is_an_alarm_in_the_same_decision() -> None:
    home = armed(door(), siren(zone="hall"), LAMP)
    home.reads("door", Level.ALARM)
    assert home.is_in(Phase.ALARM)
    assert home.incident.hazard is Hazard.INTRUSION
    assert set(home.drives) == {("siren", Position.ON), ("lamp", Position.ON)}
    assert home.tells == [Message.ALARM]


def test_gas_forbids_the_light_and_the_siren_that_could_ignite_it() -> None:
    """I2 holds for a burglar, too."""
    home = armed(gas(zone="hall"), door(), siren(zone="hall", safe=False), LAMP)
    home.alarm("gas")
    home.reads("door", Level.ALARM)
    found = intrusion(home)
    assert found is not None
    assert home.drives == []
    assert {step.reason for step in found.steps} == {Reason.NOT_IGNITION_SAFE}


def test_gas_alarms_in_a_disarmed_home() -> None:
    """I3: what is not intrusion does not ask the panel."""
    home = closed(gas(), door())
    assert home.alarm("gas").phase is Phase.ALARM


@pytest.mark.parametrize("sense", [Sense.TAMPER, Sense.PANEL])
@pytest.mark.parametrize("mode", [Mode.DISARMED, Mode.AWAY])
def test_tamper_and_another_panel_count_day_and_night(sense: Sense, mode: Mode) -> None:
    home = (
        closed(door("lid", sense))
        if mode is Mode.DISARMED
        else armed(door("lid", sense))
    )
    assert home.alarm("lid").phase is Phase.ALARM


def test_mode_that_does_not_watch_a_detector_ignores_it() -> None:
    inside = frozenset({Mode.AWAY, Mode.VACATION})
    home = armed(door(), door("motion", Sense.MOTION, modes=inside), mode=Mode.NIGHT)
    home.reads("motion", Level.ALARM)
    assert home.state.incidents == {}
    home.reads("door", Level.ALARM)
    assert home.is_in(Phase.ALARM)


def test_pre_alarm_of_a_detector_that_nobody_watches_is_none() -> None:
    home = closed(door())
    home.reads("door", Level.PRE_ALARM)
    assert home.state.incidents == {}


# --- leaving and coming in -----------------------------------------------------------


def test_nothing_counts_before_the_time_to_leave_is_over() -> None:
    home = closed(door("front", delayed=True), door("hall", Sense.MOTION))
    home.arm()
    assert home.panel.exit_until == home.now + timedelta(seconds=EXIT)
    home.reads("hall", Level.ALARM)
    home.reads("front", Level.ALARM)
    home.reads("front", Level.NORMAL)
    home.reads("hall", Level.NORMAL)
    home.wait(EXIT)
    assert home.panel.exit_until is None
    assert home.panel.entry_until is None
    assert home.state.incidents == {}
    home.reads("hall", Level.ALARM)
    assert home.is_in(Phase.ALARM)


@pytest.mark.parametrize("mode", [Mode.HOME, Mode.NIGHT])
def test_who_stays_in_needs_no_time_to_leave(mode: Mode) -> None:
    home = closed(door())
    home.arm(mode)
    assert home.panel.exit_until is None
    home.reads("door", Level.ALARM)
    assert home.is_in(Phase.ALARM)


def test_door_that_people_come_in_by_gives_time_to_disarm() -> None:
    home = armed(door("front", delayed=True))
    home.reads("front", Level.ALARM)
    assert home.panel.entry_until == home.now + timedelta(seconds=ENTRY)
    home.wait(ENTRY - 1)
    assert home.state.incidents == {}
    home.disarm()
    home.wait(3_600)
    assert home.state.incidents == {}
    assert home.panel.mode is Mode.DISARMED


def test_nobody_who_disarms_in_time_is_an_alarm() -> None:
    home = armed(door("front", delayed=True), siren(zone="hall"))
    home.reads("front", Level.ALARM)
    home.wait(ENTRY)
    assert home.is_in(Phase.ALARM)
    assert home.drives == [("siren", Position.ON)]
    assert home.panel.entry_until is None


def test_door_that_has_closed_behind_the_burglar_alarms_all_the_same() -> None:
    home = armed(door("front", delayed=True))
    home.reads("front", Level.ALARM)
    home.reads("front", Level.NORMAL)
    home.wait(ENTRY)
    assert home.told(Message.ALARM) == 1
    assert home.is_in(Phase.CLEARING)


def test_motion_on_the_way_in_waits_with_the_door_and_a_window_does_not() -> None:
    home = armed(
        door("front", delayed=True), door("hall", Sense.MOTION), door("window")
    )
    home.reads("front", Level.ALARM)
    home.reads("hall", Level.ALARM)
    assert home.state.incidents == {}
    assert home.panel.entered == ("front", "hall")
    home.reads("front", Level.ALARM)
    assert home.panel.entered == ("front", "hall")
    home.reads("window", Level.ALARM)
    assert home.is_in(Phase.ALARM)


def test_motion_without_a_door_before_it_is_an_alarm_at_once() -> None:
    home = armed(door("front", delayed=True), door("hall", Sense.MOTION))
    home.reads("hall", Level.ALARM)
    assert home.is_in(Phase.ALARM)


def test_reading_that_comes_before_the_tick_finds_the_entry_over() -> None:
    home = armed(door("front", delayed=True), door("hall", Sense.MOTION))
    home.reads("front", Level.ALARM)
    home.later(ENTRY)
    home.reads("hall", Level.ALARM)
    assert home.is_in(Phase.ALARM)


def test_without_an_entry_delay_the_front_door_is_instant() -> None:
    settings = PanelSettings(entry_delay=timedelta())
    home = armed(door("front", delayed=True), settings)
    home.reads("front", Level.ALARM)
    assert home.is_in(Phase.ALARM)


@pytest.mark.parametrize("entry", [0, 30])
def test_what_is_still_open_after_leaving_has_the_entry_delay(entry: int) -> None:
    settings = PanelSettings(entry_delay=timedelta(seconds=entry))
    home = closed(door("front", delayed=True), settings)
    home.arm()
    home.reads("front", Level.ALARM)
    home.wait(EXIT)
    assert bool(home.state.incidents) is (entry == 0)
    # The same again, as a battery reports: nothing new.
    home.reads("front", Level.ALARM)
    assert bool(home.state.incidents) is (entry == 0)
    home.wait(ENTRY)
    assert home.is_in(Phase.ALARM)


# --- arming --------------------------------------------------------------------------


def test_open_window_keeps_the_home_from_being_armed() -> None:
    home = closed(door("window"))
    home.reads("window", Level.ALARM)
    home.arm(Mode.NIGHT)
    assert home.refusals == [Reason.NOT_READY]
    assert home.panel.mode is Mode.DISARMED


@pytest.mark.parametrize("level", [Level.LOST, Level.FAULT, Level.WARMING_UP])
def test_contact_that_does_not_work_keeps_the_home_from_being_armed(
    level: Level,
) -> None:
    home = closed(door("window"))
    home.reads("window", level)
    home.arm()
    assert home.refusals == [Reason.NOT_READY]


def test_contact_that_was_never_heard_keeps_the_home_from_being_armed() -> None:
    home = Home(door("window"))
    home.arm()
    assert home.refusals == [Reason.NOT_READY]


def test_way_out_may_be_open_when_there_is_time_to_leave() -> None:
    home = closed(door("front", delayed=True), door("hall", Sense.MOTION))
    home.reads("front", Level.ALARM)
    home.reads("hall", Level.ALARM)
    home.arm(Mode.NIGHT)
    assert home.refusals == [Reason.NOT_READY]
    home.arm(Mode.AWAY)
    assert home.refusals == []


def test_arming_anyway_leaves_out_what_is_open_and_says_so() -> None:
    home = closed(door("window"), door("door"), door("silent"))
    home.reads("window", Level.ALARM)
    home.reads("silent", Level.LOST)
    home.arm(Mode.NIGHT, force=True)
    assert home.panel.bypassed == {"window", "silent"}
    assert home.tells == [Message.BYPASSED, Message.BYPASSED]
    home.reads("window", Level.NORMAL)
    home.reads("window", Level.ALARM)
    assert home.state.incidents == {}
    home.reads("door", Level.ALARM)
    assert home.is_in(Phase.ALARM)
    home.disarm()
    assert home.panel.bypassed == frozenset()


def test_bypass_by_name_leaves_out_what_is_named_only() -> None:
    home = closed(door("window"), door("door"))
    home.reads("window", Level.ALARM)
    home.reads("door", Level.ALARM)
    home.arm(Mode.NIGHT, "window")
    assert home.refusals == [Reason.NOT_READY]
    home.reads("door", Level.NORMAL)
    home.arm(Mode.NIGHT, "window")
    assert home.panel.bypassed == {"window"}


def test_arming_never_ends_an_alarm_or_an_entry_delay() -> None:
    home = armed(door("front", delayed=True))
    home.reads("front", Level.ALARM)
    home.arm(Mode.HOME, force=True)
    assert home.refusals == [Reason.DISARM_FIRST]
    home.wait(ENTRY)
    home.arm(Mode.HOME, force=True)
    assert home.refusals == [Reason.DISARM_FIRST]
    assert home.is_in(Phase.ALARM)


def test_arming_the_same_mode_again_changes_nothing() -> None:
    home = armed(door())
    before = home.panel
    home.arm()
    assert home.panel is before


def test_armed_home_can_change_its_mode() -> None:
    home = armed(door(), mode=Mode.HOME)
    home.arm(Mode.NIGHT)
    assert home.panel.mode is Mode.NIGHT


# --- the end -------------------------------------------------------------------------


def test_disarming_ends_the_alarm_while_the_door_is_still_open() -> None:
    home = armed(door(), siren(zone="hall"))
    home.reads("door", Level.ALARM)
    home.says("siren", Position.ON)
    incident = home.incident.id
    home.disarm()
    assert home.state.incidents == {}
    assert home.drives == [("siren", Position.OFF)]
    assert home.tells == [Message.CLOSED]
    assert home.state.readings["door"].level is Level.NORMAL
    endings = [e.ending for e in home.state.news if hasattr(e, "ending")]
    assert endings == [Ending.DISARMED]
    assert {e.incident for e in home.state.news} == {incident}


def test_code_does_not_mend_what_always_counts() -> None:
    home = armed(door("lid", Sense.TAMPER), siren(zone="hall"))
    home.alarm("lid")
    home.says("siren", Position.ON)
    home.disarm()
    assert home.is_in(Phase.ALARM)
    assert home.incident.is_answered
    assert home.drives == [("siren", Position.OFF)]
    home.reads("lid", Level.NORMAL)
    home.reset()
    assert home.state.incidents == {}


def test_reset_leaves_the_home_armed_and_the_next_door_alarms_anew() -> None:
    """Alarmo #1252."""
    home = armed(door(), door("window"))
    home.reads("door", Level.ALARM)
    home.reads("door", Level.NORMAL)
    home.reset()
    assert home.state.incidents == {}
    assert home.panel.mode is Mode.AWAY
    home.reads("window", Level.ALARM)
    assert home.is_in(Phase.ALARM)
    assert home.told(Message.ALARM) == 2


def test_second_contact_joins_the_incident_and_is_told() -> None:
    """Alarmo #339."""
    home = armed(door(), door("window"))
    first = home.alarm("door")
    home.reads("window", Level.ALARM)
    assert home.incident.id == first.id
    assert home.incident.detectors == ("door", "window")
    assert home.tells == [Message.RISEN]
    home.reads("window", Level.NORMAL)
    home.reads("window", Level.ALARM)
    assert Message.RISEN not in home.tells


def test_delayed_door_does_not_wait_while_an_alarm_is_on() -> None:
    home = armed(door("front", delayed=True), door("window"))
    home.alarm("window")
    home.reads("front", Level.ALARM)
    assert home.incident.detectors == ("window", "front")


# --- restarts ------------------------------------------------------------------------


def test_door_that_is_open_at_the_start_of_an_armed_home_is_judged() -> None:
    """Alarmo #1273, #1419."""
    home = armed(door(), door("front", delayed=True))
    home.crash().later(10)
    home.start()
    home.reads("front", Level.ALARM)
    assert home.state.incidents == {}
    assert home.panel.entered == ("front",)
    home.reads("door", Level.ALARM)
    assert home.is_in(Phase.ALARM)


def test_entry_delay_goes_on_across_a_restart() -> None:
    home = armed(door("front", delayed=True))
    home.reads("front", Level.ALARM)
    home.later(10).crash().later(10)
    home.start()
    home.reads("front", Level.NORMAL)
    assert home.state.incidents == {}
    home.wait(10)
    assert home.told(Message.ALARM) == 1


def test_entry_delay_that_ended_while_nothing_ran_is_an_alarm_at_the_start() -> None:
    home = armed(door("front", delayed=True))
    home.reads("front", Level.ALARM)
    home.crash().later(600)
    home.start()
    assert home.is_in(Phase.ALARM)
    home.reads("front", Level.NORMAL)
    assert home.is_in(Phase.CLEARING)


def test_clock_that_was_turned_back_ends_the_delays() -> None:
    home = armed(door("front", delayed=True))
    home.reads("front", Level.ALARM)
    home.crash().later(-3_600)
    home.start()
    assert home.is_in(Phase.ALARM)
    other = closed(door())
    other.arm()
    other.crash().later(-3_600)
    other.start()
    assert other.panel.exit_until is None


# --- what is only told ---------------------------------------------------------------


def test_contact_that_falls_silent_while_armed_is_told_and_no_alarm() -> None:
    home = armed(door())
    home.reads("door", Level.LOST)
    assert home.tells == []
    home.wait(60)
    assert home.told(Message.WATCH_LOST) == 1
    assert home.state.incidents == {}
    home.wait(300)
    assert home.told(Message.WATCH_LOST) == 1
    home.reads("door", Level.NORMAL)
    home.reads("door", Level.LOST)
    home.wait(60)
    assert home.told(Message.WATCH_LOST) == 2


def test_silent_contact_that_was_left_out_is_not_told_again() -> None:
    home = closed(door())
    home.reads("door", Level.LOST)
    home.arm(force=True)
    home.wait(300)
    assert home.told(Message.WATCH_LOST) == 0


def test_silence_that_began_while_people_left_is_told_when_they_have() -> None:
    home = closed(door())
    home.arm()
    home.reads("door", Level.LOST)
    home.wait(EXIT)
    assert home.told(Message.WATCH_LOST) == 1


@pytest.mark.parametrize("mode", [Mode.DISARMED, Mode.NIGHT])
def test_door_that_stands_open_is_told_once(mode: Mode) -> None:
    outside = ARMED - {Mode.NIGHT}
    home = closed(door(left_open=600.0, modes=outside), door("other", modes=outside))
    if mode is not Mode.DISARMED:
        home.arm(mode)
    home.reads("door", Level.ALARM)
    home.reads("other", Level.ALARM)
    home.wait(599)
    assert home.told(Message.LEFT_OPEN) == 0
    home.wait(1)
    assert home.told(Message.LEFT_OPEN) == 1
    home.wait(7_200)
    assert home.told(Message.LEFT_OPEN) == 1
    home.reads("door", Level.NORMAL)
    home.reads("door", Level.ALARM)
    home.wait(600)
    assert home.told(Message.LEFT_OPEN) == 2


def test_door_that_was_removed_is_not_waited_for() -> None:
    home = closed(door(left_open=600.0))
    home.reads("door", Level.ALARM)
    openings = home.state.openings
    home.crash(door("other"))
    object.__setattr__(home.state, "openings", openings)
    home.start()
    home.wait(3_600)
    assert home.told(Message.LEFT_OPEN) == 0


def test_only_tamper_and_panels_always_count() -> None:
    always = {sense for sense in Sense if Watch(sense).is_always}
    assert always == {Sense.TAMPER, Sense.PANEL}
