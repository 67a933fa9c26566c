"""Who is told when, and what stops it."""

from datetime import timedelta
import itertools

import pytest

from custom_components.zhian.safety.entries import RungTold, Unanswered
from custom_components.zhian.safety.ladder import Contact, Ladder
from custom_components.zhian.safety.orders import Tell
from custom_components.zhian.safety.signals import Answer
from custom_components.zhian.safety.vocabulary import (
    ContactRole,
    Hazard,
    Level,
    Message,
    Phase,
    Position,
    Reason,
    Response,
    StationStatus,
)

from .homes import Home, contact, detector, gas, valve

ANNA = contact("Anna")
BEN = contact("Ben")
SON = contact("son", ContactRole.RELATIVE, 1)
NIECE = contact("niece", ContactRole.RELATIVE, 2)
WU = contact("Wu", ContactRole.NEIGHBOUR)

EVERYBODY = (ANNA, BEN, SON, NIECE, WU)


def home(*people: Contact) -> Home:
    """Return a home with a gas detector and people."""
    return Home(gas(), *(people or EVERYBODY))


def rungs(home: Home) -> list[tuple[float, tuple[str, ...], int]]:
    """Return when who was told: seconds since the alarm, people, repeat."""
    began = home.journal[0].at
    return [
        ((e.at - began).total_seconds(), e.contacts, e.repeat)
        for e in home.journal
        if isinstance(e, RungTold)
    ]


def test_the_residents_are_told_at_once_on_two_channels() -> None:
    """All of them, and nobody else yet."""
    house = home()
    house.alarm()
    (order,) = (o for o in house.orders if isinstance(o, Tell))
    assert order.audience == ("Anna", "Ben")
    assert order.channels == 2
    assert rungs(house) == [(0, ("Anna", "Ben"), 0)]


def test_each_rung_that_lets_its_time_pass_is_followed_by_the_next() -> None:
    """Relatives by their order, then the neighbour, then a quiet repeat."""
    house = home()
    house.alarm()
    house.wait(59)
    assert len(rungs(house)) == 1
    house.wait(1)
    assert house.audiences == [(Message.UNANSWERED, ("son",))]
    house.wait(600)
    everybody = ("Anna", "Ben", "son", "niece", "Wu")
    assert rungs(house) == [
        (0, ("Anna", "Ben"), 0),
        (60, ("son",), 0),
        (180, ("niece",), 0),
        (300, ("Wu",), 0),
        (420, everybody, 1),
    ]
    assert house.audiences == [(Message.REPEAT, everybody)]


def test_who_is_told_by_the_next_rung_is_told_on_two_channels() -> None:
    """A quiet repeat needs one."""
    house = home(ANNA, WU)
    house.alarm()
    house.wait(60)
    (order,) = (o for o in house.orders if isinstance(o, Tell))
    assert (order.message, order.channels) == (Message.UNANSWERED, 2)
    house.wait(120)
    (order,) = (o for o in house.orders if isinstance(o, Tell))
    assert (order.message, order.channels) == (Message.REPEAT, 1)


def test_the_station_is_told_that_nobody_at_home_answers() -> None:
    """When the residents' time is up: an entry, and a report in the same turn."""
    house = home()
    incident = house.alarm()
    house.wait(60)
    (entry,) = (e for e in house.journal if isinstance(e, Unanswered))
    assert entry.contacts == ("Anna", "Ben")
    assert house.reports == [incident.id]
    assert house.incident.unanswered_at == house.now


def test_quiet_repeats_become_rarer_and_never_end() -> None:
    """Doubling, up to an hour: for a day that is some thirty lines."""
    house = home(ANNA)
    house.alarm()
    house.wait(24 * 3600)
    times = [at for at, _, repeat in rungs(house) if repeat]
    pauses = [b - a for a, b in itertools.pairwise(times)]
    assert times[0] == 60
    assert pauses[:5] == [300, 600, 1200, 2400, 3600]
    assert set(pauses[5:]) == {3600}


@pytest.mark.parametrize("after", [0.5, 30, 61, 200, 400, 1000])
def test_who_takes_the_incident_ends_the_ladder(after: float) -> None:
    """Whoever it is, and whenever."""
    house = home()
    house.alarm()
    house.wait(after)
    before = len(rungs(house))
    house.acknowledge()
    assert house.incident.unanswered_at is None
    house.wait(24 * 3600)
    assert len(rungs(house)) == before


def test_a_cleared_alarm_still_wants_an_answer() -> None:
    """Those who did not answer may be hurt."""
    house = home(ANNA, WU)
    house.alarm()
    house.later(1).reads("gas", Level.NORMAL)
    assert house.is_in(Phase.CLEARING)
    house.wait(60)
    assert rungs(house)[-1] == (60, ("Wu",), 0)


def test_a_reset_ends_the_ladder() -> None:
    """Somebody is on site. All who had been told hear of it, nobody else."""
    house = home()
    house.alarm()
    house.wait(60)
    house.reads("gas", Level.NORMAL)
    house.reset()
    assert (Message.CLOSED, ("Anna", "Ben", "son")) in house.audiences
    house.wait(3600)
    assert rungs(house)[-1] == (60, ("son",), 0)


def test_an_alarm_that_comes_up_again_asks_again() -> None:
    """Who took the first one may not know of the second."""
    house = home(ANNA, WU)
    house.alarm()
    house.acknowledge()
    house.later(10).reads("gas", Level.NORMAL)
    house.later(600).reads("gas", Level.ALARM)
    assert house.audiences == [(Message.ALARM, ("Anna",))]
    assert not house.incident.is_answered
    house.wait(60)
    assert house.audiences == [(Message.UNANSWERED, ("Wu",))]
    house.acknowledge()
    assert house.incident.is_answered
    acknowledged = house.incident.acknowledged
    assert acknowledged is not None
    assert acknowledged.at == house.now


def test_a_chattering_detector_does_not_put_off_the_neighbour() -> None:
    """The time runs from the first alarm that nobody answered."""
    house = home(ANNA, WU)
    house.alarm()
    for _ in range(6):
        house.wait(5).reads("gas", Level.NORMAL)
        house.wait(5).reads("gas", Level.ALARM)
    assert rungs(house) == [(0, ("Anna",), 0), (60, ("Wu",), 0)]


def test_a_pre_alarm_is_for_the_residents() -> None:
    """And it climbs no ladder."""
    house = home()
    house.reads("gas", Level.PRE_ALARM)
    assert house.audiences == [(Message.PRE_ALARM, ("Anna", "Ben"))]
    house.wait(3600)
    assert rungs(house) == []


def test_a_drill_wakes_no_neighbour() -> None:
    """It is for those who live there."""
    house = home()
    house.drill(600)
    assert house.audiences == [(Message.ALARM, ("Anna", "Ben"))]
    house.wait(599)
    assert len(rungs(house)) == 1


def test_one_who_is_safe_does_not_speak_for_the_others() -> None:
    """The person at home who does not answer is looked for."""
    house = home()
    house.alarm()
    house.answers("Anna", Response.SAFE)
    assert house.audiences == [(Message.SAFE, ("Anna", "Ben"))]
    house.wait(60)
    (entry,) = (e for e in house.journal if isinstance(e, Unanswered))
    assert entry.contacts == ("Ben",)
    house.answers("Ben", Response.SAFE)
    assert house.incident.unanswered_at is None
    before = len(rungs(house))
    house.wait(3600)
    assert len(rungs(house)) == before


def test_safe_twice_is_told_once() -> None:
    """Both stand in the timeline."""
    house = home()
    house.alarm()
    house.answers("Anna", Response.SAFE)
    house.answers("Anna", Response.SAFE)
    assert Message.SAFE not in house.tells
    assert house.kinds == ["answered"]


def test_who_wants_help_is_heard_by_everybody_and_the_station_at_once() -> None:
    """No time-out stands between a call for help and the neighbour."""
    house = home()
    incident = house.alarm()
    house.later(5).answers("Anna", Response.HELP)
    everybody = ("Anna", "Ben", "son", "niece", "Wu")
    assert house.audiences == [(Message.HELP, everybody)]
    assert house.reports == [incident.id]
    wanted = house.incident.help
    assert wanted is not None
    assert (wanted.by, wanted.via) == ("Anna", "notification")
    assert house.incident.priority == 1


def test_help_makes_any_hazard_urgent() -> None:
    """Water is priority 3 as long as nobody is in need."""
    house = Home(detector("leak", Hazard.WATER), ANNA)
    house.alarm("leak")
    assert house.incident.priority == 3
    house.answers("Anna", Response.HELP)
    assert house.incident.priority == 1


def test_help_is_repeated_until_it_is_taken() -> None:
    """Also when all residents have said that they are safe."""
    house = home(ANNA)
    house.alarm()
    house.answers("Anna", Response.HELP)
    house.answers("Anna", Response.SAFE)
    house.wait(60)
    assert house.audiences == [(Message.REPEAT, ("Anna",))]


@pytest.mark.parametrize("status", [StationStatus.ACCEPTED, StationStatus.DISPATCHED])
def test_help_of_one_who_is_safe_is_no_silence_at_home(status: StationStatus) -> None:
    """Somebody has answered, so the station is not told that nobody does."""
    house = home(ANNA, WU)
    house.alarm()
    house.answers("Anna", Response.HELP)
    house.answers("Anna", Response.SAFE)
    house.station(status)
    house.wait(3600)
    assert not any(isinstance(e, Unanswered) for e in house.journal)


def test_help_in_a_pre_alarm_makes_it_an_alarm() -> None:
    """With all that the plan does, and a report."""
    house = Home(gas(), valve(), ANNA, WU)
    house.reads("gas", Level.PRE_ALARM)
    house.answers("Anna", Response.HELP)
    assert house.is_in(Phase.ALARM)
    assert house.drives == [("valve", Position.CLOSED)]
    assert house.reports == [house.incident.id]
    assert house.audiences == [(Message.HELP, ("Anna", "Wu"))]


def test_an_answer_to_nothing_is_refused() -> None:
    """The incident may have been reset meanwhile."""
    house = home()
    incident = house.alarm()
    house.reads("gas", Level.NORMAL)
    house.reset()
    house.send(Answer(incident.id, Response.HELP, "Anna", "action", house.now))
    assert house.refusals == [Reason.NO_SUCH_INCIDENT]


def test_an_officer_who_has_it_ends_the_repeats_not_the_ladder() -> None:
    """The neighbour may be there before the patrol."""
    house = home(ANNA, WU)
    house.alarm()
    house.station(StationStatus.ACKNOWLEDGED, by="Officer")
    house.wait(24 * 3600)
    assert rungs(house) == [(0, ("Anna",), 0), (60, ("Wu",), 0)]


def test_an_officer_does_not_hide_that_nobody_at_home_answers() -> None:
    """With residents only, too."""
    house = home(ANNA)
    house.alarm()
    house.station(StationStatus.ACKNOWLEDGED, by="Officer")
    house.wait(24 * 3600)
    assert house.incident.unanswered_at is not None
    assert rungs(house) == [(0, ("Anna",), 0)]


@pytest.mark.parametrize("at", [0, 30, 61, 200, 301, 421, 800])
def test_a_crash_goes_on_where_it_was(at: float) -> None:
    """The timeline is the memory: the same rungs at the same times."""
    whole = home()
    whole.alarm()
    whole.wait(2000)
    torn = home()
    torn.alarm()
    torn.delivered(Message.ALARM)
    for person in torn.incident.called:
        torn.delivered(Message.ALARM, person)
    torn.wait(at)
    for person in torn.incident.called:
        torn.delivered(Message.UNANSWERED, person)
    before = torn.state.incidents
    torn.crash()
    assert torn.state.incidents == before
    torn.start()
    assert not {Message.ALARM, Message.UNANSWERED} & set(torn.tells)
    torn.wait(2000 - at)
    assert rungs(torn) == rungs(whole)


def test_a_time_that_passed_while_nobody_ran_climbs_one_rung() -> None:
    """The relatives get their time before the neighbour is woken."""
    house = home(ANNA, SON, WU)
    house.alarm()
    house.crash().later(3600).start()
    assert [people for _, people, _ in rungs(house)] == [("Anna",), ("son",)]
    house.wait(120)
    assert rungs(house)[-1] == (3720, ("Wu",), 0)


def test_who_was_to_be_told_when_the_program_ended_is_told_after_it() -> None:
    """The rung is in the timeline, the delivery is not."""
    house = home(ANNA, WU)
    house.alarm()
    house.delivered(Message.ALARM, "Anna")
    house.wait(60)
    house.crash().later(1).start()
    assert house.audiences == [(Message.UNANSWERED, ("Wu",))]


def test_a_lost_end_of_the_journal_tells_once_more() -> None:
    """Rather twice than not at all."""
    house = home(ANNA, WU)
    house.alarm()
    house.wait(60)
    house.crash(lose=len(house.journal) - 1).later(1).start()
    assert (Message.ALARM, ("Anna",)) in house.audiences
    assert rungs(house)[-1][1] == ("Anna",)


def test_a_clock_that_is_turned_back_delays_nobody() -> None:
    """The next wake-up, an hour early by the clock, counts as the time passed."""
    house = home(ANNA, WU)
    house.alarm()
    house.later(60 - 3600).tick()
    assert house.audiences == [(Message.UNANSWERED, ("Wu",))]


def test_a_changed_ladder_tells_whoever_was_not_told() -> None:
    """It goes by people, not by the numbers of rungs."""
    house = home(ANNA, WU)
    house.alarm()
    house.crash(gas(), SON, WU).later(1).start()
    house.wait(60)
    told = {person for _, people, _ in rungs(house) for person in people}
    assert told == {"Anna", "son"}
    house.wait(120)
    assert rungs(house)[-1][1] == ("Wu",)


def test_without_residents_the_relatives_are_first() -> None:
    """Somebody always is."""
    house = home(WU, SON)
    house.alarm()
    assert house.audiences == [(Message.ALARM, ("son",))]


def test_without_contacts_nobody_is_waited_for() -> None:
    """The frontend shows the alarm; there is nobody to climb to."""
    house = Home(gas(), valve())
    house.alarm()
    assert house.audiences == [(Message.ALARM, None)]
    house.wait(3600)
    assert rungs(house) == []


def test_who_is_added_to_an_alarm_that_nobody_was_told_of_is_told_of_it() -> None:
    """Nobody else will tell them: the alarm was opened when there was nobody."""
    house = Home(gas(), valve())
    house.alarm()
    house.delivered(Message.ALARM, None)
    house.crash(gas(), valve(), SON, WU).later(1).start()
    assert house.audiences == [(Message.ALARM, ("son",))]
    house.wait(120)
    assert house.audiences[-1] == (Message.UNANSWERED, ("Wu",))


def test_who_is_added_after_a_call_for_help_is_told_of_it() -> None:
    """No time-out stands before them, and nobody else will tell them."""
    house = home(ANNA, SON)
    house.alarm()
    house.delivered(Message.ALARM, "Anna")
    house.answers("Anna", Response.HELP)
    for person in ("Anna", "son"):
        house.delivered(Message.HELP, person)
    house.crash(gas(), ANNA, SON, NIECE, WU).later(1).start()
    assert house.audiences == [(Message.HELP, ("niece", "Wu"))]
    assert house.reports == [house.incident.id]


def test_help_that_is_called_for_before_the_start_is_heard_by_everybody() -> None:
    """The ladder rests until then; the alarm had been told to the residents alone."""
    house = home(ANNA, SON, WU)
    house.alarm()
    house.delivered(Message.ALARM, "Anna")
    house.crash().later(1).answers("Anna", Response.HELP)
    assert house.audiences == [(Message.HELP, ("Anna",))]
    house.start()
    assert house.audiences == [(Message.HELP, ("son", "Wu"))]


def test_who_was_not_reached_and_who_was_added_are_told_in_one_start() -> None:
    """That one of them is told is no reason to forget the other."""
    house = home(ANNA, SON)
    house.alarm()
    house.delivered(Message.ALARM, "Anna")
    house.answers("Anna", Response.HELP)
    house.crash(gas(), ANNA, SON, WU).later(1).start()
    assert house.audiences == [
        (Message.UNANSWERED, ("son",)),
        (Message.HELP, ("Wu",)),
    ]


def test_a_dead_detector_is_told_to_the_residents() -> None:
    """Nobody else can change its battery."""
    house = home()
    house.reads("gas", Level.NORMAL)
    house.reads("gas", Level.LOST)
    house.wait(700)
    assert house.audiences == [(Message.PROTECTION_LOST, ("Anna", "Ben"))]


def test_time_outs_are_the_homes_own() -> None:
    """Each rung has its own."""
    ladder = Ladder(
        (ANNA, SON, WU),
        {
            ContactRole.RESIDENT: timedelta(seconds=5),
            ContactRole.RELATIVE: timedelta(seconds=7),
            ContactRole.NEIGHBOUR: timedelta(seconds=11),
        },
        timedelta(seconds=13),
    )
    house = Home(gas(), valve())
    object.__setattr__(house.state.household, "ladder", ladder)
    house.alarm()
    house.wait(40)
    assert [at for at, _, _ in rungs(house)] == [0, 5, 12, 23, 36]


def test_the_order_of_a_rung_is_kept() -> None:
    """Nearest first, whatever the order of the configuration."""
    ladder = Ladder((WU, NIECE, SON, BEN, ANNA))
    assert [rung.contacts for rung in ladder.rungs] == [
        ("Ben", "Anna"),
        ("son",),
        ("niece",),
        ("Wu",),
    ]
    assert [rung.number for rung in ladder.rungs] == [1, 2, 3, 4]
    assert ladder.in_order(frozenset({"Wu", "son", "gone"})) == ("son", "Wu")


def test_who_is_added_while_an_alarm_is_repeated_does_not_wait_for_a_repeat() -> None:
    """For them it is news: their turn is up when the time of those before them is."""
    house = home(ANNA)
    house.alarm()
    house.wait(60 + 300 + 30)
    assert house.incident.repeats == 2
    house.crash(gas(), ANNA, SON).start()
    assert SON.id not in house.incident.called
    house.wait(30)
    assert house.audiences == [(Message.UNANSWERED, ("son",))]
