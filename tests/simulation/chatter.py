"""I10: a detector that chatters is told once."""

from collections.abc import Iterable

from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.signals import Acknowledge, Answer, DisarmRequested
from custom_components.zhian.safety.vocabulary import Hazard, Message, Response

from .decision import Decision
from .violation import Violation

ANSWERS = frozenset({Acknowledge, Answer, DisarmRequested})
"""Words of people after which an alarm is told anew."""


class Chatter:
    """What people have heard last of each incident."""

    def __init__(self) -> None:
        """Begin with nothing told."""
        self._last_told: dict[str, tuple[Message, str | None]] = {}
        self._answered: set[str] = set()

    def restart(self, incidents: Iterable[Incident]) -> None:
        """Know what the disk knows."""
        self._last_told = {}
        self._answered.clear()
        for incident in incidents:
            if Message.ALARM in incident.told and Message.CLEARING not in incident.told:
                self._last_told[incident.id] = (Message.ALARM, None)
            if incident.is_answered or incident.safe:
                self._answered.add(incident.id)

    def last(self, incident: str) -> Message | None:
        """Return whether people heard last of an alarm or of its end."""
        return self._last_told.get(incident, (None, None))[0]

    def check(self, decision: Decision) -> None:
        """Look at what one decision tells."""
        for tell in decision.tells:
            if tell.incident is None:
                continue
            message = tell.message
            if message is Message.ASK:  # what follows is another silence
                self._answered.add(tell.incident)
            if message not in (Message.ALARM, Message.CLEARING):
                continue
            told = (message, tell.subject)
            is_repeated = told == self._last_told.get(tell.incident)
            # Whoever had answered to the alarm before is asked anew.
            is_new = message is Message.ALARM and tell.incident in self._answered
            if is_repeated and not is_new:
                raise Violation("I10", f"{told} is told twice")
            self._last_told[tell.incident] = told
            if message is Message.ALARM:
                self._answered.discard(tell.incident)
        signal, after = decision.signal, decision.after
        if isinstance(signal, Acknowledge):
            chosen = signal.incident
            shown = (i.id for i in after.shown)
            self._answered.update(shown if chosen is None else (chosen,))
        elif isinstance(signal, Answer) and signal.response is Response.SAFE:
            self._answered.add(signal.incident)
        elif isinstance(signal, DisarmRequested):
            self._answered.update(
                i.id
                for i in after.shown
                if i.hazard is Hazard.INTRUSION and not i.drill
            )
