"""Which devices stand behind the bindings, how often they speak, and which are silent."""

from collections.abc import Callable
from datetime import datetime, timedelta

from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    EventStateReportedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers.event import (
    async_track_state_change_event,
    async_track_state_report_event,
)

from ..safety.rhythm import Rhythm
from .bindings import Binding
from .companions import MAINS_GRACE, Companions, companions_of, is_silent, members_of
from .guard import Guard
from .memory import Memory


class Voices:
    """Listens to every entity of the bound devices."""

    def __init__(
        self,
        hass: HomeAssistant,
        guard: Guard,
        memory: Memory,
        changed: Callable[[], None],
    ) -> None:
        """Know the bindings; nothing is heard before `scan`."""
        self._hass = hass
        self._guard = guard
        self._memory = memory
        self._changed = changed
        self.sources: dict[str, tuple[Companions, ...]] = {}
        """By binding: its device, or those of a group's members."""
        self._voices: dict[str, list[str]] = {}
        """By entity: the source that lives if it speaks."""
        self._watched: set[str] = set()
        self._untrack: list[CALLBACK_TYPE] = []

    @callback
    def start(self) -> None:
        """Listen; the pause over the restart is nobody's."""
        self.scan()
        now = self._guard.clock.now()
        for source, rhythm in self._memory.rhythms.items():
            self._memory.rhythms[source] = rhythm.after_silence(now)

    @callback
    def stop(self) -> None:
        """Listen no more."""
        while self._untrack:
            self._untrack.pop()()

    @callback
    def scan(self) -> None:
        """Find the devices behind the bindings, and listen to them."""
        self.sources = {
            binding.id: tuple(
                companions_of(self._hass, entity) for entity in self._parts_of(binding)
            )
            for binding in self._guard.bindings()
        }
        voices: dict[str, list[str]] = {}
        for detector in self._guard.detectors:
            for source in self.sources[detector]:
                for voice in source.voices:
                    voices.setdefault(voice, []).append(source.entity_id)
        watched = {
            entity
            for sources in self.sources.values()
            for source in sources
            for entity in (source.entity_id, *source.batteries, *source.tampers)
        }
        if voices == self._voices and watched == self._watched:
            return
        self._voices, self._watched = voices, watched
        self.stop()
        self._untrack = [
            async_track_state_change_event(self._hass, watched, self._on_change),
            async_track_state_change_event(self._hass, voices, self._on_word),
            async_track_state_report_event(self._hass, voices, self._on_same_word),
        ]

    def _parts_of(self, binding: Binding) -> tuple[str, ...]:
        """Return the members of a group, or the entity itself.

        A group that is gone altogether does not say who its members were.
        """
        members = members_of(self._hass, binding.entity_id)
        if not members and is_silent(self._hass.states.get(binding.entity_id)):
            members = tuple(s.entity_id for s in self.sources.get(binding.id, ()))
        return members or (binding.entity_id,)

    @callback
    def _on_change(self, event: Event[EventStateChangedData]) -> None:
        if _listed(event.data["new_state"]) != _listed(event.data["old_state"]):
            self.scan()  # a group has got other members
        self._changed()

    @callback
    def _on_word(self, event: Event[EventStateChangedData]) -> None:
        if not is_silent(event.data["new_state"]):
            self._hear(event.data["entity_id"])

    @callback
    def _on_same_word(self, event: Event[EventStateReportedData]) -> None:
        if not is_silent(event.data["new_state"]):
            self._hear(event.data["entity_id"])

    def _hear(self, entity_id: str) -> None:
        """A device has spoken; it may have been given up."""
        now = self._guard.clock.now()
        is_news = False
        for source in self._voices.get(entity_id, ()):
            rhythm = self._memory.rhythms.get(source, Rhythm())
            was_silent = self.silent_since(source, now, self._least(source))
            after = rhythm.after_silence(now) if was_silent else rhythm.after_word(now)
            self._memory.rhythms[source] = after
            self._memory.silent.pop(source, None)
            is_news = is_news or was_silent is not None
        if is_news:
            self._changed()

    def silent_since(
        self, source: str, now: datetime, least: timedelta
    ) -> datetime | None:
        """Return since when a device has been silent for too long."""
        known = self._memory.silent.get(source)
        if known is None:
            rhythm = self._memory.rhythms.get(source, Rhythm())
            known = rhythm.silent_since(now, least)
            if known is not None:
                self._memory.silent[source] = known
                self._memory.keep()
        return known

    def _least(self, source: str) -> timedelta:
        """Return the shortest grace of the detectors that a device speaks for."""
        household = self._guard.state.household
        graces = [
            household.detectors[detector].lost_after
            for detector in self._guard.detectors
            if any(s.entity_id == source for s in self.sources[detector])
        ]
        return timedelta(seconds=min(graces, default=MAINS_GRACE))


def _listed(state: State | None) -> object:
    """Return what a group says of its members."""
    return state.attributes.get(ATTR_ENTITY_ID) if state else None
