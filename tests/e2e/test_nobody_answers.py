"""The 2018 Miaojia case on real processes: from two channels to the neighbour."""

import json
from pathlib import Path
from typing import Any

import pytest

from demo.running import RunningDemo


def of(result: dict[str, Any], what: str, detail: str = "") -> list[dict[str, Any]]:
    return [s for s in result["steps"] if s["what"] == what and detail in s["detail"]]


@pytest.mark.timeout(330)
def test_nobody_at_home_answers_and_the_neighbour_does(tmp_path: Path) -> None:
    """Two channels within 15 s, contacts, neighbour; the station sees it all."""
    with RunningDemo(tmp_path, "--scenario", "nobody-answers", "--json") as demo:
        output, _ = demo.process.communicate(timeout=300)
        assert output, demo.errors
        result: dict[str, Any] = json.loads(output)
        story = json.dumps(result, indent=1, ensure_ascii=False) + demo.errors
        assert demo.end() == 0, story
        assert result["ok"], story
        assert demo.wait_until_nothing_is_left() == []
    assert "The log complains" not in demo.errors, demo.errors
    for channel in ("gateway_sms", "gateway_call"):
        assert of(result, channel, "Grandmother: alarm")[0]["ms"] < 15_000, story
    rungs = [step["detail"] for step in of(result, "rung")]
    assert rungs == ["Phone, Grandmother", "Son", "Neighbour Wu"], story
    unanswered = of(result, "unanswered")[0]["ms"]
    assert of(result, "station_sees", "no answer at home")[0]["ms"] > unanswered
    assert of(result, "gateway_sms", "Son: unanswered")[0]["ms"] >= unanswered
    (taken,) = of(result, "acknowledged_at_home")
    assert taken["detail"] == "Neighbour Wu via action"
