"""What a no, or no answer, of a station means for the next try."""

from datetime import UTC, datetime

import pytest

from custom_components.zhian.link.faults import (
    StationError,
    StationRefused,
    StationUnreachable,
    Trouble,
)
from custom_components.zhian.link.problems import Reason

NEWER = "quota_of_a_newer_station"


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_is_as_final_as_it_is_known_to_be(reason: Reason) -> None:
    """And nothing both passes by itself and is final."""
    refused = StationRefused(reason.value)
    assert (refused.is_passing, refused.is_final) == (
        reason.is_passing,
        reason.is_final,
    )
    assert not (refused.is_passing and refused.is_final)


def test_a_word_of_a_newer_station_is_asked_again_as_any_other_no() -> None:
    """It is neither known to pass nor known to stay."""
    refused = StationRefused(NEWER)
    assert not refused.is_passing
    assert not refused.is_final
    assert str(refused) == NEWER


def test_a_no_keeps_what_the_station_has_said_with_it() -> None:
    at = datetime(2026, 11, 1, 8, tzinfo=UTC)
    refused = StationRefused(Reason.BAD_DOCUMENT, "home.name", 30.0, at)
    assert isinstance(refused, StationError)
    assert (refused.path, refused.retry_after, refused.now) == ("home.name", 30.0, at)


@pytest.mark.parametrize("trouble", Trouble)
def test_no_answer_keeps_why_and_how_long_to_wait(trouble: Trouble) -> None:
    gone = StationUnreachable(trouble, 12.5)
    assert isinstance(gone, StationError)
    assert (str(gone), gone.trouble, gone.retry_after) == (trouble.value, trouble, 12.5)
    assert StationError().retry_after is None
