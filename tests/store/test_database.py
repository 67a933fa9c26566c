"""One thread, one commit for many, and trouble that stays where it belongs."""

# ruff: noqa: ASYNC240  # small files, and the loop is ours

import asyncio
from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path
import resource
import sqlite3
import threading
import time

import pytest
from sqlalchemy import Connection, event, text

from custom_components.zhian.store import (
    Database,
    DatabaseClosed,
    DatabaseUnreadable,
    Journal,
    SchemaTooNew,
    Trouble,
    WriteFailed,
    verify,
)
from custom_components.zhian.store.database import THREAD_NAME
from custom_components.zhian.store.schema import SCHEMA_VERSION
from custom_components.zhian.store.worker import Job

from .timeline import INCIDENT, OTHER, timeline

PAGES = 20  # between two checkpoints, where a test wants many


def insert(number: int) -> Callable[[Connection], int]:
    """Return work that writes a pairing code and returns its number."""

    def work(connection: Connection) -> int:
        connection.execute(
            text(
                "INSERT INTO pairing_codes VALUES (:code, 'a', 'b', NULL, NULL, NULL)"
            ),
            {"code": f"{number}"},
        )
        return number

    return work


def count(connection: Connection) -> int:
    """Return how many pairing codes there are."""
    return int(connection.scalar(text("SELECT count(*) FROM pairing_codes")) or 0)


def pragma(name: str) -> Callable[[Connection], object]:
    """Return work that reads or sets a pragma."""

    def work(connection: Connection) -> object:
        result = connection.exec_driver_sql(f"PRAGMA {name}")
        return result.scalar() if result.returns_rows else None

    return work


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> Generator[set[str]]:
    """Return the names of the threads in which sqlite was used."""
    names: set[str] = set()
    connect = sqlite3.connect

    class Watched(sqlite3.Connection):
        """Notes who calls."""

        def execute(self, *args: object) -> sqlite3.Cursor:
            names.add(threading.current_thread().name)
            return super().execute(*args)

        def cursor(self, *args: object) -> sqlite3.Cursor:
            names.add(threading.current_thread().name)
            return super().cursor(*args)

        def commit(self) -> None:
            names.add(threading.current_thread().name)
            super().commit()

        def close(self) -> None:
            names.add(threading.current_thread().name)
            super().close()

    def watched(*args: object, **kwargs: object) -> sqlite3.Connection:
        names.add(threading.current_thread().name)
        return connect(*args, **(kwargs | {"factory": Watched}))

    monkeypatch.setattr(sqlite3, "connect", watched)
    monkeypatch.setattr("sqlite3.dbapi2.connect", watched)
    return names


async def test_sqlite_is_used_in_the_thread_of_the_database_only(
    threads: set[str], path: Path
) -> None:
    database = Database(path)
    await database.open()
    journal = Journal(database)
    await journal.append(timeline(), receivers=["station"])
    await journal.read(INCIDENT)
    async with database.pause():
        await database.submit(count)
    await database.close()
    assert threads == {THREAD_NAME}


async def test_the_file_is_made_durable_and_for_its_owner_only(
    database: Database, path: Path
) -> None:
    assert await database.submit(pragma("journal_mode")) == "wal"
    assert await database.submit(pragma("synchronous")) == 2
    assert await database.submit(pragma("foreign_keys")) == 1
    assert await database.submit(pragma("user_version")) == SCHEMA_VERSION
    assert path.stat().st_mode & 0o777 == 0o600


async def test_submit_returns_before_the_work_and_the_loop_goes_on(
    database: Database,
) -> None:
    may_go_on = threading.Event()
    first = database.submit(lambda _: may_go_on.wait(10))
    second = database.submit(count)
    for _ in range(3):  # the loop turns while the worker is held up
        await asyncio.sleep(0)
    assert not first.done()
    assert not second.done()
    may_go_on.set()
    assert await first
    assert await second == 0


async def test_works_that_wait_together_share_one_commit(database: Database) -> None:
    commits: list[object] = []
    await database.submit(
        lambda connection: event.listen(connection.engine, "commit", commits.append)
    )
    commits.clear()
    may_go_on = threading.Event()
    held = database.submit(lambda _: may_go_on.wait(10))
    while not database._queue.empty():
        await asyncio.sleep(0)
    futures = [database.submit(insert(number)) for number in range(64)]
    may_go_on.set()
    await held
    assert await asyncio.gather(*futures) == list(range(64))
    assert len(commits) == 2


async def test_works_run_in_the_order_of_submission(database: Database) -> None:
    order: list[int] = []
    await asyncio.gather(
        *(
            database.submit(lambda _, number=number: order.append(number))
            for number in range(50)
        )
    )
    assert order == list(range(50))


async def test_a_failing_work_fails_its_own_future_only(database: Database) -> None:
    def half(connection: Connection) -> None:
        insert(100)(connection)
        raise LookupError("on purpose")

    futures: list[asyncio.Future[object]] = []
    for number in range(20):
        work = half if number in {0, 7, 19} else insert(number)
        futures.append(database.submit(work))
    await asyncio.wait(futures)
    failed = [number for number, future in enumerate(futures) if future.exception()]
    assert failed == [0, 7, 19]
    assert await database.submit(count) == 17
    assert database.healthy


async def test_a_work_that_hides_its_error_makes_nothing_half_durable(
    database: Database,
) -> None:
    def hides(connection: Connection) -> None:
        insert(1)(connection)
        connection.connection.driver_connection.rollback()
        insert(2)(connection)

    with pytest.raises(WriteFailed):
        await database.submit(hides)
    await database.submit(insert(3))


async def test_a_cancelled_caller_does_not_take_its_work_back(
    database: Database,
) -> None:
    future = database.submit(insert(1))
    future.cancel()
    assert await database.submit(count) == 1


async def test_what_is_on_the_disk_is_taken_in_before_anybody_is_answered(
    database: Database,
) -> None:
    """In the order of the commits, and also for those who no longer wait."""
    said: list[str] = []
    loop = asyncio.get_running_loop()
    jobs = [
        Job(
            lambda connection, items: None,
            loop.create_future(),
            shared=True,
            item=number,
            written=partial(said.append, f"written {number}"),
        )
        for number in range(3)
    ]
    for number, job in enumerate(jobs):
        job.future.add_done_callback(partial(_say, said, f"answered {number}"))
        database.put(job)
    jobs[1].future.cancel()
    await asyncio.gather(*(job.future for job in jobs), return_exceptions=True)
    said.remove("answered 1")  # it has hung up; its place is anywhere
    assert said == [
        *(f"written {number}" for number in range(3)),
        "answered 0",
        "answered 2",
    ]


async def test_what_comes_too_late_is_refused_also_if_nobody_waits(
    database: Database,
) -> None:
    """Nothing is handed in to a database that is closed."""
    await database.close()
    loop = asyncio.get_running_loop()
    gone, there = (Job(insert(number), loop.create_future()) for number in range(2))
    gone.future.cancel()
    for job in (gone, there):
        database.put(job)
    assert gone.future.cancelled()
    with pytest.raises(DatabaseClosed):
        await there.future


def _say(said: list[str], what: str, _: asyncio.Future[None]) -> None:
    said.append(what)


async def test_what_cannot_be_taken_in_is_no_answer_and_nobody_elses_trouble(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """It is asked for again; the others of the same commit have theirs."""

    def fail() -> None:
        raise ValueError("no room")

    loop = asyncio.get_running_loop()
    bad, good = (
        Job(insert(number), loop.create_future(), written=written)
        for number, written in ((1, fail), (2, None))
    )
    for job in (bad, good):
        database.put(job)
    with pytest.raises(ValueError, match="no room"):
        await bad.future
    assert await good.future == 2
    assert "not taken in" in caplog.text
    assert await database.submit(count) == 2


async def test_a_full_disk_is_told_and_leaves_everything_whole(
    database: Database, journal: Journal
) -> None:
    news: list[WriteFailed | None] = []
    end_watch = database.watch_health(news.append)
    await journal.append(timeline())
    pages = await database.submit(pragma("page_count"))
    await database.submit(pragma(f"max_page_count = {pages}"))

    big = timeline(OTHER, entries=40, body={"note": "x" * 2000})
    with pytest.raises(WriteFailed) as caught:
        await journal.append(big)
    assert caught.value.trouble is Trouble.FULL
    assert not database.healthy
    assert [failure.trouble for failure in news if failure] == [Trouble.FULL]
    # What can be read is read, and what fits is written beside it.
    assert await journal.read(INCIDENT) == timeline()
    assert await journal.read(OTHER) == []

    well = asyncio.Event()
    database.watch_health(lambda failure: failure or well.set())
    await database.submit(pragma("max_page_count = 1000000"))
    await asyncio.wait_for(well.wait(), 5)
    # Nobody asked again: what was to be kept came to disk by itself.
    assert await journal.read(OTHER) == big
    assert database.healthy
    assert news[1:] == [None]
    end_watch()
    end_watch()


async def test_an_entry_does_not_overtake_one_that_the_disk_refused(
    database: Database, journal: Journal
) -> None:
    records = timeline(OTHER, entries=40, body={"note": "x" * 2000})
    small = timeline(INCIDENT, entries=1)
    await database.submit(insert(1))
    pages = await database.submit(pragma("page_count"))
    await database.submit(pragma(f"max_page_count = {pages}"))
    futures = [journal.append(records), journal.append(small)]
    await asyncio.wait(futures)
    assert all(isinstance(future.exception(), WriteFailed) for future in futures)
    assert await journal.read(INCIDENT) == []
    await database.submit(pragma("max_page_count = 1000000"))
    await journal.append(timeline(INCIDENT, entries=2))
    assert await journal.read(OTHER) == records
    assert verify(await journal.read(INCIDENT)) is None


async def test_an_error_of_the_disk_itself_is_survived(
    database: Database, journal: Journal, path: Path
) -> None:
    """The system refuses to let the log grow, as a failing card would."""
    await journal.append(timeline())
    wal = path.with_name(path.name + "-wal").stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    big = timeline(OTHER, entries=200, body={"note": "x" * 2000})
    resource.setrlimit(resource.RLIMIT_FSIZE, (wal + 8192, hard))
    try:
        with pytest.raises(WriteFailed) as caught:
            await journal.append(big)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.trouble in {Trouble.IO, Trouble.FULL}
    await journal.append(timeline(entries=4))
    assert await journal.read(INCIDENT) == timeline(entries=4)
    assert await journal.read(OTHER) == big
    assert await database.submit(pragma("integrity_check")) == "ok"


async def test_another_program_that_locks_the_file_is_waited_for_once(
    database: Database, path: Path
) -> None:
    await database.submit(pragma("busy_timeout = 10"))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    begin = time.monotonic()
    futures = [database.submit(insert(number)) for number in range(64)]
    await asyncio.wait(futures)
    assert {type(future.exception()) for future in futures} == {WriteFailed}
    assert time.monotonic() - begin < 5
    other.execute("COMMIT")
    other.close()
    await database.submit(insert(1))
    assert database.healthy


async def test_closing_writes_what_was_handed_in_and_may_be_repeated(
    path: Path,
) -> None:
    database = Database(path)
    await database.open()
    futures = [database.submit(insert(number)) for number in range(200)]
    await asyncio.gather(database.close(), database.close())
    await database.close()
    assert [future.result() for future in futures] == list(range(200))
    assert THREAD_NAME not in {thread.name for thread in threading.enumerate()}
    assert not path.with_name(path.name + "-wal").exists()
    with pytest.raises(DatabaseClosed):
        await database.submit(count)
    with pytest.raises(DatabaseClosed):
        async with database.pause():
            pass


async def test_a_database_that_was_never_opened_closes_and_refuses(path: Path) -> None:
    database = Database(path)
    await database.close()
    with pytest.raises(DatabaseClosed):
        await database.submit(count)
    assert not path.exists()


async def test_changes_that_the_disk_never_took_are_told_at_the_end(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database = Database(path)
    await database.open()
    journal = Journal(database)
    pages = await database.submit(pragma("page_count"))
    await database.submit(pragma(f"max_page_count = {pages}"))
    future = journal.append(timeline(entries=40, body={"note": "x" * 2000}))
    await database.close()
    assert isinstance(future.exception(), WriteFailed)
    assert "1 changes that the disk did not take" in caplog.text


async def test_opening_again_finds_everything(path: Path) -> None:
    for _ in range(2):
        database = Database(path)
        await database.open()
        await database.open()
        await Journal(database).append(timeline())
        await database.close()
    database = Database(path)
    await database.open()
    assert await Journal(database).read(INCIDENT) == timeline()
    await database.close()


async def refused(path: Path) -> Exception:
    """Return the error of opening a file, which is to be as it was."""
    before = {file.name: file.read_bytes() for file in path.parent.glob("*.db*")}
    database = Database(path)
    with pytest.raises((DatabaseUnreadable, SchemaTooNew)) as caught:
        await database.open()
    after = {file.name: file.read_bytes() for file in path.parent.glob("*.db*")}
    after.pop(f"{path.name}-shm", None)
    before.pop(f"{path.name}-shm", None)
    after = {name: data for name, data in after.items() if data or name in before}
    assert after == before
    with pytest.raises(DatabaseClosed):
        await database.submit(count)
    assert THREAD_NAME not in {thread.name for thread in threading.enumerate()}
    return caught.value


async def test_a_file_that_is_no_database_is_refused_and_left_alone(
    tmp_path: Path,
) -> None:
    path = tmp_path / "zhian.db"
    path.write_text("Dear diary, " * 100)
    error = await refused(path)
    assert isinstance(error, DatabaseUnreadable)
    assert error.path == path
    assert "not a database" in error.reason


async def test_the_database_of_another_program_is_refused_and_left_alone(
    tmp_path: Path,
) -> None:
    path = tmp_path / "zhian.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE states (id)")
    other.close()
    assert isinstance(await refused(path), DatabaseUnreadable)


async def test_a_newer_schema_is_refused_and_left_alone_even_after_a_crash(
    tmp_path: Path,
) -> None:
    made = tmp_path / "made.db"
    database = Database(made)
    await database.open()
    await Journal(database).append(timeline())
    newer = SCHEMA_VERSION + 1
    await database.submit(pragma(f"user_version = {newer}"))
    # As a crash leaves it: the newer version stands in the log only.
    path = tmp_path / "zhian.db"
    for suffix in ("", "-wal"):
        data = made.with_name(made.name + suffix).read_bytes()
        path.with_name(path.name + suffix).write_bytes(data)
    await database.close()
    made.unlink()
    error = await refused(path)
    assert isinstance(error, SchemaTooNew)
    assert (error.found, error.known) == (newer, SCHEMA_VERSION)


async def test_a_path_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "zhian.db", tmp_path):
        database = Database(path)
        with pytest.raises(DatabaseUnreadable):
            await database.open()
        await database.close()


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fold the log into the file every few commits."""
    monkeypatch.setattr("custom_components.zhian.store.worker.CHECKPOINT_PAGES", PAGES)


@pytest.mark.usefixtures("often")
async def test_a_backup_taken_while_entries_are_written_is_whole(
    database: Database, journal: Journal, path: Path, tmp_path: Path
) -> None:
    written = timeline(entries=100, body={"note": "x" * 2000})
    await journal.append(written[:20])
    copy = tmp_path / "copy.db"
    async with database.pause():
        before = path.read_bytes()
        # Enough for many checkpoints, and nobody has to wait for the backup.
        for record in written[20:]:
            await journal.append([record])
        assert path.read_bytes() == before
        copy.write_bytes(before)
        log = path.with_name(path.name + "-wal").read_bytes()
        # Torn in the middle of a page, as a copy of a growing file is.
        copy.with_name("copy.db-wal").write_bytes(log[: len(log) * 2 // 3 + 100])
    restored = Database(copy)
    await restored.open()
    found = await Journal(restored).read(INCIDENT)
    await restored.close()
    assert 20 < len(found) < 100
    assert found == written[: len(found)]
    for number in range(PAGES):
        await database.submit(insert(number))
    assert path.read_bytes() != before


@pytest.mark.usefixtures("often")
async def test_a_pause_that_nobody_ends_is_forgotten(
    database: Database, path: Path
) -> None:
    async with database.pause(0.001):
        before = path.read_bytes()
        for number in range(PAGES):
            await database.submit(insert(number))
        assert path.read_bytes() != before


async def test_a_pause_survives_that_the_database_is_closed_in_it(
    database: Database,
) -> None:
    async with database.pause():
        await database.close()


@pytest.mark.usefixtures("often")
async def test_the_log_does_not_grow_without_end(
    database: Database, path: Path
) -> None:
    for number in range(10 * PAGES):
        await database.submit(insert(number))
    log = path.with_name(path.name + "-wal").stat().st_size
    assert log < 10 * PAGES * 4096


@pytest.mark.usefixtures("often")
async def test_the_log_is_folded_by_programs_that_are_killed_again_and_again(
    path: Path, tmp_path: Path
) -> None:
    """None of them lives long enough to write so much that it would fold its own."""
    written = 0
    for life in range(20):
        database = Database(path)
        await database.open()
        for _ in range(PAGES // 4):
            await database.submit(insert(written))
            written += 1
        killed = tmp_path / f"{life}.db"
        for end in ("", "-wal"):
            file = path.with_name(path.name + end)
            killed.with_name(killed.name + end).write_bytes(file.read_bytes())
        await database.close()
        path = killed
    log = path.with_name(path.name + "-wal").stat().st_size
    assert log < 4 * PAGES * 4096
    database = Database(path)
    await database.open()
    count = "SELECT count(*) FROM pairing_codes"
    assert await database.submit(lambda c: c.scalar(text(count))) == written
    await database.close()
