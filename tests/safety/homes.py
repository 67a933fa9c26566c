"""A home in front of the kernel: speak to it, let time pass, look at what it orders."""

from datetime import UTC, datetime, timedelta
from typing import Self

from custom_components.zhian.safety.arming import (
    ARMED,
    Mode,
    Panel,
    PanelSettings,
    Sense,
    Watch,
)
from custom_components.zhian.safety.decide import decide, go_on
from custom_components.zhian.safety.entries import Closed, Entry
from custom_components.zhian.safety.household import Actuator, Detector, Household
from custom_components.zhian.safety.incident import Incident, Step
from custom_components.zhian.safety.ladder import Contact, Ladder
from custom_components.zhian.safety.orders import (
    Ask,
    Drive,
    Order,
    Refuse,
    Report,
    Tell,
    WakeAt,
)
from custom_components.zhian.safety.signals import (
    Acknowledge,
    ActuatorReport,
    Answer,
    ArmRequested,
    Delivered,
    DisarmRequested,
    DrillEnded,
    DrillStarted,
    Hindered,
    OpenRequested,
    OrderFailed,
    Reading,
    ResetRequested,
    Signal,
    Started,
    StationSaid,
    Tick,
)
from custom_components.zhian.safety.state import State
from custom_components.zhian.safety.timeline import fold_all
from custom_components.zhian.safety.vocabulary import (
    ActuatorRole,
    ContactRole,
    Hazard,
    Level,
    Message,
    Phase,
    Position,
    Reason,
    Response,
    StationStatus,
    Witness,
)

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


type Part = Detector | Actuator | Contact | PanelSettings


def household(*parts: Part) -> Household:
    """Return a home of these parts."""
    return Household(
        "home",
        {p.id: p for p in parts if isinstance(p, Detector)},
        {p.id: p for p in parts if isinstance(p, Actuator)},
        Ladder(tuple(p for p in parts if isinstance(p, Contact))),
        panel=next((p for p in parts if isinstance(p, PanelSettings)), PanelSettings()),
    )


def gas(name: str = "gas", zone: str | None = "kitchen") -> Detector:
    """Return a gas detector."""
    return Detector(name, Hazard.GAS, zone)


def detector(name: str, hazard: Hazard, zone: str | None = "hall") -> Detector:
    """Return a detector; of intrusion, one that counts in a disarmed home, too."""
    return Detector(name, hazard, zone, watch=Watch(Sense.PANEL))


def door(
    name: str = "door",
    sense: Sense = Sense.OPENING,
    *,
    delayed: bool = False,
    modes: frozenset[Mode] = ARMED,
    left_open: float | None = None,
) -> Detector:
    """Return a detector of intrusion; an instant one unless it says otherwise."""
    watch = Watch(sense, modes, delayed, left_open)
    return Detector(name, Hazard.INTRUSION, "hall", watch=watch)


def valve(
    name: str = "valve", *, travel: float = 5.0, witness: Witness = Witness.REPORT
) -> Actuator:
    """Return a gas valve."""
    return Actuator(
        name, ActuatorRole.GAS_VALVE, "kitchen", travel_time=travel, witness=witness
    )


def window(name: str = "window", zone: str | None = "kitchen") -> Actuator:
    """Return a window that its owner lets open on gas."""
    return Actuator(
        name, ActuatorRole.WINDOW, zone, ignition_safe=True, open_on_gas=True
    )


def siren(
    name: str = "siren", zone: str | None = "kitchen", *, safe: bool = True
) -> Actuator:
    """Return a siren."""
    return Actuator(name, ActuatorRole.SIREN, zone, ignition_safe=safe)


def contact(
    name: str, role: ContactRole = ContactRole.RESIDENT, order: int = 1
) -> Contact:
    """Return a person."""
    return Contact(name, role, order)


class Home:
    """A home whose signals are given by hand."""

    def __init__(self, *parts: Part) -> None:
        """Begin at noon with nothing known."""
        self.state = State(household(*parts))
        self.now = NOON
        self.journal: list[Entry] = []
        self.orders: list[Order] = []
        self.all_orders: list[Order] = []
        self.wake: datetime | None = None

    # --- time ------------------------------------------------------------------

    def later(self, seconds: float) -> Self:
        """Let time pass unseen."""
        self.now += timedelta(seconds=seconds)
        return self

    def wait(self, seconds: float) -> Self:
        """Let time pass; the kernel is woken when it has asked for it, else never."""
        end = self.now + timedelta(seconds=seconds)
        ticks = 0
        while self.wake is not None and self.wake <= end:
            self.now = max(self.now, self.wake)
            self.tick()
            ticks += 1
            assert ticks < 10_000, "the kernel asks to be woken without an end"
        self.now = end
        return self

    # --- in --------------------------------------------------------------------

    def send(self, signal: Signal) -> list[Order]:
        """Let the kernel decide; keep the journal and the wish to be woken."""
        self.state, self.orders = decide(self.state, signal)
        self.journal.extend(self.state.news)
        self.all_orders.extend(self.orders)
        self.wake = next((o.at for o in self.orders if isinstance(o, WakeAt)), None)
        return self.orders

    def tick(self) -> list[Order]:
        return self.send(Tick(self.now))

    def start(self) -> list[Order]:
        return self.send(Started(self.now))

    def reads(self, name: str, level: Level, value: float | None = None) -> list[Order]:
        return self.send(Reading(name, level, self.now, value))

    def alarm(self, name: str = "gas", value: float | None = None) -> Incident:
        """Let a detector alarm; return the incident."""
        self.reads(name, Level.ALARM, value)
        hazard = self.state.household.detectors[name].hazard
        incident = self.state.open_incident(hazard)
        assert incident is not None
        return incident

    def says(self, name: str, position: Position) -> list[Order]:
        return self.send(ActuatorReport(name, position, self.now))

    def hinders(self, name: str, reason: Reason | None) -> list[Order]:
        return self.send(Hindered(name, reason, self.now))

    def replies(self, name: str, position: Position) -> list[Order]:
        return self.send(ActuatorReport(name, position, self.now, is_answer=True))

    def fails(self, step: str, reason: Reason = Reason.ERROR) -> list[Order]:
        return self.send(OrderFailed(self.incident.id, step, reason, self.now))

    def answers(self, contact: str, response: Response) -> list[Order]:
        return self.send(
            Answer(
                self.incident.id, response, contact, "notification", self.now, contact
            )
        )

    def acknowledge(self, incident: str | None = None) -> list[Order]:
        return self.send(Acknowledge("Li", "button", self.now, incident))

    def reset(self, incident: str | None = None, *, local: bool = True) -> list[Order]:
        return self.send(ResetRequested("Li", local, self.now, incident))

    def ask_to_open(
        self, name: str = "valve", *, local: bool = True, confirmed: bool = True
    ) -> list[Order]:
        return self.send(OpenRequested(name, "Li", local, confirmed, self.now))

    def arm(
        self,
        mode: Mode = Mode.AWAY,
        *bypass: str,
        force: bool = False,
        duress: bool = False,
    ) -> list[Order]:
        return self.send(
            ArmRequested(mode, "Li", self.now, frozenset(bypass), force, duress)
        )

    def disarm(self, *, duress: bool = False) -> list[Order]:
        return self.send(DisarmRequested("Li", self.now, duress))

    def delivered(
        self, message: Message, contact: str = "Li", reason: Reason | None = None
    ) -> list[Order]:
        return self.send(
            Delivered(self.incident.id, contact, message, self.now, reason)
        )

    def station(
        self, status: StationStatus, *, number: str | None = None, by: str | None = None
    ) -> list[Order]:
        return self.send(
            StationSaid(self.incident.id, status, self.now, number=number, by=by)
        )

    def drill(self, seconds: float = 600) -> list[Order]:
        until = self.now + timedelta(seconds=seconds)
        return self.send(DrillStarted("Li", until, self.now))

    def end_drill(self) -> list[Order]:
        return self.send(DrillEnded("Li", self.now))

    def crash(self, *parts: Part, lose: int = 0) -> Self:
        """Throw the state away and restore it, perhaps in a changed home."""
        if lose:
            del self.journal[-lose:]
        changed = household(*parts) if parts else self.state.household
        closed = {e.incident for e in self.journal if isinstance(e, Closed)}
        kept = [e for e in self.journal if e.incident not in closed]
        self.state = go_on(changed, fold_all(kept).values(), panel=self.state.panel)
        self.wake = None
        return self

    # --- out -------------------------------------------------------------------

    @property
    def panel(self) -> Panel:
        """How the home is armed."""
        return self.state.panel

    @property
    def incident(self) -> Incident:
        """The only open incident."""
        (incident,) = self.state.incidents.values()
        return incident

    def is_in(self, phase: Phase) -> bool:
        """Whether the only open incident is in a phase."""
        return self.incident.phase is phase

    def step(self, step_id: str) -> Step:
        """Return a step of the only open incident."""
        step = self.incident.step(step_id)
        assert step is not None
        return step

    @property
    def drives(self) -> list[tuple[str, Position]]:
        """What the last decision drives."""
        return [(o.actuator, o.target) for o in self.orders if isinstance(o, Drive)]

    @property
    def asked(self) -> list[str]:
        """Which devices were asked where they are, since the beginning."""
        return [o.actuator for o in self.all_orders if isinstance(o, Ask)]

    @property
    def tells(self) -> list[Message]:
        """What the last decision tells people."""
        return [o.message for o in self.orders if isinstance(o, Tell)]

    @property
    def audiences(self) -> list[tuple[Message, tuple[str, ...] | None]]:
        """Whom the last decision tells what."""
        return [(o.message, o.audience) for o in self.orders if isinstance(o, Tell)]

    @property
    def refusals(self) -> list[Reason]:
        """What the last decision refuses."""
        return [o.reason for o in self.orders if isinstance(o, Refuse)]

    @property
    def reports(self) -> list[str]:
        """The incidents that the last decision reports."""
        return [o.incident for o in self.orders if isinstance(o, Report)]

    @property
    def kinds(self) -> list[str]:
        """The kinds of entries that the last decision added."""
        return [entry.kind for entry in self.state.news]

    def told(self, message: Message) -> int:
        """Return how often a message was told since the beginning."""
        return sum(
            isinstance(o, Tell) and o.message is message for o in self.all_orders
        )
