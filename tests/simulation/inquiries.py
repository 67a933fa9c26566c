"""I7 and I16, as far as they are about questions of the station and their answers."""

from collections.abc import Iterable

from custom_components.zhian.safety.entries import Entry, Informed, Inquired
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.signals import StationAsked, StationInformed
from custom_components.zhian.safety.vocabulary import Message

from .decision import Decision
from .violation import Violation

_TAKEN = frozenset({Inquired, Informed})


class Inquiries:
    """What was asked about each incident, and what nobody has answered yet."""

    def __init__(self) -> None:
        """Begin with nothing asked."""
        self._asked: dict[str, set[str]] = {}
        self._open: set[tuple[str, str]] = set()

    def restart(self, incidents: Iterable[Incident]) -> None:
        """Know what the disk knows."""
        self._asked.clear()
        self._open.clear()
        for incident in incidents:
            for question in incident.questions:
                self._asked.setdefault(incident.id, set()).add(question.id)
                if question.answer is None:
                    self._open.add((incident.id, question.id))

    def check(self, decision: Decision) -> None:
        """Look at one decision."""
        signal = decision.signal
        if isinstance(signal, StationAsked):
            self._check_asked(decision, signal)
        for entry in decision.after.news:
            if type(entry) in _TAKEN:
                self._take(decision, entry)

    def _check_asked(self, decision: Decision, signal: StationAsked) -> None:
        """A question reaches people once, and of a silent call nobody."""
        incident = decision.before.incidents.get(signal.incident)
        told = [t for t in decision.tells if t.message is Message.QUESTION]
        is_known = signal.question in self._asked.get(signal.incident, ())
        is_noted = any(e.incident == signal.incident for e in decision.after.news)
        if incident is not None and incident.silent and (told or is_noted):
            raise Violation("I16", f"{signal} gives a silent call away")
        is_news = incident is not None and not (incident.silent or is_known)
        if is_news is not bool(told):
            raise Violation("I7", f"{signal} is told {len(told)} times")

    def _take(self, decision: Decision, entry: Entry) -> None:
        if isinstance(entry, Inquired):
            self._asked.setdefault(entry.incident, set()).add(entry.question)
            self._open.add((entry.incident, entry.question))
        elif isinstance(entry, Informed):
            key, signal = (entry.incident, entry.question), decision.signal
            is_meant = isinstance(signal, StationInformed) and (
                signal.question in (None, entry.question)
            )
            if key not in self._open or not is_meant:
                raise Violation("I7", f"{entry} answers what nobody asks")
            self._open.discard(key)
