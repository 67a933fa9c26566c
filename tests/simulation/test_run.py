"""The simulation as a program."""

from datetime import timedelta
import json

import pytest

from custom_components.zhian.safety import interlock

from .replaying import replay
from .run import live, main, simulate
from .world import World


@pytest.mark.simulation
def test_no_invariant_is_broken_in_many_accidents() -> None:
    result = simulate(1_000, seed=20_261_122)
    assert result.broken == []
    assert result.incidents >= 1_000
    assert result.decisions > result.incidents


def test_same_seed_gives_the_same_accidents() -> None:
    histories = []
    for _ in range(2):
        world = World(4)
        world.run()
        histories.append(world.history)
    assert histories[0].events == histories[1].events
    assert replay(histories[0]) is None


@pytest.mark.parametrize(
    "home", [1_000_002_630, 6_000_000_767, 7_000_001_177, 9_000_000_658]
)
def test_home_in_which_something_was_found_once_is_sound(home: int) -> None:
    """Who moves in after a call for help; an alarm that lets its report go at once."""
    assert live(home)[2] is None


def test_jobs_do_not_change_what_happens() -> None:
    alone, shared = (simulate(60, seed=3, jobs=jobs) for jobs in (1, 2))
    assert (alone.incidents, alone.homes, alone.decisions) == (
        shared.incidents,
        shared.homes,
        shared.decisions,
    )


def test_program_prints_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--incidents", "20", "--seed", "5", "--jobs", "1", "--json"]
    assert main(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["incidents"] >= 20
    assert found["violations"] == []
    assert found["seed"] == 5
    assert found["seconds"] > 0


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_program_shows_a_violation_and_fails(
    form: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(interlock, "CLEAR_BEFORE_OPENING", timedelta(seconds=30))
    arguments = ["--incidents", "2000", "--seed", "5", "--jobs", "1", *form]
    assert main(arguments) == 1
    shown = capsys.readouterr().out
    assert "I1" in shown
    assert "OpenRequested" in shown


def test_program_says_how_fast_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--incidents", "5", "--jobs", "1"]) == 0
    shown = capsys.readouterr().out
    assert "incidents a second" in shown
    assert "no violation" in shown
