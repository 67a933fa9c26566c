"""A disk that is bad at the start may be well later: try until it is."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ..store.database import Database
from ..store.errors import SchemaTooNew, StoreError

FIRST_PAUSE: Final = 5.0
LONGEST_PAUSE: Final = 300.0


def pauses() -> Iterator[float]:
    """Yield the seconds before each try, without end."""
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * 2, LONGEST_PAUSE)


async def open_at_last(path: Path) -> Database | None:
    """Return the database as soon as it can be opened.

    None if only another version of the integration can, for which everything begins anew.
    """
    for pause in pauses():
        await asyncio.sleep(pause)
        database = Database(path)
        try:
            await database.open()
        except SchemaTooNew:
            return None
        except StoreError:
            continue
        except BaseException:
            await database.close()
            raise
        return database
    return None
