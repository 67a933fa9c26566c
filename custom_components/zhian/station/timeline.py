"""The home's own entries, as far as the station has them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from ..link.documents import TimelineEntry
from ..store.journal import GENESIS, Record, verify

if TYPE_CHECKING:
    from ..store.canonical import JSON


@dataclass(frozen=True, slots=True)
class Timeline:
    """The home's own entries, as far as the station has them."""

    incident: str
    entries: tuple[TimelineEntry, ...] = ()
    is_intact: bool = True
    """No entry is missing or differs from what the home sealed.

    Of a part of a timeline: each of its entries fits the one before it, and the first
    fits the hash that it names itself.
    """

    def followed_by(self, part: Timeline) -> Timeline:
        """Return the timeline with a part that is more of it.

        A part that is intact, and begins where this one ends, fits as a whole.
        """
        if part.is_intact and part.entries:
            first = part.entries[0]
            last = self.entries[-1] if self.entries else None
            after = (last.seq + 1, last.hash) if last else (1, GENESIS)
            if after == (first.seq, first.previous):
                together = (*self.entries, *part.entries)
                return Timeline(self.incident, together, self.is_intact)
        return self.joined(part.entries)

    def joined(self, entries: Iterable[TimelineEntry]) -> Timeline:
        """Return the timeline with more entries; what is there already stays."""
        known = {entry.seq for entry in self.entries}
        fresh = [entry for entry in entries if entry.seq not in known]
        if not fresh:
            return self
        together = tuple(sorted((*self.entries, *fresh), key=lambda entry: entry.seq))
        last = self.entries[-1] if self.entries else None
        if self.is_intact and (last is None or fresh[0].seq == last.seq + 1):
            # The usual case: only what is new has to be checked.
            after = (last.seq, last.hash) if last else (0, GENESIS)
            return Timeline(self.incident, together, self._fits(fresh, after))
        return Timeline(self.incident, together, self._fits(together, (0, GENESIS)))

    def _fits(self, entries: Iterable[TimelineEntry], after: tuple[int, str]) -> bool:
        records = (
            Record(
                self.incident,
                entry.seq,
                entry.at,
                entry.kind,
                cast("Mapping[str, JSON]", entry.body),
                entry.previous,
                entry.hash,
            )
            for entry in entries
        )
        return verify(records, after=after) is None
