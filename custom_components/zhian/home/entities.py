"""The home's entities, by platform."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from homeassistant.const import Platform
from homeassistant.core import callback
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..safety.vocabulary import ActuatorRole, Hazard
from .alarm_panel import AlarmPanel, PanelEvent, ReadyToArm
from .binary_sensor import HazardSensor
from .bindings import ActuatorBinding
from .button import AcknowledgeButton, ResetButton, TestButton
from .event import IncidentEvent
from .interlocked import InterlockedValve, InterlockedWindow
from .receiver_entities import entities as receiver_entities
from .routine_entities import entities as routine_entities
from .sensor import SENSORS, BloodSensor, HomeSensor, LevelSensor, StationLinkSensor
from .switch import DrillSwitch
from .tally import IncidentsThisYear, LastIncident
from .upkeep_entities import LastDrillSensor, LastExercisedSensor, ProtectionSensor

if TYPE_CHECKING:
    from . import Home

PLATFORMS: Final = (
    Platform.ALARM_CONTROL_PANEL,
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.COVER,
    Platform.EVENT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.VALVE,
)


@callback
def add_entities(
    home: Home,
    platform: Platform,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the home's entities of a platform."""
    async_add_entities(_home_entities(home, platform))
    for binding in home.actuators:
        if (entity := _stand_in(home, platform, binding)) is not None:
            async_add_entities([entity], config_subentry_id=binding.id)
        if platform is Platform.SENSOR and binding.options.exercise:
            moved = LastExercisedSensor(home.guard, home.options, binding, home.upkeep)
            async_add_entities([moved], config_subentry_id=binding.id)
    for line in home.receivers.lines:
        shown = receiver_entities(
            platform, home.guard, home.options, line, home.receivers.links[line.id]
        )
        async_add_entities(shown, config_subentry_id=line.id)
    for activity in home.routines.activities:
        found = routine_entities(platform, home.guard, home.options, activity)
        async_add_entities(found, config_subentry_id=activity.binding.id)


def _home_entities(home: Home, platform: Platform) -> list[Entity]:
    guard, options = home.guard, home.options
    hazards = dict.fromkeys(d.options.hazard for d in home.detectors)
    has_panel = Hazard.INTRUSION in hazards
    match platform:
        case Platform.ALARM_CONTROL_PANEL if has_panel:
            return [AlarmPanel(guard, options, home.keypad)]
        case Platform.BINARY_SENSOR:
            if home.routines.bindings:
                hazards[Hazard.INACTIVITY] = None
            sensors: list[Entity] = [
                HazardSensor(guard, options, hazard) for hazard in hazards
            ]
            if has_panel:
                sensors.append(ReadyToArm(guard, options, home.keypad))
            return sensors
        case Platform.BUTTON:
            return [
                AcknowledgeButton(guard, options),
                ResetButton(guard, options),
                TestButton(guard, options, home.people),
            ]
        case Platform.EVENT:
            events: list[Entity] = [IncidentEvent(guard, options)]
            if has_panel:
                events.append(PanelEvent(guard, options, home.keypad))
            return events
        case Platform.SENSOR:
            return [
                *(HomeSensor(guard, options, about) for about in SENSORS),
                ProtectionSensor(guard, options, home.upkeep),
                LastDrillSensor(guard, options, home.drills),
                StationLinkSensor(guard, options, home.link),
                IncidentsThisYear(guard, options, home.tally),
                LastIncident(guard, options, home.tally),
                *_level_sensors(home),
            ]
        case Platform.SWITCH:
            return [DrillSwitch(guard, options)]
        case _:
            return []


def _level_sensors(home: Home) -> Iterable[Entity]:
    numeric = [d for d in home.detectors if d.options.unit is not None]
    if any(d.options.hazard is Hazard.CARBON_MONOXIDE for d in numeric):
        yield BloodSensor(home.guard, home.options)
    for hazard in dict.fromkeys(d.options.hazard for d in numeric):
        yield LevelSensor(
            home.guard,
            home.options,
            hazard,
            tuple(d for d in numeric if d.options.hazard is hazard),
        )


def _stand_in(
    home: Home, platform: Platform, binding: ActuatorBinding
) -> Entity | None:
    match platform, binding.options.role:
        case Platform.VALVE, ActuatorRole.GAS_VALVE | ActuatorRole.WATER_VALVE:
            return InterlockedValve(home.guard, home.options, binding)
        case Platform.COVER, ActuatorRole.WINDOW:
            return InterlockedWindow(home.guard, home.options, binding)
        case _:
            return None
