"""A backup of the configuration holds what the home has written."""

from pathlib import Path
import shutil
import sqlite3

from custom_components.zhian.backup import async_post_backup, async_pre_backup
from custom_components.zhian.home.journal import DATABASE

from .house import DETECTOR, VALVE, HomeUnderTest


def _kinds(path: Path) -> list[str]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        return [kind for (kind,) in database.execute("SELECT kind FROM journal")]


async def test_a_copy_taken_between_the_hooks_is_whole(
    home: HomeUnderTest, tmp_path: Path
) -> None:
    """The file alone, without its log, holds all that was written before."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    await home.home.database.submit(lambda _: None)
    await async_pre_backup(home.hass)
    copy = tmp_path / "home.db"
    path = Path(home.hass.config.path(*DATABASE))
    await home.hass.async_add_executor_job(shutil.copy, path, copy)
    await async_post_backup(home.hass)
    kinds = await home.hass.async_add_executor_job(_kinds, copy)
    assert "opened" in kinds
    assert "step_ordered" in kinds


async def test_an_alarm_during_a_backup_acts_and_is_written(
    home: HomeUnderTest,
) -> None:
    """Nothing waits for a backup."""
    home.state(DETECTOR, "off")
    await home.start()
    await async_pre_backup(home.hass)
    await home.report(DETECTOR, "on")
    assert home.calls("valve", "close_valve") == [VALVE]
    count = await home.home.database.submit(
        lambda connection: connection.exec_driver_sql(
            "SELECT count(*) FROM journal"
        ).scalar()
    )
    assert count
    await async_post_backup(home.hass)
