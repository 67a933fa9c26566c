"""What an actuator may be: asked by the flow and by the import of a configuration."""

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any, Final

from homeassistant.components.number import ATTR_MAX, ATTR_MIN
from homeassistant.components.siren import ATTR_AVAILABLE_TONES, SirenEntityFeature
from homeassistant.const import ATTR_SUPPORTED_FEATURES, CONF_NAME, Platform
from homeassistant.core import HomeAssistant

from ..safety.vocabulary import ActuatorRole, Position, Witness
from .bound import Part, why_not_bind
from .candidates import Candidate, find
from .gas_zones import could_spark, gas_zones
from .options import LIFE_YEARS, ActuatorOptions
from .plan_choices import are_possible, with_plans
from .sirens import TONES
from .supervision_fields import (
    CONF_INSTALLED,
    CONF_LIFE_YEARS,
    LIFE_RANGE,
    installed_on,
)
from .targets import TARGET_DOMAINS, ends_of

CONF_CHILD_LOCK_ENTITY: Final = "child_lock_entity"
CONF_DURATION: Final = "duration"
CONF_EXERCISE: Final = "exercise"
CONF_IGNITION_SAFE: Final = "ignition_safe"
CONF_INVERTED: Final = "inverted"
CONF_LOCK_ENTITY: Final = "lock_entity"
CONF_OBSTRUCTION_ENTITY: Final = "obstruction_entity"
CONF_OPEN_ON_GAS: Final = "open_on_gas"
CONF_RAIN_ENTITY: Final = "rain_entity"
CONF_PLANS: Final = "plans"
CONF_ROLE: Final = "role"
CONF_SOUND_ON_GAS: Final = "sound_on_gas"
CONF_TARGETS: Final = "targets"
CONF_TONES: Final = "tones"
CONF_TRAVEL_TIME: Final = "travel_time"
CONF_WITNESS: Final = "witness"
CONF_WITNESS_ENTITY: Final = "witness_entity"

# Most gas valves appear as a switch, some windows too; some devices only offer a choice
# of positions or a number.
DOMAINS: Final[Mapping[ActuatorRole, tuple[Platform, ...]]] = {
    ActuatorRole.GAS_VALVE: (Platform.VALVE, Platform.SWITCH, Platform.COVER),
    ActuatorRole.WATER_VALVE: (Platform.VALVE, Platform.SWITCH, Platform.COVER),
    ActuatorRole.WINDOW: (Platform.COVER, Platform.SWITCH),
    ActuatorRole.SIREN: (Platform.SIREN, Platform.SWITCH, Platform.LIGHT),
    ActuatorRole.LOCK: (Platform.LOCK, Platform.SWITCH),
    ActuatorRole.LIGHT: (Platform.LIGHT, Platform.SWITCH),
    ActuatorRole.FAN: (Platform.FAN, Platform.SWITCH),
    ActuatorRole.HVAC: (Platform.CLIMATE, Platform.FAN, Platform.SWITCH),
}
WITNESS_DOMAINS: Final = [
    Platform.BINARY_SENSOR,
    Platform.COVER,
    Platform.SENSOR,
    Platform.VALVE,
]
# What tells that a window must not, or cannot, be opened.
HINDRANCE_DOMAINS: Final[Mapping[str, tuple[str, ...]]] = {
    CONF_RAIN_ENTITY: (Platform.BINARY_SENSOR, Platform.WEATHER, "input_boolean"),
    CONF_CHILD_LOCK_ENTITY: (
        Platform.LOCK,
        Platform.SWITCH,
        Platform.BINARY_SENSOR,
        "input_boolean",
    ),
    CONF_LOCK_ENTITY: (Platform.LOCK, Platform.SWITCH, Platform.BINARY_SENSOR),
    CONF_OBSTRUCTION_ENTITY: (Platform.BINARY_SENSOR,),
}
TRAVEL_TIME_RANGE: Final = (0.5, 300.0)
DURATION_RANGE: Final = (1, 3600)
_SPARKING: Final = {
    CONF_OPEN_ON_GAS: "not_ignition_safe",
    CONF_SOUND_ON_GAS: "siren_could_spark",
    CONF_IGNITION_SAFE: "in_gas_plan",
}
"""What is wrong with a device that would be switched in gas, by its field."""

type Errors = dict[str, str]


def may_play(candidate: Candidate, role: ActuatorRole) -> bool:
    """Return whether a kind of entity can do what a role asks."""
    return candidate.domain in (*DOMAINS[role], *TARGET_DOMAINS)


def needs_targets(candidate: Candidate) -> bool:
    """Return whether somebody has to say which option or value means what."""
    return candidate.domain in TARGET_DOMAINS


def tones_of(candidate: Candidate) -> list[str]:
    """Return the tones that a siren offers."""
    tones = candidate.attributes.get(ATTR_AVAILABLE_TONES)
    if candidate.domain != Platform.SIREN or not tones:
        return []
    return [str(t) for t in (tones.values() if isinstance(tones, Mapping) else tones)]


def has_duration(candidate: Candidate) -> bool:
    """Return whether a siren can be told how long to sound."""
    features = int(candidate.attributes.get(ATTR_SUPPORTED_FEATURES) or 0)
    return candidate.domain == Platform.SIREN and bool(
        features & SirenEntityFeature.DURATION
    )


def number_range(candidate: Candidate) -> tuple[float, float]:
    """Return between which values a number can be set."""
    lowest = candidate.attributes.get(ATTR_MIN, 0)
    return float(lowest), float(candidate.attributes.get(ATTR_MAX, 100))


def target_errors(
    candidate: Candidate,
    role: ActuatorRole,
    targets: Mapping[Position, str | float | None],
) -> dict[Position, str]:
    """Return what is wrong with the ends of a select or a number."""
    errors: dict[Position, str] = {}
    ends = ends_of(role)
    for position in ends:
        target = targets.get(position)
        if candidate.domain == Platform.SELECT:
            if target not in candidate.words:
                errors[position] = "target_not_offered"
        else:
            lowest, highest = number_range(candidate)
            if (
                isinstance(target, str | bool | None)
                or not isfinite(target)
                or not lowest <= target <= highest
            ):
                errors[position] = "target_range"
    if not errors and targets[ends[0]] == targets[ends[1]]:
        errors[ends[0]] = "target_same"
    return errors


def actuator(
    hass: HomeAssistant,
    others: Iterable[Part],
    candidate: Candidate,
    role: ActuatorRole,
    described: Mapping[str, Any],
    errors: Errors,
) -> ActuatorOptions:
    """Return the actuator that is described; tell in `errors` what is wrong, by field."""
    others = list(others)
    travel_time: float = described[CONF_TRAVEL_TIME]
    if not TRAVEL_TIME_RANGE[0] <= travel_time <= TRAVEL_TIME_RANGE[1]:
        errors[CONF_TRAVEL_TIME] = "travel_time_range"
    life_years: float = described.get(CONF_LIFE_YEARS, LIFE_YEARS)
    if not LIFE_RANGE[0] <= life_years <= LIFE_RANGE[1]:
        errors[CONF_LIFE_YEARS] = "life_range"
        life_years = LIFE_YEARS
    duration: float | None = described.get(CONF_DURATION)
    if duration is not None and not (
        DURATION_RANGE[0] <= duration <= DURATION_RANGE[1]
    ):
        errors[CONF_DURATION] = "duration_range"
    installed = installed_on(dict(described), errors)
    options = ActuatorOptions.from_mapping(
        {
            "entity_id": candidate.entity_id,
            "registry_id": candidate.registry_id,
            **{
                key: described[key]
                for key in (
                    CONF_INVERTED,
                    CONF_IGNITION_SAFE,
                    CONF_OPEN_ON_GAS,
                    CONF_EXERCISE,
                    CONF_SOUND_ON_GAS,
                    CONF_TARGETS,
                    CONF_TONES,
                    "area",
                )
                if key in described
            },
            CONF_ROLE: role,
            CONF_NAME: described[CONF_NAME],
            CONF_DURATION: duration,
            CONF_TRAVEL_TIME: travel_time,
            CONF_WITNESS: described[CONF_WITNESS],
            CONF_WITNESS_ENTITY: _witness_entity(
                hass, others, candidate, described, errors
            ),
            **{
                key: _hindrance(hass, candidate, role, key, described, errors)
                for key in HINDRANCE_DOMAINS
            },
            CONF_INSTALLED: installed,
            CONF_LIFE_YEARS: life_years,
        }
    )
    plans: Mapping[str, bool] | None = described.get(CONF_PLANS)
    if not are_possible(role, plans):
        errors[CONF_PLANS] = "not_in_plan"
    options = with_plans(options, plans)
    if (field := could_spark(hass, options, gas_zones(hass, others))) is not None:
        errors[field] = _SPARKING[field]
    return options


def _hindrance(
    hass: HomeAssistant,
    window: Candidate,
    role: ActuatorRole,
    key: str,
    described: Mapping[str, Any],
    errors: Errors,
) -> str | None:
    """Return an entity that tells what has something against opening a window."""
    if role is not ActuatorRole.WINDOW or not (entity := described.get(key)):
        return None
    candidate = find(hass, entity)
    if candidate is None:
        errors[key] = "entity_not_found"
        return None
    if candidate.is_ours:
        errors[key] = "own_entity"
    elif candidate.entity_id == window.entity_id:
        errors[key] = "hindrance_itself"
    elif candidate.domain not in HINDRANCE_DOMAINS[key]:
        errors[key] = "not_a_hindrance"
    return candidate.entity_id


def _witness_entity(
    hass: HomeAssistant,
    others: Iterable[Part],
    actuator: Candidate,
    described: Mapping[str, Any],
    errors: Errors,
) -> str | None:
    """Return the entity that proves the movement, if another one has to."""
    if described[CONF_WITNESS] not in (Witness.ENTITY, Witness.FLOW):
        return None
    if not (entity := described.get(CONF_WITNESS_ENTITY)):
        errors[CONF_WITNESS_ENTITY] = "witness_entity_missing"
        return None
    candidate = find(hass, entity)
    if candidate is None:
        errors[CONF_WITNESS_ENTITY] = "entity_not_found"
        return None
    if candidate.entity_id == actuator.entity_id:
        errors[CONF_WITNESS_ENTITY] = "witness_itself"
    elif candidate.is_ours:
        errors[CONF_WITNESS_ENTITY] = "own_entity"
    elif candidate.domain not in WITNESS_DOMAINS:
        errors[CONF_WITNESS_ENTITY] = "not_a_witness"
    elif reason := why_not_bind(hass, candidate, others, None):
        errors[CONF_WITNESS_ENTITY] = reason
    return candidate.entity_id


def tone_errors(candidate: Candidate, tones: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with the tones of a siren, by their purpose."""
    offered = tones_of(candidate)
    return {
        purpose: "tone_not_offered"
        for purpose, tone in tones.items()
        if purpose not in TONES or tone not in offered
    }
