"""The timelines of the home's incidents: in memory now, on disk in a moment."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from custom_components.zhian.home import timelines as home_timelines
from custom_components.zhian.home.report import document
from custom_components.zhian.home.timelines import (
    KEPT,
    LATE,
    PATIENCE,
    SLOW_FOR,
    STATION,
    Timelines,
    read_timeline,
)
from custom_components.zhian.link.documents import Home, parse_incident
from custom_components.zhian.safety.entries import (
    Acknowledged,
    Closed,
    Detected,
    Entry,
    Opened,
    Planned,
    StepOrdered,
    StepSettled,
    StepsPlanned,
)
from custom_components.zhian.safety.vocabulary import (
    Ending,
    Hazard,
    Level,
    Outcome,
    Phase,
    Position,
)
from custom_components.zhian.store.database import Database
from custom_components.zhian.store.errors import Trouble, WriteFailed
from custom_components.zhian.store.journal import Journal, verify
from custom_components.zhian.store.outbox import Outbox

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
ID = "019a9f00-0000-7000-8000-{:012d}"


def opened(number: int = 1) -> Opened:
    """Return the first entry of an incident."""
    return Opened(
        incident=ID.format(number),
        seq=1,
        at=NOW + timedelta(seconds=number),
        hazard=Hazard.GAS,
        phase=Phase.ALARM,
    )


def closed(number: int = 1, seq: int = 2) -> Closed:
    """Return the last entry of an incident."""
    return Closed(
        incident=ID.format(number),
        seq=seq,
        at=NOW + timedelta(minutes=1),
        ending=Ending.RESET,
    )


@pytest.fixture
async def database(tmp_path: Path) -> AsyncGenerator[Database]:
    """A database on a real disk."""
    database = Database(tmp_path / "home.db")
    await database.open()
    yield database
    await database.close()


def timelines(database: Database | None, *, is_enrolled: bool = True) -> Timelines:
    """Return timelines as at a start."""
    return Timelines(
        Journal(database) if database else None,
        Outbox(database) if database else None,
        is_enrolled,
        lambda: NOW,
    )


async def settled(found: Timelines) -> None:
    """Wait until everything is on disk."""
    while found._writing:
        await asyncio.wait(found._writing)


async def test_entries_are_sealed_in_order_and_read_back(database: Database) -> None:
    """What was written is what is there after a restart."""
    first = timelines(database)
    first.append([opened()], set())
    taken = Acknowledged(incident=ID.format(1), seq=2, at=NOW, by="Anna", via="button")
    first.append([taken], set())
    await settled(first)
    again = timelines(database)
    (incident,) = await again.load()
    timeline = again.get(incident.id)
    assert timeline is not None
    assert incident.acknowledged is not None
    assert [r.kind for r in timeline.records] == ["opened", "acknowledged"]
    assert verify(timeline.records) is None
    assert timeline.settled == 2


async def test_nothing_is_owed_before_it_is_on_disk(database: Database) -> None:
    """And the sender is woken when it is."""
    found = timelines(database)
    woken: list[int] = []
    found.on_owed = lambda: woken.append(len(found.owed()))
    found.append([opened()], {ID.format(1)})
    assert found.owed() == []
    assert woken == []
    await settled(found)
    assert woken == [1]
    assert [t.incident.id for t in found.owed()] == [ID.format(1)]


async def test_without_a_station_nothing_is_owed(database: Database) -> None:
    """The home keeps its timelines for itself."""
    found = timelines(database, is_enrolled=False)
    found.append([opened()], {ID.format(1)})
    await settled(found)
    assert found.owed() == []
    assert await Outbox(database).pending(STATION) == []


async def test_a_report_without_news_is_wanted_all_the_same(
    database: Database,
) -> None:
    """The home was enrolled while the incident was open."""
    found = timelines(database)
    found.append([opened()], set())
    await settled(found)
    assert found.owed() == []
    found.append([], {ID.format(1)})
    await settled(found)
    assert len(found.owed()) == 1
    assert await Outbox(database).pending(STATION) == [(ID.format(1), 1)]


async def test_a_closed_but_unreported_incident_is_loaded(database: Database) -> None:
    """It is not open any more; the station waits for it nevertheless."""
    first = timelines(database)
    first.append([opened(1), closed(1), opened(2)], {ID.format(1)})
    await settled(first)
    again = timelines(database)
    assert [i.id for i in await again.load()] == [ID.format(2)]
    (owed,) = again.owed()
    assert (owed.incident.id, owed.wanted, owed.received) == (ID.format(1), 2, 0)


async def test_what_the_station_has_is_remembered(database: Database) -> None:
    """Over a restart; a late answer takes nothing back."""
    first = timelines(database)
    first.append([opened()], {ID.format(1)})
    await settled(first)
    first.mark_received(ID.format(1), 1, "2026-000001")
    first.mark_received(ID.format(1), 0, None)
    assert first.owed() == []
    first.append([closed()], {ID.format(1)})
    await settled(first)
    again = timelines(database)
    assert await again.load() == []
    (owed,) = again.owed()
    assert (owed.received, owed.wanted) == (1, 2)


async def test_what_was_given_up_is_not_taken_up_again(database: Database) -> None:
    """A day of knocking is enough for an incident that is over."""
    first = timelines(database)
    first.append([opened(), closed()], {ID.format(1)})
    await settled(first)
    first.mark_abandoned(ID.format(1), 2, "given_up")
    assert first.owed() == []
    again = timelines(database)
    assert await again.load() == []
    assert again.owed() == []


async def test_an_answer_about_an_unknown_incident_is_harmless(
    database: Database,
) -> None:
    """It may have been forgotten meanwhile."""
    found = timelines(database)
    found.mark_received(ID.format(9), 1, None)
    found.mark_abandoned(ID.format(9), 1, "given_up")
    found.stamp(ID.format(9), "accepted", NOW)
    assert found.get(ID.format(9)) is None


async def test_old_incidents_leave_the_memory(database: Database) -> None:
    """Those that are closed and known where they have to be; the newest stay."""
    found = timelines(database)
    found.append([opened(0), closed(0)], {ID.format(0)})
    for number in range(1, KEPT + 10):
        found.append([opened(number), closed(number)], set())
    await settled(found)
    kept = list(found.all())
    assert len(kept) == KEPT + 1
    assert kept[0] == ID.format(0)  # the station waits for it
    assert kept[-1] == ID.format(KEPT + 9)


async def test_without_a_disk_reports_go_out_all_the_same() -> None:
    """Nothing is remembered; nothing is held back either."""
    found = timelines(None)
    woken: list[bool] = []
    found.on_owed = lambda: woken.append(True)
    assert await found.load() == []
    found.append([opened()], {ID.format(1)})
    assert woken == [True]
    assert len(found.owed()) == 1
    found.mark_received(ID.format(1), 1, None)
    assert found.owed() == []
    found.append([closed()], {ID.format(1)})
    found.mark_abandoned(ID.format(1), 2, "given_up")
    assert found.owed() == []


async def test_a_bug_of_the_store_is_not_swallowed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk's trouble is told by its health; anything else is a fault of ours."""
    found = timelines(database)
    found.append([opened()], {ID.format(1)})
    await settled(found)
    loop = asyncio.get_running_loop()
    raised: list[BaseException] = []
    monkeypatch.setattr(
        loop, "call_exception_handler", lambda c: raised.append(c["exception"])
    )
    for error in (WriteFailed(Trouble.FULL), RuntimeError("bug")):
        future = loop.create_future()
        monkeypatch.setattr(found._outbox, "mark_received", lambda *_, f=future: f)
        found.mark_received(ID.format(1), 1, None)
        future.set_exception(error)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert [str(error) for error in raised] == ["bug"]


def test_a_timeline_has_entries() -> None:
    """Nothing can be made of none."""
    with pytest.raises(ValueError, match="without entries"):
        read_timeline([])


# --- the document ----------------------------------------------------------------------------


def whole_incident() -> Iterator[Entry]:
    """Yield an incident with everything in it."""
    common = {"incident": ID.format(1), "at": NOW}
    yield opened()
    yield Detected(
        **common, seq=2, detector="d", zone="kitchen", level=Level.ALARM, value=12.0
    )
    step = Planned("closed:v", "v", Position.CLOSED)
    yield StepsPlanned(**common, seq=3, steps=(step,))
    yield StepOrdered(**common, seq=4, step="closed:v", attempt=1)
    yield StepSettled(**common, seq=5, step="closed:v", outcome=Outcome.CONFIRMED)
    yield Acknowledged(**common, seq=6, by="Anna", via="button")


async def test_the_document_says_what_is_on_disk(database: Database) -> None:
    """In people's names, with only the entries that the station lacks."""
    found = timelines(database)
    found.append(whole_incident(), {ID.format(1)})
    await settled(found)
    timeline = found.get(ID.format(1))
    assert timeline is not None
    timeline.received = 2
    made = document(
        timeline,
        Home(name="Home", address=None, latitude=None, longitude=None),
        {"v": "Gas supply"}.__getitem__,
        {"kitchen": "Kitchen"}.__getitem__,
        12.0,
    )
    assert made.revision == 6
    assert made.zones == ("Kitchen",)
    assert (made.level.value, made.level.unit) == (12.0, "%LEL")
    assert [entry.seq for entry in made.entries] == [3, 4, 5, 6]
    (step,) = made.steps
    assert (step.actuator, step.status, step.at) == ("Gas supply", "confirmed", NOW)
    assert made.acknowledged is not None
    assert made.acknowledged.by == "Anna"
    assert parse_incident(made.as_json(), ID.format(1)) == made


async def test_what_is_not_on_disk_is_not_in_the_document(database: Database) -> None:
    """A crash must not make the station know more than the home."""
    found = timelines(database)
    found.append([opened()], {ID.format(1)})
    await settled(found)
    timeline = found.get(ID.format(1))
    assert timeline is not None
    found.append([closed()], set())
    made = document(timeline, Home(name="Home"), str, str, None)
    assert (made.revision, made.phase) == (1, Phase.ALARM)
    assert made.level.value is None
    await settled(found)


# --- the disk goes first ---------------------------------------------------------------


class SlowJournal(Journal):
    """A journal whose entries come to disk when the test says so."""

    def __init__(self) -> None:
        """Write nowhere."""
        self.writes: list[asyncio.Future[None]] = []

    def append(self, *_: object) -> asyncio.Future[None]:
        """Hand an entry in."""
        self.writes.append(asyncio.get_running_loop().create_future())
        return self.writes[-1]


def on_a_slow_disk(database: Database) -> tuple[Timelines, SlowJournal]:
    """Return timelines on a disk that the test plays."""
    journal = SlowJournal()
    return Timelines(journal, Outbox(database), False, lambda: NOW), journal


async def late(made: Timelines, journal: SlowJournal, number: int) -> None:
    """Let the disk take longer than anybody waits."""
    made.append([opened(number)], set())
    assert made.is_worth_waiting
    await made.let_the_disk_go_first()
    assert not journal.writes[-1].done()
    journal.writes[-1].set_result(None)
    await asyncio.sleep(0)


async def test_what_is_no_safety_waits_until_it_is_on_disk(database: Database) -> None:
    """And not a moment longer."""
    made, journal = on_a_slow_disk(database)
    made.append([opened()], set())
    waiting = asyncio.create_task(made.let_the_disk_go_first())
    await asyncio.sleep(0)
    assert not waiting.done()
    journal.writes[0].set_result(None)
    await waiting
    assert not made.is_worth_waiting


async def test_nobody_waits_longer_than_the_bound(database: Database) -> None:
    """Ten milliseconds, whatever the disk does."""
    made, journal = on_a_slow_disk(database)
    loop = asyncio.get_running_loop()
    made.append([opened()], set())
    begin = loop.time()
    await made.let_the_disk_go_first()
    assert loop.time() - begin >= PATIENCE * 0.9
    assert not journal.writes[0].done()
    # The same stall is waited for once, also by what comes meanwhile.
    made.append([opened(2)], set())
    assert not made.is_worth_waiting
    journal.writes[0].set_result(None)
    await asyncio.sleep(0)
    assert made.is_worth_waiting
    journal.writes[1].set_result(None)


async def test_a_slow_disk_is_not_waited_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After three times in a row; a little later it gets another chance."""
    now = 1000.0
    monkeypatch.setattr(home_timelines, "_monotonic", lambda: now)
    made, journal = on_a_slow_disk(database)
    for number in range(1, LATE + 1):
        await late(made, journal, number)
    made.append([opened(9)], set())
    assert not made.is_worth_waiting
    await made.let_the_disk_go_first()
    now += SLOW_FOR
    assert made.is_worth_waiting
    journal.writes[-1].set_result(None)


async def test_one_late_write_is_no_slow_disk(database: Database) -> None:
    """The garbage is collected now and then."""
    made, journal = on_a_slow_disk(database)
    for number in range(1, 9, 2):
        await late(made, journal, number)
        made.append([opened(number + 1)], set())
        waiting = asyncio.create_task(made.let_the_disk_go_first())
        await asyncio.sleep(0)
        journal.writes[-1].set_result(None)
        await waiting


async def test_a_disk_that_refuses_is_not_waited_for(database: Database) -> None:
    """It is broken, and people are told at once."""
    made, journal = on_a_slow_disk(database)
    made.append([opened(1)], set())
    journal.writes[-1].set_exception(WriteFailed(Trouble.FULL))
    await asyncio.sleep(0)
    made.append([opened(2)], set())
    assert not made.is_worth_waiting
    journal.writes[-1].set_result(None)


async def test_without_a_disk_nobody_waits() -> None:
    """There is nothing to wait for."""
    made = timelines(None)
    made.append([opened()], set())
    assert not made.is_worth_waiting
    assert await made.left_behind() == set()


# --- a disk that gets well -------------------------------------------------------------


async def test_a_journal_that_comes_late_gets_everything(database: Database) -> None:
    """What the station has by then, too."""
    made = timelines(None)
    made.append([opened(1)], {ID.format(1)})
    made.append([opened(2)], {ID.format(2)})
    made.append([opened(3)], set())
    made.mark_received(ID.format(1), 1, "A-1")
    await made.adopt(Journal(database), Outbox(database))
    made.append([closed(2)], {ID.format(2)})
    again = timelines(database)
    found = {incident.id for incident in await again.load()}
    assert found == {ID.format(1), ID.format(3)}
    assert [t.incident.id for t in again.owed()] == [ID.format(2)]
    assert await made.left_behind() == set()
    assert await timelines(database).left_behind() == {ID.format(n) for n in (1, 2, 3)}
