"""A person who has been silent for too long is asked, and then somebody else is."""

import pytest

from custom_components.zhian.safety.household import Detector
from custom_components.zhian.safety.signals import Answer
from custom_components.zhian.safety.vocabulary import (
    ContactRole,
    Ending,
    Hazard,
    Level,
    Message,
    Phase,
    Presence,
    Reason,
    Response,
    StationStatus,
)

from .homes import Home, Part, contact, gas, valve

MOTHER = contact("mother")
SON = contact("son", ContactRole.RELATIVE)
WU = contact("wu", ContactRole.NEIGHBOUR)
FAMILY = (MOTHER, SON, WU)


def routine(name: str = "mother's day", *asks: str) -> Detector:
    return Detector(name, Hazard.INACTIVITY, asks=asks)


def silent(*parts: Part, name: str = "mother's day") -> Home:
    """Return a home in which a person has just become too silent."""
    home = Home(*(parts or (routine(), *FAMILY)))
    home.reads(name, Level.NORMAL)
    home.later(60).reads(name, Level.PRE_ALARM)
    return home


def alarmed(*parts: Part) -> Home:
    """Return a home in which that person has not answered for ten minutes."""
    home = silent(*parts)
    home.wait(600)
    return home


def asked(home: Home) -> int:
    return home.told(Message.ASK)


def test_person_is_asked_at_once_and_nobody_else() -> None:
    home = silent()
    assert home.is_in(Phase.PRE_ALARM)
    assert home.audiences == [(Message.ASK, ("mother",))]
    assert home.kinds == ["opened", "detector", "asked"]
    assert home.reports == []


def test_person_is_asked_every_30_seconds_for_ten_minutes() -> None:
    home = silent()
    home.wait(29.9)
    assert asked(home) == 1
    home.wait(0.1)
    assert asked(home) == 2
    home.wait(569.9)
    assert asked(home) == 20
    assert home.is_in(Phase.PRE_ALARM)
    home.wait(0.1)
    assert asked(home) == 20
    assert home.is_in(Phase.ALARM)


def test_question_goes_out_over_two_channels() -> None:
    home = silent()
    (tell,) = [o for o in home.orders if getattr(o, "message", None) is Message.ASK]
    assert tell.channels == 2  # type: ignore[union-attr]


def test_contacts_are_told_in_order_and_then_the_station() -> None:
    home = alarmed()
    assert home.audiences == [(Message.ALARM, ("mother", "son"))]
    assert home.incident.missing == {"mother"}
    assert home.reports == []
    home.wait(119)
    assert home.told(Message.UNANSWERED) == 0
    home.wait(1)
    assert home.audiences == [(Message.UNANSWERED, ("wu",))]
    assert home.reports == []
    home.wait(120)
    assert home.kinds == ["rung", "passed_on"]
    assert home.reports == [home.incident.id]
    assert home.incident.priority == 2


def test_other_residents_are_told_before_relatives() -> None:
    home = alarmed(routine("mother's day", "mother"), contact("father"), *FAMILY)
    assert home.audiences == [(Message.ALARM, ("father", "mother"))]
    home.wait(60)
    assert home.audiences == [(Message.UNANSWERED, ("son",))]


def test_contact_who_takes_it_keeps_the_station_out() -> None:
    home = alarmed()
    home.acknowledge()
    home.wait(3600)
    assert not home.incident.is_reportable
    assert "passed_on" not in [entry.kind for entry in home.journal]


def test_home_without_contacts_is_reported_at_once() -> None:
    home = alarmed(routine())
    assert "passed_on" in home.kinds
    assert home.reports == [home.incident.id]


def test_person_without_contacts_is_reported_when_their_own_time_is_up() -> None:
    home = alarmed(routine(), MOTHER)
    assert home.reports == []
    home.wait(60)
    assert home.reports == [home.incident.id]


def test_sign_of_life_ends_the_question_at_once() -> None:
    home = silent()
    home.wait(200)
    home.reads("mother's day", Level.NORMAL)
    assert not home.state.incidents
    assert home.tells == [Message.WELL]
    assert home.kinds == ["detector", "phase", "closed"]
    assert home.journal[-1].ending is Ending.PERSON_WELL  # type: ignore[attr-defined]
    home.wait(3600)
    assert home.told(Message.ALARM) == 0


def test_person_who_says_that_they_are_well_ends_the_question() -> None:
    home = silent()
    home.answers("mother", Response.SAFE)
    assert not home.state.incidents
    assert home.tells == [Message.SAFE]
    assert home.journal[-1].ending is Ending.PERSON_WELL  # type: ignore[attr-defined]


def test_person_who_was_asked_ends_the_alarm_too() -> None:
    home = alarmed()
    home.answers("mother", Response.SAFE)
    assert not home.state.incidents
    assert home.audiences == [(Message.SAFE, ("mother", "son"))]


def test_nobody_else_can_say_that_the_person_is_well() -> None:
    home = alarmed()
    home.answers("son", Response.SAFE)
    assert home.is_in(Phase.ALARM)
    home.send(
        Answer(home.incident.id, Response.SAFE, "?", "app", home.now, contact=None)
    )
    assert home.is_in(Phase.ALARM)


def test_who_asked_for_help_is_not_taken_for_well() -> None:
    home = silent()
    home.answers("mother", Response.HELP)
    home.answers("mother", Response.SAFE)
    assert home.is_in(Phase.ALARM)


def test_call_for_help_waits_for_nothing() -> None:
    home = silent()
    home.answers("mother", Response.HELP)
    assert home.is_in(Phase.ALARM)
    assert home.audiences == [(Message.HELP, ("mother", "son", "wu"))]
    assert home.reports == [home.incident.id]
    assert home.incident.priority == 1
    before = asked(home)
    home.wait(900)
    assert asked(home) == before


def test_question_stops_when_somebody_takes_it() -> None:
    home = silent()
    home.wait(60)
    home.acknowledge()
    before = asked(home)
    home.wait(3600)
    assert asked(home) == before
    assert home.is_in(Phase.PRE_ALARM)
    home.reads("mother's day", Level.NORMAL)
    assert not home.state.incidents


def test_sources_that_fall_silent_do_not_stop_the_question() -> None:
    """The person was silent while they still worked."""
    home = silent()
    home.wait(60)
    home.reads("mother's day", Level.LOST)
    home.wait(540)
    assert home.is_in(Phase.ALARM)
    assert home.incident.presence is Presence.UNKNOWN


def test_sign_of_life_counts_at_once_also_after_lost_sources() -> None:
    home = silent()
    home.wait(60)
    home.reads("mother's day", Level.LOST)
    home.wait(60)
    home.reads("mother's day", Level.NORMAL)
    assert not home.state.incidents


@pytest.mark.parametrize("level", [Level.LOST, Level.WARMING_UP, Level.FAULT])
def test_sources_that_prove_nothing_ask_nobody(level: Level) -> None:
    home = Home(routine(), *FAMILY)
    home.reads("mother's day", level)
    home.wait(86_400)
    assert not home.state.incidents


def test_learning_is_not_told_as_a_fault_but_lost_sources_are() -> None:
    home = Home(routine(), *FAMILY)
    home.reads("mother's day", Level.WARMING_UP)
    home.wait(86_400)
    assert home.told(Message.PROTECTION_LOST) == 0
    home.reads("mother's day", Level.LOST)
    home.wait(601)
    assert home.told(Message.PROTECTION_LOST) == 1


def test_movement_after_the_alarm_does_not_end_it() -> None:
    """It may be the neighbour who has come to look."""
    home = alarmed()
    home.later(30).reads("mother's day", Level.NORMAL)
    assert home.is_in(Phase.CLEARING)
    home.wait(120)
    assert home.told(Message.UNANSWERED) == 1


def test_alarm_that_nobody_has_reset_does_not_hide_the_next_silence() -> None:
    home = alarmed()
    home.acknowledge()
    home.later(30).reads("mother's day", Level.NORMAL)
    home.wait(8 * 3600)
    before = asked(home)
    home.reads("mother's day", Level.PRE_ALARM)
    assert asked(home) == before + 1
    home.wait(600)
    assert home.is_in(Phase.ALARM)
    assert home.audiences == [(Message.ALARM, ("mother", "son", "wu"))] or (
        Message.ALARM in home.tells
    )
    assert not home.incident.is_answered
    home.wait(120)
    assert Message.UNANSWERED in home.tells


def test_station_that_knows_of_the_alarm_hears_of_the_next_one() -> None:
    home = alarmed()
    home.wait(240)
    assert home.incident.is_reportable
    home.reads("mother's day", Level.NORMAL)
    home.wait(3600)
    home.reads("mother's day", Level.PRE_ALARM)
    assert home.reports == [home.incident.id]
    home.wait(600)
    assert home.reports == [home.incident.id]


def test_question_during_an_open_incident_is_withdrawn_by_a_sign_of_life() -> None:
    home = alarmed()
    home.acknowledge()
    home.later(30).reads("mother's day", Level.NORMAL)
    home.wait(3600)
    home.reads("mother's day", Level.PRE_ALARM)
    home.later(45).reads("mother's day", Level.NORMAL)
    assert home.tells == [Message.WELL]
    before = asked(home)
    home.wait(3600)
    assert asked(home) == before
    assert home.is_in(Phase.CLEARING)


def test_reset_needs_somebody_at_home_and_no_movement() -> None:
    home = alarmed()
    home.reset(local=False)
    assert home.refusals == [Reason.NOT_ON_SITE]
    home.reset()
    assert not home.state.incidents
    assert home.journal[-1].ending is Ending.RESET  # type: ignore[attr-defined]


def test_restart_in_the_middle_goes_on_asking() -> None:
    home = silent()
    home.wait(200)
    before = asked(home)
    home.later(60).crash()
    home.start()
    assert asked(home) == before + 1
    home.wait(600 - 260 + 30)
    assert home.is_in(Phase.ALARM)


def test_alarm_is_not_raised_over_a_question_that_nobody_heard() -> None:
    """The program was off when the ten minutes were up."""
    home = silent()
    home.wait(200)
    home.later(3600).crash()
    home.start()
    assert home.is_in(Phase.PRE_ALARM)
    assert home.tells == [Message.ASK]
    home.wait(30)
    assert home.is_in(Phase.ALARM)


def test_clock_that_was_turned_back_costs_ten_minutes_at_most() -> None:
    home = silent()
    home.wait(200)
    home.later(-7200).crash()
    home.start()
    assert home.tells == [Message.ASK]
    home.wait(599)
    assert home.is_in(Phase.PRE_ALARM)
    home.wait(1)
    assert home.is_in(Phase.ALARM)


@pytest.mark.parametrize("lose", [1, 2])
def test_question_that_did_not_reach_the_disk_is_asked_again(lose: int) -> None:
    home = silent()
    home.crash(lose=lose)
    home.start()
    home.reads("mother's day", Level.PRE_ALARM)
    assert home.incident.asking_since is not None
    home.wait(600)
    assert home.is_in(Phase.ALARM)


def test_alarm_goes_on_after_a_restart() -> None:
    home = alarmed()
    home.crash()
    home.start()
    assert home.told(Message.ALARM) == 2, "it had reached nobody"
    home.wait(240)
    assert home.reports == [home.incident.id]


def test_two_people_are_asked_each_about_themselves() -> None:
    home = Home(
        routine("mother's day", "mother"),
        routine("father's day", "father"),
        contact("father"),
        *FAMILY,
    )
    for name in ("mother's day", "father's day"):
        home.reads(name, Level.NORMAL)
        home.later(1)
    home.reads("mother's day", Level.PRE_ALARM)
    home.later(15).reads("father's day", Level.PRE_ALARM)
    home.wait(15)
    assert home.audiences == [
        (Message.ASK, ("mother",)),
        (Message.ASK, ("father",)),
    ]
    home.answers("father", Response.SAFE)
    assert home.is_in(Phase.PRE_ALARM), "he cannot answer for her"
    home.reads("father's day", Level.NORMAL)
    home.wait(30)
    assert home.audiences == [(Message.ASK, ("mother",))]
    home.answers("mother", Response.SAFE)
    assert not home.state.incidents


def test_answer_counts_where_nothing_has_been_read_since_a_restart() -> None:
    home = silent()
    home.crash()
    home.start()
    home.answers("mother", Response.SAFE)
    assert not home.state.incidents


def test_person_whose_routine_is_removed_is_still_asked() -> None:
    home = silent(routine(), gas(), valve(), *FAMILY)
    home.crash(gas(), valve(), *FAMILY)
    home.start()
    home.wait(660)
    assert home.is_in(Phase.ALARM)
    home.answers("mother", Response.SAFE)
    assert not home.state.incidents


def test_twenty_questions_are_one_line_of_deliveries() -> None:
    home = silent()
    home.delivered(Message.ASK, "mother")
    home.delivered(Message.ASK, "mother")
    home.delivered(Message.ASK, "mother", Reason.ERROR)
    assert [e.kind for e in home.journal].count("told") == 2


def test_station_that_has_it_is_not_passed_it_again() -> None:
    home = alarmed()
    home.wait(240)
    home.station(StationStatus.ACKNOWLEDGED)
    home.wait(7200)
    assert [e.kind for e in home.journal].count("passed_on") == 1


def test_detector_that_alarms_itself_is_not_asked_about() -> None:
    """A device of another maker may know better."""
    home = Home(routine(), *FAMILY)
    home.alarm("mother's day")
    assert home.is_in(Phase.ALARM)
    assert asked(home) == 0
    assert home.audiences == [(Message.ALARM, ("mother",))]
    home.wait(60)
    assert home.audiences == [(Message.UNANSWERED, ("son",))]
    home.wait(240)
    assert "passed_on" in [e.kind for e in home.journal]
