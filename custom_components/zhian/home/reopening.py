"""A disk that is bad at the start may be well later: try until it is."""

import asyncio
from collections.abc import Callable, Iterator
import logging
from pathlib import Path
from typing import Final

from ..store.database import Database
from ..store.errors import SchemaTooNew, StoreError
from ..store.journal import Journal
from ..store.outbox import Outbox
from .timelines import Timelines

_LOGGER = logging.getLogger(__name__)

FIRST_PAUSE: Final = 5.0
LONGEST_PAUSE: Final = 300.0


def _pauses() -> Iterator[float]:
    """Yield the seconds before each try, without end."""
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * 2, LONGEST_PAUSE)


async def reopen(
    path: Path,
    timelines: Timelines,
    keep: Callable[[Database], None],
    begin_anew: Callable[[], None],
) -> None:
    """Open the journal as soon as the disk lets us, and write what was since the start.

    `keep` gets the open database, to close it one day. `begin_anew` is called if a former
    run has left open incidents in it: what they hold shut is to be held shut again.
    """
    for pause in _pauses():
        await asyncio.sleep(pause)
        database = Database(path)
        try:
            await database.open()
        except SchemaTooNew:
            return  # only another version of the integration mends that
        except StoreError:
            continue
        except BaseException:
            await database.close()
            raise
        break
    keep(database)
    try:
        await timelines.adopt(Journal(database), Outbox(database))
        _LOGGER.warning("Incidents are kept again")
        if await timelines.left_behind():
            begin_anew()
    except StoreError as error:
        # What was handed in is written as soon as the disk takes it, and then told.
        _LOGGER.error("Incidents are not kept yet: %s", error)
