"""A disk that is bad at the start may be well later."""

import asyncio
import contextlib
from pathlib import Path
import sqlite3

from homeassistant.config_entries import ConfigEntryState
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

import pytest

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home import reopening
from custom_components.zhian.home.health import DISK
from custom_components.zhian.home.journal import DATABASE
from custom_components.zhian.home.timelines import Timelines
from custom_components.zhian.safety.vocabulary import Hazard, Phase
from custom_components.zhian.store.database import Database
from custom_components.zhian.store.errors import (
    DatabaseClosed,
    SchemaTooNew,
    Trouble,
    WriteFailed,
)

from .house import DETECTOR, VALVE, WATER, WATER_DETECTOR, HomeUnderTest


@pytest.fixture
def spoilt(home: HomeUnderTest) -> Path:
    """A home that starts without a journal; the path of what is in its place."""
    path = Path(home.hass.config.path(*DATABASE))
    path.mkdir(parents=True)
    home.state(DETECTOR, "off")
    return path


def mend(path: Path, content: Path | None = None) -> None:
    """Take away what is in the place of the journal; perhaps put one there."""
    path.rmdir()
    if content is not None:
        content.rename(path)


def spoil(path: Path) -> Path:
    """Put a directory in the place of the journal; return where that is now."""
    away = path.with_name("away.db")
    path.rename(away)
    path.mkdir()
    return away


def has_issue(home: HomeUnderTest) -> bool:
    """Return whether a repair says that nothing is remembered."""
    return ir.async_get(home.hass).async_get_issue(DOMAIN, DISK) is not None


def kinds_on_disk(path: Path) -> list[str]:
    """Return what another program reads in the journal."""
    with contextlib.closing(sqlite3.connect(path)) as store:
        rows = store.execute("SELECT kind FROM journal ORDER BY incident, seq")
        return [kind for (kind,) in rows]


async def test_a_disk_that_gets_well_keeps_what_was_since_the_start(
    home: HomeUnderTest, spoilt: Path
) -> None:
    """Nobody reloads anything: the repair goes by itself, and nothing is lost."""
    await home.start()
    guard = home.home.guard
    assert has_issue(home)
    await home.report(DETECTOR, "on")
    await home.pass_time(6)
    assert has_issue(home)  # the first try was in vain
    assert home.home.database is None
    mend(spoilt)
    await home.pass_time(11)
    await home.until(lambda: not has_issue(home), "the end of the repair")
    await home.report(VALVE, "closed")
    assert home.home.guard is guard
    assert home.home.diagnostics()["disk_healthy"] is True
    expected = home.kinds()
    await home.stop()
    assert kinds_on_disk(spoilt) == expected
    await home.reload()
    assert home.incident.phase is Phase.ALARM
    assert home.kinds()[: len(expected)] == expected


async def test_what_a_former_run_left_open_is_taken_up_again(
    home: HomeUnderTest, spoilt: Path
) -> None:
    """A latch that the home could not know of holds again, beside what is new."""
    mend(spoilt)
    home.add("detector", WATER_DETECTOR)
    home.state(WATER, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    await home.report(DETECTOR, "off")
    await home.stop()
    away = spoil(spoilt)
    await home.start()
    assert not home.home.guard.state.incidents
    await home.report(WATER, "on")
    guard = home.home.guard
    mend(spoilt, away)
    await home.pass_time(6)
    entry = home.entry
    assert entry is not None
    await home.until(
        lambda: entry.state is ConfigEntryState.LOADED and home.home.guard is not guard,
        "the new start",
    )
    await home.settle()
    open_now = home.home.guard.state.incidents.values()
    assert {i.hazard for i in open_now} == {Hazard.GAS, Hazard.WATER}
    assert not has_issue(home)


async def test_a_file_of_a_newer_version_is_not_tried_again(
    home: HomeUnderTest, spoilt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only another version of the integration mends that."""
    tries: list[Path] = []

    async def refuse(database: Database) -> None:
        tries.append(database.path)
        raise SchemaTooNew(database.path, 9, 1)

    monkeypatch.setattr(Database, "open", refuse)
    await home.start()
    await home.pass_time(60)
    assert len(tries) == 2
    assert has_issue(home)


async def test_a_disk_that_refuses_again_is_a_repair_again(
    home: HomeUnderTest,
    spoilt: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What was handed in is written when it can be."""
    await home.start()
    await home.report(DETECTOR, "on")
    timelines = home.home.guard.timelines

    def refuse(*_: object) -> asyncio.Future[list[None]]:
        future: asyncio.Future[list[None]] = home.hass.loop.create_future()
        future.set_exception(WriteFailed(Trouble.FULL))
        return future

    monkeypatch.setattr(timelines, "adopt", refuse)
    mend(spoilt)
    await home.pass_time(6)
    await home.until(lambda: "not kept yet" in caplog.text, "the line in the log")
    assert home.home.database is not None


async def test_a_try_that_is_cut_off_leaves_no_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The home is unloaded while the database opens."""
    monkeypatch.setattr(reopening, "FIRST_PAUSE", 0.0)
    opened = asyncio.Event()
    databases: list[Database] = []
    real = Database.open

    async def slow(database: Database) -> None:
        await real(database)
        databases.append(database)
        opened.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Database, "open", slow)
    timelines = Timelines(None, None, False, dt_util.utcnow)
    kept: list[Database] = []
    task = asyncio.create_task(
        reopening.reopen(tmp_path / "home.db", timelines, kept.append, opened.clear)
    )
    await opened.wait()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert kept == []
    with pytest.raises(DatabaseClosed):
        await databases[0].submit(lambda _: None)


def test_the_pauses_grow_and_have_a_bound() -> None:
    """A disk that comes back is found within five minutes, and not asked all the time."""
    pauses = reopening._pauses()
    found = [next(pauses) for _ in range(10)]
    assert found[:3] == [5.0, 10.0, 20.0]
    assert found[-1] == reopening.LONGEST_PAUSE
