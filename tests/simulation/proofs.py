"""I5: every step ends, with a proof or a reason, and in time."""

from collections.abc import Container, Iterable
from datetime import datetime, timedelta

from custom_components.zhian.safety.entries import Evidence, StepOrdered, StepSettled
from custom_components.zhian.safety.household import Actuator, Household
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.orders import Drive
from custom_components.zhian.safety.signals import ActuatorReport
from custom_components.zhian.safety.vocabulary import (
    ActuatorRole,
    Hazard,
    Message,
    Outcome,
    Reason,
    Witness,
)

from .decision import Decision
from .violation import Violation

ECHO = timedelta(seconds=0.5)
TOLD_BY = 14.0
"""Seconds by which a step has ended, unless one journey takes longer."""
GRACE = 2.0
SLACK = 0.01

PIPE_EMPTY = timedelta(seconds=60)

type Key = tuple[str, str]


class Proofs:
    """Which steps are running since when, and what was told to move when."""

    def __init__(self) -> None:
        """Begin with nothing under way."""
        self._running: dict[Key, float] = {}
        self._driven: dict[str, tuple[datetime, str | None]] = {}
        self.look_at = float("inf")
        """Before this time of the world no step can be late."""

    def forget(self) -> None:
        """The program ends."""
        self._running.clear()
        self._driven.clear()

    def drive(self, drives: Iterable[Drive], at: datetime) -> None:
        """Note what moves now."""
        for drive in drives:
            self._driven[drive.actuator] = (at, drive.incident)

    def go_on(self, incidents: Iterable[Incident], t: float) -> None:
        """Begin anew with what a restart has not ended."""
        for incident in incidents:
            for step in incident.steps:
                if not step.outcome.is_settled:
                    self._begin((incident.id, step.id), t)

    def _begin(self, key: Key, t: float) -> None:
        self._running[key] = t
        self.look_at = min(self.look_at, t + TOLD_BY)

    def check_ordered(
        self, decision: Decision, was: Incident | None, entry: StepOrdered
    ) -> None:
        """A first attempt begins a step, and nothing that still runs begins anew."""
        key = (entry.incident, entry.step)
        step = was.step(entry.step) if was else None
        if step is None:
            raise Violation("I6", f"{entry.step} is ordered and was not planned")
        if entry.attempt != 1 or step.outcome is Outcome.FAILED:
            return
        if key in self._running and not decision.is_restarting:
            raise Violation("I5", f"{entry.step} begins anew without a reason")
        self._begin(key, decision.t)

    def check_settled(
        self,
        decision: Decision,
        was: Incident | None,
        entry: StepSettled,
        open_ones: Container[str],
    ) -> None:
        """A step ends with a fresh report of its device, or with a reason."""
        self._running.pop((entry.incident, entry.step), None)
        step = was.step(entry.step) if was else None
        if step is None:
            raise Violation("I6", f"{entry.step} is settled and was not planned")
        if entry.outcome is not Outcome.CONFIRMED:
            if entry.reason is None or not entry.outcome.is_settled:
                raise Violation("I5", f"{entry.step} ends {entry.outcome}: no reason")
            return
        signal = decision.signal
        actuator = decision.before.household.actuators[step.actuator]
        is_proof = (
            isinstance(signal, ActuatorReport)
            and signal.actuator == step.actuator
            and signal.position is step.target
        )
        if is_proof and step.reason is Reason.REOPENED:
            # Left to who opened it, and they have closed it: no order to wait for.
            is_proof = not self._is_echo(actuator, signal.at, open_ones)
        elif is_proof:
            began, ordered = step.first_ordered_at, step.ordered_at
            is_proof = began is not None and signal.at > began
            if actuator.witness is Witness.LATE_REPORT and ordered is not None:
                is_proof = is_proof and signal.at - ordered >= ECHO
        if is_proof and actuator.witness is Witness.READ_BACK:
            is_proof = isinstance(signal, ActuatorReport) and signal.is_answer
        if not is_proof:
            raise Violation("I5", f"{entry.step} is confirmed by {signal}")

    def _is_echo(
        self, actuator: Actuator, at: datetime, open_ones: Container[str]
    ) -> bool:
        """Whether a report may only repeat what an open incident has just ordered."""
        driven, incident = self._driven.get(actuator.id, (None, None))
        return (
            actuator.witness is Witness.LATE_REPORT
            and driven is not None
            and incident in open_ones
            and timedelta() <= at - driven < ECHO
        )

    def check_ends(self, household: Household, t: float) -> None:
        """See that no step runs for longer than people may be left in the dark."""
        look_at = float("inf")
        for (incident, step), since in self._running.items():
            limit = since + TOLD_BY
            if t > limit:
                actuator = household.actuators.get(step.partition(":")[2])
                travel = actuator.travel_time if actuator else 0.0
                limit = since + max(TOLD_BY, travel + GRACE) + SLACK
                if t > limit:
                    raise Violation("I5", f"{step} of {incident} does not end")
            look_at = min(look_at, limit)
        self.look_at = look_at


def check_evidence(decision: Decision, was: Incident, entry: Evidence) -> None:
    """I5: the gas itself is heard when the pipe is empty, and told when it rises."""
    household = decision.before.household
    shut = [
        step.settled_at
        for step in was.steps
        if (known := household.actuators.get(step.actuator)) is not None
        and known.role is ActuatorRole.GAS_VALVE
    ]
    since = [decision.at - at for at in shut if at is not None]
    if was.hazard is not Hazard.GAS or len(since) < len(shut) or not since:
        raise Violation("I5", f"{entry} of gas that flows")
    if timedelta() <= min(since) < PIPE_EMPTY:
        raise Violation("I5", f"{entry} of what was left in the pipe")
    if not entry.falls and not any(
        tell.message is Message.STILL_RISING for tell in decision.tells
    ):
        raise Violation("I5", f"{entry} is told to nobody")
