"""One decision of the kernel, in the hands of those who check it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from custom_components.zhian.safety.orders import (
    Drive,
    Exercised,
    Order,
    Report,
    Tell,
    WakeAt,
)
from custom_components.zhian.safety.signals import Signal
from custom_components.zhian.safety.state import State

from .violation import Violation


@dataclass(slots=True)
class Decision:
    """A signal, what the kernel knew before and after, and what it ordered.

    `t` is the world's time in seconds: unlike the home's clock it never runs back.
    """

    signal: Signal
    kind: type[Signal]
    at: datetime
    t: float
    before: State
    after: State
    orders: Sequence[Order]
    is_restarting: bool
    drives: Sequence[Drive] = ()
    tells: Sequence[Tell] = ()
    reports: Sequence[str] = ()
    """The incidents that are reported."""
    exercised: Sequence[Exercised] = ()
    wake: datetime | None = None

    def sort(self) -> None:
        """Sort the orders by their kinds; I0: drives first, the wish to be woken last."""
        drives: list[Drive] = []
        tells: list[Tell] = []
        reports: list[str] = []
        wake, is_moving = None, True
        for order in self.orders:
            kind = type(order)
            if wake is not None:
                raise Violation("I0", "two wishes to be woken")
            if kind is Drive:
                if not is_moving:
                    raise Violation("I0", "a drive leaves after something else")
                drives.append(order)
                continue
            is_moving = False
            if kind is WakeAt:
                wake = order.at
            elif kind is Report:
                reports.append(order.incident)
            elif kind is Tell:
                tells.append(order)
            elif kind is Exercised:
                self.exercised = (*self.exercised, order)
        self.drives, self.tells, self.reports = drives, tells, reports
        self.wake = wake
