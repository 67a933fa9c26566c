"""The desk's decisions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.zhian.station.desk import (
    Acknowledge,
    Action,
    Arrive,
    Close,
    DeskRefused,
    Dispatch,
    Disposition,
    Handling,
    Refusal,
    Status,
    decide,
)

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
ACKNOWLEDGE = Acknowledge("Wang", AT)
DISPATCH = Dispatch("Wang", AT, "Patrol 3", 240)
ARRIVE = Arrive("Li", AT)
CLOSE = Close("Li", AT, Disposition.RESOLVED)


def handled(*requests: Action) -> Handling:
    """Return the handling after some requests."""
    handling = Handling()
    for request in requests:
        handling = handling.after(decide(handling, request))
    return handling


def test_the_status_is_the_furthest_milestone() -> None:
    """Received, acknowledged, dispatched, on scene, closed."""
    assert handled().status is Status.RECEIVED
    assert handled(ACKNOWLEDGE).status is Status.ACKNOWLEDGED
    assert handled(ACKNOWLEDGE, DISPATCH).status is Status.DISPATCHED
    assert handled(ACKNOWLEDGE, DISPATCH, ARRIVE).status is Status.ON_SCENE
    assert handled(ACKNOWLEDGE, DISPATCH, ARRIVE, CLOSE).status is Status.CLOSED


@pytest.mark.parametrize("request_", [DISPATCH, CLOSE])
def test_a_skipped_acknowledgement_is_stamped_with_what_came(request_: Action) -> None:
    """Nobody sends a unit or closes without having taken the incident."""
    handling = handled(request_)
    assert handling.acknowledged == Acknowledge(request_.by, request_.at)
    assert handling.count == 2


@pytest.mark.parametrize(
    ("before", "request_", "refusal"),
    [
        ((ACKNOWLEDGE,), ACKNOWLEDGE, Refusal.ALREADY_ACKNOWLEDGED),
        ((DISPATCH,), ACKNOWLEDGE, Refusal.ALREADY_ACKNOWLEDGED),
        ((DISPATCH,), DISPATCH, Refusal.ALREADY_DISPATCHED),
        ((), ARRIVE, Refusal.NOT_DISPATCHED),
        ((DISPATCH, ARRIVE), ARRIVE, Refusal.ALREADY_ON_SCENE),
        ((CLOSE,), CLOSE, Refusal.ALREADY_CLOSED),
        ((CLOSE,), ACKNOWLEDGE, Refusal.ALREADY_CLOSED),
        ((CLOSE,), DISPATCH, Refusal.ALREADY_CLOSED),
        ((), replace(DISPATCH, unit="  "), Refusal.UNIT_EMPTY),
    ],
)
def test_what_does_not_fit_the_case_is_refused(
    before: tuple[Action, ...], request_: Action, refusal: Refusal
) -> None:
    """A stamp is written once, a condition is not jumped over."""
    with pytest.raises(DeskRefused) as refused:
        decide(handled(*before), request_)
    assert refused.value.refusal is refusal


@given(st.lists(st.sampled_from([ACKNOWLEDGE, DISPATCH, ARRIVE, CLOSE]), max_size=12))
def test_a_stamp_never_changes_over_any_history(requests: list[Action]) -> None:
    """Whatever people press, in whatever order, the first stamp stays."""
    handling = Handling()
    for number, request in enumerate(requests):
        before = handling
        request = replace(request, at=AT + timedelta(seconds=number))
        try:
            handling = handling.after(decide(handling, request))
        except DeskRefused:
            continue
        for stamp in ("acknowledged", "dispatched", "arrived", "closed"):
            if (old := getattr(before, stamp)) is not None:
                assert getattr(handling, stamp) == old
        assert handling.acknowledged is not None
