"""The path of an incident through stations."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, strategies as st
import pytest

from custom_components.zhian.link.addresses import AddressFault, BadAddress
from custom_components.zhian.link.client import StationError
from custom_components.zhian.link.documents import IncidentDocument, parse_incident
from custom_components.zhian.link.enrolling import failure_of
from custom_components.zhian.link.origins import Origin, changes, joined
from custom_components.zhian.link.views import (
    StationAcknowledged,
    StationClosed,
    StationDispatched,
    StationQuestion,
    StationView,
)

from .samples import document

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
COMMUNITY = "019a3e1c-9f00-7000-8000-0123456789a1"
STREET = "019a3e1c-9f00-7000-8000-0123456789a2"
VIEW = StationView(
    number="2026-000001",
    status="dispatched",
    revision=2,
    acknowledged=StationAcknowledged("Wang", AT, "County"),
    dispatched=StationDispatched("Patrol 3", 240.0, AT, "County"),
    arrived_at=AT,
    closed=StationClosed("resolved", AT),
    questions=(StationQuestion(COMMUNITY, "Who holds a key?", "Wang", AT),),
)


def origin(station: str = COMMUNITY, done: int = 0) -> Origin:
    """Return a station that has done so much."""
    return Origin(
        station=station,
        name="Riverside",
        community="Riverside",
        changes=done,
        view=replace(VIEW, number=f"2026-{done:06d}"),
    )


def with_path(*origins: Origin) -> IncidentDocument:
    """Return a document that has come this way."""
    return replace(document(), origins=origins)


def test_a_path_is_read_as_it_was_sent_but_for_questions() -> None:
    """Those are the home's to answer, and each station asks it itself."""
    sent = with_path(origin(done=3), origin(STREET, 1))
    read = parse_incident(sent.as_json())
    assert [one.station for one in read.origins] == [COMMUNITY, STREET]
    assert read.origins[0].view == replace(VIEW, number="2026-000003", questions=())


def test_a_home_s_document_has_no_path() -> None:
    """What a home sends is as it was before there were paths."""
    assert "origins" not in document().as_json()


def test_progress_counts_the_home_s_entries_and_what_stations_have_done() -> None:
    """So that each of both makes it grow."""
    assert with_path().progress == document().revision
    told = with_path(origin(done=3), origin(STREET, 2))
    assert told.progress == document().revision + 5


PATHS = st.tuples(st.integers(0, 3), st.integers(0, 3)).map(
    lambda done: (origin(done=done[0]), origin(STREET, done[1]))
)


@given(PATHS, PATHS, PATHS)
def test_what_overtakes_what_makes_no_difference(
    one: tuple[Origin, ...], two: tuple[Origin, ...], three: tuple[Origin, ...]
) -> None:
    """In any order, with any repetition, the newest of each station stays."""
    together = joined(joined(one, two), three)
    assert joined(joined(three, one), two) == together
    assert joined(together, two) == together
    assert changes(together) >= max(map(changes, (one, two, three)))


def test_the_first_path_is_taken_as_it_is() -> None:
    """Nothing was known before."""
    assert joined((), (origin(),)) == (origin(),)


def test_who_has_acted_further_up_is_named_with_the_place() -> None:
    """Who answers itself needs no place."""
    taken = VIEW.acknowledged
    assert taken is not None
    assert taken.who == "Wang (County)"
    assert replace(taken, station=None).who == "Wang"


@pytest.mark.parametrize(
    ("error", "field", "key"),
    [
        (BadAddress(AddressFault.HTTP_TO_PUBLIC), "url", "http_to_public"),
        (StationError(), "url", "station_unreachable"),
    ],
)
def test_a_failed_enrolment_belongs_to_a_field(
    error: BadAddress | StationError, field: str, key: str
) -> None:
    """The one where the person can do something about it."""
    failure = failure_of(error)
    assert (failure.field, failure.error) == (field, key)
