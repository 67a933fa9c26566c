"""The store: one database worker, the journal and the outbox on it.

The first role of a Home Assistant opens the file, the last one closes it:

    database = await acquire(path, entry.entry_id)
    journal, outbox = Journal(database), Outbox(database)
    ...
    await release(path, entry.entry_id)  # on stop and on unload
"""

from .canonical import JSON, canonical, instant
from .database import Database
from .errors import (
    DatabaseClosed,
    DatabaseUnreadable,
    SchemaTooNew,
    StoreError,
    Trouble,
    WriteFailed,
)
from .journal import GENESIS, Journal, JournalConflict, Record, seal, verify
from .outbox import Delivery, Outbox
from .shared import acquire, release

__all__ = [
    "GENESIS",
    "JSON",
    "Database",
    "DatabaseClosed",
    "DatabaseUnreadable",
    "Delivery",
    "Journal",
    "JournalConflict",
    "Outbox",
    "Record",
    "SchemaTooNew",
    "StoreError",
    "Trouble",
    "WriteFailed",
    "acquire",
    "canonical",
    "instant",
    "release",
    "seal",
    "verify",
]
