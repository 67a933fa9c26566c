"""The upkeep of the home: whether what guards it still works, and was tried of late.

It looks at the devices behind the bindings, hands what it finds to the kernel and to the
rules in `safety/condition.py`, and carries out what follows: doubts, repairs, messages.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from ..safety.condition import Condition, Finding, end_of_life, examine, score
from ..safety.entries import Closed, Detected, Entry, StepSettled
from ..safety.orders import Tell
from ..safety.vocabulary import Lack, Level, Message, Outcome, Position
from .bindings import ActuatorBinding, Binding, DetectorBinding, is_reachable
from .companions import MAINS_GRACE, Companions, is_battery_low, is_on, is_silent
from .exercises import MONTH, Exercises
from .guard import Doubt, Guard
from .health import exists
from .memory import Memory
from .upkeep_issues import EXERCISE_DUE, MANY_LOST, TEST_DUE, UpkeepIssues, Wanted
from .voices import Voices

LOOK_EVERY: Final = timedelta(seconds=60)

SAVE_EVERY: Final = timedelta(hours=6)
"""How often learnt habits are written: a power cut costs no more than that."""

WITH_THE_REST: Final = timedelta(minutes=2)
"""An actuator that goes this close to an outage of detectors has gone with them."""

_MESSAGES: Final = {
    Lack.BATTERY_LOW: Message.BATTERY_LOW,
    Lack.TAMPERED: Message.TAMPERED,
    Lack.MEMBER_LOST: Message.MEMBER_LOST,
    Lack.LIFE_ENDING: Message.LIFE_ENDING,
    Lack.LIFE_OVER: Message.LIFE_OVER,
    Lack.UNREACHABLE: Message.UNREACHABLE,
}
"""What the upkeep tells; the kernel tells of detectors that are lost or at fault."""


class Upkeep:
    """Looks after everything that is bound."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry_id: str,
        guard: Guard,
        memory: Memory,
        tell: Callable[[Tell], None],
    ) -> None:
        """Know the bindings; nothing is looked at before `start`."""
        self._hass = hass
        self._guard = guard
        self._tell = tell
        self.memory = memory
        self._issues = UpkeepIssues(hass, entry_id)
        self.conditions: dict[str, Condition] = {
            binding.id: self._on_paper(binding) for binding in guard.bindings()
        }
        # A routine is no device: it does not wear out.
        self.conditions |= dict.fromkeys(guard.routines, Condition(has_life=False))
        self._voices = Voices(hass, guard, memory, self.look)
        self.exercises = Exercises(hass, guard, memory, self.look)
        self._gone_since: dict[str, datetime] = {}
        """By member or actuator: since when it says nothing."""
        self._low: dict[str, bool] = {}
        self._saved_at = guard.clock.now()
        self._listeners: list[CALLBACK_TYPE] = []
        for detector in guard.detectors.values():
            # What had fallen silent before a restart is not well because of it.
            if since := memory.silent.get(detector.entity_id):
                guard.doubt(detector.id, Doubt(since))

    # --- life ----------------------------------------------------------------------

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Look now, every minute, and whenever something changes; return the end."""
        now = self._guard.clock.now()
        if self.memory.tested_at is None:
            self.memory.tested_at = now
        self._voices.start()
        self.exercises.start()
        ends = [
            async_track_time_interval(self._hass, self._on_time, LOOK_EVERY),
            self._hass.bus.async_listen(
                er.EVENT_ENTITY_REGISTRY_UPDATED, self._on_registry
            ),
            self._guard.subscribe(self.look),
            self._guard.subscribe_news(self._on_news),
        ]
        self.look()

        @callback
        def end() -> None:
            for stop in (*ends, self._voices.stop):
                stop()

        return end

    @callback
    def subscribe(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call a listener after each change. Return the end."""
        self._listeners.append(listener)

        def end() -> None:
            self._listeners.remove(listener)

        return end

    @callback
    def _on_time(self, _: datetime) -> None:
        self.look()
        self.exercises.run_due()
        if (now := self._guard.clock.now()) - self._saved_at >= SAVE_EVERY:
            self._saved_at = now
            self.memory.keep()

    @callback
    def _on_registry(self, _: Event[er.EventEntityRegistryUpdatedData]) -> None:
        """A device may have got, or lost, an entity."""
        self._voices.scan()
        self.look()

    # --- in ------------------------------------------------------------------------

    @callback
    def _on_news(self, entry: Entry) -> None:
        """Note that a detector has shown that it works, or that people have drilled."""
        timeline = self._guard.timelines.get(entry.incident)
        if timeline is None:
            return
        if isinstance(entry, StepSettled) and entry.outcome is Outcome.CONFIRMED:
            target, _, actuator = entry.step.partition(":")
            if target == Position.CLOSED:
                # An alarm that has closed a valve has exercised it.
                self.exercises.note(actuator, entry.at, is_proved=True)
                self.look()
            return
        match entry:
            case Detected() if not timeline.incident.drill:
                is_test = entry.level is Level.ALARM
            case Closed():
                is_test = timeline.incident.drill
            case _:
                is_test = False
        if is_test:
            self.memory.tested_at = entry.at
            self.memory.keep()
            self.look()

    # --- looking -------------------------------------------------------------------

    @callback
    def look(self) -> None:
        """Find out what is wrong, and see to what follows."""
        now = self._guard.clock.now()
        for detector in self._guard.detectors.values():
            self.conditions[detector.id] = self._look_at(detector, now)
        for actuator in self._guard.actuators.values():
            self.conditions[actuator.id] = self._look_at_actuator(actuator, now)
        findings = self.findings()
        self._tell_what_is_new(findings, now)
        self._issues.show(tuple(self._wanted(findings, now)))
        self.memory.set_lost(
            frozenset(d for d, s in self._guard.state.readings.items() if s.told)
        )
        for listener in tuple(self._listeners):
            listener()

    def findings(self) -> tuple[Finding, ...]:
        """Return what is wrong in the home."""
        today = dt_util.as_local(self._guard.clock.now()).date()
        return examine(self._guard.state, self.conditions, today)

    def score(self) -> int | None:
        """Return how well the home is protected, 0 to 100."""
        return score(self._guard.state, self.findings())

    def _on_paper(self, binding: Binding) -> Condition:
        """Return what is known of a part without looking at it."""
        options = binding.options
        ends_on = None
        if options.installed is not None:
            ends_on = end_of_life(options.installed, options.life)
        return Condition(ends_on=ends_on)

    def _look_at(self, detector: DetectorBinding, now: datetime) -> Condition:
        sources = self._voices.sources.get(detector.id, ())
        dead: list[str] = []
        silent_since: datetime | None = None
        least = timedelta(
            seconds=self._guard.state.household.detectors[detector.id].lost_after
        )
        is_group = sources and sources[0].entity_id != detector.entity_id
        for source in sources:
            since = self._voices.silent_since(source.entity_id, now, least)
            if not is_group:
                silent_since = since
            elif since or is_silent(self._hass.states.get(source.entity_id)):
                dead.append(self._name(source.entity_id))
        condition = self._device_condition(
            detector, sources, dead_members=tuple(dead), now=now
        )
        today = dt_util.as_local(now).date()
        is_over = condition.ends_on is not None and today >= condition.ends_on
        self._guard.doubt(
            detector.id,
            Doubt(silent_since)
            if silent_since
            else Doubt()
            if is_over or dead
            else None,
        )
        return condition

    def _look_at_actuator(self, actuator: ActuatorBinding, now: datetime) -> Condition:
        is_gone = not is_reachable(self._hass.states.get(actuator.entity_id))
        moved = self.memory.moved.get(actuator.id)
        return self._device_condition(
            actuator,
            self._voices.sources.get(actuator.id, ()),
            is_unreachable=is_gone and self._is_gone_for_long(actuator.id, now),
            is_gone=is_gone,
            has_failed_exercise=moved is not None and not moved.is_proved,
            now=now,
        )

    def _is_gone_for_long(self, what: str, now: datetime) -> bool:
        since = self._gone_since.get(what, now)
        return self._knows(Message.UNREACHABLE, what) or (
            now - since >= timedelta(seconds=MAINS_GRACE)
        )

    def _knows(self, message: Message, subject: str) -> bool:
        """Whether people have been told of something that has not ended since."""
        return _key(message, subject) in self.memory.told

    def _device_condition(
        self,
        binding: Binding,
        sources: Iterable[Companions],
        *,
        now: datetime,
        dead_members: tuple[str, ...] = (),
        is_unreachable: bool = False,
        is_gone: bool = False,
        has_failed_exercise: bool = False,
    ) -> Condition:
        """Return what the devices of a part say, beside what it is there for."""
        if is_gone or dead_members:
            self._gone_since.setdefault(binding.id, now)
        else:
            self._gone_since.pop(binding.id, None)
        is_low = False
        is_tampered = False
        for source in sources:
            for battery in source.batteries:
                known = self._knows(Message.BATTERY_LOW, binding.id)
                before = self._low.get(battery, known)
                low = is_battery_low(self._hass, battery, before=before)
                self._low[battery] = low
                is_low = is_low or low
            known = self._knows(Message.TAMPERED, binding.id)
            is_tampered |= is_on(self._hass, source.tampers, before=known)
        return Condition(
            is_battery_low=is_low,
            is_tampered=is_tampered,
            dead_members=dead_members,
            ends_on=self._on_paper(binding).ends_on,
            is_unreachable=is_unreachable,
            has_failed_exercise=has_failed_exercise,
        )

    def _name(self, entity_id: str) -> str:
        state = self._hass.states.get(entity_id)
        return state.name if state else entity_id

    # --- out -----------------------------------------------------------------------

    def _is_old(self, finding: Finding, now: datetime) -> bool:
        """Whether a finding has lasted for as long as it takes to tell it."""
        if finding.lack is not Lack.MEMBER_LOST:
            return True
        detector = self._guard.state.household.detectors[finding.subject]
        since = self._gone_since.get(finding.subject, now)
        return now - since >= timedelta(seconds=detector.lost_after)

    def _went_with_the_rest(self, finding: Finding) -> bool:
        """Whether an actuator is gone for the cause that people know already."""
        outage = self._guard.state.outage
        since = self._gone_since.get(finding.subject)
        return (
            finding.lack is Lack.UNREACHABLE
            and outage is not None
            and since is not None
            and not self._knows(Message.UNREACHABLE, finding.subject)
            and abs(since - outage.since) <= WITH_THE_REST
        )

    def _tell_what_is_new(self, findings: Iterable[Finding], now: datetime) -> None:
        """Tell people once of what is wrong, and again when it is so anew."""
        wrong: set[str] = set()
        for finding in findings:
            message = _MESSAGES.get(finding.lack)
            if self._went_with_the_rest(finding):
                continue
            if message is None or not (
                self._knows(message, finding.subject) or self._is_old(finding, now)
            ):
                continue
            dead = self.conditions[finding.subject].dead_members
            wrong.add(self._tell_once(message, finding.subject, dead))
        if self._is_test_due(now):
            wrong.add(self._tell_once(Message.TEST_DUE, None))
        for actuator in self.exercises.gas_valves_due():
            wrong.add(self._tell_once(Message.EXERCISE_DUE, actuator.id))
        self.memory.set_told(wrong)

    def _tell_once(
        self, message: Message, subject: str | None, subjects: tuple[str, ...] = ()
    ) -> str:
        key = _key(message, subject or "")
        if key not in self.memory.told:
            self._tell(Tell(message, subject=subject, subjects=subjects))
        return key

    def _is_missing(self, subject: str) -> bool:
        """Whether the entity of a part is gone altogether; a routine has none."""
        bindings = (b for b in self._guard.bindings() if b.id == subject)
        return any(not exists(self._hass, b.entity_id) for b in bindings)

    def _wanted(self, findings: Iterable[Finding], now: datetime) -> Iterable[Wanted]:
        """Yield the repairs that should be open."""
        state = self._guard.state
        together = (
            state.outage.detectors
            if state.outage and state.outage.told
            else frozenset()
        )
        names = self._guard.names()
        if together:
            yield Wanted(
                MANY_LOST,
                "",
                {"names": ", ".join(sorted(names[d] for d in together if d in names))},
            )
        for finding in findings:
            subject, lack = finding.subject, finding.lack
            if lack in (Lack.LOST, Lack.FAULT, Lack.WARMING_UP):
                sensed = state.readings.get(subject)
                if sensed is None or not sensed.told or subject in together:
                    continue
            elif (
                lack is Lack.NO_INSTALL_DATE
                or not self._is_old(finding, now)
                or self._went_with_the_rest(finding)
            ):
                continue
            if lack in (Lack.LOST, Lack.UNREACHABLE) and self._is_missing(subject):
                continue  # that has a repair of its own
            condition = self.conditions[subject]
            placeholders = {"name": names[subject]}
            if lack is Lack.MEMBER_LOST:
                placeholders["members"] = ", ".join(condition.dead_members)
            if lack in (Lack.LIFE_ENDING, Lack.LIFE_OVER) and condition.ends_on:
                placeholders["date"] = condition.ends_on.isoformat()
            yield Wanted(lack, subject, placeholders)
        if self._is_test_due(now):
            yield Wanted(TEST_DUE, "")
        for actuator in self.exercises.gas_valves_due():
            yield Wanted(
                EXERCISE_DUE,
                actuator.id,
                {"name": actuator.options.name},
                is_fixable=True,
            )

    def _is_test_due(self, now: datetime) -> bool:
        tested = self.memory.tested_at
        return (
            bool(self._guard.detectors) and tested is not None and now - tested >= MONTH
        )


def _key(message: Message, subject: str) -> str:
    return f"{subject} {message}"
