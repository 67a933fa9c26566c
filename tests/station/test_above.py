"""What the stations above have done: kept, joined and passed on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, strategies as st

from custom_components.zhian.link.views import (
    MAX_QUESTIONS,
    StationAcknowledged,
    StationClosed,
    StationDispatched,
    StationQuestion,
    StationView,
)
from custom_components.zhian.station.above import Above, richer, status_of
from custom_components.zhian.station.desk import (
    Acknowledge,
    Action,
    Arrive,
    Close,
    DeskRefused,
    Dispatch,
    Disposition,
    Handling,
    Status,
    decide,
)

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
BARE = StationView(number="2026-000007", status="received", revision=1)
TAKEN = replace(BARE, acknowledged=StationAcknowledged("Wang", AT))
SENT = replace(TAKEN, dispatched=StationDispatched("Helicopter", 600, AT))
THERE = replace(SENT, arrived_at=AT)
ENDED = replace(THERE, closed=StationClosed("resolved", AT))
STAGES = (BARE, TAKEN, SENT, THERE, ENDED)
HERE: tuple[Action, ...] = (
    Acknowledge("Li", AT),
    Dispatch("Li", AT, "Patrol 3", 240),
    Arrive("Li", AT),
    Close("Li", AT, Disposition.UNFOUNDED),
)
NOBODY = Handling()


def own(handling: Handling) -> StationView:
    """Return what the station itself says."""
    taken, sent, ended = handling.acknowledged, handling.dispatched, handling.closed
    return StationView(
        number="2026-000001",
        status=handling.status.value,
        revision=1,
        acknowledged=StationAcknowledged(taken.by, taken.at) if taken else None,
        dispatched=StationDispatched(sent.unit, sent.eta_seconds, sent.at)
        if sent
        else None,
        arrived_at=handling.arrived.at if handling.arrived else None,
        closed=StationClosed(ended.disposition.value, ended.at) if ended else None,
    )


def test_what_nobody_has_done_here_is_told_from_above_with_its_place() -> None:
    """A home must not think that nobody has it."""
    above = Above.heard(None, "County", THERE, NOBODY)
    told = above.passed_on(own(NOBODY))
    assert told.acknowledged is not None
    assert told.dispatched is not None
    assert told.acknowledged.who == "Wang (County)"
    assert told.dispatched.station == "County"
    assert told.status == Status.ON_SCENE
    assert told.number == "2026-000001"


def test_a_place_further_up_stays_named() -> None:
    """The county's deed is not the street's."""
    taken = StationAcknowledged("Wang", AT, "County")
    sent = StationDispatched("Helicopter", None, AT, "County")
    view = replace(BARE, acknowledged=taken, dispatched=sent)
    told = Above.heard(None, "Street", view, NOBODY).passed_on(own(NOBODY))
    assert (told.acknowledged, told.dispatched) == (taken, sent)


def test_who_has_taken_it_here_stays_named_and_ends_it() -> None:
    """What comes from above later is shown at the desk and does not end the alarm."""
    here = NOBODY.after(HERE[:1])
    above = Above.heard(None, "County", ENDED, here)
    told = above.passed_on(own(here))
    assert told.acknowledged == StationAcknowledged("Li", AT)
    assert told.closed is None
    assert told.status == Status.ON_SCENE
    assert above.view.status == Status.CLOSED


def test_what_was_told_from_above_stays_when_somebody_here_follows() -> None:
    """Write-once: the name does not change, the status does not fall."""
    above = Above.heard(None, "County", ENDED, NOBODY)
    before = above.passed_on(own(NOBODY))
    after = above.passed_on(own(NOBODY.after(HERE[:2])))
    assert before.status == Status.CLOSED
    assert after == before


def test_an_older_answer_takes_nothing_back() -> None:
    """It was late."""
    above = Above.heard(None, "County", SENT, NOBODY)
    assert Above.heard(above, "County", BARE, NOBODY).view == replace(
        SENT, status="dispatched"
    )


def test_it_is_kept_as_it_is() -> None:
    """Over a restart."""
    above = Above.heard(None, "County", ENDED, NOBODY)
    assert Above.from_json(above.as_json()) == above


def test_the_richer_picture_stays() -> None:
    """Whichever comes first."""
    less = Above.heard(None, "County", TAKEN, NOBODY)
    more = Above.heard(less, "County", SENT, NOBODY)
    assert richer(None, None) is None
    assert richer(less, None) is less
    assert richer(None, less) is less
    assert richer(less, more) is more
    assert richer(more, less) is more


def test_questions_of_both_are_asked_each_once_and_no_more_than_fit() -> None:
    """The newest, if there are too many."""

    def question(number: int) -> StationQuestion:
        at = AT + timedelta(seconds=number)
        id_ = f"019a3e1c-9f00-7000-8000-{number:012d}"
        return StationQuestion(id_, "Who holds a key?", "Wang", at)

    both = question(0)
    above = Above.heard(None, "County", replace(BARE, questions=(both,)), NOBODY)
    assert above.passed_on(replace(own(NOBODY), questions=(both,))).questions == (both,)
    many = tuple(question(number) for number in range(1, MAX_QUESTIONS + 1))
    told = above.passed_on(replace(own(NOBODY), questions=many)).questions
    assert told == many


@given(st.lists(st.one_of(st.sampled_from(STAGES), st.sampled_from(HERE)), max_size=9))
def test_nobody_s_status_falls_back_and_no_stamp_changes(
    history: list[StationView | Action],
) -> None:
    """Over any history of both stations, in any order of arrival."""
    handling, above = NOBODY, None
    told = [own(NOBODY)]
    for event in history:
        if isinstance(event, StationView):
            above = Above.heard(above, "County", event, handling)
        else:
            try:
                handling = handling.after(decide(handling, event))
            except DeskRefused:
                continue
        view = own(handling)
        told.append(above.passed_on(view) if above else view)
    stages = [list(Status).index(Status(view.status)) for view in told]
    assert stages == sorted(stages)
    for before, after in pairwise(told):
        assert status_of(after) == after.status
        for name in ("acknowledged", "dispatched", "arrived_at", "closed"):
            assert getattr(before, name) in (None, getattr(after, name))
