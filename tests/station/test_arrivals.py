"""Reports that are written together."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import UUID

from homeassistant.util import dt as dt_util

import pytest
from sqlalchemy import Connection, insert, select

from custom_components.zhian.link.documents import parse_incident
from custom_components.zhian.station.arrivals import Arrival, Arrivals, receive
from custom_components.zhian.station.cases import Cases, act, receive as receive_alone
from custom_components.zhian.station.desk import Close, Disposition
from custom_components.zhian.station.timeline import Timeline
from custom_components.zhian.store.database import Database
from custom_components.zhian.store.schema import (
    desk_log,
    households,
    station_entries,
    station_incidents,
)

from .conftest import incident

AT: Final = dt_util.parse_datetime("2026-12-31T23:59:58+00:00", raise_on_error=True)
HOUSEHOLDS: Final = ("flat-5", "flat-6")
TABLES: Final = (station_incidents, station_entries, desk_log)


@dataclass
class Side:
    """A station's disk and memory."""

    database: Database
    cases: Cases

    async def contents(self) -> list[list[tuple[Any, ...]]]:
        """Return all that is on the disk."""

        def work(connection: Connection) -> list[list[tuple[Any, ...]]]:
            return [
                sorted(map(tuple, connection.execute(select(table))), key=str)
                for table in TABLES
            ]

        return await self.database.submit(work)

    async def close_case(self, named: str) -> None:
        """Let the desk end an incident."""
        end = Close("Officer", AT, Disposition.RESOLVED)
        self.cases.absorb(
            await self.database.submit(lambda connection: act(connection, named, end))
        )


@asynccontextmanager
async def side(path: Path) -> AsyncGenerator[Side]:
    """Open a database with two households."""
    database = Database(path)
    await database.open()
    rows = [
        {"id": id_, "name": id_, "public_key": id_, "enrolled_at": AT}
        for id_ in HOUSEHOLDS
    ]
    await database.submit(
        lambda connection: connection.execute(insert(households), rows) and None
    )
    yield Side(database, Cases(database))
    await database.close()


def documents(rng: Random, incidents: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return what households send of some incidents: late, again, and each other's."""
    for number in range(incidents):
        id_ = str(UUID(int=number + 1))
        timeline = incident(9, id=id_)["entries"]
        household = rng.choice(HOUSEHOLDS)
        sent = 0
        for revision in (2, 5, 9):
            name = rng.choice(["Flat 5", " Flat\t5 ", "五号"])
            document = {
                **incident(id=id_, drill=rng.random() < 0.5),
                "revision": revision,
                "entries": timeline[sent:revision],
                "home": {**incident()["home"], "name": name},
            }
            sent = revision
            if rng.random() < 0.5:  # as a home of this version spells it
                document = dict(parse_incident(document).as_json())
            yield household, document
            if rng.random() < 0.3:
                yield household, document
        if rng.random() < 0.2:
            stranger = next(h for h in HOUSEHOLDS if h != household)
            yield stranger, {**incident(20, id=id_), "entries": []}


def arrivals(sent: Sequence[tuple[str, dict[str, Any]]]) -> list[Arrival]:
    """Return documents as the intake hands them in, over the end of a year."""
    return [
        Arrival(
            household,
            parse_incident(document),
            document,
            AT + timedelta(seconds=0.1) * number,
        )
        for number, (household, document) in enumerate(sent)
    ]


@pytest.mark.parametrize("seed", range(12))
async def test_written_together_is_the_same_as_one_by_one(
    tmp_path: Path, seed: int
) -> None:
    """On the disk, in memory, and in what is answered."""
    rng = Random(seed)
    sent = list(documents(rng, 6))
    for _ in range(8):  # some overtake others
        at = rng.randrange(len(sent) - 1)
        sent[at], sent[at + 1] = sent[at + 1], sent[at]
    closed_after = rng.randrange(1, len(sent))
    async with side(tmp_path / "alone.db") as alone, side(tmp_path / "all.db") as all_:
        one_by_one: list[tuple[str, int] | None] = []
        together: list[tuple[str, int] | None] = []
        for number, arrival in enumerate(arrivals(sent), 1):
            case = await alone.database.submit(
                partial(
                    receive_alone,
                    household=arrival.household,
                    document=arrival.document,
                    at=arrival.at,
                )
            )
            case = case and alone.cases.absorb(case)
            one_by_one.append(case and (case.number, case.document.revision))
            if number == closed_after:
                await alone.close_case(sent[0][1]["id"])
        waiting = arrivals(sent)
        for part in (waiting[:closed_after], waiting[closed_after:]):
            while part:
                size = rng.randint(1, 12)
                batch, part = part[:size], part[size:]
                await all_.database.submit(partial(receive, arrivals=batch))
                for arrival in batch:
                    case = arrival.case and all_.cases.absorb(arrival.case)
                    together.append(case and (case.number, case.document.revision))
            if len(together) == closed_after:
                await all_.close_case(sent[0][1]["id"])
        assert await all_.contents() == await alone.contents()
        assert all_.cases.open == alone.cases.open
        assert together == one_by_one


async def test_a_burst_is_a_few_statements(tmp_path: Path) -> None:
    """However many homes report at once; two years, because a night may lie between."""
    async with side(tmp_path / "station.db") as station:
        sent = [
            ("flat-5", incident(id=str(UUID(int=number)))) for number in range(1, 101)
        ]
        statements: list[str] = []

        def work(connection: Connection) -> None:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.set_trace_callback(statements.append)
            receive(connection, arrivals(sent))
            driver.set_trace_callback(None)

        await station.database.submit(work)
        assert len(statements) <= 7
        numbers = {row[2] for row in (await station.contents())[0]}
    assert len(numbers) == 100


@pytest.mark.parametrize("spoiled", [None, 0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("parts", [(2, 6), (2, 4, 6), (6,), (3, 2, 6)])
def test_parts_of_a_timeline_fit_or_are_found_not_to(
    parts: tuple[int, ...], spoiled: int | None
) -> None:
    """Whoever looks at the entries: the thread of the database, or memory."""
    document = incident(6)
    entries = document["entries"]
    if spoiled is not None:
        entries[spoiled]["kind"] = "another"
    whole = parse_incident(document)
    timeline = Timeline(whole.id)
    before = 0
    for until in parts:
        run = whole.entries[min(before, until) : until]
        first = run[0].previous if run else ""
        fits = Timeline(whole.id)._fits(run, (run[0].seq - 1, first)) if run else True
        timeline = timeline.followed_by(Timeline(whole.id, run, fits))
        before = until
    assert timeline == Timeline(whole.id).joined(whole.entries[: len(timeline.entries)])
    assert timeline.is_intact is (spoiled is None)


async def test_a_home_that_hangs_up_is_taken_in_all_the_same(tmp_path: Path) -> None:
    """What has been handed in is written and shown."""
    async with side(tmp_path / "station.db") as station:
        taken: list[str] = []
        waiting = Arrivals(
            station.database, lambda arrival: taken.append(arrival.document.id), receive
        )
        sent = [("flat-5", incident()) for _ in range(2)]
        gone, there = map(waiting.add, arrivals(sent))
        gone.cancel()
        await there
        assert taken == [document["id"] for _, document in sent]
