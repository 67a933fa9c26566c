"""Steps: ordered, proved, tried again, given up and told."""

from datetime import timedelta

import pytest

from custom_components.zhian.safety.household import Actuator
from custom_components.zhian.safety.vocabulary import (
    ActuatorRole,
    Hazard,
    Level,
    Message,
    Outcome,
    Position,
    Reason,
    Witness,
)

from .homes import NOON, Home, detector, gas, siren, valve, window

CLOSED = Position.CLOSED
OPEN = Position.OPEN
STEP = "closed:valve"


def _alarmed(*parts: Actuator, before: Position | None = OPEN) -> Home:
    home = Home(gas(), *(parts or (valve(),)))
    if before is not None:
        home.says((parts or (valve(),))[0].id, before)
    home.later(1)
    home.alarm()
    return home


# --- proof ---------------------------------------------------------------------------


def test_fresh_report_of_the_target_confirms() -> None:
    home = _alarmed()
    home.later(2).says("valve", CLOSED)
    assert home.step(STEP).outcome is Outcome.CONFIRMED
    assert home.reports == [home.incident.id]
    home.wait(3600)
    assert home.told(Message.STEP_FAILED) == 0


def test_report_of_another_position_confirms_nothing() -> None:
    home = _alarmed()
    home.later(2).says("valve", Position.MOVING)
    assert home.step(STEP).outcome is Outcome.ORDERED


def test_report_from_before_the_order_confirms_nothing() -> None:
    home = _alarmed()
    home.says("valve", CLOSED)  # in the very moment of the order
    assert home.step(STEP).outcome is Outcome.ORDERED


def test_echo_of_the_command_is_no_witness() -> None:
    home = _alarmed(valve(witness=Witness.LATE_REPORT))
    home.later(0.1).says("valve", CLOSED)
    assert home.step(STEP).outcome is Outcome.ORDERED
    home.later(1).says("valve", CLOSED)
    assert home.step(STEP).outcome is Outcome.CONFIRMED


def test_echo_of_every_command_is_a_failure_that_is_told() -> None:
    home = _alarmed(valve(witness=Witness.LATE_REPORT))
    for _ in range(2):
        home.later(0.1).says("valve", CLOSED)
        home.wait(7)
    assert home.step(STEP).outcome is Outcome.FAILED
    assert home.told(Message.STEP_FAILED) == 1


def test_report_between_two_attempts_of_an_echoing_device_counts() -> None:
    home = _alarmed(valve(witness=Witness.LATE_REPORT))
    home.later(0.1).fails(STEP)
    home.later(0.1).says("valve", CLOSED)
    assert home.step(STEP).outcome is Outcome.CONFIRMED


def test_device_that_can_be_asked_is_asked_when_its_journey_is_over() -> None:
    home = _alarmed(valve(witness=Witness.READ_BACK))
    home.later(0.01).says("valve", CLOSED)  # the command's echo
    home.later(3).says("valve", CLOSED)  # something else of the device has changed
    assert home.step(STEP).outcome is Outcome.ORDERED
    assert home.asked == []
    home.wait(2)
    assert home.asked == ["valve"]
    assert home.told(Message.STEP_FAILED) == 0
    home.later(0.1).replies("valve", CLOSED)
    assert home.step(STEP).outcome is Outcome.CONFIRMED
    home.wait(3600)
    assert home.asked == ["valve"]


def test_device_that_says_when_asked_that_it_did_not_move_is_a_failure() -> None:
    home = _alarmed(valve(witness=Witness.READ_BACK))
    for _ in range(2):
        home.later(0.01).says("valve", CLOSED)
        home.wait(5)
        home.later(0.1).replies("valve", OPEN)
        home.wait(1.95)
    home.wait(1)
    assert home.asked == ["valve", "valve"]
    step = home.step(STEP)
    assert (step.outcome, step.reason) == (Outcome.FAILED, Reason.UNCONFIRMED)
    assert home.told(Message.STEP_FAILED) == 1


@pytest.mark.parametrize("before", [OPEN, CLOSED])
def test_device_that_is_asked_and_says_nothing_is_a_failure(before: Position) -> None:
    """Where it stood before is not believed either: it may be out of reach."""
    home = _alarmed(valve(witness=Witness.READ_BACK), before=before)
    home.wait(15)
    assert home.step(STEP).outcome is Outcome.FAILED
    assert home.told(Message.STEP_FAILED) == 1


def test_answer_from_before_the_end_of_the_journey_confirms_nothing() -> None:
    home = _alarmed(valve(witness=Witness.READ_BACK))
    home.later(1).replies("valve", CLOSED)
    assert home.step(STEP).outcome is Outcome.ORDERED


def test_device_without_travel_time_is_asked_after_its_echo() -> None:
    home = _alarmed(valve(travel=0.0, witness=Witness.READ_BACK))
    home.wait(0.4)
    assert home.asked == []
    home.wait(0.2)
    assert home.asked == ["valve"]
    home.replies("valve", CLOSED)
    assert home.step(STEP).outcome is Outcome.CONFIRMED


def test_device_that_two_incidents_wait_for_is_asked_once() -> None:
    home = Home(
        gas(), detector("smoke", Hazard.SMOKE), valve(witness=Witness.READ_BACK)
    )
    home.says("valve", OPEN)
    home.later(1).alarm("gas")
    home.alarm("smoke")
    home.wait(5)
    assert home.asked == ["valve"]


def test_device_that_speaks_by_itself_is_never_asked() -> None:
    home = _alarmed(valve(witness=Witness.LATE_REPORT))
    home.wait(60)
    assert home.asked == []


def test_device_that_stood_at_the_target_and_says_nothing_is_skipped() -> None:
    home = _alarmed(before=CLOSED)
    home.wait(7)
    step = home.step(STEP)
    assert (step.outcome, step.reason) == (Outcome.SKIPPED, Reason.ALREADY_THERE)
    assert home.told(Message.STEP_FAILED) == 0


def test_device_that_stood_at_the_target_but_raised_is_not_believed() -> None:
    home = _alarmed(before=CLOSED)
    home.fails(STEP)
    home.wait(20)
    assert home.step(STEP).outcome is Outcome.FAILED


def test_report_of_an_unknown_actuator_is_ignored() -> None:
    home = _alarmed()
    home.says("nobody", CLOSED)
    assert "nobody" not in home.state.positions


# --- attempts ------------------------------------------------------------------------


def test_order_without_proof_is_sent_again_and_told_within_15_s() -> None:
    home = _alarmed()
    home.wait(7)
    assert home.drives == [("valve", CLOSED)]
    assert home.step(STEP).attempts == 2
    home.wait(7)
    assert home.step(STEP).outcome is Outcome.FAILED
    assert home.step(STEP).reason is Reason.UNCONFIRMED
    assert home.tells == [Message.STEP_FAILED]


def test_failed_step_is_tried_on_every_half_minute() -> None:
    home = _alarmed()
    home.wait(14)
    assert home.drives == []
    home.wait(30)
    assert home.drives == [("valve", CLOSED)]
    home.wait(7 + 30)
    assert home.drives == [("valve", CLOSED)]
    assert home.told(Message.STEP_FAILED) == 1


def test_failed_step_that_works_after_all_is_told() -> None:
    home = _alarmed()
    home.wait(20)
    home.says("valve", CLOSED)
    assert home.step(STEP).outcome is Outcome.CONFIRMED
    assert home.tells == [Message.STEP_CONFIRMED]


def test_error_is_tried_again_with_growing_pauses() -> None:
    home = _alarmed()
    sent: list[float] = []
    home.fails(STEP)
    began = home.now
    while len(sent) < 3:
        home.wait(0.5)
        if home.drives:
            sent.append((home.now - began).total_seconds())
            home.fails(STEP)
    assert sent == [1.0, 3.0, 7.0]


@pytest.mark.parametrize("travel", [0.0, 1.0, 5.0, 7.0, 11.9])
@pytest.mark.parametrize("answer", [None, Reason.ERROR, Reason.UNAVAILABLE])
def test_people_know_of_a_failure_within_15_s(
    travel: float, answer: Reason | None
) -> None:
    home = _alarmed(valve(travel=travel))
    began = home.now
    while home.now - began < timedelta(seconds=14):
        if home.drives and answer:
            home.fails(STEP, answer)
        home.wait(0.25)
    assert home.step(STEP).outcome is Outcome.FAILED
    assert home.told(Message.STEP_FAILED) == 1


def test_slow_device_has_one_whole_journey() -> None:
    home = _alarmed(valve(travel=40))
    home.wait(41)
    assert home.step(STEP).outcome is Outcome.ORDERED
    home.wait(1)
    assert home.step(STEP).outcome is Outcome.FAILED
    assert home.told(Message.STEP_FAILED) == 1


def test_step_is_confirmed_after_an_error_if_the_device_did_it() -> None:
    home = _alarmed()
    home.fails(STEP, Reason.TIMEOUT)
    home.later(0.2).says("valve", CLOSED)
    assert home.step(STEP).outcome is Outcome.CONFIRMED


def test_failed_order_of_a_settled_step_is_ignored() -> None:
    home = _alarmed()
    home.later(1).says("valve", CLOSED)
    home.fails(STEP)
    assert home.kinds == []
    home.fails("closed:nobody")
    assert home.kinds == []


def test_failed_order_that_is_told_twice_counts_once() -> None:
    home = _alarmed()
    home.fails(STEP)
    home.fails(STEP)
    assert home.kinds == []


def test_one_step_that_raises_does_not_stop_another() -> None:
    home = _alarmed(valve("a"), valve("b"), window())
    home.fails("closed:a")
    home.later(1).says("b", CLOSED)
    home.says("window", OPEN)
    assert home.step("closed:b").outcome is Outcome.CONFIRMED
    assert home.step("open:window").outcome is Outcome.CONFIRMED


# --- a device that was away ----------------------------------------------------------


def test_unreachable_valve_is_closed_the_moment_it_comes_back() -> None:
    home = _alarmed(before=Position.UNKNOWN)
    home.fails(STEP, Reason.UNAVAILABLE)
    home.wait(120)
    home.fails(STEP, Reason.UNAVAILABLE)
    home.later(3).says("valve", OPEN)
    assert home.drives == [("valve", CLOSED)]
    home.later(1).says("valve", CLOSED)
    assert home.step(STEP).outcome is Outcome.CONFIRMED
    assert home.tells == [Message.STEP_CONFIRMED]


def test_order_that_left_while_the_valve_was_away_is_sent_again_on_its_return() -> None:
    home = _alarmed(before=Position.UNKNOWN)
    home.later(3).says("valve", OPEN)
    assert home.drives == [("valve", CLOSED)]
    home.later(1).says("valve", OPEN)
    assert home.drives == [], "once is enough"


def test_failed_valve_that_was_away_is_closed_on_its_return() -> None:
    home = _alarmed()
    home.later(1).says("valve", Position.UNKNOWN)
    home.wait(20)
    assert home.step(STEP).outcome is Outcome.FAILED
    home.says("valve", OPEN)
    assert home.drives == [("valve", CLOSED)]


def test_flapping_valve_still_is_a_failure_that_is_told() -> None:
    home = _alarmed()
    for _ in range(16):
        home.wait(0.5)
        home.says("valve", Position.UNKNOWN)
        home.wait(0.5)
        home.says("valve", OPEN)
    assert home.step(STEP).outcome is Outcome.FAILED
    assert home.told(Message.STEP_FAILED) == 1


def test_unreachable_valve_that_is_still_away_is_not_ordered_by_its_silence() -> None:
    home = _alarmed(before=Position.UNKNOWN)
    home.fails(STEP, Reason.UNAVAILABLE)
    home.says("valve", Position.UNKNOWN)
    assert home.drives == []


def test_valve_that_is_moving_on_its_return_is_left_to_move() -> None:
    home = _alarmed(before=Position.UNKNOWN)
    home.later(1).says("valve", Position.MOVING)
    assert home.drives == []


# --- steps against each other --------------------------------------------------------


def test_new_alarm_ends_the_silencing_of_the_siren() -> None:
    home = Home(gas(), siren())
    home.alarm()
    home.later(1).says("siren", Position.ON)
    home.acknowledge()  # off is ordered, and not proved
    home.later(1).reads("gas", Level.NORMAL)
    home.later(1)
    home.alarm()
    assert home.drives == [("siren", Position.ON)]
    off = home.step("off:siren")
    assert (off.outcome, off.reason) == (Outcome.SKIPPED, Reason.SUPERSEDED)
    home.wait(120)
    assert ("siren", Position.OFF) not in home.drives


def test_siren_on_its_way_is_superseded_by_silence() -> None:
    home = Home(gas(), siren())
    home.alarm()
    home.acknowledge()
    on = home.step("on:siren")
    assert (on.outcome, on.reason) == (Outcome.SKIPPED, Reason.SUPERSEDED)
    assert home.drives == [("siren", Position.OFF)]


def test_siren_that_another_incident_wants_goes_on_sounding() -> None:
    home = Home(gas(), detector("smoke", Hazard.SMOKE), siren())
    first = home.alarm()
    second = home.alarm("smoke")
    home.later(1).says("siren", Position.ON)
    home.acknowledge(first.id)
    assert home.drives == []
    home.acknowledge(second.id)
    assert home.drives == [("siren", Position.OFF)]


def test_alarm_of_another_incident_supersedes_the_silencing_of_the_first() -> None:
    home = Home(gas(), detector("smoke", Hazard.SMOKE), siren())
    first = home.alarm()
    home.later(1).says("siren", Position.ON)
    home.acknowledge()
    home.later(1)
    home.alarm("smoke")
    off = home.state.incidents[first.id].step("off:siren")
    assert off is not None
    assert off.reason is Reason.SUPERSEDED
    assert home.drives == [("siren", Position.ON)]


def test_silencing_is_superseded_on_time_too() -> None:
    home = Home(gas(), detector("smoke", Hazard.SMOKE), siren())
    first = home.alarm()
    home.later(1).says("siren", Position.ON)
    home.acknowledge()
    home.later(5)
    home.alarm("smoke")
    home.wait(300)
    off = home.state.incidents[first.id].step("off:siren")
    assert off is not None
    assert off.reason is Reason.SUPERSEDED


def test_siren_that_never_sounded_is_not_silenced() -> None:
    home = Home(gas(), siren(safe=False))
    home.alarm()
    home.acknowledge()
    assert home.drives == []
    assert home.step("on:siren").reason is Reason.NOT_IGNITION_SAFE


def test_siren_that_was_removed_is_not_silenced() -> None:
    home = Home(gas(), siren())
    home.alarm()
    home.crash(gas())
    home.start()
    home.acknowledge()
    assert home.drives == []


# --- a spark in the gas --------------------------------------------------------------


def test_smoke_siren_stays_silent_in_the_gas_zone_and_sounds_after_it() -> None:
    home = Home(gas(), detector("smoke", Hazard.SMOKE), siren(safe=False))
    incident = home.alarm()
    home.alarm("smoke")
    assert home.drives == []
    home.later(1).reads("gas", Level.NORMAL)
    home.reset(incident.id)
    assert home.drives == [("siren", Position.ON)]


def test_pre_alarm_that_is_over_sets_the_water_valve_free() -> None:
    main = Actuator("main", ActuatorRole.WATER_VALVE, "kitchen")
    home = Home(gas(), detector("leak", Hazard.WATER), main)
    home.reads("gas", Level.PRE_ALARM)
    home.alarm("leak")
    assert home.drives == []
    home.later(1).reads("gas", Level.NORMAL)
    home.wait(60)
    assert ("main", CLOSED) in home.drives


def test_acknowledged_incident_does_not_sound_when_the_gas_is_gone() -> None:
    home = Home(gas(), detector("smoke", Hazard.SMOKE), siren(safe=False))
    incident = home.alarm()
    smoke = home.alarm("smoke")
    home.acknowledge(smoke.id)
    home.later(1).reads("gas", Level.NORMAL)
    home.reset(incident.id)
    assert home.drives == []


def test_retry_of_a_siren_stops_when_gas_comes_up() -> None:
    home = Home(gas(), detector("smoke", Hazard.SMOKE), siren(safe=False))
    smoke = home.alarm("smoke")
    home.later(1)
    home.alarm("gas")
    home.wait(60)
    step = home.state.incidents[smoke.id].step("on:siren")
    assert step is not None
    assert step.reason is Reason.NOT_IGNITION_SAFE


def test_actuator_without_travel_time_is_looked_at_after_the_grace() -> None:
    home = _alarmed(valve(travel=0))
    assert home.wake == NOON + timedelta(seconds=3)


def test_removed_actuator_ends_its_step_when_it_is_due() -> None:
    home = Home(gas(), valve())
    home.alarm()
    home.crash(gas())
    home.later(60).tick()  # a tick may come before the start
    assert home.step(STEP).outcome.is_settled


def test_chattering_detector_does_not_put_off_the_failure() -> None:
    home = Home(gas(), valve(travel=0))
    home.alarm()
    for _ in range(7):
        home.fails(STEP)
        home.wait(1).reads("gas", Level.NORMAL)
        home.wait(1).reads("gas", Level.ALARM)
    assert home.step(STEP).outcome is Outcome.FAILED
    assert home.told(Message.STEP_FAILED) == 1


def test_journal_cut_between_two_attempts_begins_the_next_at_once() -> None:
    home = _alarmed()
    home.wait(7)
    home.crash(lose=1)  # the second order is not on the disk
    assert home.step(STEP).ordered_at is None
    home.tick()
    assert home.drives == [("valve", CLOSED)]
