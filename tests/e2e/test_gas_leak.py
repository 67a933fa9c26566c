"""A gas leak on real processes, as the README promises it."""

import json
from pathlib import Path
from typing import Any

import pytest

from demo.running import RunningDemo
from demo.timeline import EVERY_STEP, VALVE_LIMIT_MS


def play(folder: Path, *fault: str) -> dict[str, Any]:
    """Play the scenario; everything it promises is in its exit code."""
    with RunningDemo(folder, "--scenario", "gas-leak", "--json", *fault) as demo:
        output, _ = demo.process.communicate(timeout=380)
        assert output, demo.errors
        result: dict[str, Any] = json.loads(output)
        story = json.dumps(result, indent=1) + demo.errors
        assert demo.end() == 0, story
        assert result["ok"], story
        assert result["scenario"] == "gas-leak"
        assert demo.wait_until_nothing_is_left() == []
        assert "The log complains" not in demo.errors, demo.errors
        assert not list(folder.glob("zhian-demo-*")), "the data stayed"
        return result


def steps(result: dict[str, Any], what: str) -> list[dict[str, Any]]:
    return [step for step in result["steps"] if step["what"] == what]


def test_every_step_of_a_gas_leak_is_confirmed(tmp_path: Path) -> None:
    result = play(tmp_path)
    assert {step["what"] for step in result["steps"]} >= set(EVERY_STEP)
    assert steps(result, "valve_called")[0]["ms"] <= VALVE_LIMIT_MS
    # Closed is what the valve reports at its end, not what it was told.
    assert steps(result, "valve_confirmed")[0]["ms"] >= 1900
    assert len(steps(result, "window_confirmed")) == 2
    assert not steps(result, "failed")
    times = [step["ms"] for step in result["steps"]]
    assert times == sorted(times)


def test_a_jammed_valve_ends_in_a_failure_that_people_are_told(tmp_path: Path) -> None:
    result = play(tmp_path, "--fault", "jammed-valve")
    assert not steps(result, "valve_confirmed")
    failed = steps(result, "failed")[0]
    told = [s for s in steps(result, "told") if "step_failed" in s["detail"]]
    assert told[0]["ms"] >= failed["ms"]


@pytest.mark.timeout(420)
def test_a_station_that_was_down_gets_exactly_one_incident(tmp_path: Path) -> None:
    result = play(tmp_path, "--fault", "station-down")
    back = steps(result, "station_back")[0]["ms"]
    assert steps(result, "valve_confirmed")[0]["ms"] < back
    assert steps(result, "accepted")[0]["ms"] > back
    assert len(steps(result, "accepted")) == 1


def test_a_killed_home_goes_on_with_its_incident(tmp_path: Path) -> None:
    result = play(tmp_path, "--fault", "kill-home")
    back = steps(result, "home_back")[0]["ms"]
    assert (
        steps(result, "valve_called")[0]["ms"] < steps(result, "home_killed")[0]["ms"]
    )
    assert steps(result, "closed")[0]["ms"] > back
