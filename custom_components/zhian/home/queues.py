"""What waits for one receiver beside the station: its own revisions, its own answers."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from ..safety.incident import Incident
from ..store.outbox import Delivery, Outbox


@dataclass(slots=True)
class Progress:
    """How far a receiver is with one incident."""

    wanted: int = 0
    received: int = 0
    number: str | None = None


class Queue:
    """The queue of one receiver. The disk holds the same; this is what is asked."""

    def __init__(self, receiver: str, takes: Callable[[Incident], bool]) -> None:
        """Begin empty. `takes` says which incidents are meant for the receiver."""
        self.receiver = receiver
        self._takes = takes
        self._progress: dict[str, Progress] = {}
        self.is_leaving = False
        """Whether it is told the end of what it knows, and nothing new."""
        self.on_owed: Callable[[], None] = lambda: None
        """Called when there is something new to send."""

    def restore(self, incident: Incident, delivery: Delivery) -> bool:
        """Take over what a former run has written; False if it is not to be sent now.

        Somebody may have chosen since then what the receiver is told about.
        """
        known = self._progress.setdefault(delivery.incident, Progress())
        known.received = delivery.received
        known.number = delivery.number
        if not self._takes(incident):
            return False
        # What was given up is asked for again by the next revision only.
        wanted = delivery.wanted if delivery.wanted > delivery.abandoned else 0
        known.wanted = max(known.wanted, wanted)
        return True

    def want(self, incident: Incident) -> bool:
        """Note that the receiver is to get an incident as it stands, if it is for it."""
        if not self._takes(incident):
            return False
        if self.is_leaving and not self.progress(incident.id).wanted:
            return False
        self._progress.setdefault(incident.id, Progress()).wanted = incident.seq
        return True

    def owes(self, incident: str) -> bool:
        """Whether the receiver waits for more of an incident than it has."""
        known = self.progress(incident)
        return known.wanted > known.received

    def progress(self, incident: str) -> Progress:
        """Return how far the receiver is."""
        return self._progress.get(incident) or Progress()

    def received(self, incident: str, revision: int, number: str) -> None:
        """Note what the receiver has."""
        known = self._progress.setdefault(incident, Progress())
        known.received = max(known.received, revision)
        known.number = number or known.number

    def give_up(self, incident: str) -> None:
        """Note that nothing more is tried until there is something new."""
        if (known := self._progress.get(incident)) is not None:
            known.wanted = min(known.wanted, known.received)

    def forget(self, incident: str) -> None:
        """Keep no more of an incident that is over."""
        self._progress.pop(incident, None)

    def write(self, outbox: Outbox, incident: str) -> list[asyncio.Future[None]]:
        """Write all that is known of an incident to a disk that is new."""
        known = self.progress(incident)
        writing: list[asyncio.Future[None]] = []
        if known.wanted:
            writing.append(outbox.mark_wanted(incident, self.receiver, known.wanted))
        if known.received:
            writing.append(
                outbox.mark_received(
                    incident, self.receiver, known.received, known.number
                )
            )
        return writing
