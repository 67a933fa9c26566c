"""The tables of both roles, their version and the way from one version to the next."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, override

from sqlalchemy import (
    DDL,
    JSON,
    Boolean,
    Column,
    Connection,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    event,
    text,
)
from sqlalchemy.types import TypeDecorator

from .canonical import instant

SCHEMA_VERSION: Final = 5
# "ZHIA": tells our file from another program's database.
APPLICATION_ID: Final = 0x5A484941


class Instant(TypeDecorator[datetime]):
    """An aware time, kept as text of fixed width in UTC so that it sorts and compares."""

    impl = String(32)
    cache_ok = True

    @override
    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> str | None:
        """Write a time."""
        return None if value is None else instant(value)

    @override
    def process_result_value(
        self, value: str | None, dialect: Dialect
    ) -> datetime | None:
        """Read a time."""
        return None if value is None else datetime.fromisoformat(value)


metadata: Final = MetaData()

# --- home: the journal and what its receivers have of it ---

journal: Final = Table(
    "journal",
    metadata,
    Column("incident", String(36), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
# One row per incident each: open incidents are found without reading the journal.
Index(
    "journal_opened",
    journal.c.incident,
    sqlite_where=text("seq = 1"),
    postgresql_where=text("seq = 1"),
)
Index(
    "journal_closed",
    journal.c.incident,
    journal.c.at,
    sqlite_where=text("kind = 'closed'"),
    postgresql_where=text("kind = 'closed'"),
)

outbox: Final = Table(
    "outbox",
    metadata,
    Column("receiver", String(255), primary_key=True),
    Column("incident", String(36), primary_key=True),
    Column("wanted", Integer, nullable=False, default=0),
    Column("received", Integer, nullable=False, default=0),
    Column("abandoned", Integer, nullable=False, default=0),
    Column("reason", String(64)),
    Column("number", String(64)),
)

# --- station: whom it serves and what they reported ---

households: Final = Table(
    "households",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("name", Text, nullable=False),
    Column("address", Text),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("contact", Text),
    Column("public_key", String(64), nullable=False, unique=True),
    Column("enrolled_at", Instant, nullable=False),
    Column("last_seen", Instant),
    Column("next_heartbeat_by", Instant, index=True),
    Column("revoked_at", Instant),
    # The key before the present one counts for a short time more: the answer to its
    # change may have been lost on its way.
    Column("former_key", String(64)),
    Column("former_key_until", Instant),
    # What the household lets the station do; empty is no to all of it.
    Column("consents", JSON),
    # A deletion that was asked for is not forgotten by a restart in its middle.
    Column("deletion_requested_at", Instant),
    Column("deletion_due", Instant),
    Column("deletion_by", String(64)),
    Column("deleted_at", Instant),
    # The id of a station that reports upward; empty for a home.
    Column("station", String(36)),
)

station_incidents: Final = Table(
    "station_incidents",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("household", ForeignKey("households.id"), nullable=False, index=True),
    Column("number", String(32), nullable=False, unique=True),
    Column("revision", Integer, nullable=False),
    Column("hazard", String(64), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("document", JSON, nullable=False),
    Column("status", String(32), nullable=False),
    Column("received_at", Instant, nullable=False, index=True),
    Column("updated_at", Instant, nullable=False),
    Column("closed_at", Instant),
    # What the station above has done about it.
    Column("above", JSON),
    # Why the station below stands for it no more.
    Column("withdrawn", JSON),
)
Index(
    "station_incidents_open",
    station_incidents.c.priority,
    station_incidents.c.received_at,
    sqlite_where=text("closed_at IS NULL"),
    postgresql_where=text("closed_at IS NULL"),
)

station_entries: Final = Table(
    "station_entries",
    metadata,
    Column(
        "incident",
        ForeignKey("station_incidents.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("body", JSON, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

desk_log: Final = Table(
    "desk_log",
    metadata,
    Column("id", Integer, primary_key=True),
    # Empty where an action concerns no incident, such as opening a household's page.
    Column("incident", ForeignKey("station_incidents.id"), index=True),
    Column("at", Instant, nullable=False),
    Column("by", String(64), nullable=False),
    Column("action", String(64), nullable=False),
    Column("body", JSON, nullable=False),
)

pairing_codes: Final = Table(
    "pairing_codes",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    # The household that may change its key with it; empty for a new one.
    Column("household", String(36)),
    # Whether it is for a station that reports upward; else for a home.
    Column("for_station", Boolean),
)

# Signatures that were used, for as long as they would count again.
nonces: Final = Table(
    "nonces",
    metadata,
    Column("keyid", String(100), nullable=False),
    Column("nonce", String(64), nullable=False),
    Column("seen", Float, nullable=False, index=True),
)

# What the station has to say to all its households, until it is over.
notices: Final = Table(
    "notices",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("by", String(64), nullable=False),
    Column("text", Text, nullable=False),
)

# Who has looked at whose data. Ids only: it outlives what was looked at.
reads: Final = Table(
    "reads",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("by", String(64), nullable=False),
    Column("how", String(32), nullable=False),
    Column("household", String(36), nullable=False, index=True),
    Column("incident", String(36)),
)

# What stays of deleted incidents whose household agreed: nobody is in it.
statistics: Final = Table(
    "statistics",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("month", String(7), nullable=False),
    Column("hazard", String(64), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("disposition", String(64)),
    Column("minutes_to_acknowledge", Integer),
    Column("minutes_to_arrive", Integer),
)

# The last number of each year: one is not given again when its incident is deleted.
numbers_given: Final = Table(
    "numbers_given",
    metadata,
    Column("year", String(4), primary_key=True),
    Column("last", Integer, nullable=False),
)

# Holds a row only inside a transaction that deletes on purpose.
purging: Final = Table("purging", metadata, Column("id", Integer, primary_key=True))

# --- station: what goes up, and what comes down ---

uplink: Final = Table(
    "uplink",
    metadata,
    # Who this station is at the one above: another one has everything to be told.
    Column("receiver", String(36), primary_key=True),
    Column(
        "incident",
        ForeignKey("station_incidents.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("wanted", Integer, nullable=False),
    Column("received", Integer, nullable=False, default=0),
    # How much of the home's timeline is there.
    Column("entries", Integer, nullable=False, default=0),
    Column("number", String(200)),
    # Why it is refused, as long as it is.
    Column("refusal", String(200)),
)

# What the station above has to be told of incidents that may be gone here.
withdrawals: Final = Table(
    "withdrawals",
    metadata,
    Column("receiver", String(36), primary_key=True),
    Column("incident", String(36), primary_key=True),
    Column("reason", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    # Whether it is to be deleted there.
    Column("erase", Boolean, nullable=False),
)

# What a station below wants to be deleted here: its ids are taken no second time.
erasures: Final = Table(
    "erasures",
    metadata,
    Column("incident", String(36), primary_key=True),
    # The station below.
    Column("household", String(36), nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("due", Instant, nullable=False),
    Column("deleted_at", Instant),
)

orders: Final = Table(
    "orders",
    metadata,
    Column("id", String(36), primary_key=True),
    # The station below that it is for; empty if it came from above.
    Column("household", ForeignKey("households.id")),
    # Who this station is at the one above that gave it; empty if it is our own.
    Column("receiver", String(36)),
    Column("station", Text, nullable=False),
    Column("incident", String(36)),
    Column("text", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("signed_by", Text),
    Column("signed_at", Instant),
    # Whether the station above knows who has signed.
    Column("is_told", Boolean, nullable=False, default=False),
)
Index(
    "orders_unsigned",
    orders.c.at,
    sqlite_where=text("signed_at IS NULL"),
    postgresql_where=text("signed_at IS NULL"),
)

# What was written is evidence: no code path of ours may rewrite it by mistake. Whole
# incidents go by retention and deletion, which say so with a row in `purging`.
_GUARDS: Final = (
    (journal, "UPDATE"),
    (station_entries, "UPDATE"),
    (desk_log, "UPDATE"),
    (desk_log, "DELETE"),
    (reads, "UPDATE"),
    (reads, "DELETE"),
)


def _guard(table: Table, change: str) -> str:
    purpose = "WHEN NOT EXISTS (SELECT 1 FROM purging) " if change == "DELETE" else ""
    return (
        f"CREATE TRIGGER {table.name}_no_{change.lower()} "
        f"BEFORE {change} ON {table.name} {purpose}"
        f"BEGIN SELECT RAISE(ABORT, '{table.name} is append-only'); END"
    )


for _table, _change in _GUARDS:
    event.listen(
        _table,
        "after_create",
        DDL(_guard(_table, _change)).execute_if(  # type: ignore[no-untyped-call]
            dialect="sqlite"
        ),
    )

# The way into journal and outbox. It belongs to a connection, not to the file: one
# statement writes entries and what is owed of them, and its own commit with it. An entry
# that is there already is left alone; another in its place is refused by the guard above.
ARRIVALS: Final = (
    """
    CREATE TEMP VIEW arrivals AS
    SELECT incident, seq, at, kind, body, previous, hash, NULL AS receivers FROM journal
    """,
    """
    CREATE TEMP TRIGGER arrive INSTEAD OF INSERT ON arrivals
    WHEN NEW.hash IS NOT NULL BEGIN
      INSERT INTO journal (incident, seq, at, kind, body, previous, hash)
      VALUES (NEW.incident, NEW.seq, NEW.at, NEW.kind, NEW.body, NEW.previous, NEW.hash)
      ON CONFLICT (incident, seq) DO UPDATE SET hash = excluded.hash
      WHERE hash IS NOT excluded.hash;
    END
    """,
    """
    CREATE TEMP TRIGGER owe INSTEAD OF INSERT ON arrivals
    WHEN NEW.receivers IS NOT NULL BEGIN
      INSERT INTO outbox (receiver, incident, wanted, received, abandoned)
      SELECT value, NEW.incident, NEW.seq, 0, 0 FROM json_each(NEW.receivers) WHERE true
      ON CONFLICT (receiver, incident) DO UPDATE SET wanted = excluded.wanted
      WHERE excluded.wanted > wanted;
    END
    """,
)


def _to_2(connection: Connection) -> None:
    """Keys that change, codes for a known household, nonces over a restart."""
    for table, column in (
        ("households", "former_key VARCHAR(64)"),
        ("households", "former_key_until VARCHAR(32)"),
        ("pairing_codes", "household VARCHAR(36)"),
    ):
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {column}")
    nonces.create(connection)
    notices.create(connection)


def _to_3(connection: Connection) -> None:
    """Consents, deletion of a household, and who has looked."""
    for column in (
        "consents JSON",
        "deletion_requested_at VARCHAR(32)",
        "deletion_due VARCHAR(32)",
        "deletion_by VARCHAR(64)",
        "deleted_at VARCHAR(32)",
    ):
        connection.exec_driver_sql(f"ALTER TABLE households ADD COLUMN {column}")
    for table in (reads, statistics, numbers_given, purging):
        table.create(connection)
    connection.exec_driver_sql("DROP TRIGGER desk_log_no_delete")
    connection.exec_driver_sql(_guard(desk_log, "DELETE"))


def _to_4(connection: Connection) -> None:
    """Stations that report upward, and orders that come down."""
    for table, column in (
        ("households", "station VARCHAR(36)"),
        ("station_incidents", "above JSON"),
        ("pairing_codes", "for_station BOOLEAN"),
    ):
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {column}")
    uplink.create(connection)
    orders.create(connection)


def _to_5(connection: Connection) -> None:
    """What was passed on can be taken back."""
    connection.exec_driver_sql(
        "ALTER TABLE station_incidents ADD COLUMN withdrawn JSON"
    )
    withdrawals.create(connection)
    erasures.create(connection)


# The step that leads *to* a version. A new file is made from the tables above and
# needs none; a test holds both ways equal.
MIGRATIONS: Final[Mapping[int, Callable[[Connection], None]]] = {
    2: _to_2,
    3: _to_3,
    4: _to_4,
    5: _to_5,
}


def bring_up_to_date(connection: Connection, found: int) -> None:
    """Make the tables of a new file, or take an older one to today's version.

    Runs in the caller's transaction: a crash leaves the file as it was.
    """
    if found == SCHEMA_VERSION:
        return
    if found == 0:
        metadata.create_all(connection)
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    else:
        for version in range(found + 1, SCHEMA_VERSION + 1):
            MIGRATIONS[version](connection)
    connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")
