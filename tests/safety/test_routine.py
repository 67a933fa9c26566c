"""How long a person may be silent: fixed limits, what is usual, and what does not count."""

from datetime import UTC, datetime, time, timedelta
import json
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.zhian.safety.routine import OUTAGE, Limits, Routine
from custom_components.zhian.safety.vocabulary import Level

from .lives import SHANGHAI, signs_of

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NEVER = Limits(by_day=None, in_all=None, learns=False)
LEARNING = Limits(by_day=None, in_all=None)


def by_day(hours: float, begins: int = 7, ends: int = 22) -> Limits:
    return Limits(time(begins), time(ends), timedelta(hours=hours), None, learns=False)


def in_all(hours: float) -> Limits:
    return Limits(by_day=None, in_all=timedelta(hours=hours), learns=False)


def local(
    day: int, hour: int, minute: int = 0, *, month: int = 3, zone: ZoneInfo = SHANGHAI
) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=zone).astimezone(UTC)


def regular(days: int = 21, **changes: Any) -> Routine:
    """Return the routine of somebody who moves every hour from 7 to 22."""
    begins = local(1, 7)
    routine = Routine(
        Limits(**{"by_day": None, "in_all": None} | changes), SHANGHAI, begins
    )
    for day in range(days):
        for hour in range(16):
            routine.live(begins + day * DAY + hour * HOUR)
    return routine


# --- fixed limits --------------------------------------------------------------------


def test_silence_in_all_counts_from_the_last_sign_of_life() -> None:
    routine = Routine(in_all(24), SHANGHAI, START)
    assert routine.due() == START + DAY
    routine.live(START + 5 * HOUR)
    assert routine.due() == START + 29 * HOUR
    assert routine.level(START + 29 * HOUR - MINUTE) is Level.NORMAL
    assert routine.level(START + 29 * HOUR) is Level.PRE_ALARM


def test_silence_by_day_does_not_count_the_night() -> None:
    """From 22 to 7 nobody has to move."""
    routine = Routine(by_day(4), SHANGHAI, local(1, 20))
    assert routine.due() == local(2, 11)
    routine.live(local(2, 9))
    assert routine.due() == local(2, 13)
    routine.live(local(2, 19))
    assert routine.due() == local(3, 11), "four hours do not fit before the night"
    routine.live(local(3, 3))
    assert routine.due() == local(3, 11)


def test_window_that_runs_over_midnight_is_one_window() -> None:
    routine = Routine(by_day(6, 20, 4), SHANGHAI, local(1, 12))
    assert routine.limits.length() == 8 * HOUR
    assert routine.due() == local(2, 2)
    routine.live(local(2, 1))
    assert routine.due() == local(3, 2)


def test_earliest_limit_counts() -> None:
    limits = Limits(by_day=12 * HOUR, in_all=24 * HOUR, learns=False)
    assert Routine(limits, SHANGHAI, local(1, 8)).due() == local(1, 20)
    assert Routine(limits, SHANGHAI, local(1, 21)).due() == local(2, 19)
    tight = Limits(by_day=12 * HOUR, in_all=10 * HOUR, learns=False)
    assert Routine(tight, SHANGHAI, local(1, 21)).due() == local(2, 7)


def test_limit_that_no_day_has_room_for_is_never_due() -> None:
    assert Routine(by_day(16), SHANGHAI, START).due() is None
    assert Routine(by_day(15), SHANGHAI, local(1, 7)).due() == local(1, 22)


def test_routine_without_any_limit_says_that_it_protects_nobody() -> None:
    assert Routine(NEVER, SHANGHAI, START).level(START + 30 * DAY) is Level.WARMING_UP


# --- learning ------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "is_known"), [(13, False), (15, True)])
def test_nobody_is_asked_before_fourteen_days_are_learnt(
    days: int, is_known: bool
) -> None:
    routine = regular(days)
    assert (routine.due() is not None) is is_known
    level = routine.level(routine.since + 5 * DAY)
    assert level is (Level.PRE_ALARM if is_known else Level.WARMING_UP)


def test_usual_night_is_no_silence_and_a_missed_morning_is() -> None:
    """She is up at 7 on every day: an hour later is nothing, more than two are."""
    routine = regular()
    last = routine.since
    assert last == local(21, 22)
    due = routine.due()
    assert due is not None
    assert due == local(22, 9)


def test_silence_by_day_is_noticed_after_three_hours() -> None:
    """An hour is usual; two more are granted."""
    routine = regular()
    routine.live(local(22, 7))
    routine.live(local(22, 12))
    assert routine.due() == local(22, 15)


def test_what_is_learnt_is_only_ever_stricter_than_a_fixed_limit() -> None:
    fixed = regular(in_all=2 * HOUR)
    assert fixed.due() == fixed.since + 2 * HOUR
    loose = regular(in_all=72 * HOUR)
    assert loose.due() == regular().due()


def test_learning_can_be_turned_off() -> None:
    routine = regular(learns=False, in_all=24 * HOUR)
    assert routine.usual() == (None,) * 24
    assert routine.days_learnt == 0
    assert routine.due() == routine.since + DAY


def test_one_odd_day_is_not_usual() -> None:
    even, odd = regular(27), regular(26)
    odd.live(local(27, 20))
    odd.live(local(27, 22))
    even.live(even.since)
    assert odd.usual()[14] == even.usual()[14]


def test_hours_on_the_floor_do_not_become_usual() -> None:
    routine = regular()
    before = routine.usual()
    routine.forget()
    routine.live(routine.since + 20 * HOUR)
    assert routine.usual() == before
    routine.live(routine.since + HOUR)
    assert routine.days_learnt == 21


def test_last_28_days_are_kept() -> None:
    routine = regular(60)
    assert len(routine.as_data(routine.since)["days"]) == 29
    assert routine.days_learnt >= 28


def test_many_signs_in_a_minute_are_one() -> None:
    routine = Routine(LEARNING, SHANGHAI, START)
    for second in range(0, 60, 5):
        routine.live(START + timedelta(seconds=second))
    assert routine.last == START + timedelta(seconds=55)
    assert START <= routine.since <= routine.last


def test_hour_that_was_hardly_watched_says_nothing() -> None:
    routine = Routine(LEARNING, SHANGHAI, local(1, 10, 50))
    routine.live(local(1, 11, 0))
    routine.live(local(1, 11, 40))
    assert routine.days_learnt == 0
    data = routine.as_data(local(1, 12))["days"]["2026-03-01"]
    assert data[10] == [600, 600]
    assert data[11] == [2400, 2400]
    assert data[12] is None


# --- what does not count -------------------------------------------------------------


def test_time_away_is_neither_counted_nor_learnt() -> None:
    routine = regular(in_all=5 * HOUR)
    before = routine.as_data(routine.since)["days"]
    routine.leave()
    assert routine.due() is None
    assert routine.level(routine.since + 9 * DAY) is Level.NORMAL
    routine.live(routine.since + DAY)
    routine.come_back(local(30, 12))
    assert routine.since == local(30, 12)
    assert routine.as_data(routine.since)["days"] == before
    assert routine.level(local(30, 14)) is Level.NORMAL


def test_lost_sources_prove_nothing() -> None:
    routine = Routine(in_all(5), SHANGHAI, START)
    routine.lose(START + 4 * HOUR)
    routine.lose(START + 5 * HOUR)
    assert routine.due() is None
    assert routine.level(START + 9 * DAY) is Level.LOST


def test_silence_goes_on_after_a_short_outage_without_it() -> None:
    routine = Routine(in_all(5), SHANGHAI, START)
    routine.lose(START + 4 * HOUR)
    routine.regain(START + 4 * HOUR + OUTAGE)
    assert routine.due() == START + 6 * HOUR
    routine.live(START + 5 * HOUR)
    assert routine.as_data(START + 5 * HOUR)["days"] == {}, "it was not all watched"


def test_silence_begins_anew_after_a_long_outage() -> None:
    routine = Routine(in_all(5), SHANGHAI, START)
    routine.lose(START + HOUR)
    back = START + HOUR + OUTAGE + MINUTE
    routine.regain(back)
    routine.regain(back + HOUR)
    assert routine.since == back


def test_outage_while_away_does_not_count_before_the_return() -> None:
    routine = Routine(in_all(5), SHANGHAI, START)
    routine.leave()
    routine.lose(START + HOUR)
    routine.come_back(START + 9 * HOUR)
    routine.regain(START + 9 * HOUR + MINUTE)
    assert routine.since == START + 9 * HOUR + MINUTE


def test_sign_of_life_says_that_the_sources_work() -> None:
    routine = Routine(in_all(5), SHANGHAI, START)
    routine.lose(START + HOUR)
    routine.live(START + 8 * HOUR)
    assert routine.due() == START + 13 * HOUR


def test_silence_that_was_too_long_is_not_ended_by_an_outage() -> None:
    """Somebody who lies on the floor is not well because the power was off."""
    routine = Routine(in_all(5), SHANGHAI, START)
    assert routine.level(START + 5 * HOUR) is Level.PRE_ALARM
    routine.lose(START + 6 * HOUR)
    assert routine.level(START + 7 * HOUR) is Level.LOST
    routine.regain(START + 9 * HOUR)
    assert routine.level(START + 9 * HOUR) is Level.PRE_ALARM
    data = stored(routine, START + 9 * HOUR)
    back = Routine.restore(in_all(5), SHANGHAI, START + 2 * DAY, data)
    back.regain(START + 2 * DAY)
    assert back.level(START + 2 * DAY) is Level.PRE_ALARM
    back.live(START + 2 * DAY)
    assert back.level(START + 2 * DAY) is Level.NORMAL
    assert back.days_learnt == 0


@pytest.mark.parametrize("how", ["leave", "begin_anew", "come_back"])
def test_person_ends_a_silence_that_was_too_long(how: str) -> None:
    routine = Routine(in_all(5), SHANGHAI, START)
    routine.level(START + 5 * HOUR)
    if how == "leave":
        routine.leave()
    else:
        getattr(routine, how)(START + 5 * HOUR)
    assert routine.level(START + 5 * HOUR) is Level.NORMAL


# --- clocks --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("month", "day", "hours"), [(3, 29, 23), (10, 25, 25)], ids=["spring", "autumn"]
)
def test_daylight_saving_makes_nobody_silent(month: int, day: int, hours: int) -> None:
    """24 hours are 24 hours, whatever the clock on the wall shows."""
    before = local(day, 0, month=month, zone=BERLIN)
    routine = Routine(in_all(24), BERLIN, before)
    assert routine.due() == before + DAY
    after = local(day + 1, 0, month=month, zone=BERLIN)
    assert after - before == hours * HOUR
    window = Routine(by_day(4), BERLIN, local(day, 1, month=month, zone=BERLIN))
    assert window.due() == local(day, 11, month=month, zone=BERLIN)


def test_learning_goes_on_over_a_change_of_the_clocks() -> None:
    """Somebody who lives by the clock on the wall is not asked on that day."""
    routine = Routine(LEARNING, BERLIN, local(1, 7, month=10, zone=BERLIN))
    for day in range(1, 32):
        for hour in range(7, 23):
            at = local(day, hour, month=10, zone=BERLIN)
            due = routine.due()
            assert due is None or at < due, at
            routine.live(at)


def test_day_is_that_of_the_place_where_somebody_moves_to() -> None:
    """At eight in the evening in Shanghai it is one in the afternoon in Berlin."""
    routine = Routine(by_day(4), SHANGHAI, local(1, 20))
    assert routine.due() == local(2, 11)
    routine.move_to(BERLIN)
    assert routine.zone == BERLIN
    assert routine.due() == local(1, 17, zone=BERLIN)


def test_silence_over_a_move_is_not_learnt() -> None:
    """Its hours belong to no day that could be compared with another."""
    routine = Routine(LEARNING, SHANGHAI, local(1, 7))
    routine.move_to(BERLIN)
    routine.live(local(1, 23))
    assert not routine.as_data(local(1, 23))["days"]


def test_clock_that_was_set_back_makes_nobody_silent() -> None:
    routine = Routine(in_all(5), SHANGHAI, START)
    routine.live(START - DAY)
    assert routine.due() == START - DAY + 5 * HOUR


def test_days_that_a_wrong_clock_wrote_are_forgotten() -> None:
    routine = regular()
    routine.forget()
    routine.live(START + 900 * DAY)
    routine.live(START + 900 * DAY + 3 * HOUR)
    data = routine.as_data(START + 900 * DAY)
    assert any(day.startswith("2028") for day in data["days"])
    back = Routine.restore(LEARNING, SHANGHAI, local(22, 12), data)
    back.regain(local(22, 12))
    assert back.since == local(22, 12)
    assert back.last == local(22, 12)
    assert all(day.startswith("2026") for day in back.as_data(back.since)["days"])


# --- a restart -----------------------------------------------------------------------


def stored(routine: Routine, at: datetime) -> Any:
    return json.loads(json.dumps(routine.as_data(at)))


def test_restart_loses_nothing() -> None:
    routine = regular()
    at = routine.since + 2 * HOUR
    back = Routine.restore(LEARNING, SHANGHAI, at + MINUTE, stored(routine, at))
    assert back.level(at + MINUTE) is Level.LOST, "nothing has spoken yet"
    back.regain(at + 2 * MINUTE)
    assert back.since == routine.since + 2 * MINUTE
    assert back.last == routine.last
    assert back.usual() == routine.usual()
    assert back.days_learnt == routine.days_learnt


def test_program_that_was_off_for_long_has_seen_no_silence() -> None:
    routine = Routine(in_all(5), SHANGHAI, START)
    data = stored(routine, START + 4 * HOUR)
    back = Routine.restore(in_all(5), SHANGHAI, START + 9 * HOUR, data)
    back.regain(START + 9 * HOUR)
    assert back.due() == START + 14 * HOUR


def test_restart_while_away_is_still_away() -> None:
    routine = Routine(in_all(5), SHANGHAI, START)
    routine.leave()
    back = Routine.restore(in_all(5), SHANGHAI, START + DAY, stored(routine, START))
    back.regain(START + DAY)
    assert back.is_away
    assert back.due() is None


@pytest.mark.parametrize(
    "damage",
    [
        {},
        {"days": 7},
        {"since": "yesterday"},
        {"since": "2026-03-01T00:00:00"},
        {"days": {"2026-03-01": [None]}},
        {"days": {"2026-03-01": "x" * 24}},
        {"last": 7},
        {"days": {"2026-03-01": [["a", 1], *[None] * 23]}},
    ],
)
def test_what_cannot_be_read_is_begun_anew(damage: dict[str, Any]) -> None:
    data = stored(regular(), START) | damage if damage else {}
    back = Routine.restore(in_all(5), SHANGHAI, START, data)
    assert back.due() == START + 5 * HOUR
    assert back.days_learnt == 0


# --- how often it is wrong -----------------------------------------------------------


def test_lively_person_is_asked_for_nothing_twice_a_month_at_most() -> None:
    """Eight people, two months each after four weeks of learning, no fixed limit."""
    false, waits = 0, []
    for seed in range(8):
        random = Random(seed)
        routine = Routine(LEARNING, SHANGHAI, START)
        for at in signs_of(random, START, 88):
            due = routine.due()
            if at - START > 28 * DAY and due is not None:
                false += at >= due
                waits.append(due - routine.since)
            routine.live(at)
    per_month = false / (8 * 2)
    assert 0 < per_month <= 2, per_month
    waits.sort()
    assert waits[len(waits) // 2] <= 8 * HOUR
    assert waits[-1] <= 18 * HOUR
