"""Watches one person's sources and tells the guard when the silence is too long.

It listens to its own entities and to nothing else, and it decides nothing: how long is
too long stands in the kernel's `routine`.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util import dt as dt_util

from ..safety import asking
from ..safety.entries import Answered, Assessed, Closed, Entry
from ..safety.incident import Incident
from ..safety.routine import Routine
from ..safety.signals import Reading
from ..safety.vocabulary import Ending, Hazard, Level, Phase, Presence, Response
from .guard import Guard
from .routine_options import RoutineBinding
from .signs import is_away, is_sign, is_working

_SHOWN_EVERY: Final = 60.0
"""Seconds between two looks of the sensors: a lively room is no news every second."""
_LONGEST_SLEEP: Final = 900.0
"""Seconds after which it looks again in any case: what is usual may have changed."""
_KEPT_MONTHS: Final = timedelta(days=400)


class Activity:
    """One person's activity, from states to readings."""

    def __init__(
        self,
        hass: HomeAssistant,
        guard: Guard,
        binding: RoutineBinding,
        kept: Mapping[str, Any] | None,
    ) -> None:
        """Go on from what was kept; nothing is watched before `start`."""
        self._hass = hass
        self._guard = guard
        self.binding = binding
        now = guard.clock.now()
        limits, zone = binding.options.limits, dt_util.get_default_time_zone()
        kept = kept or {}
        self.routine = (
            Routine.restore(limits, zone, now, kept["routine"])
            if isinstance(kept.get("routine"), Mapping)
            else Routine(limits, zone, now)
        )
        self.is_switched_away = kept.get("switch") is True
        self._false_alarms = _instants(kept.get("false_alarms"))
        self.on_durable: Callable[[], None] = lambda: None
        """Called when something has happened that must not be lost."""
        self._level: Level | None = None
        self._is_expected = False
        self._timer: asyncio.TimerHandle | None = None
        self._show_timer: asyncio.TimerHandle | None = None
        self._shown_at = 0.0
        self._listeners: list[Callable[[], None]] = []

    # --- life of this object -------------------------------------------------------

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Watch; return the end."""
        options = self.binding.options
        away = {*options.away_entities, *options.persons}
        ends = [
            async_track_state_change_event(
                self._hass, self.binding.sources, self._on_source
            ),
            async_track_state_change_event(self._hass, away, self._on_away),
            self._guard.subscribe_news(self._on_entry),
            self._hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._on_config),
        ]
        incident = self._guard.state.open_incident(Hazard.INACTIVITY)
        if incident is not None and self.binding.id in incident.detectors:
            if incident.presence is not Presence.NO:
                # The last that was written of it may be older than the question.
                self.routine.overstay()
        self._look()

        @callback
        def stop() -> None:
            for end in ends:
                end()
            for handle in (self._timer, self._show_timer):
                if handle is not None:
                    handle.cancel()

        return stop

    @callback
    def expect_all(self) -> None:
        """From now on sources without a state are lost ones."""
        self._is_expected = True
        self._look()

    @callback
    def subscribe(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call a listener when there is something new to show. Return the end."""
        self._listeners.append(listener)

        def end() -> None:
            self._listeners.remove(listener)

        return end

    def as_data(self) -> dict[str, Any]:
        """Return what survives a restart."""
        now = self._guard.clock.now()
        self._false_alarms = [
            at for at in self._false_alarms if at > now - _KEPT_MONTHS
        ]
        return {
            "routine": self.routine.as_data(now),
            "switch": self.is_switched_away,
            "false_alarms": [at.isoformat() for at in self._false_alarms],
        }

    # --- what is shown ---------------------------------------------------------------

    @property
    def lost_sources(self) -> list[str]:
        """Return the entities that would notice nobody now."""
        states = self._hass.states.get
        return [e for e in self.binding.sources if not is_working(states(e))]

    def false_alarms(self, months_ago: int = 0) -> int:
        """Return how often the person was asked, or more, and was well."""
        month = _month(dt_util.as_local(self._guard.clock.now())) - months_ago
        return sum(_month(dt_util.as_local(at)) == month for at in self._false_alarms)

    # --- in ----------------------------------------------------------------------------

    @callback
    def switch_away(self, *, is_away: bool) -> None:
        """Take the word of a person for it."""
        self.is_switched_away = is_away
        self._look()
        self.on_durable()

    @callback
    def _on_source(self, event: Event[EventStateChangedData]) -> None:
        before, after = event.data["old_state"], event.data["new_state"]
        now = self._guard.clock.now()
        if is_sign(before, after, now, self.binding.options.power_limit):
            self.routine.live(now)
            self._look()
        elif is_working(before) is not is_working(after):
            self._look()

    @callback
    def _on_away(self, _: Event[EventStateChangedData]) -> None:
        self._look()

    @callback
    def _on_config(self, _: Event) -> None:
        """The day of a person is that of the place where they are."""
        zone = dt_util.get_default_time_zone()
        if zone != self.routine.zone:
            self.routine.move_to(zone)
            self._look()
            self.on_durable()

    @callback
    def _on_entry(self, entry: Entry) -> None:
        """Learn from how a question ended."""
        if not isinstance(entry, Answered | Assessed | Closed):
            return
        timeline = self._guard.timelines.get(entry.incident)
        if timeline is None or self.binding.id not in timeline.incident.detectors:
            return
        now = self._guard.clock.now()
        match entry:
            case Assessed() if entry.phase is Phase.ALARM:
                # Hours on the floor must not become what is usual.
                self.routine.forget()
            case Answered() if self._is_answer(entry):
                self.routine.live(now)
                self._look()
            case Closed():
                if _was_well(timeline.incident, entry):
                    self._false_alarms.append(entry.at)
                if self._level is not Level.NORMAL:
                    # Somebody has seen how the person is.
                    self.routine.begin_anew(now)
                self._look()
                self.on_durable()
            case _:
                pass

    def _is_answer(self, entry: Answered) -> bool:
        household = self._guard.state.household
        detector = household.detectors.get(self.binding.id)
        return (
            detector is not None
            and entry.response is Response.SAFE
            and asking.speaks_for(entry.contact, asking.whom(household, detector))
        )

    # --- out ---------------------------------------------------------------------------

    @callback
    def _look(self) -> None:
        """Bring the routine in line with the states, and the guard with the routine."""
        now = self._guard.clock.now()
        states = self._hass.states.get
        options, routine = self.binding.options, self.routine
        # A calendar is no sign of life: it withdraws no question.
        planned = () if self._level is Level.PRE_ALARM else options.away_entities
        away = self.is_switched_away or is_away(states, planned, options.persons)
        if away and not routine.is_away:
            routine.leave()
        elif routine.is_away and not away:
            routine.come_back(now)
        if any(is_working(states(source)) for source in self.binding.sources):
            routine.regain(now)
        else:
            routine.lose(now)
        level = routine.level(now)
        self._sleep(now)
        if level is Level.LOST and not self._is_expected:
            return  # they may only be late
        if level is not self._level:
            self._level = level
            self._guard.handle(Reading(self.binding.id, level, now))
            self._show()
        else:
            self._show_soon()

    def _sleep(self, now: datetime) -> None:
        """Look again when the silence becomes too long."""
        if self._timer is not None:
            self._timer.cancel()
        due = self.routine.due()
        delay = _LONGEST_SLEEP
        if due is not None and due > now:
            delay = min((due - now).total_seconds(), delay)
        self._timer = self._hass.loop.call_later(delay, self._look)

    def _show_soon(self) -> None:
        if self._show_timer is not None:
            return
        passed = self._hass.loop.time() - self._shown_at
        self._show_timer = self._hass.loop.call_later(
            max(_SHOWN_EVERY - passed, 0.0), self._show
        )

    @callback
    def _show(self) -> None:
        if self._show_timer is not None:
            self._show_timer.cancel()
            self._show_timer = None
        self._shown_at = self._hass.loop.time()
        for listener in tuple(self._listeners):
            listener()


def _was_well(incident: Incident, entry: Closed) -> bool:
    """Whether nothing was wrong: it ended by a sign of life, or before anybody came."""
    if incident.hazard is not Hazard.INACTIVITY or incident.drill:
        return False
    return entry.ending is Ending.PERSON_WELL or incident.alarm_since is None


def _month(at: datetime) -> int:
    return at.year * 12 + at.month


def _instants(kept: object) -> list[datetime]:
    found: list[datetime] = []
    for text in kept if isinstance(kept, list) else []:
        at = dt_util.parse_datetime(str(text))
        if at is not None and at.tzinfo is not None:
            found.append(at)
    return found
