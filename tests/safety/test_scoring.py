"""How sure a break-in is, and from when on the station hears of it."""

from datetime import timedelta

import pytest

from custom_components.zhian.safety.arming import PanelSettings, Sense
from custom_components.zhian.safety.entries import Rated
from custom_components.zhian.safety.scoring import LEVELS
from custom_components.zhian.safety.signals import Witnessed
from custom_components.zhian.safety.vocabulary import (
    ContactRole,
    Finding,
    Level,
    Message,
    Reason,
    Response,
)

from .homes import Home, contact, door
from .test_panel import armed


def rated(home: Home) -> list[tuple[int, Finding]]:
    """Return the scores in the order in which they were written."""
    return [(e.level, e.evidence) for e in home.journal if isinstance(e, Rated)]


def test_every_evidence_has_a_level_of_the_standard() -> None:
    assert set(LEVELS) == set(Finding)
    assert set(LEVELS.values()) == {0, 1, 2, 3, 4}


def test_one_detector_is_told_at_home_and_kept_from_the_station() -> None:
    home = armed(door(), contact("Anna"))
    assert home.alarm("door").score == 1
    assert home.told(Message.ALARM) == 1
    assert home.reports == []
    assert home.incident.priority == 2


def test_two_detectors_within_half_an_hour_are_somebody() -> None:
    home = armed(door(), door("window"))
    home.alarm("door")
    home.wait(29 * 60)
    home.reads("window", Level.ALARM)
    assert rated(home) == [
        (1, Finding.ONE_DETECTOR),
        (2, Finding.SEVERAL_DETECTORS),
    ]
    assert home.reports == [home.incident.id]
    home.acknowledge()
    assert home.reports == [home.incident.id]


def test_two_detectors_an_hour_apart_do_not_speak_for_each_other() -> None:
    home = armed(door(), door("window"), door("third"))
    home.alarm("door")
    home.wait(3_600)
    home.reads("window", Level.ALARM)
    assert home.incident.score == 1
    assert home.reports == []
    home.reads("third", Level.ALARM)
    assert home.incident.score == 2


def test_one_detector_that_chatters_stays_one() -> None:
    home = armed(door())
    home.alarm("door")
    for level in (Level.NORMAL, Level.ALARM, Level.NORMAL, Level.ALARM):
        home.reads("door", level)
    assert home.incident.score == 1


@pytest.mark.parametrize(
    ("sense", "score"),
    [
        (Sense.BREAKAGE, 3),
        (Sense.PERSON, 2),
        (Sense.PANEL, 2),
        (Sense.MOTION, 1),
        (Sense.TAMPER, 1),
    ],
)
def test_what_a_detector_can_tell_decides_its_score(sense: Sense, score: int) -> None:
    home = armed(door("it", sense))
    assert home.alarm("it").score == score
    assert bool(home.reports) is (score >= 2)


@pytest.mark.parametrize(("least", "reported"), [(1, True), (2, False)])
def test_home_chooses_from_which_score_the_station_hears(
    least: int, reported: bool
) -> None:
    home = armed(door(), PanelSettings(report_from=least))
    home.alarm("door")
    assert bool(home.reports) is reported


def test_person_says_what_they_have_seen() -> None:
    home = armed(door())
    home.alarm("door")
    home.send(Witnessed(Finding.BREAK_IN, "Li", home.now))
    assert home.incident.score == 3
    assert home.reports == [home.incident.id]
    home.send(Witnessed(Finding.PERSON_SEEN, "Li", home.now))
    assert home.incident.score == 3, "it never falls by itself"


@pytest.mark.parametrize("evidence", [Finding.OWNER, Finding.DURESS])
def test_nobody_can_witness_what_only_a_code_shows(evidence: Finding) -> None:
    home = armed(door())
    home.alarm("door")
    home.send(Witnessed(evidence, "Li", home.now))
    assert home.refusals == [Reason.NO_SUCH_INCIDENT]
    assert home.incident.score == 1


def test_without_an_intrusion_there_is_nothing_to_witness() -> None:
    home = armed(door())
    home.send(Witnessed(Finding.BREAK_IN, "Li", home.now))
    assert home.refusals == [Reason.NO_SUCH_INCIDENT]


def test_call_for_help_in_an_intrusion_is_a_threat_to_life() -> None:
    home = armed(door(), contact("Anna"), contact("Bo", ContactRole.NEIGHBOUR))
    home.alarm("door")
    home.answers("Anna", Response.HELP)
    assert home.incident.score == 4
    assert home.incident.priority == 1
    assert home.reports == [home.incident.id]


def test_owner_who_disarms_ends_it_at_zero() -> None:
    home = armed(door(), door("window"))
    home.alarm("door")
    home.reads("window", Level.ALARM)
    home.later(1)
    incident = home.incident.id
    home.disarm()
    assert rated(home)[-1] == (0, Finding.OWNER)
    assert home.reports == [incident], "the station hears that it is over"


def test_what_the_station_never_heard_of_it_does_not_hear_the_end_of() -> None:
    home = armed(door())
    home.alarm("door")
    home.disarm()
    assert home.reports == []


def test_score_survives_a_restart() -> None:
    home = armed(door(), door("window"))
    home.alarm("door")
    home.crash().later(5)
    home.start()
    assert home.reports == []
    home.reads("door", Level.ALARM)
    home.reads("window", Level.ALARM)
    assert home.incident.score == 2
    assert home.incident.struck[-1] == ("window", home.now)
    assert home.incident.opened_at < home.now - timedelta(seconds=4)


def test_break_in_that_was_not_weighed_before_a_crash_is_weighed_at_the_start() -> None:
    """Else the station hears of it first and nothing of it afterwards."""
    home = armed(door(), contact("Anna"))
    home.alarm("door")
    home.crash(lose=2)  # who was called, and the score
    assert home.incident.score is None
    home.reads("door", Level.NORMAL)
    assert home.reports == []
    home.start()
    assert home.reports == []
    assert home.incident.score == 1
    assert home.incident.withheld
