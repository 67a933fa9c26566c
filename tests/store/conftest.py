"""A database on a real disk and entries to put into it."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from custom_components.zhian.store import Database, Journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the database is to live; the folder is not there yet."""
    return tmp_path / "zhian" / "zhian.db"


@pytest.fixture
async def database(path: Path) -> AsyncGenerator[Database]:
    """Return an open database that is closed in the end."""
    database = Database(path, retry_seconds=0.05)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def journal(database: Database) -> Journal:
    """Return the journal on the database."""
    return Journal(database)
