"""Messages as people read them, in both languages."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
import re

import pytest

from custom_components.zhian.home import notices, words
from custom_components.zhian.safety.incident import (
    Acknowledgement,
    Incident,
    StationSide,
    Step,
)
from custom_components.zhian.safety.vocabulary import (
    Ending,
    Hazard,
    Message,
    Outcome,
    Phase,
    Position,
    Reason,
    StationStatus,
)

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
LANGUAGES = [words.DEFAULT_LANGUAGE, words.CHINESE]
SUBJECT = notices.Subject("Oak Lane 3", "Kitchen", "12 %LEL")
NAMES = {"a": "Gas supply"}
TOLD_STATION = [
    StationStatus.REJECTED,
    StationStatus.ACKNOWLEDGED,
    StationStatus.DISPATCHED,
    StationStatus.ON_SCENE,
    StationStatus.CLOSED,
]
FIRST_LINES = {
    words.DEFAULT_LANGUAGE: "Leave now. No switches, no flame. Phone from outside.",
    words.CHINESE: "立即离开。不要碰任何开关，不要用明火。到室外再打电话。",
}


def incident(**facts: object) -> Incident:
    """Return an incident as it may stand."""
    base = Incident("i", Hazard.GAS, NOW, Phase.ALARM, alarm_since=NOW)
    return replace(base, **facts)  # type: ignore[arg-type]


def check(notice: notices.Notice) -> None:
    """A message has a title and neither holes nor left-overs."""
    for text in (notice.title, *notice.text.splitlines()):
        assert text.strip()
        assert not re.search(r"[{}]", text), text
        assert not re.search(r"\b(None|hazard|advice|title)\.", text), text
        assert "None" not in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("drill", [False, True])
def test_every_message_has_words_for_every_hazard_and_phase(
    language: str, drill: bool
) -> None:
    """Over all combinations, however unlikely."""
    about_incidents = [
        m
        for m in Message
        if m not in (Message.PROTECTION_LOST, Message.PROTECTION_BACK, Message.TEST)
    ]
    for message, hazard, phase, status, ending in product(
        about_incidents, Hazard, Phase, TOLD_STATION, [None, *Ending]
    ):
        about = incident(
            hazard=hazard,
            phase=phase,
            drill=drill,
            ending=ending,
            station=StationSide(status, number="2026-1", unit="Car 2", reason="late"),
            acknowledged=Acknowledgement("Anna", "button", NOW),
        )
        check(notices.notice(message, about, SUBJECT, NAMES, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_without_an_incident_has_words(language: str) -> None:
    """About a detector, or a test."""
    for message in (Message.PROTECTION_LOST, Message.PROTECTION_BACK, Message.TEST):
        check(notices.notice(message, None, SUBJECT, NAMES, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_has_words_for_every_end(language: str) -> None:
    """Whatever the target, the outcome and the reason."""
    targets = (Position.OPEN, Position.CLOSED, Position.ON, Position.OFF)
    for target, outcome, reason in product(targets, Outcome, [None, *Reason]):
        step = Step("s", "a", target, outcome, reason)
        notice = notices.notice(
            Message.ALARM, incident(steps=(step,)), SUBJECT, NAMES, language
        )
        check(notice)
        assert "Gas supply" in notice.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("message", [Message.ALARM, Message.PRE_ALARM])
@pytest.mark.parametrize("drill", [False, True])
def test_the_first_line_says_what_to_do(
    language: str, message: Message, drill: bool
) -> None:
    """It may be the only one that is read. A drill says first that it is one."""
    text = notices.notice(message, incident(drill=drill), SUBJECT, {}, language).text
    lines = text.splitlines()
    assert lines[1 if drill else 0] == FIRST_LINES[language]
    assert "Kitchen: 12 %LEL" in lines


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_drill_is_marked_in_title_and_first_line(language: str) -> None:
    """In every message that is about one."""
    mark = {"en": "DRILL: ", "zh-Hans": "【演练】"}[language]
    for message in (Message.ALARM, Message.CLOSED, Message.ACKNOWLEDGED):
        about = incident(
            drill=True,
            ending=Ending.DRILL_OVER,
            acknowledged=Acknowledgement("Anna", "button", NOW),
        )
        notice = notices.notice(message, about, SUBJECT, {}, language)
        assert notice.title.startswith(mark)
        assert "演练" in notice.text or "drill" in notice.text.splitlines()[0]


@pytest.mark.parametrize(
    ("seconds", "line"),
    [(30.0, "Expected in 1 min"), (360.0, "Expected in 6 min"), (None, None)],
)
def test_help_on_its_way_says_when(seconds: float | None, line: str | None) -> None:
    """In whole minutes, never zero, and nothing if nobody knows."""
    side = StationSide(
        StationStatus.DISPATCHED, number="2026-1", unit="Car 2", eta_seconds=seconds
    )
    notice = notices.notice(
        Message.STATION, incident(station=side), SUBJECT, {}, words.DEFAULT_LANGUAGE
    )
    assert notice.title == "Help is on its way to Oak Lane 3"
    assert "Unit: Car 2" in notice.text
    assert ("Expected" in notice.text) is (line is not None)
    if line is not None:
        assert line in notice.text.splitlines()


def test_a_step_that_failed_stands_out() -> None:
    """NOT closed is what a person has to see."""
    steps = (
        Step("1", "a", Position.CLOSED, Outcome.FAILED, Reason.UNCONFIRMED),
        Step("2", "b", Position.OPEN, Outcome.SKIPPED, Reason.LEVEL_TOO_HIGH),
        Step("3", "c", Position.CLOSED, Outcome.SKIPPED, Reason.ALREADY_THERE),
        Step("4", "d", Position.CLOSED, Outcome.PENDING),
    )
    notice = notices.notice(
        Message.STEP_FAILED,
        incident(steps=steps),
        notices.Subject("Home", "Gas supply"),
        NAMES | {"b": "Window", "c": "Main"},
        words.DEFAULT_LANGUAGE,
    )
    assert notice.title == "Gas supply did not obey at Home"
    assert notice.text.splitlines()[-4:] == [
        "Gas supply: NOT closed",
        "Window: not opened, because there is too much gas to move it",
        "Main: was closed already",
        "d: closing, not proved yet",
    ]


def test_names_that_people_choose_are_not_templates() -> None:
    """A brace in a name neither breaks a message nor opens one."""
    subject = notices.Subject("{home} {0}", "{name}")
    for message in (Message.ALARM, Message.PROTECTION_LOST):
        about = incident(drill=True) if message is Message.ALARM else None
        notice = notices.notice(message, about, subject, {}, words.DEFAULT_LANGUAGE)
        assert "{home} {0}" in notice.title
