"""Which CAP messages a receiver is due, and which ones each of them follows.

Pure. A message is known by the entry that it says and by the beat: while an incident is
open, what was said last is said again every `RENEWED_EVERY`, so that no alert expires
while the alarm is on. Both follow from the timeline and the clock, and a repetition has
always the same name, time and expiry, also after a crash.

What was sent without an answer may have arrived. So a receiver is always told the first
alert first, under its own name, and what follows names all that it may have.
"""

from collections.abc import Iterator, Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from .documents import IncidentDocument

RENEWED_EVERY: Final = timedelta(minutes=10)
LIFETIME: Final = timedelta(hours=1)
"""How long a message counts: for a house that burns, and cannot say so any more."""
_MOST_FOLLOWED: Final = 20

# Entries that change what a message says. What people were told is not among them.
_SPEAKING: Final = frozenset(
    {"acknowledged", "answered", "detector", "rated", "step_settled", "unanswered"}
)


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """One message of an incident: the entry that it says, and how often it did before."""

    seq: int
    beat: int = 0

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read what is kept on the disk; None for nothing, or for something else."""
        seq, _, beat = text.partition(".")
        if not (seq.isascii() and seq.isdigit() and beat.isascii() and beat.isdigit()):
            return None
        return cls(int(seq), int(beat))

    def __str__(self) -> str:
        """Return what is kept on the disk."""
        return f"{self.seq}.{self.beat}"


@dataclass(frozen=True, slots=True)
class Due:
    """A message, and those that it follows: they count no more."""

    ref: Ref
    kind: str
    """Alert, Update or Cancel."""
    follows: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class _Said:
    """An entry with something to say."""

    seq: int
    at: datetime
    is_over: bool


def due(
    document: IncidentDocument,
    received: int,
    heard: Ref | None,
    now: datetime,
    doubtful: AbstractSet[Ref] | None = frozenset(),
) -> list[Due]:
    """Return what the receiver has to be told; at most two messages.

    `heard` is the last one that it has acknowledged. `doubtful` are those that were sent
    without an answer; None if nobody knows, after a restart.
    """
    spoken = list(_spoken(document))
    if not spoken:
        return []
    newest = spoken[-1]
    present = Ref(newest.seq, 0 if newest.is_over else _beat(newest.at, now))
    if heard is None:
        before = [said.seq for said in spoken if said.seq <= received]
        heard = Ref(before[-1]) if before else None
    found: list[Due] = []
    if heard is None:
        heard = Ref(spoken[0].seq)
        found.append(Due(heard, "Alert"))
    if present <= heard:
        return found
    possible = doubtful if doubtful is not None else _possible(spoken, now)
    followed = sorted(ref for ref in possible if heard < ref < present)
    follows = (heard, *followed[-_MOST_FOLLOWED:])
    found.append(Due(present, "Cancel" if newest.is_over else "Update", follows))
    return found


def renewal(document: IncidentDocument, heard: Ref | None) -> datetime | None:
    """Return when the last message is to be said again; None if it never is."""
    spoken = {said.seq: said for said in _spoken(document)}
    said = spoken.get(heard.seq) if heard else None
    if heard is None or said is None or said.is_over:
        return None
    return said.at + (heard.beat + 1) * RENEWED_EVERY


def newest(document: IncidentDocument) -> int | None:
    """Return the last entry with something to say."""
    return max((said.seq for said in _spoken(document)), default=None)


def sent(at: datetime, ref: Ref) -> datetime:
    """Return the time of a message about an entry of that time."""
    return at + ref.beat * RENEWED_EVERY


def _beat(at: datetime, now: datetime) -> int:
    return max(0, (now - at) // RENEWED_EVERY)


def _possible(spoken: list[_Said], now: datetime) -> Iterator[Ref]:
    """Yield what may have been sent, and has not expired."""
    ends = [said.at for said in spoken[1:]] + [now]
    for said, end in zip(spoken, ends, strict=True):
        last = _beat(said.at, min(end, now))
        oldest = max(0, _beat(said.at, now) - LIFETIME // RENEWED_EVERY)
        for beat in range(oldest, last + 1):
            yield Ref(said.seq, beat)


def _spoken(document: IncidentDocument) -> Iterator[_Said]:
    """Yield the entries with something new to say."""
    has_begun = False
    for entry in document.entries:
        phase = entry.body.get("phase")
        has_begun = has_begun or phase == "alarm"
        if has_begun and (
            phase is not None or entry.kind in _SPEAKING or entry.kind == "closed"
        ):
            yield _Said(entry.seq, entry.at, entry.kind == "closed")
