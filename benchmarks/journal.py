"""The journal's group commit against a bare sqlite3 one, with the same callers.

Both write entries of the same size into the same table with the same indexes, durably,
from as many callers, each of which waits for its entry before it hands in the next.
The bare side is the limit: a thread, a queue, sqlite3 and nothing else, fed with rows
that are ready to bind. The journal is fed with records that are sealed already; what a
seal costs is a figure of its own, and the ratio with it another. Rounds alternate, so
that a slow minute of the machine meets all sides. The figures are medians of ratios.
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
import gc
from itertools import islice
import json
from pathlib import Path
from queue import Empty, SimpleQueue
import sqlite3
import statistics
import sys
from tempfile import TemporaryDirectory
from threading import Thread
import time
from types import ModuleType
from uuid import uuid7

sys.path.insert(0, str(Path(__file__).parent.parent))

# Only the store is measured: a bare package, for the real one brings Home Assistant in.
PACKAGE = ModuleType("custom_components.zhian")
PACKAGE.__path__ = [str(Path(__file__).parent.parent / "custom_components" / "zhian")]
sys.modules.setdefault(PACKAGE.__name__, PACKAGE)

from custom_components.zhian.store import GENESIS, JSON, Database, Journal, Record, seal  # noqa: E402

BUDGET = 0.70
ENTRIES_PER_INCIDENT = 20
PREPARED = 40_000  # more than a round can write
BODY: dict[str, JSON] = {
    "detector": "kitchen_gas",
    "entity_id": "binary_sensor.kitchen_gas",
    "level": "alarm",
    "value": 12.5,
    "unit": "%LEL",
    "zone": "kitchen",
    "note": "x" * 200,
}
AT = datetime(2026, 11, 22, tzinfo=UTC)


class BareGroupCommit:
    """A thread, a queue and sqlite3."""

    INSERT = "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)"

    def __init__(self, path: Path) -> None:
        """Start."""
        self._queue: SimpleQueue[tuple[tuple[object, ...], asyncio.Future[None]] | None]
        self._queue = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._thread = Thread(target=self._run, args=(path,))
        self._thread.start()

    def append(self, row: tuple[object, ...]) -> asyncio.Future[None]:
        """Hand in a row."""
        future = self._loop.create_future()
        self._queue.put((row, future))
        return future

    def close(self) -> None:
        """Write what was handed in and end."""
        self._queue.put(None)
        self._thread.join()

    def _run(self, path: Path) -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(
            "CREATE TABLE journal (incident VARCHAR NOT NULL, seq INTEGER NOT NULL,"
            " at VARCHAR NOT NULL, kind VARCHAR NOT NULL, body TEXT NOT NULL,"
            " previous VARCHAR NOT NULL, hash VARCHAR NOT NULL,"
            " PRIMARY KEY (incident, seq))"
        )
        connection.execute("CREATE INDEX opened ON journal (incident) WHERE seq = 1")
        connection.execute(
            "CREATE INDEX closed ON journal (incident, at) WHERE kind = 'closed'"
        )
        while (item := self._queue.get()) is not None:
            batch = [item]
            try:
                while (more := self._queue.get_nowait()) is not None:
                    batch.append(more)
            except Empty:
                pass
            connection.execute("BEGIN")
            connection.executemany(self.INSERT, [row for row, _ in batch])
            connection.execute("COMMIT")
            self._loop.call_soon_threadsafe(self._resolve, [f for _, f in batch])
        connection.close()

    @staticmethod
    def _resolve(futures: list[asyncio.Future[None]]) -> None:
        for future in futures:
            future.set_result(None)


async def callers(
    number: int, seconds: float, append: Callable[[int], Awaitable[None]]
) -> tuple[float, list[float]]:
    """Return rows a second and the waits of a round; a caller is told its number."""
    gc.collect()
    gc.freeze()  # what was prepared is not the collector's business during the round
    end = time.perf_counter() + seconds
    waits: list[float] = []

    async def caller(index: int) -> None:
        while (begin := time.perf_counter()) < end:
            await append(index)
            waits.append(time.perf_counter() - begin)

    begin = time.perf_counter()
    await asyncio.gather(*(caller(index) for index in range(number)))
    return len(waits) / (time.perf_counter() - begin), waits


def records() -> Iterator[Record]:
    """Return a caller's entries: incidents one after another, each a chain."""
    while True:
        incident, previous = str(uuid7()), GENESIS
        for seq in range(1, ENTRIES_PER_INCIDENT + 1):
            record = seal(previous, incident, seq, AT, "detector", BODY)
            previous = record.hash
            yield record


def sealed(number: int) -> list[Iterator[Record]]:
    """Return each caller's entries, sealed before the clock starts."""
    callers_entries: list[list[Record]] = [[] for _ in range(number)]
    # In turns, so that incidents of the same time have ids of the same time.
    for _ in range(PREPARED // number // ENTRIES_PER_INCIDENT + 1):
        for entries in callers_entries:
            entries += islice(records(), ENTRIES_PER_INCIDENT)
    return [iter(entries) for entries in callers_entries]


async def bare_round(
    path: Path, number: int, seconds: float
) -> tuple[float, list[float]]:
    """Measure the limit."""
    at, body = AT.isoformat(timespec="microseconds"), json.dumps(BODY)
    rows = [
        iter(
            [(r.incident, r.seq, at, r.kind, body, r.previous, r.hash) for r in entries]
        )
        for entries in sealed(number)
    ]
    store = BareGroupCommit(path)

    async def append(index: int) -> None:
        await store.append(next(rows[index]))

    try:
        return await callers(number, seconds, append)
    finally:
        store.close()


async def journal_round(
    path: Path, number: int, seconds: float
) -> tuple[float, list[float]]:
    """Measure the journal with sealed records."""
    entries = sealed(number)
    return await _journal_round(path, number, seconds, entries)


async def sealing_round(
    path: Path, number: int, seconds: float
) -> tuple[float, list[float]]:
    """Measure the journal, the sealing included."""
    entries = [records() for _ in range(number)]
    return await _journal_round(path, number, seconds, entries)


async def _journal_round(
    path: Path, number: int, seconds: float, entries: list[Iterator[Record]]
) -> tuple[float, list[float]]:
    database = Database(path)
    await database.open()
    journal = Journal(database)

    async def append(index: int) -> None:
        await journal.append([next(entries[index])])

    try:
        return await callers(number, seconds, append)
    finally:
        await database.close()


def milliseconds(waits: list[float]) -> dict[str, float]:
    """Return the usual points of a distribution."""
    cuts = statistics.quantiles(waits, n=100, method="inclusive")
    return {
        "p50_ms": round(cuts[49] * 1e3, 3),
        "p99_ms": round(cuts[98] * 1e3, 3),
        "max_ms": round(max(waits) * 1e3, 3),
    }


def measure(
    number: int, rounds: int, seconds: float, folder: Path
) -> dict[str, object]:
    """Alternate rounds of both and return the medians and the ratio."""
    sides = {
        "bare": bare_round,
        "journal": journal_round,
        "with_sealing": sealing_round,
    }
    rates: dict[str, list[float]] = {side: [] for side in sides}
    waits: dict[str, list[float]] = {side: [] for side in sides}
    for index in range(rounds + 1):
        # Each goes first as often as the other.
        for side in sorted(sides, reverse=bool(index % 2)):
            path = folder / f"{side}-{index}.db"
            rate, waited = asyncio.run(sides[side](path, number, seconds))
            gc.unfreeze()
            for file in folder.glob(f"{path.name}*"):
                file.unlink()
            if index:  # the first warms up
                rates[side].append(rate)
                waits[side] += waited
    ratios = {
        side: [own / bare for own, bare in zip(rates[side], rates["bare"], strict=True)]
        for side in sides
    }
    ratio = statistics.median(ratios["journal"])
    return {
        "benchmark": "journal",
        "callers": number,
        "ratio": round(ratio, 3),
        "ratio_with_sealing": round(statistics.median(ratios["with_sealing"]), 3),
        "ratios": [round(one, 3) for one in ratios["journal"]],
        "budget": BUDGET,
        "ok": ratio >= BUDGET,
        **{
            side: {
                "rows_per_second": round(statistics.median(rates[side])),
                **milliseconds(waits[side]),
            }
            for side in sides
        },
    }


def main() -> int:
    """Print the ratio; 0 if it is within the budget."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--callers", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=0.4)
    parser.add_argument("--folder", type=Path, help="on the disk to measure")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory(dir=options.folder) as folder:
        result = measure(options.callers, options.rounds, options.seconds, Path(folder))
    if options.json:
        print(json.dumps(result))
    else:
        print(
            f"journal / bare sqlite3, {options.callers} callers: {result['ratio']}"
            f" (budget {BUDGET}), with sealing {result['ratio_with_sealing']}"
        )
        for side in ("journal", "with_sealing", "bare"):
            print(f"  {side}: {result[side]}")
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
