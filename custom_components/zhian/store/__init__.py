"""The store: one database worker, the journal and the outbox on it.

Each role has a file of its own: a busy station never delays the home's journal.
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
    "canonical",
    "instant",
    "seal",
    "verify",
]
