"""One thread, one connection: all that touches the disk."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
import logging
from operator import attrgetter
from pathlib import Path
from queue import Empty, SimpleQueue
import sqlite3
import time
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from .canonical import canonical
from .errors import (
    DatabaseClosed,
    DatabaseUnreadable,
    SchemaTooNew,
    StoreError,
    Trouble,
    WriteFailed,
    write_failure,
)
from .schema import APPLICATION_ID, ARRIVALS, SCHEMA_VERSION, bring_up_to_date

_LOGGER = logging.getLogger(__name__)

# Enough for one commit to serve every caller there is, few enough to stay short.
BATCH_LIMIT: Final = 1000
# SQLite's own default is a checkpoint per 1,000 pages, inside the unlucky commit.
CHECKPOINT_PAGES: Final = 1000
# A table leaf, an index leaf and their parents, in a commit of one row.
PAGES_PER_COMMIT: Final = 3
ROWS_PER_PAGE: Final = 5
PAGE_BYTES: Final = 4096
WAL_FILE_LIMIT: Final = 8 * 1024 * 1024
BUSY_SECONDS: Final = 5.0

type HealthWatcher = Callable[[WriteFailed | None], None]
type Statement = tuple[str, Sequence[object]]


@dataclass(slots=True, eq=False)
class Job:
    """A piece of work on its way to the disk and the future that waits for it.

    Shared work gets the items of all neighbours with the same work at once.
    """

    work: Callable[..., Any]
    future: asyncio.Future[Any]
    keep: bool = False
    outside: bool = False  # of any transaction
    sweeps: bool = False  # a hold for a backup forbids it, and stays
    shared: bool = False
    item: object = None
    at_once: Callable[[list[Any]], Statement | None] | None = None
    """Returns the one statement that does shared work for some items, if one does."""
    written: Callable[[], None] | None = None
    """Called in the event loop after the commit, before the future of any job in it ends,
    and also if nobody waits for that future any more."""


type _Settled = list[tuple[Job, Any]]


class Worker:
    """What runs in the thread. Nothing here is called from the event loop."""

    def __init__(
        self,
        path: Path,
        queue: SimpleQueue[Job | None],
        loop: asyncio.AbstractEventLoop,
        on_health: HealthWatcher,
        retry_seconds: float,
    ) -> None:
        """Take what the thread works with."""
        self._path = path
        self._queue = queue
        self._loop = loop
        self._on_health = on_health
        self._retry_seconds = retry_seconds
        self._connection: Connection
        self._failure: WriteFailed | None = None
        self._kept: list[Job] = []
        self._changes = 0
        self._pages = 0
        self._paused_until = 0.0

    def run(self, opened: asyncio.Future[None], ended: asyncio.Future[None]) -> None:
        """Open, serve until told to stop, close."""
        engine = None
        try:
            try:
                engine = _engine(self._path)
                self._connection = _connect(engine, self._path)
                self._pages = _left_in_log(self._path)
            except Exception as error:  # noqa: BLE001  # the caller decides
                self._post(_refuse, Job(_connect, opened), error)
                return
            self._tell([(Job(_connect, opened), None)])
            self._serve()
        finally:
            if engine is not None:
                with suppress(Exception):
                    self._connection.close()
                engine.dispose()
            self._refuse_rest()
            self._tell([(Job(_connect, ended), None)])

    def _serve(self) -> None:
        """Batch after batch, until the mark of the end."""
        while True:
            # What the disk refused goes first: a later entry rests on an earlier.
            batch, self._kept = self._kept, []
            last: Job | None
            try:
                last = self._queue.get(timeout=self._retry_seconds if batch else None)
                while last is not None and not last.outside:
                    batch.append(last)
                    if len(batch) >= BATCH_LIMIT:
                        raise Empty  # noqa: TRY301
                    last = self._queue.get_nowait()
            except Empty:
                self._apply(batch)
                self._checkpoint()
                continue
            self._apply(batch)
            if last is None:
                break
            self._run_outside(last)
        if self._kept:
            _LOGGER.error(
                "The database was closed with %d changes that the disk did not take",
                len(self._kept),
            )

    def _apply(self, jobs: list[Job]) -> None:
        """Commit jobs together; if that fails, in halves, down to the one to blame."""
        if self._kept:
            jobs = self._hold_back(jobs)
        if not jobs:
            return
        try:
            # What a trigger did before a failure counts, too: begin to count anew.
            self._changes = driver_of(self._connection).total_changes
            settled = self._at_once(jobs) or self._together(jobs)
        except Exception as error:  # noqa: BLE001  # goes to the future it belongs to
            failure = write_failure(error)
            if failure is not None and failure.trouble is Trouble.BUSY:
                self._fail(jobs, failure)  # a second try would wait as long again
            elif len(jobs) > 1:
                middle = len(jobs) // 2
                self._apply(jobs[:middle])
                self._apply(jobs[middle:])
            elif failure is not None:
                self._fail(jobs, failure)
            else:
                self._post(_refuse, jobs[0], error)
            return
        self._note_written()
        self._tell(settled)

    def _at_once(self, jobs: list[Job]) -> _Settled | None:
        """Let one statement do it all, if one can; it is a transaction by itself.

        Each statement more hands the interpreter over a few times, and waits up to 5 ms
        for it each time while the event loop is busy, as it is in an alarm.
        """
        first = jobs[0]
        if first.at_once is None or any(job.work is not first.work for job in jobs):
            return None
        statement = first.at_once([job.item for job in jobs])
        if statement is None:
            return None
        try:
            driver_of(self._connection).execute(*statement)
        except sqlite3.IntegrityError:
            return None  # the work itself knows which item is to blame
        return [(job, None) for job in jobs]

    def _together(self, jobs: list[Job]) -> _Settled:
        """Do the work of all in one transaction."""
        connection = self._connection
        with connection.begin():
            settled = _run(connection, jobs)
            if not driver_of(connection).in_transaction:
                # SQLite rolls back by itself on a disk's error, and a work that
                # swallowed the error would have us call the rest durable.
                raise WriteFailed(Trouble.IO, "rolled back")
        return settled

    def _hold_back(self, jobs: list[Job]) -> list[Job]:
        """Keep what must not overtake a kept job; return the rest."""
        failure = self._failure or WriteFailed(Trouble.IO)
        behind = [job for job in jobs if job.keep]
        self._kept += behind
        for job in behind:
            self._post(_refuse, job, failure)
        return [job for job in jobs if not job.keep]

    def _fail(self, jobs: list[Job], failure: WriteFailed) -> None:
        """Tell that the disk refused; keep what is to be kept."""
        self._kept += [job for job in jobs if job.keep]
        if self._failure is None:
            self._post(self._on_health, failure)
        self._failure = failure
        for job in jobs:
            self._post(_refuse, job, failure)
        if failure.trouble not in (Trouble.FULL, Trouble.BUSY):
            # The file may be back under another handle: begin with a fresh one.
            self._connection.invalidate()

    def _note_written(self) -> None:
        """After a commit: count its pages; a disk that took a write is well."""
        changes = driver_of(self._connection).total_changes
        if changes == self._changes:
            return
        self._pages += (changes - self._changes) // ROWS_PER_PAGE + PAGES_PER_COMMIT
        self._changes = changes
        if self._failure is not None:
            self._failure = None
            self._post(self._on_health, None)

    def _checkpoint(self) -> None:
        """Fold the log into the file, when nobody waits for this commit any more."""
        if self._pages < CHECKPOINT_PAGES or time.monotonic() < self._paused_until:
            return
        self._pages = 0
        with suppress(sqlite3.Error):  # the log holds it all; the next one may work
            driver = driver_of(self._connection)
            driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def _run_outside(self, job: Job) -> None:
        """Begin or end a pause, or sweep where there is none."""
        if job.sweeps and time.monotonic() < self._paused_until:
            self._tell([(job, 1.0)])
            return
        try:
            seconds: float = job.work(self._connection)
        except Exception as error:  # noqa: BLE001  # goes to the future it belongs to
            self._post(_refuse, job, write_failure(error) or error)
            return
        if not job.sweeps:
            self._paused_until = time.monotonic() + seconds if seconds else 0.0
        self._tell([(job, seconds)])

    def _refuse_rest(self) -> None:
        """Fail what a worker that ended early leaves in the queue."""
        with suppress(Empty):
            while True:
                if (job := self._queue.get_nowait()) is not None:
                    self._post(_refuse, job, DatabaseClosed(str(self._path)))

    def _tell(self, settled: _Settled) -> None:
        """Resolve futures in the event loop, all of a commit in one call."""
        if settled:
            self._post(_settle, settled)

    def _post[*Ts](self, function: Callable[[*Ts], None], *args: *Ts) -> None:
        with suppress(RuntimeError):  # the loop is gone, and its futures with it
            self._loop.call_soon_threadsafe(function, *args)


def _run(connection: Connection, jobs: list[Job]) -> _Settled:
    """Do the work of jobs, in their order; return what to tell after the commit."""
    settled: _Settled = []
    for work, group in groupby(jobs, attrgetter("work")):
        together = list(group)
        if together[0].shared:
            work(connection, [job.item for job in together])
            settled += [(job, None) for job in together]
        else:
            settled += [(job, work(connection)) for job in together]
    return settled


def _settle(settled: _Settled) -> None:
    for job, _ in settled:
        if job.written is not None:
            try:
                job.written()
            except Exception as error:
                _LOGGER.exception("What is on the disk was not taken in")
                _refuse(job, error)
    for job, result in settled:
        if not job.future.done():
            job.future.set_result(result)


def _refuse(job: Job, error: Exception) -> None:
    if not job.future.done():
        job.future.set_exception(error)
    if not job.keep:
        return
    # Perhaps nobody waits for what is kept. The disk's trouble is told by the health,
    # once; any other error no retry will mend.
    job.future.cancelled() or job.future.exception()
    if not isinstance(error, WriteFailed):
        _LOGGER.error("A change was not written: %s", error)


def driver_of(connection: Connection) -> sqlite3.Connection:
    """Return the driver's connection, for what needs no Core."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _engine(path: Path) -> Engine:
    """Return an engine whose connections are durable and belong to their thread."""
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=NullPool,
        connect_args={
            "check_same_thread": True,
            "isolation_level": None,  # we say BEGIN ourselves
            "timeout": BUSY_SECONDS,
        },
        hide_parameters=True,  # neither logs nor errors are to hold personal data
        json_serializer=lambda value: canonical(value).decode(),
    )

    @event.listens_for(engine, "connect")
    def set_up(driver: sqlite3.Connection, _: object) -> None:
        driver.execute("PRAGMA journal_mode = WAL").fetchall()
        driver.execute("PRAGMA synchronous = FULL")
        driver.execute("PRAGMA foreign_keys = ON")
        driver.execute("PRAGMA wal_autocheckpoint = 0").fetchall()
        driver.execute(f"PRAGMA journal_size_limit = {WAL_FILE_LIMIT}").fetchall()
        # What retention deletes is gone from the file, too.
        driver.execute("PRAGMA secure_delete = ON").fetchall()
        driver.execute("PRAGMA temp_store = MEMORY")
        for statement in ARRIVALS:
            driver.execute(statement)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        driver_of(connection).execute("BEGIN IMMEDIATE")

    return engine


def _connect(engine: Engine, path: Path) -> Connection:
    """Make or check the file, then open it and bring it up to date."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # personal data; the log inherits the mode
    except OSError as error:
        raise DatabaseUnreadable(path, error.strerror or str(error)) from error
    try:
        found = _peek(path)
        connection = engine.connect()
        try:
            with connection.begin():
                bring_up_to_date(connection, found)
        except:
            connection.close()
            raise
    except StoreError:
        raise
    except Exception as error:
        failure = write_failure(error)
        if failure is None:
            raise
        if failure.trouble in (Trouble.FULL, Trouble.BUSY):
            raise failure from error
        raise DatabaseUnreadable(path, str(failure)) from error
    return connection


def _left_in_log(path: Path) -> int:
    """Return how many pages an earlier run has left at most to be folded.

    A program that is killed again and again never writes enough by itself: its log would
    grow until the disk is full.
    """
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size // PAGE_BYTES
    except OSError:
        return 0  # there is none


def _peek(path: Path) -> int:
    """Return the schema version without writing a byte; 0 for a new file."""
    look = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        (version,) = look.execute("PRAGMA user_version").fetchone()
        (application,) = look.execute("PRAGMA application_id").fetchone()
        (tables,) = look.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    finally:
        look.close()
    if tables and application != APPLICATION_ID:
        raise DatabaseUnreadable(path, "the database of another program")
    if version > SCHEMA_VERSION:
        raise SchemaTooNew(path, version, SCHEMA_VERSION)
    return int(version)
