"""The invariants I0 to I17, checked after every decision of the kernel.

The checker keeps books of its own (what detectors said, what was ordered when), so that
it does not believe the kernel what the kernel says of itself. Each book has a file.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from custom_components.zhian.safety import decide as kernel, plan, turn
from custom_components.zhian.safety.entries import (
    Assessed,
    Closed,
    Entry,
    Evidence,
    Opened,
    StepOrdered,
    StepSettled,
)
from custom_components.zhian.safety.household import Actuator, Detector, Household
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.orders import Order
from custom_components.zhian.safety.replacing import replace
from custom_components.zhian.safety.signals import (
    DrillStarted,
    Reading,
    Signal,
    Started,
    StationAsked,
    Tick,
)
from custom_components.zhian.safety.state import State
from custom_components.zhian.safety.vocabulary import (
    Hazard,
    Level,
    Message,
    Phase,
    Position,
)

from .agreeing import asks
from .answering import Answering
from .chatter import ANSWERS, Chatter
from .decision import Decision
from .endings import check_clear, check_closing
from .guarding import PANEL_REQUESTS, Guarding
from .inquiries import Inquiries
from .keeping import Keeping
from .moving import FLAMES, check_added, check_drives, check_shut_off
from .poison import Breathed
from .proofs import Proofs, check_evidence
from .questions import Questions
from .restarts import check_restart
from .senses import Senses
from .timelines import Timelines
from .upkeep import ABOUT_EXERCISES, Drills, Exercises
from .violation import Violation

SLACK = timedelta(seconds=0.01)

type Plans = Mapping[Hazard, tuple[Callable[[Actuator], Position | None], ...]]


class Checker:
    """The kernel with somebody who looks over its shoulder.

    `t` is the world's time in seconds: unlike the home's clock it never runs back.
    """

    def __init__(self, household: Household, plans: Plans = plan.PLANS) -> None:
        """Begin with a home of which nothing is known."""
        self.state = State(household)
        self.wake: datetime | None = None
        self.decisions = 0
        self.opened = 0
        self._plans = plans
        self._is_restarting = False
        self._senses = Senses()
        self._breathed = Breathed()
        self._guarding = Guarding(household, self._senses)
        self._proofs = Proofs()
        self._chatter = Chatter()
        self._answering = Answering(household.ladder)
        self._questions = Questions()
        self._drills = Drills()
        self.exercises = Exercises()
        self._timelines = Timelines()
        self._keeping = Keeping()
        self._inquiries = Inquiries()
        self._is_asking = any(map(asks, household.detectors.values()))

    @property
    def journal(self) -> list[Entry]:
        """What is on the disk."""
        return self._timelines.journal

    # --- in ----------------------------------------------------------------------

    def decide(self, signal: Signal, t: float) -> list[Order]:
        """Let the kernel decide, and check what it did."""
        before, at, kind = self.state, signal.at, type(signal)
        if self._breathed.since:
            self._breathed.check(before, at)
        if kind is Reading:
            self._hear(signal)
        if (
            kind is Tick
            or kind is Started
            or self._guarding.book.entry is not None  # somebody has come in
        ):
            self._guarding.check_time(before, signal, is_restarting=self._is_restarting)
        self.decisions += 1
        usual, plan.PLANS = plan.PLANS, self._plans
        alone, turn.fold = turn.fold, self._timelines.fold
        try:
            after, orders = kernel.decide(before, signal)
        except Exception as error:
            raise Violation("I0", f"{signal} raised {error!r}") from error
        finally:
            plan.PLANS, turn.fold = usual, alone
        self.state = after
        decision = Decision(
            signal, kind, at, t, before, after, orders, self._is_restarting
        )
        decision.sort()
        self.wake = decision.wake
        self._check(decision)
        return orders

    def _check(self, decision: Decision) -> None:
        """Look at everything that a decision can have broken.

        A book is not opened where nothing has happened that stands in it.
        """
        kind, after, at, t = decision.kind, decision.after, decision.at, decision.t
        if decision.drives:
            check_drives(decision, self._senses)
            self._proofs.drive(decision.drives, at)
        if after.news or decision.before.incidents is not after.incidents:
            self._timelines.check(decision, self._look)
        if decision.reports:
            self._timelines.note(decision.reports)
        if self._guarding.entered or kind in PANEL_REQUESTS:
            self._guarding.check(decision)
        if kind is Reading:
            self._check_alarm(decision)
        if self._breathed.since:
            self._breathed.check(after, at)
        if decision.tells or kind in ANSWERS:
            self._chatter.check(decision)
        self._answering.check(decision)
        if self._drills.asked or kind is DrillStarted:
            self._drills.check(decision)
        if (
            decision.drives
            or decision.exercised
            or self.exercises.moving
            or kind in ABOUT_EXERCISES
        ):
            self.exercises.check(decision)
        self._questions.check(decision)
        self._keeping.check(decision)
        if after.news or kind is StationAsked:
            self._inquiries.check(decision)
        if self._is_asking and not self._is_restarting:
            self._check_insisting(after, at)
        if t > self._proofs.look_at:
            self._proofs.check_ends(after.household, t)
        if kind is Tick and self.wake and self.wake <= at:
            raise Violation("I5", "a tick asks for a tick at once")

    def restart(
        self, household: Household, lose: int, first: Sequence[Signal], t: float
    ) -> list[Order]:
        """Throw the state away, go on from the journal, of which the end may lack."""
        kept, incidents = self._timelines.restart(lose)
        copies = [replace(incident) for incident in incidents]
        self.state = kernel.go_on(household, copies, panel=self.state.panel)
        self._timelines.compare(self.state)
        self._guarding.book.restart(household)
        self._senses.forget()
        self._proofs.forget()
        self._breathed.forget()
        self.exercises.restart()
        self._questions.restart(kept, t)
        self._chatter.restart(incidents)
        self._answering = Answering(household.ladder, incidents)
        known = len(self.journal)
        orders: list[Order] = []
        self._is_restarting = True
        for signal in first:
            orders.extend(self.decide(signal, t))
        self._is_restarting = False
        self._inquiries.restart(incidents)
        check_restart(incidents, first, self.journal[known:], orders, self.state)
        if first:
            self._answering.check_all(first[-1].at)
        self._proofs.go_on(self.state.incidents.values(), t)
        return orders

    # --- the station -----------------------------------------------------------------

    def revision(self, incident: str) -> int:
        """Return the newest revision of an incident, 0 if it is not there any more."""
        return self._timelines.revision(incident)

    def arrive(self, incident: str, revision: int) -> None:
        """A document arrives at the station; I7."""
        self._timelines.arrive(incident, revision)

    def finish(self) -> None:
        """See that the station knows what it has to, once all that is owed arrives."""
        self._timelines.compare(self.state)
        self._timelines.finish(self.state.household)

    # --- I3: an alarm is an incident, now -------------------------------------------

    def _hear(self, reading: Reading) -> None:
        level = reading.level
        known = self.state.household.detectors.get(reading.detector)
        if known is not None:
            if known.hazard is Hazard.INTRUSION:
                level = self._guarding.judge(reading, self.state)
            elif known.hazard is Hazard.CARBON_MONOXIDE:
                self._breathed.take(reading, known.standard)
        self._senses.hear(reading.detector, known, level, reading.at)

    def _check_alarm(self, decision: Decision) -> None:
        reading, after = decision.signal, decision.after
        assert isinstance(reading, Reading)
        if self._senses.levels.get(reading.detector) is not Level.ALARM:
            return
        detector = after.household.detectors.get(reading.detector)
        if detector is None:
            return
        found = [
            i
            for i in after.incidents.values()
            if i.hazard is detector.hazard and not (i.drill or i.silent)
        ]
        agreeing, household = self._senses.agreeing, after.household
        if asks(detector) and not agreeing.is_agreed(
            household, detector.hazard, decision.at
        ):
            _check_unconfirmed(decision, found, detector)
            return
        if len(found) != 1 and detector.hazard is Hazard.INTRUSION:
            raise Violation("I15", f"{reading} of an armed home: {len(found)}")
        if len(found) != 1:
            raise Violation("I3", f"{reading} has {len(found)} incidents")
        incident = found[0]
        if incident.phase is not Phase.ALARM or detector.id not in incident.detectors:
            raise Violation("I3", f"{reading} leaves {incident.phase}")
        if after.drill is not None:
            raise Violation("I3", "a real alarm does not end the drill")
        was = decision.before.incidents.get(incident.id)
        if was is not None and was.phase is Phase.ALARM:
            return
        if (
            self._chatter.last(incident.id) is not Message.ALARM
            and not self._is_restarting
            and not any(tell.message is Message.ALARM for tell in decision.tells)
        ):
            raise Violation("I3", "nobody is told of an alarm")
        if incident.hazard in FLAMES:
            check_shut_off(incident, after)
        check_added(incident, household)

    def _check_insisting(self, after: State, at: datetime) -> None:
        """I3: who is in alarm for long enough is believed without others."""
        for detector in self._senses.agreeing.insisting(after.household, at - SLACK):
            incident = after.open_incident(detector.hazard)
            if incident is None or incident.phase is not Phase.ALARM:
                raise Violation("I3", f"{detector.id} insists and is not believed")

    # --- the timeline ---------------------------------------------------------------

    def _look(self, decision: Decision, was: Incident | None, entry: Entry) -> None:
        """Look at one entry; `was` is the incident before it."""
        match entry:
            case StepOrdered():
                self._proofs.check_ordered(decision, was, entry)
            case StepSettled():
                open_ones = self._timelines.replayed
                self._proofs.check_settled(decision, was, entry, open_ones)
            case Evidence() if was is not None:
                check_evidence(decision, was, entry)
            case Assessed() if was is not None:
                self._check_assessed(decision, was, entry)
            case Opened():
                self._check_opened(decision, entry)
            case Closed() if was is not None:
                check_closing(self._senses, decision, was, entry)

    def _check_opened(self, decision: Decision, entry: Opened) -> None:
        before = decision.before
        self.opened += not entry.drill
        if entry.drill is not (decision.kind is DrillStarted):
            raise Violation("I7", f"{decision.signal} opens a drill={entry.drill}")
        if entry.drill:
            if any(not (i.drill or i.silent) for i in before.incidents.values()):
                raise Violation("I3", "a drill during an incident")
        elif entry.hazard is Hazard.CARBON_MONOXIDE:
            self._check_not_too_soon(decision, entry.phase)
        elif entry.hazard is Hazard.INTRUSION:
            self._guarding.check_armed(self.state.household, decision.at, entry)

    def _check_assessed(
        self, decision: Decision, was: Incident, entry: Assessed
    ) -> None:
        if was.phase is Phase.ALARM is not entry.phase:
            check_clear(self._senses, self.state.household, was, entry.at)
        if was.phase is Phase.PRE_ALARM and entry.phase is Phase.ALARM:
            if was.hazard is Hazard.CARBON_MONOXIDE:
                self._check_not_too_soon(decision, entry.phase)

    def _check_not_too_soon(self, decision: Decision, phase: Phase) -> None:
        household, at = decision.before.household, decision.at
        self._breathed.check_not_too_soon(self._senses, household, phase, at)


def _check_unconfirmed(
    decision: Decision, found: Sequence[Incident], detector: Detector
) -> None:
    """I3: who is alone warns people; nothing is an alarm by that, and nothing is lost."""
    if len(found) != 1 or detector.id not in found[0].detectors:
        raise Violation("I3", f"{decision.signal} warns nobody")
    incident, after = found[0], decision.after
    if after.drill is not None:
        raise Violation("I3", "a warning does not end the drill")
    was = decision.before.incidents.get(incident.id)
    if was is None and incident.phase is Phase.ALARM:
        raise Violation("I3", f"{decision.signal} is an alarm that nobody confirms")
    if was is not None and was.phase is not Phase.ALARM is incident.phase:
        raise Violation("I3", f"{decision.signal} is an alarm that nobody confirms")
    if was is None and not decision.is_restarting:
        if not any(tell.message is Message.UNCONFIRMED for tell in decision.tells):
            raise Violation("I3", f"nobody is told of {decision.signal}")
