"""What a home consists of, as the kernel needs to know it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .arming import PanelSettings, Watch
from .ladder import Ladder
from .vocabulary import ActuatorRole, Hazard, Standard, Witness


@dataclass(frozen=True, slots=True)
class Detector:
    """Something that notices a hazard."""

    id: str
    hazard: Hazard
    zone: str | None = None
    lost_after: float = 600.0
    """Seconds without protection after which people are told."""
    standard: Standard = Standard.EN_50291
    """For carbon monoxide in numbers."""
    watch: Watch = Watch()
    """For intrusion."""
    quorum: int = 1
    """How many detectors of the hazard, this one included, make an alarm of its word."""
    window: float = 60.0
    """Seconds within which the others have to agree; then its word alone is enough."""
    asks: tuple[str, ...] = ()
    """Contacts who are asked after too long a silence; none means the residents."""


@dataclass(frozen=True, slots=True)
class Actuator:
    """Something that can be moved."""

    id: str
    role: ActuatorRole
    zone: str | None = None
    ignition_safe: bool = False
    open_on_gas: bool = False
    sound_on_gas: bool = True
    """Whether the plan for gas sounds it; a siren that could spark should be left out."""
    travel_time: float = 5.0
    """Seconds the device may take to reach its target."""
    witness: Witness = Witness.REPORT
    added: frozenset[Hazard] = frozenset()
    """Hazards on which it acts as well, because a person wants it."""
    left_out: frozenset[Hazard] = frozenset()
    """Hazards on which it would act, and does not because a person wants it so."""

    @property
    def is_safe_in_gas(self) -> bool:
        """Whether driving it cannot ignite gas.

        A gas valve counts as safe: closing it is the one act that ends a leak, and
        gas shut-off devices are made for that.
        """
        return self.ignition_safe or self.role is ActuatorRole.GAS_VALVE


@dataclass(frozen=True, slots=True)
class Household:
    """The detectors and actuators of one home, by their ids, and its people."""

    id: str
    detectors: Mapping[str, Detector] = field(default_factory=dict)
    actuators: Mapping[str, Actuator] = field(default_factory=dict)
    ladder: Ladder = field(default_factory=Ladder)
    report_after: Mapping[Hazard, float] = field(default_factory=dict)
    """Seconds in which a report may be cancelled, for the hazards that allow it."""
    panel: PanelSettings = field(default_factory=PanelSettings)
    priorities: Mapping[Hazard, int] = field(default_factory=dict)
    """What a person has chosen for the station; see `reporting`."""
