"""Whatever goes wrong on the way, each incident arrives once, whole and in order."""

from collections.abc import AsyncGenerator
from random import Random

import pytest

from tests.faults.ledger import Books, compare
from tests.faults.pair import Pair, running_pair
from tests.faults.rows import QUICK, ROWS
from tests.faults.run import play_one


@pytest.fixture(scope="module")
async def pair(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Pair]:
    """A home and a station that all rows share."""
    async with running_pair(tmp_path_factory.mktemp("faults")) as pair:
        yield pair


@pytest.mark.parametrize("fault", ROWS)
async def test_each_incident_arrives_once_and_in_order(pair: Pair, fault: str) -> None:
    outcome = await play_one(pair, fault, QUICK, Random(f"1 {fault}"))
    assert outcome.is_well, outcome


def test_what_was_lost_or_came_twice_is_seen() -> None:
    whole = {1: "a", 2: "b"}
    home = {"kept": whole, "lost": whole, "torn": whole}
    station = {"kept": whole, "torn": {1: "a"}, "forged": whole}
    rows = [("kept", "1"), ("torn", "1"), ("forged", "3")]
    found = compare(Books(home, station, rows, owed=0), frozenset())
    assert (found.sent, found.received, found.lost, found.twice) == (3, 3, 2, 2)
