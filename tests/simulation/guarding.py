"""I14 to I16: the alarm panel. What is armed alarms, what is not is quiet, duress unseen."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from custom_components.zhian.safety import decide as kernel
from custom_components.zhian.safety.entries import Opened
from custom_components.zhian.safety.household import Household
from custom_components.zhian.safety.orders import Order, WakeAt
from custom_components.zhian.safety.replacing import replace
from custom_components.zhian.safety.signals import (
    ArmRequested,
    DisarmRequested,
    Reading,
    Signal,
    Started,
    Tick,
)
from custom_components.zhian.safety.state import State
from custom_components.zhian.safety.vocabulary import Hazard, Level

from .decision import Decision
from .panel_book import SEEN, PanelBook
from .senses import Senses
from .violation import Violation

_SLACK = timedelta(seconds=0.01)

PANEL_REQUESTS = frozenset({ArmRequested, DisarmRequested})


class Guarding:
    """Watches the panel of one home."""

    def __init__(self, household: Household, senses: Senses) -> None:
        """Begin disarmed."""
        self.book = PanelBook(household)
        self._senses = senses
        self.entered: set[str] = set()
        """Detectors of those whose time to disarm has just run out."""

    def judge(self, reading: Reading, state: State) -> Level:
        """Return what a reading of an intrusion detector comes to."""
        is_intruded = state.open_incident(Hazard.INTRUSION) is not None
        counts = self.book.counts(reading, is_intruded=is_intruded)
        if reading.level in SEEN and not counts:
            return Level.NORMAL
        return reading.level

    def check_time(self, state: State, signal: Signal, *, is_restarting: bool) -> None:
        """I15: who came in and did not disarm is an alarm when the time is up."""
        book, at = self.book, signal.at
        is_time = isinstance(signal, Tick | Started)
        if is_time:
            book.end_exit(at)
        if book.entry is None or not book.is_entry_over(at):
            return
        if not is_time:
            late = at - book.entry[1]
            is_alarm = state.open_incident(Hazard.INTRUSION) is not None
            if late > _SLACK and not (
                is_alarm or is_restarting or isinstance(signal, Reading)
            ):
                raise Violation("I15", f"the entry delay is over since {late}")
            return
        detectors = state.household.detectors
        for detector in book.end_entry():
            raw = book.raw.get(detector)
            known = detectors.get(detector)
            self._senses.hear(detector, known, Level.ALARM, at)
            if raw is not None and raw not in SEEN:
                self._senses.hear(detector, known, raw, at)
            self.entered.add(detector)

    def check(self, decision: Decision) -> None:
        """Look at one decision, once it has been made."""
        if self.entered:
            self.entered.clear()
            if decision.after.open_incident(Hazard.INTRUSION) is None:
                raise Violation("I15", "nobody disarmed, and nobody is told")
        signal = decision.signal
        if isinstance(signal, ArmRequested | DisarmRequested):
            self._check_code(signal, decision)

    def check_armed(self, household: Household, at: datetime, entry: Opened) -> None:
        """I14: only an armed home, or what always counts, opens an intrusion."""
        always = any(
            d.hazard is Hazard.INTRUSION
            and d.watch.is_always
            and self._senses.levels.get(d.id) in SEEN
            for d in household.detectors.values()
        )
        if not always and not self.book.is_armed(at):
            raise Violation("I14", f"{entry} in a home that is not armed")

    def _check_code(
        self, signal: ArmRequested | DisarmRequested, decision: Decision
    ) -> None:
        """I15: nothing open is armed in silence. I16: nobody sees duress."""
        if fault := self.book.take(signal, decision.orders):
            raise Violation("I15", fault)
        if isinstance(signal, DisarmRequested):
            for detector in self.book.contacts():
                if self._senses.levels.get(detector.id) in SEEN:
                    self._senses.hear(detector.id, detector, Level.NORMAL, signal.at)
        if signal.duress:
            _check_duress(signal, decision)


def _check_duress(signal: ArmRequested | DisarmRequested, decision: Decision) -> None:
    """I16: whoever looks on sees the same as without duress."""
    after = decision.after
    free, said = kernel.decide(decision.before, replace(signal, duress=False))
    silent = {
        i.id for i in (*after.incidents.values(), *free.incidents.values()) if i.silent
    }
    if len([i for i in after.incidents.values() if i.silent]) != 1:
        raise Violation("I16", "duress calls nobody")

    def seen(state: State, orders: Sequence[Order]) -> tuple[object, ...]:
        return (
            state.panel,
            state.readings,
            state.shown,
            [e for e in state.news if e.incident not in silent],
            [
                o
                for o in orders
                if not isinstance(o, WakeAt)
                and getattr(o, "incident", None) not in silent
            ],
        )

    if seen(after, decision.orders) != seen(free, said):
        raise Violation("I16", f"{signal} can be seen")
