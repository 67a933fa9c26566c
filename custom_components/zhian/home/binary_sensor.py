"""One binary sensor per hazard that the home watches for."""

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
)
from homeassistant.core import callback

from ..safety.vocabulary import Hazard, Level, Phase
from .entity import HomeEntity
from .guard import Guard
from .options import HomeOptions

_DEVICE_CLASSES = {
    Hazard.GAS: BinarySensorDeviceClass.GAS,
    Hazard.CARBON_MONOXIDE: BinarySensorDeviceClass.CO,
    Hazard.SMOKE: BinarySensorDeviceClass.SMOKE,
    Hazard.WATER: BinarySensorDeviceClass.MOISTURE,
}


class HazardSensor(HomeEntity, BinarySensorEntity):
    """On while a hazard's alarm lasts; latched by its incident.

    Unknown while nothing is wrong as far as is known, but no detector works.
    """

    def __init__(self, guard: Guard, options: HomeOptions, hazard: Hazard) -> None:
        """Watch one hazard."""
        super().__init__(guard, options, hazard)
        self._hazard = hazard
        self._attr_device_class = _DEVICE_CLASSES.get(hazard)

    @callback
    def _refresh(self) -> None:
        state = self._guard.state
        incident = state.open_incident(self._hazard)
        if incident is not None and incident.phase is Phase.ALARM:
            self._attr_is_on = True
            return
        levels = [
            sensed.level
            for detector in state.household.detectors.values()
            if detector.hazard is self._hazard
            and (sensed := state.readings.get(detector.id))
        ]
        works = any(level.is_protecting for level in levels)
        # In a pre-alarm nobody has agreed yet with a detector that is in alarm.
        is_alone = incident is not None and incident.phase is Phase.PRE_ALARM
        self._attr_is_on = Level.ALARM in levels and not is_alone if works else None
