"""Whatever goes wrong on the way, each incident arrives once, whole and in order."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
import json
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from tests.faults.ledger import Books, Story, compare
from tests.faults.pair import Pair, running_pair
from tests.faults.receiver_rows import RECEIVER_ROWS, Others, receivers_of
from tests.faults.receivers import Cap, Dc09, Taker, Webhook
from tests.faults.rows import QUICK, ROWS
from tests.faults.run import play_at_receivers, play_one


@pytest.fixture(scope="module")
async def pair(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Pair]:
    """A home and a station that all rows share."""
    async with running_pair(tmp_path_factory.mktemp("faults")) as pair:
        yield pair


@pytest.mark.parametrize("fault", ROWS)
async def test_each_incident_arrives_once_and_in_order(pair: Pair, fault: str) -> None:
    outcome = await play_one(pair, fault, QUICK, Random(f"1 {fault}"))
    assert outcome.is_well, outcome


@pytest.fixture(scope="module")
async def others(pair: Pair) -> AsyncGenerator[Others]:
    """The receivers beside the station that the other rows share."""
    async with receivers_of(pair) as others:
        yield others


@pytest.mark.parametrize("fault", RECEIVER_ROWS)
async def test_each_receiver_has_each_incident_once_and_in_order(
    pair: Pair, others: Others, fault: str
) -> None:
    """A webhook with a signed body, CAP, and a DC-09 receiver; what once means there."""
    rng = Random(f"1 {fault}")
    outcomes = await play_at_receivers(pair, others, fault, QUICK, rng)
    assert len(outcomes) == len(others.takers)
    assert all(outcome.is_well for outcome in outcomes), outcomes


def test_what_was_lost_or_came_twice_is_seen() -> None:
    whole = {1: "a", 2: "b"}
    home = {"kept": whole, "lost": whole, "torn": whole}
    station = {"kept": whole, "torn": {1: "a"}, "forged": whole}
    rows = [("kept", "1"), ("torn", "1"), ("forged", "3")]
    found = compare(Books(home, station, rows, owed=0), frozenset())
    assert (found.sent, found.received, found.lost, found.twice) == (3, 3, 2, 2)


AT = datetime(2026, 11, 1, 8, tzinfo=UTC)
STORY = Story({1: "a", 2: "b"}, AT, AT + timedelta(minutes=1))


def told_webhook(taker: Webhook, *entries: tuple[int, str], key: str = "1") -> None:
    incident = {
        "id": "fire",
        "revision": entries[-1][0],
        "entries": [{"seq": seq, "hash": seal} for seq, seal in entries],
    }
    taker._take(key, json.dumps(incident).encode(), incident)


def told_cap(
    taker: Cap, name: str, kind: str, follows: str = "", body: str = ""
) -> None:
    said = {"identifier": name, "incidents": "fire", "msgType": kind}
    if follows:
        said["references"] = f"home,{follows},-"
    expires = datetime.now(UTC) + timedelta(hours=1)
    taker._take(said, expires.isoformat(), (body or name).encode())


async def told_dc09(taker: Dc09, number: str, code: str, at: str) -> None:
    happened = [SimpleNamespace(identifier="H", value=f"{at},11-01-2026")]
    event: Any = SimpleNamespace(
        sequence=number, code=code, message="6", extended_data=happened
    )
    await taker._hear(event)


def judged(taker: Taker) -> tuple[int, int, int, int]:
    """Return what was received, lost, twice and out of order."""
    found, disorder = taker.compare({"fire": STORY})
    return found.received, found.lost, found.twice, disorder


def test_a_webhook_that_was_told_otherwise_is_seen() -> None:
    taker = Webhook()
    assert judged(taker) == (0, 1, 0, 0)
    told_webhook(taker, (1, "a"))
    assert judged(taker) == (1, 1, 0, 0)
    told_webhook(taker, (1, "a"))
    told_webhook(taker, (1, "a"), (2, "b"), key="2")
    assert judged(taker) == (1, 0, 0, 0)
    assert taker.repeated == 2
    told_webhook(taker, (1, "a"), (2, "b"), key="1")  # another document, the same key
    told_webhook(taker, (4, "d"), key="4")
    assert judged(taker) == (1, 1, 1, 1)


def test_a_cap_system_that_was_told_otherwise_is_seen() -> None:
    taker = Cap()
    told_cap(taker, "1", "Alert")
    assert judged(taker) == (1, 1, 0, 0)
    told_cap(taker, "1", "Alert")
    told_cap(taker, "2", "Cancel", "1")
    assert judged(taker) == (1, 0, 0, 0)
    told_cap(taker, "3", "Alert")  # a second alert, after the end
    told_cap(taker, "1", "Alert", body="another")
    assert judged(taker) == (1, 0, 2, 1)


async def test_a_dc09_receiver_that_was_told_otherwise_is_seen() -> None:
    taker = Dc09()
    await told_dc09(taker, "0001", "PA", "08:00:00")
    await told_dc09(taker, "0001", "PA", "08:00:00")  # repeated, and known as that
    assert judged(taker) == (1, 1, 0, 0)
    await told_dc09(taker, "0002", "PH", "08:01:00")
    assert judged(taker) == (1, 0, 0, 0)
    await told_dc09(taker, "0003", "PA", "08:00:00")  # the same event as a new one
    assert judged(taker) == (1, 0, 1, 0)
    backwards = Dc09()
    await told_dc09(backwards, "0001", "PH", "08:01:00")
    await told_dc09(backwards, "0002", "PA", "08:00:00")
    assert judged(backwards) == (1, 0, 0, 1)
