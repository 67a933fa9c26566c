"""docs/goals.md says what is proved: every test that it names has to exist."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
import re

import pytest
import yaml

ROOT = Path(__file__).parent.parent
TESTS = ROOT / "tests"
GOALS = ROOT / "docs" / "goals.md"

NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
OURS = {"y", "partly", "not yet"}


@pytest.fixture(autouse=True)
def _auto_enable_custom_integrations() -> None:
    """No Home Assistant is needed here."""


def rows() -> Iterator[tuple[str, str, str]]:
    """Yield what, ours and proof of every row of the tables of goals."""
    is_goal = False
    for line in GOALS.read_text("utf-8").splitlines():
        if not line.startswith("|"):
            is_goal = False
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells == ["What", "Ours", "Proof"]:
            is_goal = True
        elif is_goal and not cells[0].startswith("---"):
            assert len(cells) == 3, line
            yield cells[0], cells[1], cells[2]


@cache
def named_in(file: str) -> frozenset[str]:
    """Return the tests that a file holds, without running it."""
    path = TESTS / file
    assert path.is_file(), f"tests/{file} is missing"
    return frozenset(
        node.name
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    )


def test_there_is_a_table_of_goals_and_no_goal_stands_twice() -> None:
    what = [row[0] for row in rows()]
    assert len(what) > 50
    assert len(what) == len(set(what))


@pytest.mark.parametrize(
    ("what", "ours", "proof"), rows(), ids=[row[0][:40] for row in rows()]
)
def test_a_goal_that_is_said_to_be_reached_names_tests_that_exist(
    what: str, ours: str, proof: str
) -> None:
    assert ours in OURS, what
    named = NAMED.findall(proof)
    rest = NAMED.sub("", proof).replace(",", "").strip()
    if ours == "y":
        assert named, f"{what}: what proves it?"
        assert not rest, f"{what}: {rest} is no test"
    else:
        assert proof, f"{what}: what is missing?"
    for file, test in named:
        assert test in named_in(file), f"{what}: {file} has no {test}"


def test_the_tests_run_on_several_versions_of_home_assistant() -> None:
    """The one of the unit tests, and real boots of a later one and of the newest."""
    workflow = yaml.safe_load(
        (ROOT / ".github" / "workflows" / "tests.yml").read_text("utf-8")
    )
    jobs = workflow["jobs"]
    unit = re.search(r"\d{4}\.\d+\.\d+", jobs["unit"]["name"])
    assert unit is not None
    matrix = jobs["boots"]["strategy"]["matrix"]["include"]
    boots = [str(item["homeassistant"]) for item in matrix]
    assert len({unit.group(), *boots}) >= 3
    assert "newest" in boots
    assert f"homeassistant=={unit.group()}" in "".join(
        path.read_text("utf-8") for path in (ROOT / "requirements").glob("*.txt")
    )
