"""The database, seen from the event loop: a queue to hand work in and futures."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Final

from sqlalchemy import Connection

from .errors import DatabaseClosed, WriteFailed
from .worker import HealthWatcher, Job, Statement, Worker, driver_of

THREAD_NAME: Final = "zhian_db"
RETRY_SECONDS: Final = 5.0
# Backups of a large configuration take minutes. Past this the backup is forgotten.
PAUSE_SECONDS: Final = 3600.0


class Database:
    """The worker thread and its queue. Everything here is called in the event loop.

    Callers hand in work and await its future. The worker drains the queue, applies
    all of it in one transaction, commits once and then resolves: a future with a
    result means that the result is on disk.
    """

    def __init__(self, path: Path, *, retry_seconds: float = RETRY_SECONDS) -> None:
        """Name the file; nothing is touched before `open`."""
        self._path = path
        self._retry_seconds = retry_seconds
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._watchers: list[HealthWatcher] = []
        self._failure: WriteFailed | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opened: asyncio.Future[None] | None = None
        self._ended: asyncio.Future[None] | None = None
        self._accepts = False

    @property
    def path(self) -> Path:
        """Return where the database lives."""
        return self._path

    @property
    def healthy(self) -> bool:
        """Return False from a write that the disk refused to the next that it took."""
        return self._failure is None

    async def open(self) -> None:
        """Start the worker, which makes or migrates the file. Once per object.

        DatabaseUnreadable or SchemaTooNew, and the file is as it was. WriteFailed
        if the disk does not let us write.
        """
        if self._opened is None:
            self._loop = loop = asyncio.get_running_loop()
            self._opened = loop.create_future()
            self._ended = loop.create_future()
            self._accepts = True
            worker = Worker(
                self._path, self._queue, loop, self._on_health, self._retry_seconds
            )
            # Not a daemon: the interpreter waits for what has been handed in.
            self._thread = Thread(
                target=worker.run, args=(self._opened, self._ended), name=THREAD_NAME
            )
            self._thread.start()
        try:
            await asyncio.shield(self._opened)
        except Exception:
            await self.close()
            raise

    def submit[T](
        self, work: Callable[[Connection], T], *, keep: bool = False
    ) -> asyncio.Future[T]:
        """Queue work for the worker's next transaction; return at once.

        The work runs in the worker thread, in the order of submission, perhaps more
        than once (each time from a clean slate), and must touch nothing but the
        connection. Its error fails its own future only; WriteFailed if the disk is
        to blame. A cancelled future does not cancel the work.

        With keep, work that the disk refused is tried again, before all that is
        kept after it, until the disk is well: its future has failed by then, what
        it wrote is still not forgotten.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        return self.put(Job(work, future, keep))

    def submit_shared[T](
        self,
        work: Callable[[Connection, Sequence[T]], None],
        item: T,
        *,
        keep: bool = False,
        at_once: Callable[[list[T]], Statement | None] | None = None,
    ) -> asyncio.Future[None]:
        """Queue an item for work that does many items at once; else as `submit`.

        The work gets the items of neighbours in the queue in one call. If it fails,
        it gets them again in smaller parts, until only the one to blame has failed.

        `at_once` returns the one statement that does the same for some items, or None.
        It is tried first, where nothing else waits; if the data are to blame for its
        failure the work is done.
        """
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        job = Job(work, future, keep, shared=True, item=item, at_once=at_once)
        return self.put(job)

    def put[T](self, job: Job) -> asyncio.Future[T]:
        """Queue a job with a future of its own; DatabaseClosed if all is closed."""
        if self._accepts:
            self._queue.put(job)
        elif not job.future.done():
            job.future.set_exception(DatabaseClosed(str(self._path)))
        return job.future

    def watch_health(self, watcher: HealthWatcher) -> Callable[[], None]:
        """Call with the failure when the disk refuses, with None when it is well.

        Once per change, in the event loop. Returns what ends the watch.
        """
        self._watchers.append(watcher)

        def end() -> None:
            with suppress(ValueError):
                self._watchers.remove(watcher)

        return end

    async def hold(self, seconds: float = PAUSE_SECONDS) -> None:
        """Keep the database file still until `let_go`, for a backup to copy.

        The write-ahead log is folded into the file and emptied; from then on the file
        does not change. Writes go on, into the log, which only grows: a copy of both
        taken at any moments is a consistent database. So a report never waits for a
        backup. The limit ends a hold that nobody let go.
        """

        def begin(connection: Connection) -> float:
            driver_of(connection).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            return seconds

        await self._outside(begin)

    async def let_go(self) -> None:
        """Let the file change again; harmless if nothing is held, or all is closed."""
        with suppress(DatabaseClosed):
            await self._outside(lambda _: 0.0)

    async def sweep(self) -> bool:
        """Leave nothing of what was deleted in the file or in its log.

        `secure_delete` alone does not: a page that was divided keeps bits of the rows
        that moved. So the file is written anew (which takes its time, and everything
        else waits for it), and the log, which has the rows as they were, is emptied.
        False if it cannot be done now: a backup copies the file, or somebody reads it.
        """

        def write_anew(connection: Connection) -> float:
            driver = driver_of(connection)
            driver.execute("VACUUM")
            is_busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return float(is_busy)

        future: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        job = Job(write_anew, future, outside=True, sweeps=True)
        return not await self.put(job)

    @asynccontextmanager
    async def pause(self, seconds: float = PAUSE_SECONDS) -> AsyncGenerator[None]:
        """Hold the file for the length of a context."""
        await self.hold(seconds)
        try:
            yield
        finally:
            await self.let_go()

    async def close(self) -> None:
        """Write what has been handed in, then close. Any number of times."""
        if self._ended is None:
            return
        if self._accepts:
            self._accepts = False
            self._queue.put(None)
        await asyncio.shield(self._ended)
        self._thread.join()  # its last statement was to end our wait

    def _outside(self, work: Callable[[Connection], float]) -> asyncio.Future[float]:
        """Queue work that no transaction may enclose; it returns seconds to pause."""
        future: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        return self.put(Job(work, future, outside=True))

    def _on_health(self, failure: WriteFailed | None) -> None:
        self._failure = failure
        for watcher in tuple(self._watchers):
            watcher(failure)
