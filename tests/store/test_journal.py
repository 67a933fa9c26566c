"""The journal keeps what was sealed, and finds what was changed."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

from hypothesis import given, strategies as st
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from custom_components.zhian.store import (
    GENESIS,
    JSON,
    Database,
    DatabaseClosed,
    Journal,
    JournalConflict,
    Outbox,
    Record,
    canonical,
    seal,
    verify,
)
from custom_components.zhian.store.worker import driver_of

from .test_canonical import VALUES
from .timeline import AT, INCIDENT, OTHER, THIRD, timeline

BODIES = st.dictionaries(st.text("abc", max_size=3), VALUES, max_size=3)


@st.composite
def timelines(draw: st.DrawFn, at_least: int = 1) -> list[Record]:
    """Return sealed timelines of any content."""
    records: list[Record] = []
    previous = GENESIS
    for seq in range(1, draw(st.integers(at_least, 6)) + 1):
        at = AT + timedelta(microseconds=draw(st.integers(0, 10**9)))
        kind = draw(st.sampled_from(["opened", "detector", "closed"]))
        record = seal(previous, INCIDENT, seq, at, kind, draw(BODIES))
        records.append(record)
        previous = record.hash
    return records


@given(timelines())
def test_a_timeline_as_written_is_whole(records: list[Record]) -> None:
    assert verify(records) is None
    assert verify(records, head=records[-1].hash) is None


@given(timelines(), st.data())
def test_any_change_of_an_entry_is_found(
    records: list[Record], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(records) - 1))
    was = records[index]
    body: dict[str, JSON] = data.draw(
        BODIES.filter(lambda body: canonical(body) != canonical(was.body))
    )
    changed = data.draw(
        st.sampled_from(
            [
                replace(was, incident=OTHER),
                replace(was, seq=was.seq + 1),
                replace(was, at=was.at + timedelta(microseconds=1)),
                replace(was, kind=was.kind + "x"),
                replace(was, body=body),
                replace(was, previous=was.hash),
                replace(was, hash=was.hash[::-1] + "0"),
            ]
        )
    )
    found = verify([*records[:index], changed, *records[index + 1 :]])
    # Another incident in the first entry shows at the latest in its own hash.
    assert found == index


@given(timelines(), st.data())
def test_an_entry_sealed_anew_is_found_by_the_next(
    records: list[Record], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(records) - 1))
    was = records[index]
    forged = seal(was.previous, INCIDENT, was.seq, was.at, "forged", was.body)
    altered = [*records[:index], forged, *records[index + 1 :]]
    assert verify(altered, head=records[-1].hash) == index + 1


@given(timelines(), st.data())
def test_any_removal_is_found(records: list[Record], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(records) - 1))
    rest = records[:index] + records[index + 1 :]
    # The end of a timeline can only be missed by who knows it.
    assert verify(rest, head=records[-1].hash) == index
    if index < len(rest):
        assert verify(rest) == index


def test_any_other_order_is_found() -> None:
    records = timeline(entries=4)
    orders = [list(order) for order in permutations(records) if list(order) != records]
    assert all(verify(order) is not None for order in orders)


def test_a_part_is_verified_against_the_entry_before_it() -> None:
    records = timeline(entries=4)
    after = (records[1].seq, records[1].hash)
    assert verify(records[2:], after=after) is None
    assert verify(records[3:], after=after) == 0
    assert verify(records[2:], after=(2, records[0].hash)) == 0
    assert verify([]) is None


def test_the_seal_is_the_one_that_is_written_down() -> None:
    """Another program can compute it: sha256 over the canonical object of all else."""
    record = seal(GENESIS, INCIDENT, 1, AT, "opened", {"b": 1, "a": "气"})
    assert record.hash == (
        "a8fc01bcac59ffd61fc6bc7900b5ed1debd89c8e42e5136011ecd4f953404b1c"
    )


def test_a_sealed_entry_does_not_change_with_what_it_was_made_of() -> None:
    body: dict[str, JSON] = {"steps": ["close"]}
    record = seal(GENESIS, INCIDENT, 1, AT, "opened", body)
    steps = body["steps"]
    assert isinstance(steps, list)
    steps.append("forged")
    assert verify([record]) is None


async def test_what_is_appended_is_read_back_equal(journal: Journal) -> None:
    records = timeline(
        body={"level": "alarm", "value": 12.5, "text": "煤气", "n": None}
    )
    await journal.append(records)
    assert await journal.read(INCIDENT) == records
    assert await journal.read(OTHER) == []


async def test_more_entries_than_one_statement_takes_are_all_written(
    journal: Journal,
) -> None:
    records = timeline(entries=64 + 8 + 3)
    await journal.append(records)
    assert await journal.read(INCIDENT) == records


def statements(connection: Connection) -> list[str]:
    """Return a list that gets what the connection is told from now on."""
    seen: list[str] = []
    driver_of(connection).set_trace_callback(seen.append)
    return seen


@pytest.mark.parametrize("receivers", [[], ["station"], ["station", "noonlight"]])
async def test_the_entries_of_an_alarm_and_who_wants_them_are_one_statement(
    database: Database, journal: Journal, receivers: list[str]
) -> None:
    """Each more would wait for the interpreter, while the event loop has it."""
    records = timeline(entries=9)
    seen = await database.submit(statements)
    await journal.append(records, receivers)
    assert [line for line in seen if not line.startswith(("--", "COMMIT"))] == [
        line for line in seen if line.startswith("INSERT INTO arrivals")
    ]
    await database.submit(lambda c: driver_of(c).set_trace_callback(None))
    assert await journal.read(INCIDENT) == records
    outbox = Outbox(database)
    for receiver in ("station", "noonlight"):
        delivery = await outbox.delivery(INCIDENT, receiver)
        if receiver in receivers:
            assert delivery is not None
            assert (delivery.wanted, delivery.received) == (9, 0)
        else:
            assert delivery is None


async def test_an_entry_wanted_again_takes_nothing_back(
    database: Database, journal: Journal
) -> None:
    """A repeated append of old entries wants no less than before."""
    records = timeline(entries=3)
    await journal.append(records, ["station"])
    await journal.append(records[:1], ["station"])
    delivery = await Outbox(database).delivery(INCIDENT, "station")
    assert delivery is not None
    assert delivery.wanted == 3


async def test_an_append_of_nothing_is_done_at_once(journal: Journal) -> None:
    await journal.append([], ["station"])


async def test_an_entry_that_is_already_there_is_left_alone(journal: Journal) -> None:
    records = timeline()
    await journal.append(records[:2])
    await journal.append(records)
    await journal.append(records)
    assert await journal.read(INCIDENT) == records


async def test_another_entry_in_the_same_place_is_a_conflict_that_writes_nothing(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    records = timeline(entries=2)
    await journal.append(records)
    other = seal(records[0].hash, INCIDENT, 2, AT, "forged", {})
    third = seal(other.hash, INCIDENT, 3, AT, "forged", {})
    with pytest.raises(JournalConflict) as caught:
        await journal.append([other, third])
    assert (caught.value.incident, caught.value.seq) == (INCIDENT, 2)
    assert await journal.read(INCIDENT) == records
    assert "already there and differs" in caplog.text


async def test_a_conflict_does_not_touch_its_neighbours(journal: Journal) -> None:
    first, second = timeline(entries=2)
    await journal.append([first])
    futures = [
        journal.append([second]),
        journal.append([seal(GENESIS, INCIDENT, 1, AT, "forged", {})]),
        journal.append(timeline(OTHER)),
    ]
    await futures[0]
    await futures[2]
    assert isinstance(futures[1].exception(), JournalConflict)
    assert await journal.read(INCIDENT) == [first, second]
    assert await journal.read(OTHER) == timeline(OTHER)


async def test_open_incidents_are_those_without_a_closing_entry(
    journal: Journal,
) -> None:
    still_open = timeline(OTHER)
    await journal.append(timeline(INCIDENT, closed_at=AT))
    await journal.append(still_open)
    after_closing = timeline(THIRD, closed_at=AT)
    note = seal(after_closing[-1].hash, THIRD, 4, AT, "station", {})
    await journal.append([*after_closing, note])
    assert await journal.read_open() == {OTHER: still_open}


async def test_a_receiver_wants_entries_from_the_moment_they_are_there(
    journal: Journal, database: Database
) -> None:
    records = timeline()
    await journal.append(records[:2], receivers=["station"])
    await journal.append(records[2:])
    assert await journal.read_unacknowledged("station") == {INCIDENT: records[:2]}
    assert await journal.read_unacknowledged("other") == {}
    await Outbox(database).mark_received(INCIDENT, "station", 1)
    assert await journal.read_unacknowledged("station") == {INCIDENT: [records[1]]}


async def test_no_statement_rewrites_an_entry(
    journal: Journal, database: Database
) -> None:
    await journal.append(timeline())
    with pytest.raises(IntegrityError, match="append-only"):
        await database.submit(lambda c: c.execute(text("UPDATE journal SET kind = ''")))
    assert verify(await journal.read(INCIDENT)) is None


def incident(number: int) -> str:
    """Return ids in the order of time."""
    return f"0197c1a0-0000-7000-8000-{number:012}"


async def test_retention_removes_old_closed_incidents_and_keeps_the_newest(
    journal: Journal,
) -> None:
    for number in range(1, 6):
        closed_at = AT + timedelta(days=number)
        await journal.append(timeline(incident(number), closed_at=closed_at))
    await journal.append(timeline(incident(6)))
    assert await journal.purge(AT + timedelta(days=4), keep_at_least=3) == 2
    left = [n for n in range(1, 7) if await journal.read(incident(n))]
    assert left == [3, 4, 5, 6]
    assert await journal.purge(AT + timedelta(days=4), keep_at_least=0) == 1
    assert await journal.purge(AT + timedelta(days=9), keep_at_least=0) == 2
    assert await journal.read_open() == {incident(6): timeline(incident(6))}


async def test_retention_takes_more_than_one_step(journal: Journal) -> None:
    for number in range(1, 121):
        journal.append(timeline(incident(number), entries=2, closed_at=AT))
    assert await journal.purge(AT + timedelta(days=1), keep_at_least=1) == 119
    assert await journal.read(incident(120))


async def test_retention_leaves_what_a_receiver_still_has_to_get(
    journal: Journal, database: Database
) -> None:
    outbox = Outbox(database)
    await journal.append(timeline(closed_at=AT), receivers=["station"])
    late = AT + timedelta(days=1)
    assert await journal.purge(late, keep_at_least=0) == 0
    await outbox.mark_received(INCIDENT, "station", 3)
    assert await journal.purge(late, keep_at_least=0) == 1
    assert await outbox.delivery(INCIDENT, "station") is None


async def test_after_closing_an_append_fails_by_name(
    journal: Journal, database: Database
) -> None:
    await database.close()
    with pytest.raises(DatabaseClosed):
        await journal.append(timeline())
