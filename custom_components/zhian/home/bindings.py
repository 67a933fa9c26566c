"""Home Assistant's states as the kernel's words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Final

from homeassistant.components.alarm_control_panel import DOMAIN as ALARM_PANEL
from homeassistant.components.event import ATTR_EVENT_TYPE
from homeassistant.const import (
    ATTR_ASSUMED_STATE,
    ATTR_DEVICE_CLASS,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import State, split_entity_id

from ..safety.thresholds import ppm_to_lel
from ..safety.vocabulary import ActuatorRole, Hazard, Level, Position, Reason, Witness
from .candidates import guess_level
from .options import ActuatorOptions, DetectorOptions
from .ranges import Unit
from .targets import position_among

type Binding = DetectorBinding | ActuatorBinding
type States = Callable[[str], State | None]
type Renamed = tuple[str, str, str]
"""A field of the settings, the name in it, and the name that the entity has now."""

_MOMENTARY = frozenset({"event", "button", "input_button"})
_NO_STATE = frozenset({STATE_UNAVAILABLE, STATE_UNKNOWN})


def is_reachable(state: State | None) -> bool:
    """Whether an entity exists and its device can be reached."""
    return state is not None and state.state != STATE_UNAVAILABLE


@dataclass(frozen=True, slots=True)
class DetectorBinding:
    """A detector and the entities that speak for it."""

    id: str
    options: DetectorOptions
    entity_id: str
    lel: float
    """The home's lower explosive limit in vol %."""
    renamed: tuple[Renamed, ...] = ()

    @property
    def entity_ids(self) -> Iterator[str]:
        """The entities to listen to."""
        yield self.entity_id
        if self.options.warm_up_entity:
            yield self.options.warm_up_entity
        if self.options.fault_entity:
            yield self.options.fault_entity

    @property
    def is_ppm(self) -> bool:
        """Whether its numbers are ppm; those of combustible gas are always %LEL."""
        return self.options.hazard is Hazard.CARBON_MONOXIDE

    @property
    def is_momentary(self) -> bool:
        """Whether it only says when it was last pressed."""
        return (
            self.options.hazard is Hazard.SOS
            and split_entity_id(self.entity_id)[0] in _MOMENTARY
        )

    @property
    def alarm_words(self) -> frozenset[str]:
        """States of its own entity that are an alarm, whatever else there is to know.

        None for an entity that speaks in numbers, or whose state is only a time.
        """
        options, domain = self.options, split_entity_id(self.entity_id)[0]
        if options.unit is not None or self.is_momentary or domain == "event":
            return frozenset()
        if options.state_map is None:
            on_alarm = {STATE_ON, "triggered"}
            return frozenset(on_alarm if domain == ALARM_PANEL else {STATE_ON})
        words = options.state_map.items()
        return frozenset(w for w, level in words if level is Level.ALARM) - _NO_STATE

    def is_call(self, state: State) -> bool:
        """Whether the last press of a button is one that calls for help."""
        words = self.options.state_map
        return words is None or words.get(_word(state)) is Level.ALARM

    def read(self, states: States, before: Level) -> tuple[Level, float | None]:
        """Return the detector's level and number now.

        An alarm outranks what else the device says of itself: nothing delays it.
        """
        level, value = self._own(states(self.entity_id), before)
        if level in (Level.ALARM, Level.LOST):
            return level, value
        if _says(states, self.options.fault_entity, Level.FAULT):
            return Level.FAULT, value
        if _says(states, self.options.warm_up_entity, Level.WARMING_UP):
            return Level.WARMING_UP, value
        return level, value

    def _own(self, state: State | None, before: Level) -> tuple[Level, float | None]:
        if state is None or state.state in _NO_STATE:
            return Level.LOST, None
        if self.options.unit is not None:
            return self._number(state, before)
        if self.options.state_map is not None:
            return self.options.state_map.get(_word(state), Level.FAULT), None
        match state.state:
            case "on":
                return Level.ALARM, None
            case "off":
                return Level.NORMAL, None
            case word if split_entity_id(state.entity_id)[0] == ALARM_PANEL:
                return Level.ALARM if word == "triggered" else Level.NORMAL, None
            case _:
                return Level.FAULT, None

    def _number(self, state: State, before: Level) -> tuple[Level, float | None]:
        try:
            value = float(state.state)
        except ValueError:
            return Level.FAULT, None
        if not isfinite(value) or value < 0:
            return Level.FAULT, None
        if self.options.unit is Unit.PPM and self.options.hazard is Hazard.GAS:
            value = ppm_to_lel(value, self.lel)
        return self.options.thresholds.level(value, before), value


def _word(state: State) -> str:
    """Return what an entity says in words; an event entity's state is only a time."""
    if split_entity_id(state.entity_id)[0] == "event":
        return str(state.attributes.get(ATTR_EVENT_TYPE))
    return state.state


def _says(states: States, entity_id: str | None, level: Level) -> bool:
    """Whether an entity that tells more about a detector is on, or names a level."""
    if entity_id is None:
        return False
    state = states(entity_id)
    if state is None or state.state in _NO_STATE:
        return False
    return state.state == STATE_ON or guess_level(state.state) is level


_WET: Final = frozenset(
    {STATE_ON, "rainy", "pouring", "lightning-rainy", "snowy-rainy", "hail"}
)


def _is_wet(state: State | None) -> bool:
    """Whether a rain sensor or a weather entity says that it rains."""
    return state is not None and state.state in _WET


def _is_locked(state: State | None) -> bool:
    """Whether a lock is locked, or nobody can tell."""
    if state is None or state.state in _NO_STATE:
        return True
    if split_entity_id(state.entity_id)[0] == "lock":
        return state.state not in ("unlocked", "open")
    is_on = state.state == STATE_ON
    # Home Assistant's binary sensors of this class are on when they are unlocked.
    is_unlocked_when_on = state.attributes.get(ATTR_DEVICE_CLASS) == "lock"
    return is_on is not is_unlocked_when_on


@dataclass(frozen=True, slots=True)
class ActuatorBinding:
    """An actuator, the entity that moves it and the one that vouches for it."""

    id: str
    options: ActuatorOptions
    entity_id: str
    renamed: tuple[Renamed, ...] = ()

    @property
    def witness_id(self) -> str:
        """The entity whose reports are believed."""
        if self.options.witness_entity and self.options.witness in (
            Witness.ENTITY,
            Witness.FLOW,
        ):
            return self.options.witness_entity
        return self.entity_id

    @property
    def entity_ids(self) -> Iterator[str]:
        """The entities to listen to."""
        yield self.entity_id
        if self.witness_id != self.entity_id:
            yield self.witness_id
        yield from self.hindrance_ids

    @property
    def hindrance_ids(self) -> Iterator[str]:
        """The entities that tell what keeps it from moving."""
        options = self.options
        for entity_id in (
            options.child_lock_entity,
            options.lock_entity,
            options.rain_entity,
            options.obstruction_entity,
        ):
            if entity_id is not None:
                yield entity_id

    def hindrance(self, states: States) -> Reason | None:
        """Return what keeps it from moving now, the strongest first.

        A lock that cannot be seen counts as locked: a child may be behind it. Rain that
        cannot be seen does not count: a wet floor is the smaller harm.
        """
        options = self.options
        if options.child_lock_entity and _is_locked(states(options.child_lock_entity)):
            return Reason.CHILD_LOCK
        if options.lock_entity and _is_locked(states(options.lock_entity)):
            return Reason.WINDOW_LOCKED
        if options.rain_entity and _is_wet(states(options.rain_entity)):
            return Reason.RAIN
        blocked = options.obstruction_entity and states(options.obstruction_entity)
        return Reason.OBSTRUCTED if blocked and blocked.state == STATE_ON else None

    def position(self, states: States) -> Position:
        """Return where the actuator says, or its witness says, that it is."""
        state = states(self.witness_id)
        if state is None or state.state in _NO_STATE:
            return Position.UNKNOWN
        if state.attributes.get(ATTR_ASSUMED_STATE):
            return Position.UNKNOWN  # Home Assistant only supposes it
        is_witness = self.witness_id != self.entity_id
        if self.options.targets is not None and not is_witness:
            return position_among(self.options.targets, state.state)
        return _position(state, self.options, is_witness)


_ON_OR_OFF = frozenset(
    {ActuatorRole.SIREN, ActuatorRole.LIGHT, ActuatorRole.FAN, ActuatorRole.HVAC}
)
_LOCK_STATES = {
    "locked": Position.LOCKED,
    "unlocked": Position.UNLOCKED,
    "open": Position.UNLOCKED,
    "locking": Position.MOVING,
    "unlocking": Position.MOVING,
    "opening": Position.MOVING,
    "jammed": Position.UNKNOWN,
}


def _position(state: State, options: ActuatorOptions, is_witness: bool) -> Position:
    if options.role is ActuatorRole.LOCK and state.state in _LOCK_STATES:
        return _LOCK_STATES[state.state]
    if split_entity_id(state.entity_id)[0] == "climate":
        return Position.OFF if state.state == STATE_OFF else Position.ON
    match state.state:
        case "open":
            return Position.OPEN
        case "closed":
            return Position.CLOSED
        case "opening" | "closing":
            return Position.MOVING
        case "on" | "off":
            is_on = state.state == STATE_ON
        case number:
            try:
                amount = float(number)  # a position in percent, or a flow
            except ValueError:
                return Position.UNKNOWN
            if not isfinite(amount):
                return Position.UNKNOWN
            is_on = amount > 0
    if options.inverted and not is_witness:
        is_on = not is_on
    if options.role is ActuatorRole.LOCK:
        return Position.UNLOCKED if is_on else Position.LOCKED
    if options.role in _ON_OR_OFF:
        return Position.ON if is_on else Position.OFF
    return Position.OPEN if is_on else Position.CLOSED
