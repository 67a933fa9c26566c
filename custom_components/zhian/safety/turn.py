"""One turn of the kernel: collects what a signal leads to."""

from datetime import datetime

from .entries import Entry
from .incident import Incident, fold
from .orders import Ask, Drive, Order, Refuse, Report, Tell
from .replacing import replace
from .state import State
from .vocabulary import Message


class Turn:
    """The state while one signal is being decided on.

    Every change of an incident goes through `record`, as an entry of its timeline, so
    that replaying the timeline gives the same incident.
    """

    def __init__(self, state: State, at: datetime) -> None:
        """Begin with the state as it is."""
        self.state = state
        self.at = at
        self._news: list[Entry] = []
        self._drives: list[Order] = []
        self._others: list[Order] = []
        self._reports: dict[str, None] = {}
        self.is_gas_over = False
        """Whether a gas incident was closed, and what it held back may move."""

    def record[E: Entry](
        self, entry: type[E], incident: str, /, **fields: object
    ) -> Incident:
        """Add an entry to an incident's timeline; return the incident after it."""
        before = self.state.incidents.get(incident)
        made = entry(
            incident=incident,
            seq=before.seq + 1 if before else 1,
            at=self.at,
            **fields,
        )
        after = fold(before, made)
        incidents = dict(self.state.incidents)
        if after.is_open:
            incidents[incident] = after
        else:
            incidents.pop(incident, None)
        self.state = replace(self.state, incidents=incidents)
        self._news.append(made)
        return after

    def drive(self, order: Drive) -> None:
        """Move something; drives leave before everything else."""
        known = self.state.positions.get(order.actuator)
        if known is not None and known.position is not order.target:
            doubtful = replace(known, is_doubtful=True)
            positions = {**self.state.positions, order.actuator: doubtful}
            self.state = replace(self.state, positions=positions)
        self._drives.append(order)

    def ask(self, actuator: str) -> None:
        """Ask a device where it is."""
        if (order := Ask(actuator)) not in self._others:
            self._others.append(order)

    def tell(
        self, message: Message, incident: str | None = None, subject: str | None = None
    ) -> None:
        """Tell every contact."""
        self._others.append(Tell(message, incident, subject))

    def report(self, incident: Incident) -> None:
        """Bring the station up to date, once a turn, if it should know."""
        if incident.is_reportable:
            self._reports[incident.id] = None

    def refuse(self, order: Refuse) -> None:
        """Tell the person who asked why it is not done."""
        self._others.append(order)

    def end(self) -> tuple[State, list[Order]]:
        """Return the state and the orders, drives first."""
        orders = [*self._drives, *self._others, *map(Report, self._reports)]
        news = tuple(self._news)
        if news != self.state.news:
            self.state = replace(self.state, news=news)
        return self.state, orders
