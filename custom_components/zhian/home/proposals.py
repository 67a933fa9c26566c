"""What a home could guard itself with: found in the registry, proposed to a person.

A proposal is only made where the device says plainly what it is. What is left out is
listed with its reason, so that nobody believes to be guarded by it. No device is ever
proposed as safe in gas: only a person can know that.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, split_entity_id
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ..safety.vocabulary import ActuatorRole, Hazard
from .bound import ACTUATOR, DETECTOR, Part, why_not_bind
from .candidates import Candidate, find
from .gas_zones import gas_zones, is_near_gas, newly_sparking
from .options import ActuatorOptions, DetectorOptions
from .proposed_actuators import propose_actuator
from .proposed_detectors import DISABLED_CLASSES, propose_detector
from .wording import END_OF_LIFE, FAULT, WARM_UP, plain


class LeftOut(StrEnum):
    """Why an entity that might be meant is not proposed."""

    ALREADY_BOUND = "already_bound"
    """It guards the home already."""
    AMBIGUOUS_SWITCH = "ambiguous_switch"
    """Its name speaks of gas or water, but not plainly of one valve."""
    DIRECTION_UNCLEAR = "direction_unclear"
    """Nobody can tell whether on means open or shut."""
    PLUG = "plug"
    """It is a socket: what hangs on it is not known."""
    DISABLED = "disabled"
    GROUP = "group"
    """A group hides a member that has failed."""
    HAZARD_UNKNOWN = "hazard_unknown"
    HIDDEN = "hidden"
    """A setting, a diagnosis, or hidden by a person."""
    NO_UNIT = "no_unit"
    SAME_ALARM = "same_alarm"
    """The same device has a plainer alarm."""
    STATES_UNCLEAR = "states_unclear"
    NOT_THE_WAY_OUT = "not_the_way_out"
    """A light elsewhere than on the way out."""
    NOT_VENTILATION = "not_ventilation"
    """A fan that moves no air out of the house."""
    WOULD_SPARK = "would_spark"
    """A device beside it acts on gas, and is not safe there."""


@dataclass(frozen=True, slots=True)
class Described:
    """An entity with the words of its own name and of its device's."""

    candidate: Candidate
    own: str
    device: str
    is_group: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A subentry that a person may accept."""

    kind: str
    options: DetectorOptions | ActuatorOptions
    area: str | None

    @property
    def group(self) -> str:
        """What it is listed under: its hazard or its role."""
        if isinstance(self.options, DetectorOptions):
            return self.options.hazard.value
        return self.options.role.value


@dataclass(frozen=True, slots=True)
class Found:
    """All that is proposed, and what is not, by reason."""

    proposals: tuple[Proposal, ...]
    left_out: dict[LeftOut, list[str]]


_DOMAINS: Final = frozenset(
    {
        Platform.BINARY_SENSOR,
        Platform.SENSOR,
        Platform.EVENT,
        Platform.BUTTON,
        "input_button",
        Platform.VALVE,
        Platform.SWITCH,
        Platform.SELECT,
        Platform.COVER,
        Platform.SIREN,
        Platform.LOCK,
        Platform.LIGHT,
        Platform.FAN,
        Platform.CLIMATE,
    }
)


def look_for_devices(hass: HomeAssistant, parts: Iterable[Part]) -> Found:
    """Return what in this Home Assistant could guard the home."""
    parts = list(parts)
    left_out: dict[LeftOut, list[str]] = {}

    def leave_out(reason: LeftOut, name: str) -> None:
        left_out.setdefault(reason, []).append(name)

    detectors: list[tuple[Described, DetectorOptions]] = []
    actuators: list[tuple[Described, ActuatorOptions]] = []
    everything = list(_everything(hass))
    for it in everything:
        candidate = it.candidate
        verdict = propose_detector(it) or propose_actuator(it)
        if verdict is None:
            continue
        kind = ACTUATOR if isinstance(verdict, ActuatorOptions) else DETECTOR
        if why_not_bind(hass, candidate, parts, kind):
            leave_out(LeftOut.ALREADY_BOUND, candidate.name)
        elif isinstance(verdict, str):
            leave_out(LeftOut(verdict), candidate.name)
        elif it.is_group:
            leave_out(LeftOut.GROUP, candidate.name)
        elif candidate.is_quiet:
            leave_out(LeftOut.HIDDEN, candidate.name)
        elif isinstance(verdict, DetectorOptions):
            detectors.append((it, verdict))
        else:
            actuators.append((it, verdict))
    plainer = {
        (it.candidate.device_id, options.hazard)
        for it, options in detectors
        if options.state_map is None and options.unit is None
    }
    proposals: list[Proposal] = []
    for it, options in detectors:
        is_second = (it.candidate.device_id, options.hazard) in plainer
        if options.state_map is not None and it.candidate.device_id and is_second:
            leave_out(LeftOut.SAME_ALARM, it.candidate.name)
            continue
        if newly_sparking(hass, parts, [*parts, (DETECTOR, options.as_data())]):
            leave_out(LeftOut.WOULD_SPARK, it.candidate.name)
            continue
        options = _with_companions(it, options, everything)
        proposals.append(Proposal(DETECTOR, options, it.candidate.area))
    zones = gas_zones(
        hass, [*parts, *((DETECTOR, p.options.as_data()) for p in proposals)]
    )
    for it, acting in actuators:
        if acting.role is ActuatorRole.SIREN:
            is_quiet = is_near_gas(it.candidate.area, zones)
            acting = replace(acting, sound_on_gas=not is_quiet)
        proposals.append(Proposal(ACTUATOR, acting, it.candidate.area))
    for name in _disabled(hass):
        leave_out(LeftOut.DISABLED, name)
    order = [*Hazard, *ActuatorRole]
    proposals.sort(key=lambda p: (order.index(p.group), p.options.name))
    return Found(tuple(proposals), left_out)


def _everything(hass: HomeAssistant) -> Iterator[Described]:
    """Yield all entities of the domains that matter, ours left out."""
    registry, devices = er.async_get(hass), dr.async_get(hass)
    entity_ids = {e.entity_id for e in registry.entities.values()}
    entity_ids.update(hass.states.async_entity_ids())
    for entity_id in sorted(entity_ids):
        if split_entity_id(entity_id)[0] not in _DOMAINS:
            continue
        candidate = find(hass, entity_id)
        if candidate is None or candidate.is_ours:
            continue
        entry = registry.async_get(entity_id)
        device = None
        if entry is not None and entry.device_id is not None:
            device = devices.async_get(entry.device_id)
        name = (entry.name or entry.original_name) if entry else None
        object_id = split_entity_id(entity_id)[1]
        own = plain(name) if name and device else plain(candidate.name, name, object_id)
        yield Described(
            candidate,
            own,
            plain(device.name_by_user, device.name) if device else "",
            is_group=(entry is not None and entry.platform == "group")
            or "entity_id" in candidate.attributes,
        )


def _with_companions(
    it: Described, options: DetectorOptions, everything: Iterable[Described]
) -> DetectorOptions:
    """Let the same device's warm-up and fault speak for its detector, too."""
    if it.candidate.device_id is None:
        return options
    warm_up: str | None = None
    fault: str | None = None
    end_of_life: str | None = None
    for other in everything:
        candidate = other.candidate
        if (
            candidate.device_id != it.candidate.device_id
            or candidate.domain != Platform.BINARY_SENSOR
            or candidate.entity_id == it.candidate.entity_id
        ):
            continue
        if WARM_UP.search(other.own):
            warm_up = warm_up or candidate.entity_id
        elif FAULT.search(other.own):
            fault = fault or candidate.entity_id
        elif END_OF_LIFE.search(other.own):
            end_of_life = end_of_life or candidate.entity_id
        elif candidate.device_class == BinarySensorDeviceClass.PROBLEM:
            fault = fault or candidate.entity_id
    return replace(options, warm_up_entity=warm_up, fault_entity=fault or end_of_life)


def _disabled(hass: HomeAssistant) -> Iterator[str]:
    """Yield the alarms that a person or an integration has switched off."""
    for entry in er.async_get(hass).entities.values():
        if not entry.disabled or entry.domain != Platform.BINARY_SENSOR:
            continue
        if (entry.device_class or entry.original_device_class) in DISABLED_CLASSES:
            yield entry.name or entry.original_name or entry.entity_id
