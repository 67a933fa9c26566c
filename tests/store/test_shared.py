"""Both roles of a Home Assistant use one database."""

import asyncio
from pathlib import Path

import pytest

from custom_components.zhian.store import (
    DatabaseClosed,
    DatabaseUnreadable,
    Journal,
    acquire,
    release,
    shared,
)

from .timeline import INCIDENT, timeline


async def test_the_first_opens_and_the_last_closes(path: Path) -> None:
    home, station = await asyncio.gather(
        acquire(path, "home"), acquire(path, "station")
    )
    assert home is station
    await release(path, "home")
    await Journal(station).append(timeline())
    await release(path, "station")
    with pytest.raises(DatabaseClosed):
        await Journal(station).append(timeline())
    assert not shared._shares


async def test_an_owner_that_leaves_twice_does_not_take_the_others_database(
    path: Path,
) -> None:
    database = await acquire(path, "home")
    await acquire(path, "station")
    await release(path, "home")
    await release(path, "home")
    await release(path, "unknown")
    await Journal(database).append(timeline())
    await release(path, "station")
    await release(path, "station")


async def test_a_reload_waits_until_the_last_write_is_on_disk(path: Path) -> None:
    first = await acquire(path, "home")
    for record in timeline(entries=50):
        Journal(first).append([record])
    _, second = await asyncio.gather(release(path, "home"), acquire(path, "home"))
    assert second is not first
    assert await Journal(second).read(INCIDENT) == timeline(entries=50)
    await release(path, "home")


async def test_a_file_that_does_not_open_belongs_to_nobody(tmp_path: Path) -> None:
    path = tmp_path / "zhian.db"
    path.write_text("not a database" * 100)
    with pytest.raises(DatabaseUnreadable):
        await acquire(path, "home")
    assert not shared._shares
    path.unlink()
    await acquire(path, "home")
    await release(path, "home")
