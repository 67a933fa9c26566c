"""Timelines to write."""

from datetime import UTC, datetime, timedelta

from custom_components.zhian.store import GENESIS, JSON, Record, seal

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
INCIDENT = "0197c1a0-0000-7000-8000-000000000001"
OTHER = "0197c1a0-0000-7000-8000-000000000002"
THIRD = "0197c1a0-0000-7000-8000-000000000003"


def timeline(
    incident: str = INCIDENT,
    entries: int = 3,
    *,
    closed_at: datetime | None = None,
    body: dict[str, JSON] | None = None,
) -> list[Record]:
    """Return the sealed timeline of an incident, closed if a time is given."""
    records: list[Record] = []
    previous = GENESIS
    for seq in range(1, entries + 1):
        closes = closed_at is not None and seq == entries
        kind = "opened" if seq == 1 else "closed" if closes else "detector"
        at = closed_at if closes else AT + timedelta(seconds=seq)
        assert at is not None
        record = seal(previous, incident, seq, at, kind, body or {"entry": seq})
        records.append(record)
        previous = record.hash
    return records
