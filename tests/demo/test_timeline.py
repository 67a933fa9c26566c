"""From the integration's entries to the timeline that the demo prints."""

from datetime import UTC, datetime, timedelta
from typing import Any

from demo.timeline import EVERY_STEP, Result, Step, Timeline, what_is_missing

ALARM = datetime(2026, 11, 22, 12, tzinfo=UTC)


def entry(ms: float, kind: str, **body: Any) -> dict[str, Any]:
    at = (ALARM + timedelta(milliseconds=ms)).isoformat()
    return {"seq": 1, "at": at, "kind": kind, "body": body}


def steps(*entries: dict[str, Any]) -> tuple[Step, ...]:
    return Timeline(ALARM, {"v": "Gas valve", "w": "Window"}).steps(entries)


def test_a_step_is_named_after_what_it_moves() -> None:
    assert steps(
        entry(2, "step_ordered", step="closed:v", attempt=1),
        entry(2, "step_ordered", step="open:w", attempt=1),
        entry(2100, "step_settled", step="closed:v", outcome="confirmed"),
        entry(3100, "step_settled", step="open:w", outcome="confirmed"),
    ) == (
        Step(2, "valve_ordered", "Gas valve, attempt 1"),
        Step(2100, "valve_confirmed", "Gas valve"),
        Step(3100, "window_confirmed", "Window"),
    )


def test_failed_and_skipped_steps_give_their_reason() -> None:
    assert steps(
        entry(1, "step_settled", step="open:w", outcome="skipped", reason="drill"),
        entry(9, "step_settled", step="closed:v", outcome="failed", reason="timeout"),
        entry(10, "told", contact="Phone", message="step_failed"),
        entry(11, "told", contact="Pager", message="alarm", reason="error"),
    ) == (
        Step(1, "skipped", "Window: drill"),
        Step(9, "failed", "Gas valve: timeout"),
        Step(10, "told", "Phone: step_failed"),
        Step(11, "not_told", "Pager: error"),
    )


def test_the_station_closing_is_not_the_homes_end() -> None:
    found = steps(
        entry(1, "station", status="accepted", number="2026-000001"),
        entry(2, "station", status="closed", disposition="resolved"),
        entry(3, "closed", ending="reset"),
    )
    assert [(step.what, step.detail) for step in found] == [
        ("accepted", "2026-000001"),
        ("station_closed", "resolved"),
        ("closed", "reset"),
    ]


def test_observations_and_entries_are_in_one_order() -> None:
    timeline = Timeline(ALARM, {})
    timeline.add(ALARM + timedelta(seconds=5), "gas_below_5_lel")
    timeline.add(ALARM, "alarm")
    found = timeline.steps([entry(1000, "reset", by="Owner")])
    assert [step.what for step in found] == ["alarm", "reset", "gas_below_5_lel"]


def test_a_story_is_complete_only_with_every_step_and_both_windows() -> None:
    whole = tuple(Step(1, what) for what in EVERY_STEP)
    assert what_is_missing(whole, EVERY_STEP, windows=1) == []
    assert what_is_missing(whole, EVERY_STEP, windows=2)
    assert what_is_missing(whole[:-1], EVERY_STEP, windows=1) == ["closed"]


def test_a_late_valve_is_not_as_promised() -> None:
    late = (Step(51, "valve_called"),)
    assert what_is_missing(late, ("valve_called",), windows=0)


def test_the_result_has_the_promised_shape() -> None:
    result = Result("gas-leak", True, "2026.11.0", (Step(1.26, "alarm", "x"),))
    assert result.as_json() == {
        "scenario": "gas-leak",
        "ok": True,
        "home_assistant": "2026.11.0",
        "steps": [{"ms": 1.3, "what": "alarm", "detail": "x"}],
    }
