"""What the station's sensors have in common."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from homeassistant.components.sensor import SensorEntityDescription
from homeassistant.util.signal_type import SignalType

if TYPE_CHECKING:
    from . import Station


@dataclass(frozen=True, kw_only=True)
class StationSensorDescription(SensorEntityDescription):
    """A number that the station knows, and the signal that changes it."""

    value: Callable[[Station], int | str]
    attributes: Callable[[Station], Mapping[str, Any]] | None = None
    signal: SignalType[*tuple[Any, ...]]
