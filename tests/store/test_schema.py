"""The tables, their guards and the way from one version to the next."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from custom_components.zhian.store import Database, schema
from custom_components.zhian.store.schema import (
    desk_log,
    households,
    station_entries,
    station_incidents,
)

from .timeline import AT, INCIDENT

HOUSEHOLD = {"id": "h", "name": "1-101", "public_key": "k", "enrolled_at": AT}
REPORTED = {
    "id": INCIDENT,
    "household": "h",
    "number": "2026-000001",
    "revision": 1,
    "hazard": "gas",
    "priority": 1,
    "drill": False,
    "document": {"zones": ["厨房"]},
    "status": "received",
    "received_at": AT,
    "updated_at": AT,
}
ENTRY = {
    "incident": INCIDENT,
    "seq": 1,
    "at": AT,
    "kind": "opened",
    "body": {},
    "previous": "",
    "hash": "0",
}
LOGGED = {"incident": INCIDENT, "at": AT, "by": "u", "action": "dispatch", "body": {}}


@pytest.fixture
async def filled(database: Database) -> Database:
    """Return a database with one of each."""

    def fill(connection: Connection) -> None:
        connection.execute(insert(households), HOUSEHOLD)
        connection.execute(insert(station_incidents), REPORTED)
        connection.execute(insert(station_entries), ENTRY)
        connection.execute(insert(desk_log), LOGGED)

    await database.submit(fill)
    return database


async def test_documents_and_times_come_back_as_they_were(filled: Database) -> None:
    row = await filled.submit(lambda c: c.execute(select(station_incidents)).one())
    assert row.document == {"zones": ["厨房"]}
    assert row.received_at == AT
    assert row.received_at.tzinfo is UTC
    assert row.closed_at is None


async def test_times_compare_across_zones(filled: Database) -> None:
    east = timezone(timedelta(hours=8))
    later = datetime(2026, 11, 22, 20, 0, 1, tzinfo=east)
    query = select(households.c.id).where(households.c.enrolled_at < later)
    assert await filled.submit(lambda c: c.scalars(query).all()) == ["h"]


@pytest.mark.parametrize(
    "change",
    [
        update(desk_log).values(action="x"),
        delete(desk_log),
        update(station_entries).values(kind="x"),
        insert(station_incidents).values(REPORTED | {"id": "other"}),
        insert(station_incidents).values(
            REPORTED | {"id": "other", "number": "2", "household": "nobody"}
        ),
        insert(station_entries).values(ENTRY),
    ],
    ids=[
        "rewrite the desk's log",
        "delete from it",
        "rewrite an entry",
        "a number twice",
        "an unknown household",
        "an entry twice",
    ],
)
async def test_evidence_is_not_rewritten_and_numbers_are_unique(
    filled: Database, change: object
) -> None:
    with pytest.raises(IntegrityError) as caught:
        await filled.submit(lambda c: c.execute(change))
    assert "厨房" not in str(caught.value)  # neither logs nor errors hold data
    assert filled.healthy


async def test_an_older_file_is_brought_up_to_date_and_keeps_its_content(
    filled: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled.close()
    steps: list[int] = []

    def to(version: int) -> Callable[[Connection], None]:
        def step(connection: Connection) -> None:
            steps.append(version)
            connection.exec_driver_sql(f"CREATE TABLE made_by_{version} (id)")

        return step

    today = schema.SCHEMA_VERSION
    later = {today + 1: to(today + 1), today + 2: to(today + 2)}
    monkeypatch.setattr(schema, "MIGRATIONS", later)
    monkeypatch.setattr(schema, "SCHEMA_VERSION", today + 2)
    monkeypatch.setattr(
        "custom_components.zhian.store.worker.SCHEMA_VERSION", today + 2
    )
    for _ in range(2):
        database = Database(path)
        await database.open()
        rows = await database.submit(lambda c: c.execute(select(households)).all())
        await database.close()
        assert [row.name for row in rows] == ["1-101"]
    assert steps == list(later)


async def test_a_step_that_fails_leaves_the_file_as_it_was(
    filled: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled.close()

    def step(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE half (id)")
        raise LookupError("on purpose")

    with monkeypatch.context() as patch:
        next_version = schema.SCHEMA_VERSION + 1
        patch.setattr(schema, "MIGRATIONS", {next_version: step})
        patch.setattr(schema, "SCHEMA_VERSION", next_version)
        patch.setattr(
            "custom_components.zhian.store.worker.SCHEMA_VERSION", next_version
        )
        database = Database(path)
        with pytest.raises(LookupError):
            await database.open()
        await database.close()
    database = Database(path)
    await database.open()
    query = "SELECT count(*) FROM sqlite_schema WHERE name = 'half'"
    assert await database.submit(lambda c: c.exec_driver_sql(query).scalar()) == 0
    await database.close()


def back_to_4(connection: Connection) -> None:
    """Take away what version 5 has brought."""
    for change in (
        "DROP TABLE withdrawals",
        "DROP TABLE erasures",
        "ALTER TABLE station_incidents DROP withdrawn",
        "PRAGMA user_version = 4",
    ):
        connection.exec_driver_sql(change)


def back_to_3(connection: Connection) -> None:
    """Take away what version 4 has brought."""
    back_to_4(connection)
    for change in (
        "DROP TABLE uplink",
        "DROP TABLE orders",
        "ALTER TABLE households DROP station",
        "ALTER TABLE station_incidents DROP above",
        "ALTER TABLE pairing_codes DROP for_station",
        "PRAGMA user_version = 3",
    ):
        connection.exec_driver_sql(change)


def back_to_2(connection: Connection) -> None:
    """Make the file one of version 2."""
    back_to_3(connection)
    connection.exec_driver_sql("DROP TRIGGER desk_log_no_delete")
    for table in ("reads", "statistics", "numbers_given", "purging"):
        connection.exec_driver_sql(f"DROP TABLE {table}")
    for column in (
        "consents",
        "deletion_requested_at",
        "deletion_due",
        "deletion_by",
        "deleted_at",
    ):
        connection.exec_driver_sql(f"ALTER TABLE households DROP {column}")
    connection.exec_driver_sql(
        "CREATE TRIGGER desk_log_no_delete BEFORE DELETE ON desk_log "
        "BEGIN SELECT RAISE(ABORT, 'desk_log is append-only'); END"
    )
    connection.exec_driver_sql("PRAGMA user_version = 2")


def layout(connection: Connection) -> dict[str, set[tuple[object, ...]]]:
    """Return the columns of all tables, and the guards of what is not rewritten."""
    guards = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
    )
    return {
        table: {
            row[1:4]
            for row in connection.exec_driver_sql(f"PRAGMA table_info({table})")
        }
        for table in schema.metadata.tables
    } | {"guards": {tuple(row) for row in guards}}


async def test_a_file_of_version_2_becomes_like_a_new_one(
    filled: Database, path: Path
) -> None:
    """And what the desk did can be deleted on purpose, and not by mistake."""
    new = await filled.submit(layout)
    await filled.submit(back_to_2)
    await filled.close()
    database = Database(path)
    await database.open()
    assert await database.submit(layout) == new
    with pytest.raises(IntegrityError):
        await database.submit(lambda c: c.execute(delete(desk_log)))

    def purge(connection: Connection) -> int:
        connection.execute(insert(schema.purging).values(id=1))
        connection.execute(delete(desk_log))
        connection.execute(delete(schema.purging))
        return len(connection.execute(select(desk_log)).all())

    assert await database.submit(purge) == 0
    rows = await database.submit(lambda c: c.execute(select(households)).all())
    assert [(row.name, row.consents) for row in rows] == [("1-101", None)]
    await database.close()


async def test_what_has_gone_up_in_version_4_can_be_taken_back(
    filled: Database, path: Path
) -> None:
    """Nothing is withdrawn yet, and what was noted for above is still there."""

    def passed_on(connection: Connection) -> None:
        incident = connection.scalar(select(station_incidents.c.id))
        row = {"receiver": "r", "incident": incident, "wanted": 3, "received": 2}
        connection.execute(insert(schema.uplink).values(row))

    new = await filled.submit(layout)
    await filled.submit(passed_on)
    await filled.submit(back_to_4)
    await filled.close()
    database = Database(path)
    await database.open()
    assert await database.submit(layout) == new
    (known,) = await database.submit(
        lambda c: c.execute(select(station_incidents)).all()
    )
    assert known.withdrawn is None
    assert known.document == {"zones": ["厨房"]}
    (up,) = await database.submit(lambda c: c.execute(select(schema.uplink)).all())
    assert (up.wanted, up.received) == (3, 2)
    for table in (schema.withdrawals, schema.erasures):
        rows = await database.submit(lambda c, t=table: c.execute(select(t)).all())
        assert rows == []
    await database.close()


async def test_homes_and_incidents_of_version_3_stay_what_they_were(
    filled: Database, path: Path
) -> None:
    """A household that was enrolled before there were stations below is a home."""
    await filled.submit(back_to_3)
    await filled.close()
    database = Database(path)
    await database.open()
    (home,) = await database.submit(lambda c: c.execute(select(households)).all())
    (known,) = await database.submit(
        lambda c: c.execute(select(station_incidents)).all()
    )
    assert home.station is None
    assert known.above is None
    assert known.document == {"zones": ["厨房"]}
    await database.close()


async def test_a_file_of_version_1_becomes_like_a_new_one(
    filled: Database, path: Path
) -> None:
    """Both ways to today's tables lead to the same."""

    def back_to_1(connection: Connection) -> None:
        back_to_2(connection)
        connection.exec_driver_sql("DROP TABLE nonces")
        connection.exec_driver_sql("DROP TABLE notices")
        for column in ("former_key", "former_key_until"):
            connection.exec_driver_sql(f"ALTER TABLE households DROP {column}")
        connection.exec_driver_sql("ALTER TABLE pairing_codes DROP household")
        connection.exec_driver_sql("PRAGMA user_version = 1")

    new = await filled.submit(layout)
    await filled.submit(back_to_1)
    await filled.close()
    database = Database(path)
    await database.open()
    assert await database.submit(layout) == new
    rows = await database.submit(lambda c: c.execute(select(households)).all())
    assert [row.name for row in rows] == ["1-101"]
    await database.close()


def test_every_version_has_its_step() -> None:
    assert set(schema.MIGRATIONS) == set(range(2, schema.SCHEMA_VERSION + 1))
