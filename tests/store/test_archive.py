"""The journal as a record."""

from datetime import timedelta
from pathlib import Path
import sqlite3

import pytest

from custom_components.zhian.store import Database, Journal
from custom_components.zhian.store.archive import Archive
from custom_components.zhian.store.outbox import Outbox

from .timeline import AT, INCIDENT, OTHER, THIRD, timeline


@pytest.fixture
def archive(database: Database) -> Archive:
    """Return the archive on the database."""
    return Archive(database)


def tamper(path: Path, statement: str) -> None:
    """Change the file behind everybody's back."""
    with sqlite3.connect(path) as connection:
        # The table refuses changes; whoever owns the file can make it forget that.
        connection.execute("DROP TRIGGER IF EXISTS journal_no_update")
        connection.execute(statement)
    connection.close()


async def test_incidents_are_found_newest_first(
    journal: Journal, archive: Archive
) -> None:
    for incident in (OTHER, INCIDENT, THIRD):
        await journal.append(timeline(incident))
    assert await archive.incidents() == [THIRD, OTHER, INCIDENT]
    assert await archive.incidents(limit=1) == [THIRD]


async def test_what_was_over_before_a_date_is_left_out(
    journal: Journal, archive: Archive
) -> None:
    """An incident that was still open then belongs to the time since."""
    since = AT + timedelta(days=10)
    await journal.append(timeline(INCIDENT, closed_at=since - timedelta(days=1)))
    await journal.append(timeline(OTHER, closed_at=since + timedelta(days=1)))
    await journal.append(timeline(THIRD))
    assert await archive.incidents(since) == [THIRD, OTHER]


async def test_drills_are_not_counted(journal: Journal, archive: Archive) -> None:
    await journal.append(timeline(INCIDENT, 1, body={"drill": False, "by": "Anna"}))
    await journal.append(timeline(OTHER, 1, body={"drill": True}))
    opened = AT + timedelta(seconds=1)
    assert await archive.opened_since(AT) == {INCIDENT: opened}
    assert await archive.last_opened() == opened
    assert await archive.opened_since(AT + timedelta(days=1)) == {}


async def test_an_untouched_timeline_is_intact(
    journal: Journal, archive: Archive
) -> None:
    records = timeline(entries=5)
    await journal.append(records)
    proof = await archive.prove(INCIDENT, records[-1].hash)
    assert proof.is_intact
    assert proof.entries == 5


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE journal SET body = '{\"entry\":9}' WHERE seq = 3", 3),
        ("UPDATE journal SET body = 'no JSON' WHERE seq = 2", 2),
        ("UPDATE journal SET at = 'never' WHERE seq = 2", 2),
        ("UPDATE journal SET kind = 'told' WHERE seq = 4", 4),
        ("UPDATE journal SET hash = 'x' WHERE seq = 1", 1),
        ("UPDATE journal SET previous = 'x' WHERE seq = 4", 4),
        ("DELETE FROM journal WHERE seq = 2", 2),
        ("DELETE FROM journal WHERE seq = 1", 1),
        ("DELETE FROM journal WHERE seq = 5", 5),
    ],
)
async def test_the_first_broken_entry_is_named(
    journal: Journal, archive: Archive, path: Path, statement: str, broken: int
) -> None:
    records = timeline(entries=5)
    await journal.append(records)
    tamper(path, statement)
    proof = await archive.prove(INCIDENT, records[-1].hash)
    assert not proof.is_intact
    assert proof.broken == broken


async def test_a_cut_end_shows_against_what_the_station_was_to_get(
    journal: Journal, archive: Archive, database: Database, path: Path
) -> None:
    """After a restart nobody remembers the last hash; the outbox knows the number."""
    await journal.append(timeline(entries=5))
    await Outbox(database).mark_wanted(INCIDENT, "station", 5)
    tamper(path, "DELETE FROM journal WHERE seq > 3")
    assert (await archive.prove(INCIDENT)).broken == 4


async def test_an_incident_that_is_gone_is_not_intact(archive: Archive) -> None:
    proof = await archive.prove(INCIDENT)
    assert (proof.entries, proof.broken) == (0, 1)
