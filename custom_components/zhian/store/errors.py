"""What can go wrong with the database, by kind."""

from enum import StrEnum
from pathlib import Path
import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError


class StoreError(Exception):
    """Anything the store raises on purpose."""


class DatabaseClosed(StoreError):
    """Work was handed in after the database had been closed, or before it was open."""


class DatabaseUnreadable(StoreError):
    """The file is not ours to write: no database, someone else's, or not accessible.

    The file has been left as it was.
    """

    def __init__(self, path: Path, reason: str) -> None:
        """Keep what a message to people needs."""
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class SchemaTooNew(StoreError):
    """A newer version of the integration wrote the file; it has been left as it was."""

    def __init__(self, path: Path, found: int, known: int) -> None:
        """Keep both versions for the message."""
        super().__init__(f"{path}: schema {found}, this version knows up to {known}")
        self.path = path
        self.found = found
        self.known = known


class Trouble(StrEnum):
    """Why the disk did not take a write."""

    FULL = "full"
    IO = "io"
    READ_ONLY = "read_only"
    BUSY = "busy"
    DAMAGED = "damaged"


class WriteFailed(StoreError):
    """The disk did not take it; nothing of it was written. Not the work's fault."""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        """Keep the kind of trouble."""
        super().__init__(f"{trouble}: {detail}" if detail else trouble)
        self.trouble = trouble


_TROUBLES: Final = {
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_IOERR: Trouble.IO,
    sqlite3.SQLITE_CANTOPEN: Trouble.IO,
    sqlite3.SQLITE_PROTOCOL: Trouble.IO,
    sqlite3.SQLITE_NOMEM: Trouble.IO,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_PERM: Trouble.READ_ONLY,
    sqlite3.SQLITE_BUSY: Trouble.BUSY,
    sqlite3.SQLITE_LOCKED: Trouble.BUSY,
    sqlite3.SQLITE_CORRUPT: Trouble.DAMAGED,
    sqlite3.SQLITE_NOTADB: Trouble.DAMAGED,
}


def write_failure(error: BaseException) -> WriteFailed | None:
    """Return the disk's trouble behind an error, None if the work itself is to blame."""
    if isinstance(error, WriteFailed):
        return error
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, sqlite3.Error):
        return None
    # Extended codes carry the primary one in their low byte.
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    if (trouble := _TROUBLES.get(code)) is None:
        return None
    return WriteFailed(trouble, str(cause))
