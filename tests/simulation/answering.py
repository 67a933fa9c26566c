"""I17: an alarm does not rest until a person has answered.

The residents are told at once; whoever comes next is told when those before have let
their time pass, not earlier and not later; and nobody any more when somebody has taken it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from custom_components.zhian.safety.entries import (
    Assessed,
    Closed,
    Disarmed,
    Entry,
    Opened,
)
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.ladder import Ladder
from custom_components.zhian.safety.orders import Tell
from custom_components.zhian.safety.signals import Acknowledge, Answer, Signal
from custom_components.zhian.safety.vocabulary import Hazard, Message, Phase, Response

from .decision import Decision
from .violation import Violation

EVER = datetime.min.replace(tzinfo=UTC)
NEVER = datetime.max.replace(tzinfo=UTC)
_SLACK = timedelta(seconds=0.01)
_ASKING = (Message.UNANSWERED, Message.REPEAT)
_READ = frozenset({Opened, Disarmed, Closed, Assessed})
_CALLS = (Message.ALARM, Message.UNANSWERED, Message.HELP, Message.REPEAT)


@dataclass(slots=True)
class _Asked:
    """Who has heard of one incident's alarm, and who has said what."""

    is_drill: bool
    is_alarm: bool = False
    """Whether it has ever been an alarm."""
    phase: Phase = Phase.ALARM
    is_taken: bool = False
    wants_help: bool = False
    told: set[str] = field(default_factory=set)
    safe: set[str | None] = field(default_factory=set)
    newcomers: set[str] = field(default_factory=set)
    """Residents who were not there when the alarm was told."""
    newest: datetime | None = None
    """When somebody was told who had not been told before."""
    patience: timedelta = timedelta()
    """How long those may take to answer."""


class Answering:
    """A book of its own of who was told when."""

    def __init__(self, ladder: Ladder, incidents: Iterable[Incident] = ()) -> None:
        """Begin with the incidents that the journal knows."""
        self._ladder = ladder
        self._first = ladder.rungs[0].contacts if ladder.contacts else ()
        self._look_at = EVER
        """By the home's clock: before this nobody is late to be told."""
        self._asked: dict[str, _Asked] = {}
        for incident in incidents:
            if incident.silent or incident.hazard is Hazard.INACTIVITY:
                continue
            was_alarm = incident.alarmed_at is not None
            asked = _Asked(incident.drill, was_alarm, incident.phase)
            asked.is_taken = incident.is_answered
            asked.wants_help = incident.help is not None
            asked.told = set(incident.called)
            asked.safe = set(incident.safe)
            asked.newest = incident.rung_at
            if incident.rung_role is not None:
                asked.patience = ladder.patience[incident.rung_role]
            if asked.newest is not None:
                # Who has moved in since is the next to be told, in their time.
                asked.newcomers = set(self._first) - asked.told
            self._asked[incident.id] = asked

    def check(self, decision: Decision) -> None:
        """Look at what one decision told to whom."""
        if not self._first:
            return
        kind, news, at = decision.kind, decision.after.news, decision.at
        if kind is Acknowledge or kind is Answer:
            self._hear(decision.signal)
            self._look_at = EVER
        if news or decision.tells:
            for entry in news:
                if type(entry) in _READ:
                    self._read(entry)
            for tell in decision.tells:
                self._check_tell(tell, at, is_restarting=decision.is_restarting)
            self._look_at = EVER
        if not decision.is_restarting and at >= self._look_at:
            self.check_all(at)

    def _hear(self, signal: Signal) -> None:
        if isinstance(signal, Acknowledge):
            for name, asked in self._asked.items():
                if signal.incident is None or signal.incident == name:
                    asked.is_taken = True
        elif isinstance(signal, Answer) and signal.incident in self._asked:
            asked = self._asked[signal.incident]
            if signal.response is Response.HELP:
                asked.wants_help = asked.is_alarm = True
            else:
                asked.safe.add(signal.contact)

    def _read(self, entry: Entry) -> None:
        if isinstance(entry, Opened):
            if entry.silent or entry.hazard is Hazard.INACTIVITY:
                return  # the person is asked first: see the tests of asking
            is_alarm = entry.phase is Phase.ALARM
            self._asked[entry.incident] = _Asked(entry.drill, is_alarm, entry.phase)
        elif isinstance(entry, Disarmed) and entry.incident in self._asked:
            self._asked[entry.incident].is_taken = True  # somebody with a code is there
        elif isinstance(entry, Closed):
            self._asked.pop(entry.incident, None)
        elif isinstance(entry, Assessed) and entry.incident in self._asked:
            asked = self._asked[entry.incident]
            if asked.phase is not Phase.ALARM is entry.phase:
                if not asked.is_alarm or asked.is_taken or asked.safe:
                    # A new alarm asks anew.
                    asked = _Asked(asked.is_drill, wants_help=asked.wants_help)
                    self._asked[entry.incident] = asked
                asked.is_alarm = True
            asked.phase = entry.phase

    def _check_tell(self, tell: Tell, at: datetime, *, is_restarting: bool) -> None:
        if not tell.audience and tell.incident in self._asked:
            raise Violation("I17", f"{tell} is for nobody")
        asked = self._asked.get(tell.incident or "")
        if asked is None:
            return
        first = self._first
        # Those who come later in the ladder may hear of it before they are asked.
        is_first = tell.message is Message.ALARM and not asked.wants_help
        heard = set(first) - asked.newcomers if is_first else tell.audience
        new = set(heard) - asked.told if tell.message in _CALLS else set()
        if asked.is_drill and not set(first).issuperset(tell.audience):
            raise Violation("I17", f"a drill wakes {tell.audience}")
        everybody = asked.newcomers.union(tell.audience)
        if tell.message is Message.ALARM and not everybody.issuperset(first):
            raise Violation("I17", f"an alarm is not told to {first}")
        if tell.message in _ASKING and asked.is_taken:
            raise Violation("I17", f"{tell.message} though somebody has taken it")
        if not is_restarting:
            if tell.message is Message.UNANSWERED:
                self._check_unanswered(asked, new, at)
            if tell.message is Message.REPEAT and self._untold(asked):
                raise Violation("I17", "a repeat before everybody knows")
        asked.newcomers.difference_update(tell.audience)
        if new:
            asked.told |= new
            asked.newest = at
            roles = [c.role for c in self._ladder.contacts if c.id in new]
            asked.patience = max(
                (self._ladder.patience[role] for role in roles), default=timedelta()
            )

    def _check_unanswered(self, asked: _Asked, new: set[str], at: datetime) -> None:
        if asked.newest is None:
            raise Violation("I17", "the next are told before the first")
        passed = at - asked.newest
        # A clock that was turned back must not add to the time-out.
        if new and timedelta() <= passed < asked.patience - _SLACK:
            raise Violation("I17", f"{new} are told after {passed} already")

    def check_all(self, at: datetime) -> None:
        """See that nobody waits who should have been told by now."""
        self._look_at = NEVER
        for name, asked in self._asked.items():
            if asked.is_drill or not asked.is_alarm or asked.is_taken:
                continue
            if not asked.wants_help and asked.safe.issuperset(self._first):
                continue
            untold = self._untold(asked)
            if not untold:
                continue
            if asked.newest is None or asked.wants_help:
                raise Violation("I17", f"{name}: nobody has told {untold}")
            by = asked.newest + asked.patience + _SLACK
            if at >= by:
                raise Violation("I17", f"{name}: {untold} are not told in time")
            self._look_at = min(self._look_at, by)

    def _untold(self, asked: _Asked) -> list[str]:
        return [c.id for c in self._ladder.contacts if c.id not in asked.told]
