"""Entities that a person may choose: what Home Assistant knows about them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
import re
from typing import Any, Final
import unicodedata

from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.components.event.const import ATTR_EVENT_TYPES
from homeassistant.components.sensor.const import (
    ATTR_OPTIONS,
    ATTR_STATE_CLASS,
    SensorDeviceClass,
)
from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    ATTR_SUPPORTED_FEATURES,
    ATTR_UNIT_OF_MEASUREMENT,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    Platform,
)
from homeassistant.core import HomeAssistant, split_entity_id
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN
from ..safety.vocabulary import Hazard, Level
from .places import zone_of
from .ranges import Unit

# The status numbers of Xiaomi and Aqara detectors.
STATUS_NUMBERS: Final[Mapping[str, Level]] = {
    "0": Level.NORMAL,
    "1": Level.ALARM,
    "2": Level.FAULT,
    "3": Level.WARMING_UP,
    "4": Level.FAULT,
}

_HAZARDS: Final[Mapping[str, Hazard]] = {
    BinarySensorDeviceClass.GAS: Hazard.GAS,
    BinarySensorDeviceClass.CO: Hazard.CARBON_MONOXIDE,
    BinarySensorDeviceClass.SMOKE: Hazard.SMOKE,
    BinarySensorDeviceClass.HEAT: Hazard.SMOKE,
    BinarySensorDeviceClass.MOISTURE: Hazard.WATER,
    BinarySensorDeviceClass.DOOR: Hazard.INTRUSION,
    BinarySensorDeviceClass.GARAGE_DOOR: Hazard.INTRUSION,
    BinarySensorDeviceClass.OPENING: Hazard.INTRUSION,
    BinarySensorDeviceClass.WINDOW: Hazard.INTRUSION,
    BinarySensorDeviceClass.MOTION: Hazard.INTRUSION,
}

# What a binary sensor of these classes says is never an alarm.
_NOT_ALARMS: Final = frozenset(
    {
        BinarySensorDeviceClass.BATTERY,
        BinarySensorDeviceClass.BATTERY_CHARGING,
        BinarySensorDeviceClass.CONNECTIVITY,
        BinarySensorDeviceClass.PLUG,
        BinarySensorDeviceClass.POWER,
        BinarySensorDeviceClass.RUNNING,
        BinarySensorDeviceClass.TAMPER,
        BinarySensorDeviceClass.UPDATE,
    }
)

# The first line that matches wins: "alarm_fault" is a fault, "no_gas" is normal. A word
# is only taken for normal as a whole: "abnormal" and "no_signal" are not.
_WORDS: Final[tuple[tuple[Level, re.Pattern[str]], ...]] = tuple(
    (level, re.compile(pattern))
    for level, pattern in (
        # A detector that tests itself notices nothing in the meantime.
        (
            Level.WARMING_UP,
            (
                r"pre_?heat|warm|heating|预热|^self_?(test|check)(ing)?$|^testing$"
                r"|^自检中?$"
            ),
        ),
        (
            Level.FAULT,
            (
                r"fault|fail|error|malfunction|end_?of_?life|expire|life_?(time|cycle)"
                r"|(^|_)eol(_|$)|battery|abnormal|故障|寿命|失效|过期|异常"
            ),
        ),
        (
            Level.NORMAL,
            (
                r"^(normal|ok|clear(ed)?|idle|off|safe|good|false|正常|安全)$"
                r"|^(no|not)_(alarm|gas|leak|co|smoke|water|detected|triggered)$"
                r"|^(无|未)(报警|告警|警报|泄漏|泄露|燃气|烟雾|检测到|触发)$"
            ),
        ),
        (Level.PRE_ALARM, r"pre_?(alarm|warn)|warning(?!_?alarm)|预警|预报警"),
        (
            Level.ALARM,
            (
                r"alarm|detect|leak|trigger|danger|emergency|^(on|gas|co|smoke|true)$"
                r"|报警|告警|警报|泄漏|泄露"
            ),
        ),
    )
)
# A silenced or tested alarm says nothing certain, nor does what is only to come: a
# person has to decide.
_UNCERTAIN: Final = re.compile(r"test|check|silen|mut|hush|soon|自检|消音|静音")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entity, from its state if it has one, else from the registry."""

    entity_id: str
    registry_id: str | None
    name: str
    state: str | None
    device_class: str | None
    unit: str | None
    words: tuple[str, ...]
    """The states, or the event types, that it says it can have."""
    is_measurement: bool
    is_ours: bool
    attributes: Mapping[str, Any]
    """All that it says of itself: its attributes, or what the registry keeps of them."""
    area: str | None = None
    device_id: str | None = None
    is_quiet: bool = False
    """Hidden, or a setting or a diagnosis of its device."""

    @property
    def domain(self) -> str:
        """The entity's domain."""
        return split_entity_id(self.entity_id)[0]

    @property
    def hazard(self) -> Hazard | None:
        """The hazard that the device says it notices."""
        if self.domain == Platform.ALARM_CONTROL_PANEL:
            return Hazard.INTRUSION
        return _HAZARDS.get(self.device_class or "")

    @property
    def is_never_an_alarm(self) -> bool:
        """Whether it tells about a battery, a connection or the like."""
        return (
            self.domain == Platform.BINARY_SENSOR and self.device_class in _NOT_ALARMS
        )

    @property
    def is_number(self) -> bool:
        """Whether its state is a measured number."""
        if self.domain != Platform.SENSOR or self.words:
            return False
        if self.unit or self.is_measurement:
            return True
        return self.state is not None and (
            self.state not in STATUS_NUMBERS and _is_float(self.state)
        )

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """The words to put on a level."""
        if self.words:
            return self.words
        if self.state in STATUS_NUMBERS:
            return tuple(STATUS_NUMBERS)
        return () if self.state is None else (self.state,)


def find(hass: HomeAssistant, entity: str) -> Candidate | None:
    """Return an entity by its id or registry id; None if it is gone or disabled."""
    registry = er.async_get(hass)
    entity_id = er.async_resolve_entity_id(registry, entity)
    if entity_id is None:
        return None
    registered = registry.async_get(entity_id)
    state = hass.states.get(entity_id)
    if registered is None and state is None:
        return None
    if registered is not None and registered.disabled:
        return None

    facts: dict[str, Any] = {}
    name = entity_id
    if registered is not None:
        facts = {
            **(registered.capabilities or {}),
            ATTR_DEVICE_CLASS: registered.device_class
            or registered.original_device_class,
            ATTR_UNIT_OF_MEASUREMENT: registered.unit_of_measurement,
            ATTR_SUPPORTED_FEATURES: registered.supported_features,
        }
        name = registered.name or registered.original_name or entity_id
    if state is not None:
        facts |= state.attributes
        name = state.name
    is_known = state is not None and state.state not in (
        STATE_UNAVAILABLE,
        STATE_UNKNOWN,
    )
    is_event = split_entity_id(entity_id)[0] == Platform.EVENT
    words: Iterable[str] = facts.get(ATTR_EVENT_TYPES if is_event else ATTR_OPTIONS, ())
    return Candidate(
        entity_id=entity_id,
        registry_id=registered.id if registered else None,
        name=name,
        state=state.state if state and is_known and not is_event else None,
        device_class=facts.get(ATTR_DEVICE_CLASS),
        unit=facts.get(ATTR_UNIT_OF_MEASUREMENT),
        words=tuple(words),
        is_measurement=ATTR_STATE_CLASS in facts
        and facts.get(ATTR_DEVICE_CLASS) != SensorDeviceClass.ENUM,
        is_ours=registered is not None and registered.platform == DOMAIN,
        attributes=facts,
        area=zone_of(hass, entity_id, None),
        device_id=registered.device_id if registered else None,
        is_quiet=registered is not None
        and (registered.hidden or registered.entity_category is not None),
    )


def understood_unit(unit: str | None) -> Unit | None:
    """Return the unit behind the spellings that devices use."""
    spelling = unicodedata.normalize("NFKC", unit or "").casefold().replace(" ", "")
    if spelling in ("%lel", "lel", "lel%"):
        return Unit.PERCENT_LEL
    return Unit.PPM if spelling == "ppm" else None


def guess_level(word: str) -> Level | None:
    """Return what a word of a detector most likely means; a person confirms it."""
    plain = re.sub(r"[\W_]+", "_", word.casefold()).strip("_")
    if plain in STATUS_NUMBERS:
        return STATUS_NUMBERS[plain]
    is_uncertain = _UNCERTAIN.search(plain) is not None
    for level, pattern in _WORDS:
        if pattern.search(plain):
            return level if level is Level.WARMING_UP or not is_uncertain else None
    return None


def _is_float(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
