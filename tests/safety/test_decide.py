"""The kernel's entrance: incidents, people, station, drills, time."""

from datetime import timedelta

import pytest

from custom_components.zhian.safety.entries import Closed, Opened
from custom_components.zhian.safety.household import Actuator
from custom_components.zhian.safety.orders import Drive, Refuse, Report, Tell, WakeAt
from custom_components.zhian.safety.signals import (
    Acknowledge,
    Delivered,
    OrderFailed,
    ResetRequested,
    StationSaid,
)
from custom_components.zhian.safety.vocabulary import (
    ActuatorRole,
    Ending,
    Hazard,
    Level,
    Message,
    Outcome,
    Phase,
    Position,
    Presence,
    Reason,
    StationStatus,
    Witness,
)

from .homes import NOON, Home, detector, gas, siren, valve, window

CLOSED = Position.CLOSED
OPEN = Position.OPEN


# --- a detector alarms ---------------------------------------------------------------


def test_alarm_closes_the_valve_before_anything_else() -> None:
    home = Home(gas(), valve())
    home.alarm()
    assert isinstance(home.orders[0], Drive)
    assert home.drives == [("valve", CLOSED)]
    assert home.tells == [Message.ALARM]
    assert home.reports == [home.incident.id]
    assert isinstance(home.orders[-1], WakeAt)


def test_alarm_at_start_up_is_an_incident() -> None:
    home = Home(gas(), valve())
    home.alarm()
    home.start()
    assert home.incident.phase is Phase.ALARM
    assert home.drives == [], "what has just been ordered is not ordered again"


def test_alarm_after_loss_is_an_incident() -> None:
    home = Home(gas(), valve())
    home.reads("gas", Level.LOST)
    home.alarm()
    assert home.drives == [("valve", CLOSED)]


@pytest.mark.parametrize("before", [Level.WARMING_UP, Level.FAULT])
def test_alarm_after_a_level_that_protects_nobody_is_an_incident(before: Level) -> None:
    home = Home(gas(), valve())
    home.reads("gas", before)
    home.alarm()
    assert home.drives == [("valve", CLOSED)]


def test_repeated_alarm_reading_changes_nothing() -> None:
    home = Home(gas(), valve())
    home.alarm()
    home.later(1).reads("gas", Level.ALARM, 12.0)
    assert (home.drives, home.tells, home.reports) == ([], [], [])
    assert home.kinds == []


def test_second_detector_of_the_hazard_joins_the_incident() -> None:
    home = Home(gas(), gas("cellar", "cellar"), valve())
    home.alarm()
    home.alarm("cellar")
    assert home.incident.detectors == ("gas", "cellar")
    assert home.incident.zones == {"kitchen", "cellar"}
    assert home.drives == []
    assert home.reports == [home.incident.id]


def test_other_hazard_opens_its_own_incident() -> None:
    home = Home(gas(), detector("co", Hazard.CARBON_MONOXIDE), valve(), siren())
    home.alarm()
    home.alarm("co")
    assert len(home.state.incidents) == 2
    assert ("valve", CLOSED) in home.drives


@pytest.mark.parametrize("hazard", [Hazard.INACTIVITY])
def test_hazard_without_a_plan_is_an_incident_too(hazard: Hazard) -> None:
    home = Home(detector("d", hazard), valve(), siren())
    home.alarm("d")
    assert home.drives == []
    assert home.tells == [Message.ALARM]
    assert home.reports == [home.incident.id]
    home.later(1).reads("d", Level.NORMAL)
    assert home.incident.phase is Phase.CLEARING
    home.reset()
    assert not home.state.incidents


def test_unknown_detector_is_ignored() -> None:
    home = Home(valve())
    assert home.reads("nobody", Level.ALARM) == []
    assert not home.state.incidents


def test_a_number_that_is_no_number_is_not_kept() -> None:
    home = Home(gas(), valve())
    home.alarm(value=float("nan"))
    assert home.state.readings["gas"].value is None
    assert home.state.latest_value(home.incident) is None


def test_detector_in_alarm_joins_even_if_its_level_is_not_new() -> None:
    home = Home(gas(), gas("cellar"), detector("smoke", Hazard.SMOKE), valve())
    home.alarm("smoke")
    home.reads("cellar", Level.ALARM)
    # As after a change of the configuration: the incident does not know a detector
    # that is in alarm already.
    incident = home.state.open_incident(Hazard.GAS)
    assert incident is not None
    home.crash(gas(), gas("cellar"), valve(), lose=0)
    home.reads("cellar", Level.ALARM)
    home.alarm("gas")
    assert set(incident.detectors) | {"gas"} == {"gas", "cellar"}


# --- pre-alarm -----------------------------------------------------------------------


def test_pre_alarm_tells_people_and_moves_nothing() -> None:
    home = Home(gas(), valve())
    home.reads("gas", Level.PRE_ALARM, 6.0)
    assert home.incident.phase is Phase.PRE_ALARM
    assert home.drives == []
    assert home.tells == [Message.PRE_ALARM]
    assert home.reports == [], "a pre-alarm is the home's own affair"


def test_pre_alarm_that_falls_back_is_over() -> None:
    home = Home(gas(), valve())
    home.reads("gas", Level.PRE_ALARM, 6.0)
    home.later(5).reads("gas", Level.NORMAL, 1.0)
    assert home.is_in(Phase.PRE_ALARM), "it may come back at once"
    home.wait(60)
    assert not home.state.incidents
    assert home.tells == [Message.PRE_ALARM_OVER]
    assert home.reports == []


def test_pre_alarm_that_rises_becomes_the_alarm_of_the_same_incident() -> None:
    home = Home(gas(), valve(), window())
    home.reads("gas", Level.PRE_ALARM, 6.0)
    before = home.incident
    home.later(600)
    home.alarm(value=30.0)
    assert home.incident.id == before.id
    assert home.incident.phase is Phase.ALARM
    assert home.incident.alarm_since == home.now
    assert home.drives == [("valve", CLOSED), ("window", OPEN)]
    assert home.tells == [Message.ALARM]
    assert home.reports == [before.id]


def test_pre_alarm_of_a_second_detector_joins() -> None:
    home = Home(gas(), gas("cellar", "cellar"))
    home.reads("gas", Level.PRE_ALARM)
    home.reads("cellar", Level.PRE_ALARM)
    assert home.incident.detectors == ("gas", "cellar")
    home.reads("cellar", Level.PRE_ALARM)
    assert home.kinds == []


def test_pre_alarm_whose_detector_is_lost_stays_open() -> None:
    home = Home(gas(), valve())
    home.reads("gas", Level.PRE_ALARM)
    home.later(1).reads("gas", Level.LOST)
    home.wait(86_400)
    assert home.incident.phase is Phase.PRE_ALARM
    assert home.incident.presence is Presence.UNKNOWN
    assert home.told(Message.PROTECTION_LOST) == 1


def test_a_new_incident_never_takes_the_id_of_an_old_one() -> None:
    home = Home(gas())
    for _ in range(3):  # the clock stands still
        home.reads("gas", Level.PRE_ALARM)
        home.reads("gas", Level.NORMAL)
        home.reset()
    opened = [e.incident for e in home.journal if isinstance(e, Opened)]
    assert len(set(opened)) == 3


# --- clearing ------------------------------------------------------------------------


def test_alarm_clears_only_when_all_its_detectors_are_known_clear() -> None:
    home = Home(gas(), gas("cellar"), valve())
    home.alarm()
    home.alarm("cellar")
    home.later(1).reads("gas", Level.NORMAL)
    assert home.is_in(Phase.ALARM)
    home.later(1).reads("cellar", Level.PRE_ALARM)
    assert home.is_in(Phase.ALARM)
    home.later(1).reads("cellar", Level.NORMAL)
    assert home.is_in(Phase.CLEARING)
    home.wait(60)
    assert home.tells == [Message.CLEARING]


@pytest.mark.parametrize("level", [Level.LOST, Level.FAULT, Level.WARMING_UP])
def test_no_time_ends_an_alarm_whose_detector_is_not_known_clear(level: Level) -> None:
    home = Home(gas(), valve())
    home.alarm()
    home.later(1).reads("gas", level)
    home.wait(7 * 86_400)
    assert home.incident.phase is Phase.ALARM
    assert home.incident.presence is Presence.UNKNOWN


def test_detector_that_comes_back_clear_counts_after_its_warm_up() -> None:
    home = Home(gas(), valve())
    home.alarm()
    home.reads("gas", Level.LOST)
    home.says("valve", CLOSED)
    home.later(1).reads("gas", Level.NORMAL)
    home.wait(59.9)
    assert home.is_in(Phase.ALARM)
    home.wait(0.2)
    assert home.is_in(Phase.CLEARING), "woken at the end of the warm-up"


def test_pre_alarm_during_clearing_is_the_hazard_again() -> None:
    home = Home(gas(), valve())
    home.alarm()
    home.later(1).reads("gas", Level.NORMAL)
    home.later(1).reads("gas", Level.PRE_ALARM)
    assert home.incident.presence is Presence.YES
    home.reset()
    assert home.refusals == [Reason.HAZARD_PRESENT]


def test_alarm_during_clearing_runs_the_plan_again() -> None:
    home = Home(gas(), valve(), window())
    home.alarm()
    home.later(2).says("valve", CLOSED)
    home.says("window", OPEN)
    home.later(300).reads("gas", Level.NORMAL)
    home.later(10).says("window", CLOSED)  # a person has closed it
    home.later(300)
    home.alarm()
    assert home.incident.phase is Phase.ALARM
    assert home.tells == [Message.ALARM]
    assert home.drives == [("window", OPEN)], "the valve stands closed"
    assert home.incident.alarm_since == home.now


def test_a_second_run_of_a_step_has_its_own_time_to_succeed() -> None:
    home = Home(gas(), window())
    home.alarm()
    home.later(2).says("window", OPEN)
    home.later(60).reads("gas", Level.NORMAL)
    home.later(10).says("window", CLOSED)
    home.later(60)
    home.alarm()
    home.fails("open:window", Reason.UNAVAILABLE)
    assert home.step("open:window").outcome is Outcome.ORDERED
    home.wait(1)
    assert home.drives == [("window", OPEN)]


# --- people --------------------------------------------------------------------------


def test_acknowledging_is_told_once_and_ends_nothing() -> None:
    home = Home(gas(), valve())
    home.alarm()
    home.acknowledge()
    assert home.tells == [Message.ACKNOWLEDGED]
    assert home.reports == [home.incident.id]
    home.acknowledge()
    assert home.tells == []
    assert home.incident.phase is Phase.ALARM
    assert home.incident.acknowledged is not None


def test_acknowledging_silences_the_siren() -> None:
    home = Home(gas(), siren())
    home.alarm()
    home.later(1).says("siren", Position.ON)
    home.acknowledge()
    assert home.drives == [("siren", Position.OFF)]


def test_acknowledging_a_renewed_alarm_silences_the_siren_again() -> None:
    home = Home(gas(), siren())
    home.alarm()
    home.later(1).says("siren", Position.ON)
    home.acknowledge()
    home.later(1).says("siren", Position.OFF)
    home.later(1).reads("gas", Level.NORMAL)
    home.later(1)
    home.alarm()
    assert home.drives == [("siren", Position.ON)]
    home.later(1).says("siren", Position.ON)
    home.acknowledge()
    assert home.drives == [("siren", Position.OFF)]


def test_acknowledging_nothing_is_refused() -> None:
    home = Home(gas())
    home.acknowledge()
    assert home.refusals == [Reason.NO_SUCH_INCIDENT]
    home.alarm()
    home.acknowledge("another")
    assert home.orders[0] == Refuse(Reason.NO_SUCH_INCIDENT, "another")


def test_one_of_two_incidents_can_be_acknowledged() -> None:
    home = Home(gas(), detector("water", Hazard.WATER))
    incident = home.alarm()
    home.alarm("water")
    home.acknowledge(incident.id)
    taken = [i.hazard for i in home.state.incidents.values() if i.acknowledged]
    assert taken == [Hazard.GAS]


def test_reset_by_a_person_on_site_closes_a_clear_incident() -> None:
    home = Home(gas(), valve())
    home.alarm()
    home.later(1).reads("gas", Level.NORMAL)
    home.reset()
    assert not home.state.incidents
    assert home.tells == [Message.CLOSED]
    assert home.kinds == ["reset", "step_settled", "closed"]
    assert len(home.reports) == 1
    assert home.drives == [], "nothing opens the valve"


def test_reset_is_refused_while_the_hazard_is_there() -> None:
    home = Home(gas(), valve())
    home.alarm()
    home.reset()
    assert home.refusals == [Reason.HAZARD_PRESENT]
    home.reads("gas", Level.LOST)
    home.reset()
    assert home.refusals == [Reason.DETECTOR_UNKNOWN]


def test_reset_from_afar_is_refused() -> None:
    home = Home(gas(), valve())
    home.alarm()
    home.later(1).reads("gas", Level.NORMAL)
    home.reset(local=False)
    assert home.refusals == [Reason.NOT_ON_SITE]


def test_reset_of_nothing_is_refused() -> None:
    home = Home(gas())
    home.reset("another")
    assert home.orders[0] == Refuse(Reason.NO_SUCH_INCIDENT, "another")


def test_reset_sees_what_is_clear_by_now() -> None:
    home = Home(gas(), valve())
    home.alarm()
    home.reads("gas", Level.LOST)
    home.reads("gas", Level.NORMAL)
    home.later(61).reset()  # the tick at 60 s has not come yet
    assert not home.state.incidents
    home = Home(gas())
    home.reads("gas", Level.PRE_ALARM)
    home.reads("gas", Level.LOST)
    home.reads("gas", Level.NORMAL)
    home.later(61).reset()
    assert home.tells == [Message.PRE_ALARM_OVER]
    assert home.refusals == []


def test_reset_ends_the_sound() -> None:
    home = Home(gas(), siren())
    home.alarm()
    home.later(1).says("siren", Position.ON)
    home.later(1).reads("gas", Level.NORMAL)
    home.reset()
    assert home.drives == [("siren", Position.OFF)]
    assert not home.state.incidents


def test_incident_whose_detectors_were_all_removed_is_ended_by_a_person() -> None:
    home = Home(gas(), valve())
    home.alarm()
    home.crash(valve())
    home.start()
    home.wait(86_400)
    assert home.incident.phase is Phase.ALARM
    home.reset(local=False)
    assert home.refusals == [Reason.NOT_ON_SITE]
    home.reset()
    assert not home.state.incidents


def test_removed_detector_does_not_hold_up_the_others() -> None:
    home = Home(gas(), gas("cellar"), valve())
    home.alarm()
    home.alarm("cellar")
    home.crash(gas(), valve())
    home.reads("gas", Level.NORMAL)
    home.start()
    home.wait(61)
    assert home.incident.phase is Phase.CLEARING


# --- a valve behind the interlock's back ---------------------------------------------


def _closed_home(*more: Actuator) -> Home:
    home = Home(gas(), valve(), *more)
    home.alarm()
    home.later(3).says("valve", CLOSED)
    assert home.step("closed:valve").outcome is Outcome.CONFIRMED
    return home


def test_valve_opened_behind_the_lockout_is_closed_again_once() -> None:
    home = _closed_home()
    home.later(100).says("valve", OPEN)
    assert home.drives == [("valve", CLOSED)]
    assert home.tells == [Message.REOPENED]
    home.later(3).says("valve", CLOSED)
    assert home.step("closed:valve").outcome is Outcome.CONFIRMED
    home.later(3).says("valve", OPEN)
    assert home.drives == []
    assert home.tells == [Message.REOPENED]


def _twice_opened_home() -> Home:
    """A home whose valve was opened again after it had been closed again."""
    home = _closed_home()
    home.later(100).says("valve", OPEN)
    home.later(3).says("valve", CLOSED)
    home.later(3).says("valve", OPEN)
    return home


def test_valve_that_is_left_open_is_not_called_closed() -> None:
    home = _twice_opened_home()
    step = home.step("closed:valve")
    assert (step.outcome, step.reason) == (Outcome.SKIPPED, Reason.REOPENED)
    home.later(3).says("valve", CLOSED)
    assert home.step("closed:valve").outcome is Outcome.CONFIRMED
    home.later(3).says("valve", OPEN)
    assert home.tells == [Message.REOPENED]


def _asked_home() -> Home:
    """The same with a valve whose echo proves nothing: it is asked where it is."""
    home = Home(gas(), valve(witness=Witness.READ_BACK))
    home.alarm()
    for answer in (CLOSED, OPEN, CLOSED, OPEN):
        home.wait(5).replies("valve", answer)
    assert home.step("closed:valve").reason is Reason.REOPENED
    return home


def test_echo_does_not_close_what_was_left_open() -> None:
    home = _asked_home()
    home.later(3).says("valve", CLOSED)  # told so by somebody: it has not moved
    assert home.step("closed:valve").reason is Reason.REOPENED
    asked = len(home.asked)
    home.wait(4.9)
    assert len(home.asked) == asked
    home.wait(0.2)
    assert len(home.asked) == asked + 1
    home.replies("valve", OPEN)
    assert home.step("closed:valve").reason is Reason.REOPENED
    home.wait(3600)
    assert len(home.asked) == asked + 1


def test_answer_closes_what_was_left_open() -> None:
    home = _asked_home()
    home.later(3).says("valve", CLOSED)
    home.wait(5.1).replies("valve", CLOSED)
    assert home.step("closed:valve").outcome is Outcome.CONFIRMED


def test_echo_does_not_keep_a_valve_from_being_closed_when_gas_comes_up_anew() -> None:
    home = _asked_home()
    home.later(1).reads("gas", Level.NORMAL)
    assert home.is_in(Phase.CLEARING)
    home.later(3).says("valve", CLOSED)
    home.later(1).reads("gas", Level.ALARM)
    assert home.drives == [("valve", CLOSED)]


def test_valve_that_has_answered_is_not_closed_a_second_time() -> None:
    home = Home(gas(), valve(witness=Witness.READ_BACK))
    home.alarm()
    home.wait(5).replies("valve", CLOSED)
    home.later(60).reads("gas", Level.NORMAL)
    home.later(1).reads("gas", Level.ALARM)
    assert home.drives == []


def test_echo_of_another_incidents_order_does_not_close_what_was_left_open() -> None:
    home = Home(
        gas(), detector("smoke", Hazard.SMOKE), valve(witness=Witness.LATE_REPORT)
    )
    home.alarm()
    for position in (CLOSED, OPEN, CLOSED, OPEN):
        home.later(3).says("valve", position)
    gas_incident = home.incident.id
    home.later(3).reads("smoke", Level.ALARM)
    assert home.drives == [("valve", CLOSED)]
    for seconds, outcome in ((0.1, Outcome.SKIPPED), (0.5, Outcome.CONFIRMED)):
        home.later(seconds).says("valve", CLOSED)
        step = home.state.incidents[gas_incident].step("closed:valve")
        assert step is not None
        assert step.outcome is outcome


def test_echo_of_an_order_whose_incident_is_over_closes_nothing() -> None:
    home = Home(
        gas(), detector("smoke", Hazard.SMOKE), valve(witness=Witness.LATE_REPORT)
    )
    smoke = home.alarm("smoke").id
    for position in (CLOSED, OPEN, CLOSED, OPEN):
        home.later(3).says("valve", position)
    ended = home.alarm().id
    assert home.drives == [("valve", CLOSED)]
    home.later(0.1).reads("gas", Level.NORMAL)
    home.reset(ended)
    assert list(home.state.incidents) == [smoke]
    home.later(0.1).says("valve", CLOSED)
    assert home.step("closed:valve").reason is Reason.REOPENED
    home.later(1).says("valve", CLOSED)
    assert home.step("closed:valve").outcome is Outcome.CONFIRMED


def test_valve_that_was_left_open_is_closed_when_gas_comes_up_anew() -> None:
    home = _twice_opened_home()
    home.later(1).reads("gas", Level.PRE_ALARM, 6.0)
    assert home.drives == []
    home.later(1).reads("gas", Level.ALARM, 12.0)
    assert home.drives == [("valve", CLOSED)]
    assert home.step("closed:valve").outcome is Outcome.ORDERED


def test_undoing_is_proved_by_a_report_of_its_own() -> None:
    home = _closed_home()
    home.later(100).says("valve", OPEN)
    assert home.step("closed:valve").outcome is Outcome.ORDERED
    assert home.step("closed:valve").first_ordered_at == home.now
    home.later(1).fails("closed:valve", Reason.UNAVAILABLE)
    assert home.step("closed:valve").outcome is Outcome.ORDERED, (
        "it has 10 s of its own"
    )


def test_valve_that_stays_open_is_told_once() -> None:
    home = _closed_home()
    home.later(1).says("valve", OPEN)
    home.later(1).says("valve", OPEN)
    assert home.told(Message.REOPENED) == 1


def test_valve_that_stood_closed_and_opens_is_closed_again() -> None:
    home = Home(gas(), valve())
    home.says("valve", CLOSED)
    home.later(1)
    home.alarm()
    home.wait(60)
    assert home.step("closed:valve").reason is Reason.ALREADY_THERE
    home.says("valve", OPEN)
    assert home.drives == [("valve", CLOSED)]


def test_valve_that_opens_after_the_reset_is_left_alone() -> None:
    home = _closed_home()
    home.later(1).reads("gas", Level.NORMAL)
    home.reset()
    home.later(1).says("valve", OPEN)
    assert (home.drives, home.tells) == ([], [])


def test_valve_that_has_not_closed_yet_was_not_opened_behind_the_lockout() -> None:
    home = Home(gas(), valve())
    home.says("valve", CLOSED)
    home.later(1)
    home.alarm()
    home.later(1).says("valve", OPEN)
    assert home.tells == []


def test_opening_of_the_water_valve_is_undone_during_a_leak_only() -> None:
    water = Actuator("main", ActuatorRole.WATER_VALVE, "hall")
    home = Home(detector("leak", Hazard.WATER), gas(), water, valve())
    home.alarm("gas")
    home.says("main", CLOSED)
    home.says("main", OPEN)
    assert home.tells == []
    home.alarm("leak")
    home.later(1).says("main", CLOSED)
    home.later(1).says("main", OPEN)
    assert home.tells == [Message.REOPENED]
    assert home.drives == [("main", CLOSED)]


def test_both_valves_are_closed_and_proved_apart() -> None:
    home = Home(gas(), valve("a"), valve("b"))
    home.alarm()
    assert home.drives == [("a", CLOSED), ("b", CLOSED)]
    home.later(1).says("a", CLOSED)
    assert home.step("closed:a").outcome is Outcome.CONFIRMED
    assert home.step("closed:b").outcome is Outcome.ORDERED
    home.wait(20)
    assert home.step("closed:b").outcome is Outcome.FAILED


# --- messages and the station --------------------------------------------------------


def test_delivery_is_kept_and_reported() -> None:
    home = Home(gas())
    home.alarm()
    home.delivered(Message.ALARM)
    assert home.incident.told == {Message.ALARM}
    assert home.reports == [home.incident.id]
    home.delivered(Message.CLEARING, reason=Reason.ERROR)
    assert home.incident.told == {Message.ALARM}


def test_delivery_storm_is_reported_once() -> None:
    home = Home(gas())
    home.alarm()
    reports = 0
    for _ in range(50):
        home.delivered(Message.ALARM, reason=Reason.ERROR)
        reports += len(home.reports)
    assert reports == 1


def test_delivery_for_a_closed_incident_is_ignored() -> None:
    home = Home(gas())
    assert home.send(Delivered("gone", "Li", Message.CLOSED, home.now)) == []


def test_station_news_is_kept_and_told_but_not_sent_back() -> None:
    home = Home(gas())
    home.alarm()
    home.station(StationStatus.ACCEPTED, number="2026-000001")
    assert (home.tells, home.reports) == ([], [])
    home.station(StationStatus.ACKNOWLEDGED, by="Wang")
    assert (home.tells, home.reports) == ([Message.STATION], [])
    assert home.incident.station.number == "2026-000001"
    assert home.incident.station.by == "Wang"


def test_repeated_station_news_is_no_news() -> None:
    home = Home(gas())
    home.alarm()
    home.station(StationStatus.DISPATCHED)
    home.station(StationStatus.DISPATCHED)
    assert home.kinds == []


def test_late_station_answer_does_not_turn_the_clock_back() -> None:
    home = Home(gas())
    home.alarm()
    home.station(StationStatus.DISPATCHED)
    home.station(StationStatus.ACCEPTED, number="2026-000001")
    assert home.incident.station.status is StationStatus.DISPATCHED
    assert home.incident.station.number == "2026-000001"
    home.station(StationStatus.ACCEPTED, number="2026-000001")
    assert home.kinds == []
    home.station(StationStatus.DISPATCHED)
    assert home.tells == [], "people were told"


def test_rejected_then_accepted_is_progress() -> None:
    home = Home(gas())
    home.alarm()
    home.station(StationStatus.REJECTED)
    assert home.tells == [Message.STATION]
    home.station(StationStatus.ACCEPTED)
    assert home.incident.station.status is StationStatus.ACCEPTED


def test_station_news_of_a_closed_incident_is_ignored() -> None:
    home = Home(gas())
    assert home.send(StationSaid("gone", StationStatus.CLOSED, home.now)) == []


def test_failed_order_of_a_closed_incident_is_ignored() -> None:
    home = Home(gas(), valve())
    failed = OrderFailed("gone", "closed:valve", Reason.ERROR, home.now)
    assert home.send(failed) == []


# --- opening -------------------------------------------------------------------------


def test_person_on_site_opens_the_valve_of_a_home_known_clear() -> None:
    home = Home(gas(), valve())
    home.reads("gas", Level.NORMAL)
    home.later(360).ask_to_open()
    assert home.orders == [Drive("valve", OPEN, by="Li")]


def test_refused_opening_says_why() -> None:
    home = Home(gas(), valve())
    home.ask_to_open()
    assert home.orders == [Refuse(Reason.DETECTOR_UNKNOWN, "valve")]


def test_valve_that_was_told_to_open_is_not_taken_for_closed() -> None:
    home = Home(gas(), valve())
    home.reads("gas", Level.NORMAL)
    home.says("valve", CLOSED)
    home.later(400).ask_to_open()
    home.later(1)
    home.alarm()  # the valve is on its way and says nothing
    home.wait(30)
    assert home.step("closed:valve").outcome is Outcome.FAILED
    assert home.told(Message.STEP_FAILED) == 1


# --- drills --------------------------------------------------------------------------


def test_drill_is_marked_reported_and_moves_nothing() -> None:
    home = Home(gas(), valve(), siren())
    home.drill()
    assert home.incident.drill
    assert home.drives == []
    assert home.tells == [Message.ALARM]
    assert home.reports == [home.incident.id]
    assert {s.reason for s in home.incident.steps} == {Reason.DRILL}


def test_drill_ends_by_itself() -> None:
    home = Home(gas(), valve())
    home.drill(60)
    home.wait(59)
    assert home.state.drill is not None
    home.wait(2)
    assert not home.state.incidents
    assert home.told(Message.CLOSED) == 1


def test_no_drill_lasts_longer_than_an_hour() -> None:
    home = Home(gas(), valve())
    home.drill(86_400)
    home.wait(3_600)
    assert not home.state.incidents


def test_drill_is_ended_by_a_person() -> None:
    home = Home(gas())
    home.drill()
    home.end_drill()
    assert not home.state.incidents
    assert home.end_drill() == []


def test_drill_may_be_reset_from_afar() -> None:
    home = Home(gas())
    home.drill()
    home.reset(local=False)
    assert not home.state.incidents


@pytest.mark.parametrize("level", [Level.PRE_ALARM, Level.ALARM])
def test_real_alarm_ends_the_drill(level: Level) -> None:
    home = Home(gas(), detector("water", Hazard.WATER), valve())
    home.drill()
    home.reads("gas", level)
    closed = [e for e in home.state.news if isinstance(e, Closed)]
    assert [e.ending for e in closed] == [Ending.REAL_ALARM]
    assert not home.incident.drill
    assert bool(home.drives) is (level is Level.ALARM)


def test_drill_is_refused_during_an_incident() -> None:
    home = Home(gas())
    home.alarm()
    home.drill()
    assert home.refusals == [Reason.INCIDENT_OPEN]
    assert not home.incident.drill


def test_second_drill_joins_the_first() -> None:
    home = Home(gas())
    home.drill()
    assert [type(o) for o in home.drill()] == [WakeAt]
    assert len(home.state.incidents) == 1


def test_drill_goes_on_after_a_restart_and_ends_in_time() -> None:
    home = Home(gas(), valve())
    home.drill(100)
    home.crash(lose=1)
    home.later(10).start()
    assert home.drives == []
    assert all(s.outcome is Outcome.SKIPPED for s in home.incident.steps)
    home.wait(100)
    assert not home.state.incidents


def test_valve_that_opens_during_a_drill_is_left_alone() -> None:
    home = Home(gas(), valve())
    home.says("valve", CLOSED)
    home.drill()
    home.says("valve", OPEN)
    assert (home.drives, home.tells) == ([], [])


# --- restart -------------------------------------------------------------------------


def test_unfinished_step_is_ordered_again_after_a_restart() -> None:
    home = Home(gas(), valve(), window())
    home.alarm()
    home.later(1).says("window", OPEN)
    home.crash().later(120)
    home.says("valve", OPEN)
    home.reads("gas", Level.ALARM)
    home.start()
    assert home.drives == [("valve", CLOSED)]
    assert home.reports == [home.incident.id]
    assert home.step("closed:valve").outcome is Outcome.ORDERED


def test_restart_gives_a_step_its_time_again() -> None:
    home = Home(gas(), valve())
    home.alarm()
    home.crash().later(120)
    home.start()
    home.later(0.1).fails("closed:valve", Reason.UNAVAILABLE)
    assert home.step("closed:valve").outcome is Outcome.ORDERED
    assert home.told(Message.STEP_FAILED) == 0


def test_people_are_told_again_after_a_restart_if_nobody_was_reached() -> None:
    home = Home(gas())
    home.alarm()
    home.crash().start()
    assert home.tells == [Message.ALARM]
    home.delivered(Message.ALARM)
    home.crash().start()
    assert home.tells == []


def test_failed_step_is_told_after_a_restart_if_nobody_was_reached() -> None:
    home = Home(gas(), valve())
    home.alarm()
    home.delivered(Message.ALARM)
    home.wait(20)
    assert home.step("closed:valve").outcome is Outcome.FAILED
    home.crash().later(5).start()
    assert home.tells == [Message.STEP_FAILED]
    assert home.drives == [("valve", CLOSED)], "a failed step is tried on"
    home.delivered(Message.STEP_FAILED)
    home.crash().start()
    assert home.tells == []


@pytest.mark.parametrize("kept", [1, 2, 3, 4, 5])
def test_plan_runs_wherever_the_journal_was_cut(kept: int) -> None:
    home = Home(gas(), valve(), window())
    home.alarm()
    assert len(home.journal) == 5
    home.crash(lose=5 - kept)
    home.reads("gas", Level.ALARM)
    first = home.drives
    home.start()
    assert {*first, *home.drives} == {("valve", CLOSED), ("window", OPEN)}
    assert len([*first, *home.drives]) == 2


def test_incident_of_unknown_place_locks_every_spark() -> None:
    home = Home(gas(), siren(safe=False, zone="attic"), detector("s", Hazard.SMOKE))
    home.alarm()
    home.crash(lose=3)
    assert home.incident.zones == frozenset()
    home.alarm("s")
    assert home.drives == []


def test_actuator_that_was_added_takes_part_after_the_restart() -> None:
    home = Home(gas(), valve("a"))
    home.alarm()
    home.later(1).says("a", CLOSED)
    home.crash(gas(), valve("a"), valve("b"))
    home.start()
    assert home.drives == [("b", CLOSED)]


def test_actuator_that_was_removed_is_skipped_and_taken_up_again() -> None:
    home = Home(gas(), valve("a"), valve("b"))
    home.alarm()
    home.crash(gas(), valve("a"))
    home.start()
    assert home.step("closed:b").reason is Reason.REMOVED
    home.crash(gas(), valve("a"), valve("b"))
    home.start()
    assert ("b", CLOSED) in home.drives


def test_clearing_incident_is_not_driven_anew_by_a_restart() -> None:
    home = _closed_home()
    home.later(1).reads("gas", Level.NORMAL)
    home.crash()
    home.says("valve", CLOSED)
    home.reads("gas", Level.NORMAL)
    home.start()
    assert home.drives == []
    home.wait(61)
    assert home.incident.phase is Phase.CLEARING


def test_valve_found_open_after_a_restart_is_closed_again() -> None:
    home = _closed_home()
    home.crash().later(60).says("valve", OPEN)
    assert home.drives == [("valve", CLOSED)]
    home.start()
    assert home.drives == []


def test_start_without_a_past_orders_nothing() -> None:
    home = Home(gas(), valve())
    assert home.start() == []


def test_pre_alarm_goes_on_after_a_restart() -> None:
    home = Home(gas(), valve())
    home.reads("gas", Level.PRE_ALARM)
    home.crash().start()
    assert (home.drives, home.tells, home.reports) == ([], [], [])
    home.reads("gas", Level.NORMAL)
    home.wait(121)
    assert not home.state.incidents


def test_clock_that_is_behind_after_a_restart_stops_nothing() -> None:
    home = Home(gas(), valve())
    home.alarm()
    home.crash().later(-3600)
    home.start()
    assert home.drives == [("valve", CLOSED)]
    home.wait(20)
    assert home.step("closed:valve").outcome is Outcome.FAILED
    home.wait(60)
    home.says("valve", CLOSED)
    assert home.step("closed:valve").outcome is Outcome.CONFIRMED


def test_clock_that_jumps_back_stops_no_step() -> None:
    home = Home(gas(), valve())
    home.alarm()
    home.later(-3600).reads("gas", Level.ALARM)
    assert home.wake is not None
    assert home.wake <= home.now
    home.wait(40)
    assert home.step("closed:valve").outcome is Outcome.FAILED
    home.later(-3600).tick()
    assert home.drives == [("valve", CLOSED)]
    home.later(1).says("valve", CLOSED)
    assert home.step("closed:valve").outcome is Outcome.CONFIRMED


def test_order_of_the_last_orders() -> None:
    home = Home(gas(), valve())
    home.alarm()
    kinds = [type(o) for o in home.orders]
    assert kinds == [Drive, Tell, Report, WakeAt]


def test_news_is_what_the_last_decision_added() -> None:
    home = Home(gas(), valve())
    home.alarm()
    assert [e.seq for e in home.state.news] == [1, 2, 3, 4]
    home.tick()
    assert home.state.news == ()


def test_wake_is_wanted_for_the_next_due_thing_only() -> None:
    home = Home(gas(), valve(travel=5))
    assert home.tick() == []
    home.alarm()
    assert home.wake == NOON + timedelta(seconds=7)


def test_signals_of_people_do_not_wake_the_closed() -> None:
    home = Home(gas())
    home.send(Acknowledge("Li", "button", home.now))
    home.send(ResetRequested("Li", True, home.now))
    assert home.wake is None
