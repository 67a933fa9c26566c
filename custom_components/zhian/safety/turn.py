"""One turn of the kernel: collects what a signal leads to."""

from datetime import datetime
from typing import Final

from .entries import Entry
from .identity import incident_id
from .incident import Incident
from .orders import Ask, Drive, Exercised, Order, Refuse, Report, Tell
from .replacing import replace, setters
from .reporting import is_unwanted, is_withheld
from .state import Positioned, Sensed, State
from .timeline import fold
from .vocabulary import Hazard, Message

_PUT: Final = setters(State)


class Turn:
    """The state while one signal is being decided on.

    Every change of an incident goes through `record`, as an entry of its timeline, so
    that replaying the timeline gives the same incident.
    """

    __slots__ = (
        "_drives",
        "_news",
        "_others",
        "_own",
        "_own_incidents",
        "_reports",
        "_touched",
        "at",
        "is_freed",
        "state",
    )

    def __init__(self, state: State, at: datetime) -> None:
        """Begin with the state as it is."""
        self.state = state
        self.at = at
        # Copies of this turn, which nobody else has seen: changed in place.
        self._own: State | None = None
        self._own_incidents: dict[str, Incident] | None = None
        self._news: list[Entry] = []
        self._drives: list[Order] = []
        self._others: list[Order] = []
        self._reports: dict[str, None] = {}
        self._touched: dict[str, Incident] = {}
        self.is_freed = False
        """Whether something is over that held back what others want."""

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
        incidents = self._own_incidents
        if incidents is None or incidents is not self.state.incidents:
            incidents = self._own_incidents = dict(self.state.incidents)
            self.change("incidents", incidents)
        if after.is_open:
            incidents[incident] = after
        else:
            incidents.pop(incident, None)
        self._touched[incident] = after
        self._news.append(made)
        return after

    def latest(self, incident: str | None) -> Incident | None:
        """Return an incident as it is now, also one that this turn has closed."""
        if incident is None:
            return None
        return self.state.incidents.get(incident) or self._touched.get(incident)

    def change(self, field: str, value: object) -> None:
        """Change a field of the state; the one before the turn stays as it was."""
        if self.state is not self._own:
            self.state = self._own = replace(self.state)
        _PUT[field](self.state, value)

    def new_id(self, hazard: Hazard, *, drill: bool = False) -> str:
        """Return the id of an incident that opens now."""
        count = self.state.opened
        self.change("opened", count + 1)
        return incident_id(self.state.household.id, hazard, drill, self.at, count)

    def sense(self, detector: str, sensed: Sensed) -> None:
        """Keep what a detector says."""
        self.change("readings", {**self.state.readings, detector: sensed})

    def place(self, actuator: str, positioned: Positioned) -> None:
        """Keep where an actuator is."""
        self.change("positions", {**self.state.positions, actuator: positioned})

    def drive(self, order: Drive) -> None:
        """Move something; drives leave before everything else."""
        known = self.state.positions.get(order.actuator)
        if known is not None and known.position is not order.target:
            self.place(order.actuator, replace(known, is_doubtful=True))
        self.change("driven", {**self.state.driven, order.actuator: self.at})
        self._drives.append(order)

    def ask(self, actuator: str) -> None:
        """Ask a device where it is."""
        if (order := Ask(actuator)) not in self._others:
            self._others.append(order)

    def tell(
        self,
        message: Message,
        incident: str | None = None,
        subject: str | None = None,
        *,
        audience: tuple[str, ...] | None = None,
        subjects: tuple[str, ...] = (),
    ) -> None:
        """Tell people; who that is without an audience, the ladder knows."""
        if message is Message.ALARM and incident in self.state.restored:
            self.change("announced", self.state.announced | {incident})
        self._others.append(
            Tell(message, incident, subject, audience, subjects=subjects)
        )

    def is_telling_all(self, messages: frozenset[Message], incident: str) -> bool:
        """Whether this turn tells one of these to everybody who knows of an incident."""
        return any(
            type(o) is Tell
            and o.message in messages
            and o.incident == incident
            and o.audience is None
            for o in self._others
        )

    def report(self, incident: Incident) -> None:
        """Bring the station up to date, once a turn, if it should know."""
        if (
            incident.id not in self._reports
            and incident.is_reportable
            and not incident.withheld
            and not is_unwanted(self.state, incident)
            and not is_withheld(self.state, incident)
        ):
            self._reports[incident.id] = None

    def refuse(self, order: Refuse) -> None:
        """Tell the person who asked why it is not done."""
        self._others.append(order)

    def note(self, order: Exercised) -> None:
        """Let the shell note what has become of something."""
        self._others.append(order)

    def end(self) -> tuple[State, list[Order]]:
        """Return the state and the orders, drives first."""
        orders = [*self._drives, *self._others, *map(Report, self._reports)]
        if self._news or self.state.news:
            self.change("news", tuple(self._news))
        return self.state, orders
