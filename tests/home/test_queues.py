"""What waits for each receiver beside the station, in memory and on the disk."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from custom_components.zhian.home.queues import Queue
from custom_components.zhian.home.timelines import KEPT, STATION, Timelines
from custom_components.zhian.store.database import Database
from custom_components.zhian.store.journal import Journal
from custom_components.zhian.store.outbox import Outbox

from .test_timelines import ID, NOW, closed, opened, settled


@pytest.fixture
async def database(tmp_path: Path) -> AsyncGenerator[Database]:
    """A database on a real disk."""
    database = Database(tmp_path / "home.db")
    await database.open()
    yield database
    await database.close()


def everything(name: str) -> Queue:
    """Return the queue of a receiver that is told about all."""
    return Queue(name, lambda _: True)


def timelines(database: Database | None, *queues: Queue) -> Timelines:
    """Return timelines as at a start, without a station."""
    return Timelines(
        Journal(database) if database else None,
        Outbox(database) if database else None,
        False,
        lambda: NOW,
        queues,
    )


async def test_entries_and_what_is_owed_of_them_are_one_write(
    database: Database,
) -> None:
    """For each receiver that is told about the incident, and for nobody else."""
    one, two, none = everything("1"), everything("2"), Queue("3", lambda _: False)
    woken: list[str] = []
    one.on_owed = lambda: woken.append("1")
    made = timelines(database, one, two, none)
    made.append([opened()], {ID.format(1)})
    assert woken == []  # nothing is sent that is not on disk
    await settled(made)
    assert woken == ["1"]
    outbox = Outbox(database)
    assert await outbox.pending("1") == await outbox.pending("2") == [(ID.format(1), 1)]
    assert await outbox.pending("3") == await outbox.pending(STATION) == []


async def test_a_report_without_a_new_entry_is_owed_too(database: Database) -> None:
    """As after a restart: a receiver that was added since then is told."""
    before = timelines(database)
    before.append([opened()], set())
    await settled(before)
    queue = everything("new")
    made = timelines(database, queue)
    await made.load()
    assert not queue.owes(ID.format(1))
    made.append([], {ID.format(1)})
    await settled(made)
    assert queue.owes(ID.format(1))
    assert await Outbox(database).pending("new") == [(ID.format(1), 1)]


async def test_what_waits_for_one_receiver_is_remembered(database: Database) -> None:
    """An incident that is over, until the last one has it."""
    queue = everything("1")
    made = timelines(database, queue)
    made.append([opened(), closed()], {ID.format(1)})
    await settled(made)
    again = everything("1")
    found = timelines(database, again)
    assert await found.load() == []  # it is not open
    assert again.owes(ID.format(1))
    assert found.get(ID.format(1)) is not None
    assert await timelines(database, everything("1")).left_behind() == {ID.format(1)}
    await Outbox(database).mark_received(ID.format(1), "1", 2, "A")
    after = everything("1")
    found = timelines(database, after)
    await found.load()
    assert found.get(ID.format(1)) is None


async def test_what_nobody_waits_for_is_forgotten(database: Database) -> None:
    """And what a receiver waits for is not, however much comes after it."""
    queue = everything("1")
    made = timelines(database, queue)
    for number in range(1, KEPT + 5):
        id_ = ID.format(number)
        made.append([opened(number)], {id_})
        if number != 1:
            queue.received(id_, 9, "n")
        made.append([closed(number)], set())
    assert made.get(ID.format(1)) is not None
    assert made.get(ID.format(2)) is None
    assert queue.progress(ID.format(2)).number is None
    assert queue.progress(ID.format(KEPT)).number == "n"
    await settled(made)


async def test_a_disk_that_comes_back_gets_what_is_owed_and_what_is_there(
    database: Database,
) -> None:
    queue = everything("1")
    made = timelines(None, queue)
    made.append([opened(1)], {ID.format(1)})
    made.append([opened(2)], {ID.format(2)})
    made.append([opened(3)], set())
    queue.received(ID.format(2), 1, "A7")
    await made.adopt(Journal(database), Outbox(database))
    outbox = Outbox(database)
    assert await outbox.pending("1") == [(ID.format(1), 1)]
    delivery = await outbox.delivery(ID.format(2), "1")
    assert delivery is not None
    assert (delivery.received, delivery.number) == (1, "A7")
    assert await outbox.delivery(ID.format(3), "1") is None


async def test_without_a_disk_there_is_nobody_to_let_go_of() -> None:
    made = timelines(None, everything("1"))
    await made.let_go_of_former_receivers()
    assert await made.load() == []
    assert not made.writing
