"""Which entities plainly notice a hazard."""

from typing import TYPE_CHECKING, Final

from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.components.sensor.const import SensorDeviceClass
from homeassistant.const import Platform

from ..safety.vocabulary import Hazard, Level
from .candidates import guess_level, understood_unit
from .options import DetectorOptions
from .ranges import Unit
from .wording import ALARM, NOT_AN_ALARM, WET_OUTSIDE, hazards_in

if TYPE_CHECKING:
    from .proposals import Described

DISABLED_CLASSES: Final = frozenset(
    {
        BinarySensorDeviceClass.GAS,
        BinarySensorDeviceClass.CO,
        BinarySensorDeviceClass.SMOKE,
        BinarySensorDeviceClass.MOISTURE,
    }
)
_SPOKEN: Final = frozenset({None, BinarySensorDeviceClass.SAFETY})
"""Classes with which only the name can say what a binary sensor is about."""

_BUTTONS: Final = frozenset({Platform.BUTTON, "input_button"})
# Ways to measure gas as a good that is paid for, not as a danger.
_METERED: Final = frozenset({SensorDeviceClass.GAS, SensorDeviceClass.MONETARY})


def propose_detector(it: Described) -> DetectorOptions | str | None:
    """Return the detector that an entity is; why it is none; None if it is not meant."""
    candidate = it.candidate
    if candidate.is_never_an_alarm:
        return None
    if candidate.domain == Platform.BINARY_SENSOR:
        return _binary(it)
    if candidate.domain in _BUTTONS:
        return _options(it, Hazard.SOS) if _is_call(it) else None
    if candidate.domain == Platform.SENSOR and candidate.is_number:
        return _number(it)
    if candidate.domain in (Platform.SENSOR, Platform.EVENT):
        return _words(it)
    return None


def _options(
    it: Described,
    hazard: Hazard,
    unit: Unit | None = None,
    state_map: dict[str, Level] | None = None,
) -> DetectorOptions:
    return DetectorOptions.from_mapping(
        {
            "entity_id": it.candidate.entity_id,
            "registry_id": it.candidate.registry_id,
            "hazard": hazard,
            "name": it.candidate.name,
            "unit": unit,
            "state_map": state_map,
        }
    )


def _hazard_of(it: Described) -> Hazard | None:
    """Return the one hazard that the entity's name, else its device's, speaks of."""
    for text in (it.own, it.device):
        hazards = hazards_in(text)
        if len(hazards) == 1:
            return hazards.pop()
        if hazards:
            return None
    return None


def _is_call(it: Described) -> bool:
    return Hazard.SOS in hazards_in(it.own) | hazards_in(it.device) and not (
        NOT_AN_ALARM.search(it.own)
    )


def _binary(it: Described) -> DetectorOptions | str | None:
    if (hazard := it.candidate.hazard) is Hazard.INTRUSION:
        return None  # whether people come in by it, only they can say
    if hazard is Hazard.WATER and WET_OUTSIDE.search(f"{it.own} {it.device}"):
        return None  # a shower does not close the water
    if it.candidate.device_class == BinarySensorDeviceClass.HEAT and (
        Hazard.SMOKE not in hazards_in(it.own) | hazards_in(it.device)
    ):
        return None  # what may be too hot is mostly a device, and no room
    if hazard is not None:
        return _options(it, hazard)
    if it.candidate.device_class not in _SPOKEN or NOT_AN_ALARM.search(it.own):
        return None
    if _is_call(it):
        return _options(it, Hazard.SOS)
    if not hazards_in(it.own) or not ALARM.search(f"{it.own} {it.device}"):
        return None
    hazard = _hazard_of(it)
    return "hazard_unknown" if hazard is None else _options(it, hazard)


def _number(it: Described) -> DetectorOptions | str | None:
    candidate = it.candidate
    if NOT_AN_ALARM.search(it.own):
        return None
    match understood_unit(candidate.unit):
        case Unit.PERCENT_LEL:
            return _options(it, Hazard.GAS, Unit.PERCENT_LEL)
        case Unit.PPM if candidate.device_class == SensorDeviceClass.CO:
            return _options(it, Hazard.CARBON_MONOXIDE, Unit.PPM)
        case Unit.PPM if candidate.device_class is None:
            hazards = hazards_in(it.own) or hazards_in(it.device)
            measured = hazards & {Hazard.GAS, Hazard.CARBON_MONOXIDE}
            if len(measured) == 1:
                return _options(it, measured.pop(), Unit.PPM)
            return "hazard_unknown" if measured else None
        case None if candidate.device_class is None and not candidate.unit:
            is_gas = Hazard.GAS in hazards_in(it.own)
            return "no_unit" if is_gas else None
        case _:
            return None


def _words(it: Described) -> DetectorOptions | str | None:
    if it.candidate.device_class in _METERED or NOT_AN_ALARM.search(it.own):
        return None
    if it.candidate.domain == Platform.EVENT and _is_call(it):
        return _options(it, Hazard.SOS)  # whichever way it is pressed
    levels = {word: guess_level(word) for word in it.candidate.vocabulary}
    known = {word: level for word, level in levels.items() if level is not None}
    says_alarm = Level.ALARM in known.values() and len(known) > 1
    if not says_alarm or not (hazards_in(it.own) or hazards_in(it.device)):
        return None
    hazard = _hazard_of(it)
    if hazard is None or hazard is Hazard.SOS:
        return "hazard_unknown"
    if Level.NORMAL not in known.values():
        return "states_unclear"
    return _options(it, hazard, state_map=known)
