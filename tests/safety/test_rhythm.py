"""How often a device speaks is learnt; what falls silent is missed."""

from datetime import timedelta

import pytest

from custom_components.zhian.safety.rhythm import Rhythm

from .homes import NOON

HOUR = timedelta(hours=1)


def heard(every: timedelta, times: int) -> Rhythm:
    """Return the rhythm of a device that spoke like a clock."""
    rhythm = Rhythm()
    for n in range(times + 1):
        rhythm = rhythm.after_word(NOON + n * every)
    return rhythm


def test_a_device_that_reports_is_silent_after_four_pauses() -> None:
    rhythm = heard(HOUR, 30)
    last = NOON + 30 * HOUR
    assert rhythm.silent_since(last + 3.9 * HOUR, timedelta()) is None
    assert rhythm.silent_since(last + 4 * HOUR, timedelta()) == last


def test_the_grace_of_the_detector_is_the_least() -> None:
    rhythm = heard(timedelta(minutes=5), 300)
    assert rhythm.silent_after(6 * HOUR) == 6 * HOUR
    assert rhythm.silent_after(timedelta(minutes=10)) == timedelta(minutes=20)


def test_nothing_is_expected_before_a_whole_day_of_words() -> None:
    """A detector that speaks when somebody cooks is quiet at night."""
    assert heard(timedelta(minutes=1), 600).usual is None
    assert heard(timedelta(days=1), 11).usual is None
    assert heard(timedelta(hours=2), 12).usual == 2 * HOUR


def test_a_device_that_was_quiet_for_long_may_be_so_again() -> None:
    rhythm = heard(timedelta(minutes=10), 60)
    night = rhythm.after_word(NOON + timedelta(minutes=600) + 14 * HOUR)
    assert night.silent_after(timedelta()) == 21 * HOUR


def test_several_things_said_at_once_are_one_word() -> None:
    rhythm = Rhythm().after_word(NOON).after_word(NOON + timedelta(seconds=29))
    assert (rhythm.pauses, rhythm.last) == ((), NOON)


@pytest.mark.parametrize("jump", [timedelta(hours=-5), timedelta(days=9)])
def test_a_pause_over_a_fault_a_restart_or_a_clock_turned_back_is_not_learnt(
    jump: timedelta,
) -> None:
    rhythm = heard(HOUR, 30)
    at = rhythm.last + jump if rhythm.last else NOON
    after = rhythm.after_silence(at) if jump > timedelta() else rhythm.after_word(at)
    assert (after.pauses, after.longest, after.last) == (
        rhythm.pauses,
        rhythm.longest,
        at,
    )


def test_a_rhythm_is_kept_without_its_last_word() -> None:
    rhythm = heard(HOUR, 30)
    kept = Rhythm.from_mapping(rhythm.as_data())
    assert kept.usual == HOUR
    assert kept.silent_since(NOON + timedelta(days=99), timedelta()) is None


@pytest.mark.parametrize(
    "junk", [{}, {"pauses": ["x"], "longest": 1, "heard": 1}, {"pauses": 3}]
)
def test_what_cannot_be_read_is_learnt_anew(junk: dict[str, object]) -> None:
    assert Rhythm.from_mapping(junk) == Rhythm()


def test_only_the_newest_pauses_count() -> None:
    rhythm = heard(HOUR, 200)
    assert len(rhythm.pauses) == 64
