"""What the disks of both sides say, and what is wrong between them."""

from collections import defaultdict
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
import json
from pathlib import Path
import sqlite3

type Entries = dict[str, dict[int, str]]
"""By incident: the seal of each entry by its number."""


@dataclass(frozen=True, slots=True)
class Books:
    """One look at both disks."""

    home: Entries
    station: Entries
    station_rows: list[tuple[str, str]]
    """Incident and number of each case at the station."""
    owed: int
    """Incidents of which the station does not have the newest revision."""

    @property
    def is_settled(self) -> bool:
        """Whether the home owes the station nothing."""
        return not self.owed and set(self.home) <= {row[0] for row in self.station_rows}


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of the incidents of one fault."""

    sent: int
    received: int
    lost: int
    """Incidents that the station does not have, or not whole."""
    twice: int
    """Cases that the station made of nothing, or of one incident again."""


def look(home: Path, station: Path) -> Books:
    """Read both disks while both sides may run."""
    entries: Entries = defaultdict(dict)
    with closing(_open(home)) as disk:
        for incident, seq, seal in disk.execute(
            "SELECT incident, seq, hash FROM journal"
        ):
            entries[incident][seq] = seal
        (owed,) = disk.execute(
            "SELECT count(*) FROM outbox WHERE received < wanted"
        ).fetchone()
    received: Entries = defaultdict(dict)
    with closing(_open(station)) as disk:
        rows = disk.execute("SELECT id, number FROM station_incidents").fetchall()
        for incident, seq, seal in disk.execute(
            "SELECT incident, seq, hash FROM station_entries"
        ):
            received[incident][seq] = seal
    return Books(dict(entries), dict(received), rows, owed)


def stations_word(home: Path, incident: str) -> set[str]:
    """Return how far the station is with an incident, as the home has heard it."""
    with closing(_open(home)) as disk:
        rows = disk.execute(
            "SELECT body FROM journal WHERE incident = ? AND kind = 'station'",
            (incident,),
        )
        return {json.loads(body)["status"] for (body,) in rows}


@dataclass(frozen=True, slots=True)
class Story:
    """An incident as the home has written it."""

    entries: dict[int, str]
    """The seal of each entry by its number."""
    began: datetime
    ended: datetime | None


def stories(home: Path, before: AbstractSet[str]) -> dict[str, Story]:
    """Return what happened at home after the incidents that were known before."""
    entries: Entries = defaultdict(dict)
    began: dict[str, datetime] = {}
    ended: dict[str, datetime] = {}
    with closing(_open(home)) as disk:
        for incident, seq, seal, kind, at in disk.execute(
            "SELECT incident, seq, hash, kind, at FROM journal ORDER BY incident, seq"
        ):
            entries[incident][seq] = seal
            began.setdefault(incident, datetime.fromisoformat(at))
            if kind == "closed":
                ended[incident] = datetime.fromisoformat(at)
    return {
        incident: Story(sealed, began[incident], ended.get(incident))
        for incident, sealed in entries.items()
        if incident not in before
    }


def compare(books: Books, before: AbstractSet[str]) -> Difference:
    """Compare what came after the incidents that were known before."""
    sent = books.home.keys() - before
    cases = [row for row in books.station_rows if row[0] not in before]
    received = {incident for incident, _ in cases}
    numbers = {number for _, number in cases}
    whole = {
        incident
        for incident in sent & received
        if books.home[incident] == books.station.get(incident)
    }
    return Difference(
        sent=len(sent),
        received=len(received),
        lost=len(sent - whole),
        twice=len(received - sent) + len(cases) - min(len(received), len(numbers)),
    )


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)
