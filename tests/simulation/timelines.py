"""I6 and I7: what is written gives the state that wrote it, and reaches the station."""

from collections.abc import Callable, Iterable
from dataclasses import fields
from operator import attrgetter

from orjson import dumps, loads

from custom_components.zhian.safety.codec import decode, encode
from custom_components.zhian.safety.entries import (
    ENTRY_TYPES,
    Closed,
    Entry,
    RungTold,
    Told,
)
from custom_components.zhian.safety.household import Household
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.signals import StationSaid
from custom_components.zhian.safety.state import State
from custom_components.zhian.safety.timeline import fold, fold_all
from custom_components.zhian.safety.vocabulary import Message, Reason

from .decision import Decision
from .keeping import is_kept_back
from .network import Station
from .violation import Violation

type Look = Callable[[Decision, Incident | None, Entry], None]
"""Looks at one entry, and at the incident before it."""

_SILENT_KINDS = frozenset(
    {"station", "planned", "step_ordered", "attempt_failed", "inquired"}
)
"""Entries of which the station hears with the next: what it has said or asked itself,
and attempts, whose outcome is reported."""

_CONTENT = {
    kind: attrgetter(
        "kind",
        *(f.name for f in fields(kind) if f.name not in ("incident", "seq", "at")),
    )
    for kind in ENTRY_TYPES
}
"""What of an entry is written: the same content is written the same way."""
_MOST_KNOWN = 50_000
_survived: set[object] = set()
"""Contents that have survived the disk, so that each is tried once."""


def _check_survival(entry: Entry) -> None:
    """I6: what is written can be read, and reads the same."""
    content = _CONTENT[type(entry)](entry)
    if content in _survived:
        return
    encoded = encode(entry)
    body = loads(dumps(encoded))
    copy = decode(entry.incident, entry.seq, entry.at, entry.kind, body)
    if copy != entry:
        raise Violation("I6", f"{entry.kind} does not survive the disk")
    if len(_survived) >= _MOST_KNOWN:
        _survived.clear()
    _survived.add(content)


type Folded = tuple[Incident | None, Entry, Incident]
"""An incident, an entry, and the incident after it."""


class Timelines:
    """What is on the disk, what it adds up to, and what the station has of it."""

    def __init__(self) -> None:
        """Begin with an empty disk."""
        self.journal: list[Entry] = []
        self.replayed: dict[str, Incident] = {}
        """The open incidents, as the journal alone gives them."""
        self._folded: list[Folded] = []
        self._timelines: dict[str, list[Entry]] = {}
        self._station = Station()
        self._reported: dict[str, int] = {}
        self._deliveries: set[tuple[str, str, str | None, Message, Reason | None]] = (
            set()
        )

    # --- one decision ------------------------------------------------------------

    def fold(self, was: Incident | None, entry: Entry) -> Incident:
        """Fold in the kernel's place; what the journal then gives is known already."""
        after = fold(was, entry)
        self._folded.append((was, entry, after))
        return after

    def _after(self, n: int, was: Incident | None, entry: Entry) -> Incident:
        """Return what an entry makes of an incident of the journal.

        What the kernel has made of that very entry, beginning with that very incident,
        need not be made again; and no entry is told by its place alone.
        """
        if n < len(self._folded):
            before, same, after = self._folded[n]
            if same is entry and before is was:
                return after
        return fold(was, entry)

    def note(self, reports: Iterable[str]) -> None:
        """Note what is reported to the station from now on."""
        for incident in reports:
            self._reported[incident] = self.revision(incident)

    def check(self, decision: Decision, look: Look) -> None:
        """See what one decision has written; `look` sees every entry."""
        due: set[str] = set()
        touched: set[str] = set()
        replayed = self.replayed
        for n, entry in enumerate(decision.after.news):
            name = entry.incident
            touched.add(name)
            was = replayed.get(name)
            if entry.seq != (was.seq + 1 if was else 1):
                raise Violation("I7", f"{entry.kind} has revision {entry.seq}")
            _check_survival(entry)
            self.journal.append(entry)
            if (timeline := self._timelines.get(name)) is None:
                timeline = self._timelines[name] = []
            timeline.append(entry)
            incident = replayed[name] = self._after(n, was, entry)
            if self._is_due(entry) and incident.is_reportable:
                due.add(name)
            if is_kept_back(incident, decision.after.household):
                due.discard(name)
            look(decision, was, entry)
            if not incident.is_open:
                del replayed[name]
        self._folded.clear()
        self._compare(touched, decision.before, decision.after)
        if due and not due.issubset(decision.reports):
            raise Violation("I7", f"{decision.signal} is not reported")
        if type(decision.signal) is StationSaid and decision.reports:
            # Something else may be due at the same moment: then that is reported.
            if not due.issuperset(decision.reports):
                raise Violation("I7", "the station is told what it said")
        for tell in decision.tells:
            if tell.message is Message.TEST:
                raise Violation("I7", "a test message from the kernel")

    def _is_due(self, entry: Entry) -> bool:
        kind = type(entry)
        if kind is Told:
            assert isinstance(entry, Told)
            told = (
                entry.incident,
                entry.contact,
                entry.channel,
                entry.message,
                entry.reason,
            )
            is_new = told not in self._deliveries
            self._deliveries.add(told)
            return is_new
        if kind is RungTold:
            assert isinstance(entry, RungTold)
            return not entry.repeat  # that everybody is told again can wait
        return entry.kind not in _SILENT_KINDS

    def _compare(self, touched: set[str], before: State, after: State) -> None:
        """Compare what has entries, and see that nothing else has changed.

        What is equal is kept once: its parts need no second look the next time.
        """
        replayed, incidents, known = self.replayed, after.incidents, before.incidents
        for name, incident in replayed.items():
            now = incidents.get(name)
            if now is incident:
                continue
            if now is None or (
                now != incident if name in touched else now is not known.get(name)
            ):
                raise Violation("I6", "the journal gives another state")
            replayed[name] = now
        if len(incidents) != len(self.replayed):
            raise Violation("I6", "an incident without a journal")

    # --- a restart ---------------------------------------------------------------

    def restart(self, lose: int) -> tuple[list[Entry], list[Incident]]:
        """Lose the newest entries; return the entries and incidents to go on from."""
        lost = self.journal[-lose:] if lose else []
        for entry in lost:
            timeline = self._timelines[entry.incident]
            timeline.pop()
            if not timeline:
                del self._timelines[entry.incident]
        if lost:
            del self.journal[-lose:]
            # What was not on the disk had not been sent.
            self._reported = {
                name: reported
                for name, reported in self._reported.items()
                if reported <= self.revision(name)
            }
        # What has lost nothing has been replayed already, entry by entry.
        torn = {entry.incident for entry in lost}
        open_ones = {
            name: self.replayed[name] if name not in torn else fold_all(timeline)[name]
            for name, timeline in self._timelines.items()
            if type(timeline[-1]) is not Closed
        }
        self.replayed = open_ones
        kept = [e for e in self.journal if e.incident in open_ones]
        self._deliveries = {
            (i.id, *delivery) for i in open_ones.values() for delivery in i.deliveries
        }
        return kept, list(open_ones.values())

    def compare(self, state: State) -> None:
        """Compare everything with what the kernel has restored."""
        self._compare(set(self.replayed), state, state)

    # --- the station ---------------------------------------------------------------

    def revision(self, incident: str) -> int:
        """Return the newest revision of an incident, 0 if it is not there any more."""
        return len(self._timelines.get(incident, ()))

    def arrive(self, incident: str, revision: int) -> None:
        """A document arrives at the station; I7."""
        timeline = self._timelines.get(incident)
        if timeline is not None and incident in self._reported:
            self._station.receive(incident, timeline[:revision])

    def finish(self, household: Household) -> None:
        """See that the station knows what it has to, once all that is owed arrives.

        And that the whole journal, read from its beginning, gives what is open.
        """
        whole = fold_all(e for e in self.journal if e.incident in self.replayed)
        if whole != self.replayed:
            raise Violation("I6", "the whole journal gives another state")
        for incident, revision in self._reported.items():
            self.arrive(incident, revision)
        self._station.compare(self._timelines, household)
