"""One database for all roles of a Home Assistant: opened by the first, closed by the last."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from .database import Database


@dataclass(slots=True, eq=False)
class _Share:
    """A database and who uses it. The lock makes opening and closing take turns."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    database: Database | None = None
    owners: set[str] = field(default_factory=set)


_shares: dict[Path, _Share] = {}


async def acquire(path: Path, owner: str) -> Database:
    """Return the open database at a path; an owner is a config entry's id.

    Errors as of `Database.open`; the owner then holds nothing.
    """
    while True:
        share = _shares.setdefault(path, _Share())
        async with share.lock:
            if _shares.get(path) is not share:
                continue  # its last owner left while we waited
            try:
                if share.database is None:
                    database = Database(path)
                    await database.open()
                    share.database = database
                share.owners.add(owner)
                return share.database
            finally:
                if not share.owners:
                    del _shares[path]


async def release(path: Path, owner: str) -> None:
    """End an owner's use; the last one closes. Any number of times, on stop and unload.

    Returns after what has been handed in is on disk, if it was the last one.
    """
    if (share := _shares.get(path)) is None:
        return
    async with share.lock:
        if owner not in share.owners:
            return
        share.owners.discard(owner)
        if share.owners or share.database is None:
            return
        try:
            await share.database.close()
        finally:
            if _shares.get(path) is share:
                del _shares[path]
