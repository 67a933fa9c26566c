"""Repairs of a routine: sources that are gone, and a person whom no question reaches."""

from collections.abc import Iterable, Iterator

from homeassistant.const import EVENT_SERVICE_REGISTERED, EVENT_SERVICE_REMOVED
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.helpers.issue_registry import IssueSeverity

from ..const import DOMAIN
from ..safety import asking
from .channels import is_there
from .guard import Guard
from .issues import take_back
from .people import People
from .prompts import voices_of, works
from .routine_options import RoutineBinding

MISSING = "routine_source_missing"
UNHEARD = "routine_unheard"
UNASKED = "routine_unasked"


class RoutineHealth:
    """Looks whether a routine can see its person and ask them."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry_id: str,
        guard: Guard,
        people: People,
        bindings: Iterable[RoutineBinding],
    ) -> None:
        """Keep what to look at."""
        self._hass = hass
        self._entry_id = entry_id
        self._prefixes = tuple(f"{k}_{entry_id}" for k in (MISSING, UNHEARD, UNASKED))
        self._guard = guard
        self._people = people
        self._bindings = tuple(bindings)

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Look now, and when something comes, goes or is renamed."""
        if not self._bindings:
            take_back(self._hass, *self._prefixes)
            return lambda: None
        self.check()
        watched = {e for b in self._bindings for e in _entities(b)}
        listen = self._hass.bus.async_listen
        ends = (
            listen(er.EVENT_ENTITY_REGISTRY_UPDATED, self._on_registry),
            listen(EVENT_SERVICE_REGISTERED, self._on_service),
            listen(EVENT_SERVICE_REMOVED, self._on_service),
            async_track_state_change_event(self._hass, watched, self._on_state),
        )

        @callback
        def end() -> None:
            for stop in ends:
                stop()

        return end

    @callback
    def _on_state(self, event: Event[EventStateChangedData]) -> None:
        states = (event.data["old_state"], event.data["new_state"])
        # Not for every step that somebody takes.
        if any(state is None or state.state == "unavailable" for state in states):
            self.check()

    @callback
    def _on_service(self, event: Event[dict[str, str]]) -> None:
        if event.data["domain"] in ("notify", "tts", "assist_satellite"):
            self.check()

    @callback
    def _on_registry(self, event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        names = {event.data["entity_id"], event.data.get("old_entity_id")}
        if not any(names & {*binding.sources} for binding in self._bindings):
            return
        if any(
            RoutineBinding.of(self._hass, b.id, b.options).sources != b.sources
            for b in self._bindings
        ):
            # Nobody listens to the new name yet: begin anew with it, now.
            self._hass.config_entries.async_schedule_reload(self._entry_id)
        else:
            self.check()

    @callback
    def check(self) -> None:
        """Bring the repairs in line with what is there."""
        registry = er.async_get(self._hass)
        wanted: set[str] = set()
        for binding in self._bindings:
            missing = [
                entity_id
                for entity_id in _watched(binding)
                if self._hass.states.get(entity_id) is None
                and registry.async_get(entity_id) is None
            ]
            if missing:
                wanted.add(self._raise(MISSING, binding, ", ".join(missing)))
            if not self._is_heard(binding):
                wanted.add(self._raise(UNHEARD, binding, ""))
            elif not self._asked(binding):
                wanted.add(self._raise(UNASKED, binding, ""))
        take_back(self._hass, *self._prefixes, but=wanted)

    def _is_heard(self, binding: RoutineBinding) -> bool:
        """Whether a voice or a phone would bring the question."""
        if any(works(self._hass, voice) for voice in voices_of(binding.options)):
            return True
        asked = self._asked(binding)
        return any(
            is_there(self._hass, channel)
            for contact in self._people.contacts
            if contact.id in asked
            for channel in contact.options.channels
        )

    def _asked(self, binding: RoutineBinding) -> tuple[str, ...]:
        """Return the contacts who can answer for the person."""
        household = self._guard.state.household
        detector = household.detectors.get(binding.id)
        return asking.whom(household, detector) if detector else ()

    def _raise(self, kind: str, binding: RoutineBinding, entities: str) -> str:
        issue_id = f"{kind}_{self._entry_id}_{binding.id}"
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            severity=IssueSeverity.ERROR,
            translation_key=kind,
            translation_placeholders={
                "name": binding.options.name,
                "entities": entities,
            },
        )
        return issue_id


def _watched(binding: RoutineBinding) -> Iterator[str]:
    yield from binding.sources
    yield from binding.options.away_entities
    yield from binding.options.persons


def _entities(binding: RoutineBinding) -> Iterator[str]:
    yield from _watched(binding)
    for voice in voices_of(binding.options):
        yield from voice.needs
