"""The chains that alarm_to_disk.py holds ours against."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from queue import SimpleQueue
import sqlite3
from threading import Thread
from uuid import uuid7

import orjson
from sqlalchemy import create_engine, insert
from sqlalchemy.dialects.sqlite import insert as upsert

from custom_components.zhian.store.canonical import JSON
from custom_components.zhian.store.schema import journal, outbox
from custom_components.zhian.store.worker import CHECKPOINT_PAGES

type Fact = tuple[datetime, str, Mapping[str, JSON]]
"""When and what an entry says."""


class Chain:
    """A thread and a queue; what writes is its subclass's."""

    def __init__(self, path: Path, committed: Callable[[], None]) -> None:
        """Start; `committed` is called in the thread."""
        self._path = path
        self._queue: SimpleQueue[object] = SimpleQueue()
        self._on_commit = committed
        self._commits = 0
        self._thread = Thread(target=self._run)
        self._thread.start()

    def append(self, work: object) -> None:
        """Hand work in."""
        self._queue.put(work)

    def close(self) -> None:
        """Write what was handed in and end."""
        self._queue.put(None)
        self._thread.join()

    def _committed(self) -> bool:
        """Note a commit; say whether it is time to fold the log into the file."""
        self._on_commit()
        self._commits += 1
        return self._commits % (CHECKPOINT_PAGES // 5) == 0

    def _run(self) -> None:
        raise NotImplementedError


class BareChain(Chain):
    """SQLAlchemy Core, one connection, our tables."""

    def _run(self) -> None:
        engine = create_engine(f"sqlite:///{self._path}")
        wanted = upsert(outbox)
        wanted = wanted.on_conflict_do_update(
            index_elements=["receiver", "incident"],
            set_={"wanted": wanted.excluded.wanted},
        )
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA synchronous = FULL")
            connection.exec_driver_sql("PRAGMA wal_autocheckpoint = 0")
            connection.commit()
            while (rows := self._queue.get()) is not None:
                connection.execute(insert(journal), rows)
                last = rows[-1]
                connection.execute(
                    wanted,
                    {
                        "receiver": "station",
                        "incident": last["incident"],
                        "wanted": last["seq"],
                    },
                )
                connection.commit()
                if self._committed():
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
                    connection.commit()
        engine.dispose()


def entries_of(facts: Sequence[Fact]) -> list[dict[str, object]]:
    """Return the rows of a new incident, spelled and tied together."""
    incident, previous = str(uuid7()), ""
    rows: list[dict[str, object]] = []
    for seq, (at, kind, said) in enumerate(facts, 1):
        body = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
        digest = sha256(previous.encode() + body).hexdigest()
        rows.append(
            {
                "incident": incident,
                "seq": seq,
                "at": at,
                "kind": kind,
                "body": body.decode(),
                "previous": previous,
                "hash": digest,
            }
        )
        previous = digest
    return rows


class Floor(Chain):
    """The driver alone."""

    INSERT = "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)"
    WANT = (
        "INSERT INTO outbox (receiver, incident, wanted, received, abandoned)"
        " VALUES ('station', ?, ?, 0, 0) ON CONFLICT (receiver, incident)"
        " DO UPDATE SET wanted = excluded.wanted"
    )

    def _run(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        while (rows := self._queue.get()) is not None:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(self.INSERT, rows)
            connection.execute(self.WANT, (rows[-1][0], rows[-1][1]))
            connection.execute("COMMIT")
            if self._committed():
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        connection.close()
