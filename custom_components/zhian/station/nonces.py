"""Nonces that a restart does not forget.

A signature counts for a minute, and more where a clock is ahead. Whoever has read one on
its way must not use it again because the station was started anew in between.
"""

import asyncio
from typing import TYPE_CHECKING, Final

import orjson
from sqlalchemy import Connection, select

from ..link.signatures import REMEMBERED, NonceStore
from ..store.schema import nonces
from ..store.worker import driver_of

if TYPE_CHECKING:
    from ..store.database import Database

WRITE_EVERY: Final = 1.0
"""Seconds: a commit for each request would cost more than it protects. What a crash in
this second forgets was signed before the next start, which is refused as well."""
# In one statement, however many: each one more would wait for the event loop.
_WRITE: Final = """
INSERT INTO nonces (keyid, nonce, seen)
SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)
"""


class KeptNonces(NonceStore):
    """A store of nonces with a copy on the disk."""

    def __init__(self, database: Database) -> None:
        """Begin empty."""
        super().__init__()
        self._database = database
        self._fresh: list[tuple[str, str, float]] = []
        self._timer: asyncio.TimerHandle | None = None

    async def load(self, now: float) -> None:
        """Read what a former run has seen in the last two minutes."""

        def work(connection: Connection) -> list[tuple[str, str, float]]:
            query = select(nonces.c.keyid, nonces.c.nonce, nonces.c.seen)
            rows = connection.execute(
                query.where(nonces.c.seen > now - REMEMBERED).order_by(nonces.c.seen)
            )
            return [(row.keyid, row.nonce, row.seen) for row in rows]

        for keyid, nonce, seen in await self._database.submit(work):
            super().remember(keyid, nonce, seen)

    def remember(self, keyid: str, nonce: str, now: float) -> None:
        """Take a nonce for the first time, or raise BadSignature."""
        super().remember(keyid, nonce, now)
        self._fresh.append((keyid, nonce, now))
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(WRITE_EVERY, self.write)

    def write(self) -> asyncio.Future[None] | None:
        """Hand what is new to the disk; a failure is told by the database itself."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._fresh:
            return None
        fresh, self._fresh = self._fresh, []
        oldest = fresh[-1][2] - REMEMBERED

        def work(connection: Connection) -> None:
            driver = driver_of(connection)
            driver.execute("DELETE FROM nonces WHERE seen <= ?", (oldest,))
            driver.execute(_WRITE, (orjson.dumps(fresh).decode(),))

        future = self._database.submit(work)
        future.add_done_callback(lambda done: done.cancelled() or done.exception())
        return future
