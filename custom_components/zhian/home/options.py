"""What a person has chosen for the home, read once from its config entry.

The entry and its subentries hold JSON; everything else in the home reads these.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from enum import Enum
from math import inf
from typing import Any, Final, Self

from ..safety.confirming import CONFIRMABLE
from ..safety.household import Actuator
from ..safety.thresholds import Thresholds
from ..safety.vocabulary import (
    ActuatorRole,
    Gas,
    Hazard,
    Level,
    Position,
    Standard,
    Witness,
)
from .agreement import Agreement, read_agreement
from .ranges import LEL_RANGES, Unit, thresholds_for
from .watch_options import WatchOptions

# Seconds from the order to the end of the movement.
TRAVEL_TIMES: Final[Mapping[ActuatorRole, float]] = {
    ActuatorRole.GAS_VALVE: 5.0,
    ActuatorRole.WATER_VALVE: 5.0,
    ActuatorRole.WINDOW: 30.0,
    ActuatorRole.SIREN: 1.0,
    ActuatorRole.LOCK: 5.0,
    ActuatorRole.LIGHT: 1.0,
    ActuatorRole.FAN: 2.0,
    ActuatorRole.HVAC: 5.0,
}
# The life of an emergency shut-off valve by CJJ/T 146.
LIFE_YEARS: Final = 10
# The same for a gas detector in a home; other detectors last ten years.
DETECTOR_LIFE_YEARS: Final[Mapping[Hazard, int]] = {Hazard.GAS: 5}


class _Options:
    """What all options can do: become the JSON that they were read from."""

    __slots__ = ()

    def as_data(self) -> dict[str, Any]:
        """Return the JSON of the entry or subentry."""
        data = _plain(self)
        assert isinstance(data, dict)
        return data


def _plain(value: object) -> object:
    """Return a value as JSON."""
    if isinstance(value, Agreement):
        return value.as_data()
    if is_dataclass(value):
        data = {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
        if isinstance(value, StationOptions):  # what there is not is left out
            return {name: item for name, item in data.items() if item not in (None, [])}
        return data
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    return value


@dataclass(frozen=True, slots=True)
class StationOptions(_Options):
    """The station that a home is enrolled at."""

    url: str
    allow_http: bool
    household: str
    community: str
    station: str
    heartbeat_seconds: int = 60
    agreement: Agreement | None = None
    others: tuple[str, ...] = ()
    """Where else it can be reached, the best first; `url` comes before them."""
    identity: str | None = None
    """The station's public key."""
    proven: str | None = None
    """Where the home was enrolled, if that is not `url`."""
    offered: tuple[str, ...] = ()
    """Addresses that the station has named: who has removed one does not get it back."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """All its addresses, the best first."""
        return (self.url, *self.others)

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Self:
        """Read what the entry holds under `station`."""
        return cls(
            url=data["url"],
            allow_http=data.get("allow_http", False),
            household=data["household"],
            community=data["community"],
            station=data["station"],
            heartbeat_seconds=int(data.get("heartbeat_seconds", 60)),
            agreement=read_agreement(data),
            others=tuple(data.get("others", ())),
            identity=data.get("identity"),
            proven=data.get("proven"),
            offered=tuple(data.get("offered", ())),
        )


@dataclass(frozen=True, slots=True)
class HomeOptions(_Options):
    """The home itself.

    `lel` is the lower explosive limit of the gas in use, in volume percent.
    `private_key` is the raw Ed25519 key in base64; it never leaves this entry.
    """

    home_id: str
    name: str
    gas: Gas
    lel: float
    address: str | None
    private_key: str = field(repr=False)
    station: StationOptions | None = None
    ladder: Mapping[str, float] | None = None
    """Seconds that each rung may take to answer, and the pause between repeats."""
    panel: Mapping[str, Any] | None = None
    """What was chosen for the alarm panel."""
    report_after: Mapping[str, float] | None = None
    """Seconds in which the report of a hazard may be cancelled."""
    priorities: Mapping[str, int] | None = None
    """How urgent a hazard is for the station, where that may be chosen; 0: not told."""

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Self:
        """Read the data of a home's config entry."""
        gas = Gas(data["gas"])
        lel = data.get("lel")
        if lel is None:
            lel = LEL_RANGES[gas].default or LEL_RANGES[gas].lowest
        station = data.get("station")
        return cls(
            home_id=data["home_id"],
            name=data["name"],
            gas=gas,
            lel=float(lel),
            address=data.get("address"),
            private_key=data["private_key"],
            station=StationOptions.from_mapping(station) if station else None,
            ladder=data.get("ladder"),
            panel=data.get("panel"),
            report_after=data.get("report_after"),
            priorities=data.get("priorities"),
        )


def _limit(value: Any, default: float) -> float | None:
    """Return a limit; None where there is none."""
    found = default if value is None else float(value)
    return None if found == inf else found


@dataclass(frozen=True, slots=True)
class DetectorOptions(_Options):
    """An entity that notices a hazard.

    With a unit it is a number; with a state map it speaks in words (an event entity
    in its event types), and a word that is not in the map counts as a fault; with
    neither it is on or off. The thresholds are in percent of the LEL for gas,
    whatever the unit, and in ppm for carbon monoxide, where they may be left out: the
    `standard` tells which dose is an alarm. `quorum` detectors of the hazard have to
    agree within `quorum_window` seconds, where the hazard allows it.
    """

    entity_id: str
    registry_id: str | None
    hazard: Hazard
    name: str
    unit: Unit | None = None
    pre_alarm: float | None = 5.0
    alarm: float | None = 10.0
    hysteresis: float = 2.0
    standard: Standard = Standard.EN_50291
    state_map: Mapping[str, Level] | None = None
    warm_up_entity: str | None = None
    fault_entity: str | None = None
    quorum: int = 1
    quorum_window: float = 60.0
    area: str | None = None
    watch: WatchOptions | None = None
    """For intrusion."""
    lost_after: int | None = None
    """Minutes without a word after which it is missed; None fits the device."""
    installed: date | None = None
    life_years: int | None = None
    registry_ids: Mapping[str, str] = field(default_factory=dict)
    """Of the other entities, by the name of their field."""

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Self:
        """Read the data of a subentry `detector`."""
        installed = data.get("installed")
        lost_after = data.get("lost_after")
        life_years = data.get("life_years")
        hazard = Hazard(data["hazard"])
        unit = data.get("unit")
        state_map = data.get("state_map")
        watch = data.get("watch")
        default = thresholds_for(hazard)
        return cls(
            entity_id=data["entity_id"],
            registry_id=data.get("registry_id"),
            hazard=hazard,
            name=data.get("name") or data["entity_id"],
            unit=Unit(unit) if unit else None,
            pre_alarm=_limit(data.get("pre_alarm"), default.pre_alarm),
            alarm=_limit(data.get("alarm"), default.alarm),
            hysteresis=float(data.get("hysteresis", default.hysteresis)),
            standard=Standard(data.get("standard", Standard.EN_50291)),
            state_map={word: Level(level) for word, level in state_map.items()}
            if state_map
            else None,
            warm_up_entity=data.get("warm_up_entity"),
            fault_entity=data.get("fault_entity"),
            quorum=int(data.get("quorum", 1)) if hazard in CONFIRMABLE else 1,
            quorum_window=float(data.get("quorum_window", 60.0)),
            area=data.get("area"),
            watch=WatchOptions.from_mapping(watch) if watch else None,
            lost_after=int(lost_after) if lost_after is not None else None,
            installed=date.fromisoformat(installed) if installed else None,
            life_years=int(life_years) if life_years is not None else None,
            registry_ids=data.get("registry_ids") or {},
        )

    @property
    def life(self) -> int:
        """How many years it may be relied on."""
        return self.life_years or DETECTOR_LIFE_YEARS.get(self.hazard, LIFE_YEARS)

    @property
    def thresholds(self) -> Thresholds:
        """The limits of a detector that reports a number."""
        return Thresholds(
            inf if self.pre_alarm is None else self.pre_alarm,
            inf if self.alarm is None else self.alarm,
            self.hysteresis,
        )


@dataclass(frozen=True, slots=True)
class ActuatorOptions(_Options):
    """An entity that acts: a valve, a window, a siren.

    `inverted` is for a switch that closes a valve by turning on. `travel_time` is in
    seconds. `open_on_gas` is only true for an ignition-safe window; the entities from
    `rain_entity` to `obstruction_entity` tell what has something against opening one.
    `targets` says which option of a select or which value of a number means which
    position. A siren may have `tones`, by hazard and `other`, and sounds for `duration`
    seconds.
    """

    entity_id: str
    registry_id: str | None
    role: ActuatorRole
    name: str
    inverted: bool = False
    ignition_safe: bool = False
    open_on_gas: bool = False
    sound_on_gas: bool = True
    targets: Mapping[Position, str | float] | None = None
    tones: Mapping[str, str] | None = None
    duration: float | None = None
    travel_time: float = TRAVEL_TIMES[ActuatorRole.GAS_VALVE]
    witness: Witness = Witness.REPORT
    witness_entity: str | None = None
    rain_entity: str | None = None
    child_lock_entity: str | None = None
    lock_entity: str | None = None
    obstruction_entity: str | None = None
    area: str | None = None
    installed: date | None = None
    life_years: int = LIFE_YEARS
    exercise: bool = False
    """Whether a valve is moved once a month, so that it stays able to move."""
    plans: Mapping[Hazard, bool] = field(default_factory=dict)
    """Hazards on which a person wants it to act, or not to, other than usual."""
    registry_ids: Mapping[str, str] = field(default_factory=dict)
    """Of the other entities, by the name of their field."""

    @property
    def life(self) -> int:
        """How many years it may be relied on."""
        return self.life_years

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Self:
        """Read the data of a subentry `actuator`."""
        role = ActuatorRole(data["role"])
        installed = data.get("installed")
        targets = data.get("targets")
        duration = data.get("duration")
        return cls(
            entity_id=data["entity_id"],
            registry_id=data.get("registry_id"),
            role=role,
            name=data.get("name") or data["entity_id"],
            inverted=data.get("inverted", False),
            ignition_safe=data.get("ignition_safe", False),
            open_on_gas=data.get("open_on_gas", False),
            sound_on_gas=data.get("sound_on_gas", True),
            targets={Position(at): value for at, value in targets.items()}
            if targets
            else None,
            tones=data.get("tones") or None,
            duration=None if duration is None else float(duration),
            travel_time=float(data.get("travel_time", TRAVEL_TIMES[role])),
            witness=Witness(data.get("witness", Witness.REPORT)),
            witness_entity=data.get("witness_entity"),
            rain_entity=data.get("rain_entity"),
            child_lock_entity=data.get("child_lock_entity"),
            lock_entity=data.get("lock_entity"),
            obstruction_entity=data.get("obstruction_entity"),
            area=data.get("area"),
            installed=date.fromisoformat(installed) if installed else None,
            life_years=int(data.get("life_years", LIFE_YEARS)),
            exercise=data.get("exercise", False),
            plans={
                Hazard(hazard): bool(acts)
                for hazard, acts in (data.get("plans") or {}).items()
            },
            registry_ids=data.get("registry_ids") or {},
        )

    def actuator(self, id_: str, zone: str | None) -> Actuator:
        """Return what the kernel needs to know."""
        return Actuator(
            id_,
            self.role,
            zone,
            self.ignition_safe,
            self.open_on_gas,
            sound_on_gas=self.sound_on_gas,
            travel_time=self.travel_time,
            witness=self.witness,
            added=frozenset(hazard for hazard, acts in self.plans.items() if acts),
            left_out=frozenset(
                hazard for hazard, acts in self.plans.items() if not acts
            ),
        )
