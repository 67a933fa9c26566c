"""I13: who is silent is asked, in time and for long enough; then the contacts, then the station.

Books of its own, kept from the signals, the orders and the entries on the disk.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from custom_components.zhian.safety.entries import (
    Answered,
    Asked,
    Assessed,
    Closed,
    Entry,
    Opened,
    PassedOn,
    RungTold,
)
from custom_components.zhian.safety.household import Household
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.orders import Tell
from custom_components.zhian.safety.signals import Reading, Signal
from custom_components.zhian.safety.vocabulary import (
    Hazard,
    Level,
    Message,
    Phase,
    Response,
)

from .decision import Decision
from .violation import Violation

PAUSE = 30.0
TO_ANSWER = timedelta(minutes=10)
LONGEST = 660.0
"""Seconds after which a row of questions has led to something."""
SLACK = 0.01
_TAKEN = frozenset({Opened, Asked, RungTold, Assessed, Answered, PassedOn, Closed})


@dataclass(slots=True)
class _Row:
    """A row of questions about one incident."""

    first: datetime | None = None
    last: datetime | None = None
    first_t: float = 0.0
    last_t: float = 0.0
    told: set[str] = field(default_factory=set)
    wants_help: bool = False
    is_passed_on: bool = False
    """Whether all contacts there were had been told: one who comes later changes nothing."""
    phase: Phase | None = None


class Questions:
    """Watches the questions of one home."""

    def __init__(self) -> None:
        """Begin with nobody asked."""
        self._silent: dict[str, Level] = {}
        self._rows: dict[str, _Row] = {}

    def restart(self, kept: Iterable[Entry], t: float) -> None:
        """Know what the disk knows; nothing is known of the readings."""
        self._silent.clear()
        self._rows.clear()
        for entry in kept:
            self._take(entry, t)

    def check(self, decision: Decision) -> None:
        """Look at one decision."""
        signal, after, t = decision.signal, decision.after, decision.t
        if isinstance(signal, Reading):
            self._silent[signal.detector] = signal.level
        if not (self._rows or after.news or decision.tells):
            return
        for entry in after.news:
            if type(entry) not in _TAKEN:
                continue
            if isinstance(entry, PassedOn):
                self._check_passed_on(entry, after.household)
            elif isinstance(entry, Assessed) and entry.phase is Phase.ALARM:
                self._check_alarm(signal, entry)
            self._take(entry, t)
        incident = next(map(after.incidents.get, self._rows), None)
        for tell in decision.tells:
            if tell.message is Message.ASK:
                self._check_question(tell, incident)
        if incident is None:
            return
        row = self._rows[incident.id]
        if incident.id in decision.reports:
            contacts = {contact.id for contact in after.household.ladder.contacts}
            is_due = row.wants_help or row.is_passed_on or contacts <= row.told
            if not is_due:
                raise Violation("I13", "the station is told before the contacts")
        if incident.phase is Phase.PRE_ALARM and not incident.is_answered:
            self._check_asked(incident, row, t)
        if incident.asking_since is None or decision.is_restarting:
            return
        if t - row.last_t > PAUSE + SLACK:
            raise Violation("I13", f"no question for {t - row.last_t:.0f} s")
        if t - row.first_t > LONGEST:
            raise Violation("I13", "questions without an end")

    def _take(self, entry: Entry, t: float) -> None:
        if isinstance(entry, Opened):
            if entry.hazard is Hazard.INACTIVITY and not entry.drill:
                self._rows[entry.incident] = _Row()
            return
        if (row := self._rows.get(entry.incident)) is None:
            return
        match entry:
            case Asked():
                if entry.number == 1 or row.first is None or entry.at < row.first:
                    row.first, row.first_t = entry.at, t
                row.last, row.last_t = entry.at, t
                row.told.update(entry.contacts)
            case RungTold():
                row.told.update(entry.contacts)
            case Assessed():
                row.phase = entry.phase
            case Answered() if entry.response is Response.HELP:
                row.wants_help = True
            case PassedOn():
                row.is_passed_on = True
            case Closed():
                del self._rows[entry.incident]
            case _:
                pass

    def _check_alarm(self, signal: Signal, entry: Assessed) -> None:
        row = self._rows.get(entry.incident)
        if row is None or row.first is None or row.last is None or row.wants_help:
            return
        if row.phase is Phase.ALARM:
            return  # only what is known of it has changed
        if isinstance(signal, Reading) and signal.level is Level.ALARM:
            return
        if entry.at - row.first < TO_ANSWER:
            raise Violation("I13", f"ten minutes were {entry.at - row.first}")
        if not timedelta() <= entry.at - row.last <= timedelta(seconds=2 * PAUSE):
            raise Violation("I13", "an alarm over a question of long ago")

    def _check_passed_on(self, entry: PassedOn, household: Household) -> None:
        """Once, when every contact there is has been told."""
        row = self._rows.get(entry.incident)
        contacts = {contact.id for contact in household.ladder.contacts}
        if row is None or row.is_passed_on or not contacts <= row.told:
            raise Violation("I13", f"{entry} before {contacts} are told")

    def _check_question(self, order: Tell, incident: Incident | None) -> None:
        if incident is None or order.incident != incident.id:
            raise Violation("I13", "a question about nothing")
        if incident.phase not in (Phase.PRE_ALARM, Phase.CLEARING):
            raise Violation("I13", f"a question in {incident.phase}")
        if self._silent.get(order.subject or "") is Level.NORMAL:
            raise Violation("I13", f"{order.subject} has moved and is asked")

    def _check_asked(self, incident: Incident, row: _Row, t: float) -> None:
        is_silent = any(
            self._silent.get(d) is Level.PRE_ALARM for d in incident.detectors
        )
        if is_silent and (row.last is None or t - row.last_t > PAUSE + SLACK):
            raise Violation("I13", "nobody asks who is silent")
