"""What a person's routine shows: when they were last active, and when they are asked."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.components.switch import SwitchEntity
from homeassistant.const import EntityCategory, Platform, UnitOfTime
from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.typing import StateType

from ..const import DOMAIN
from ..safety.routine import DAYS_NEEDED
from .activity import Activity
from .entity import HomeEntity
from .guard import Guard
from .options import HomeOptions


@dataclass(frozen=True, kw_only=True)
class RoutineSensorDescription(SensorEntityDescription):
    """A sensor and how it reads an activity."""

    read: Callable[[Activity], StateType | datetime]
    tell: Callable[[Activity], dict[str, object]] = lambda _: {}
    """What stands beside the state."""


def _learnt(activity: Activity) -> dict[str, object]:
    return {
        "days_needed": DAYS_NEEDED,
        "hours_known": sum(usual is not None for usual in activity.routine.usual()),
    }


SENSORS = (
    RoutineSensorDescription(
        key="last_activity",
        device_class=SensorDeviceClass.TIMESTAMP,
        read=lambda activity: activity.routine.last,
        tell=lambda activity: {"sources_lost": activity.lost_sources},
    ),
    RoutineSensorDescription(
        key="asked_at",
        device_class=SensorDeviceClass.TIMESTAMP,
        read=lambda activity: activity.routine.due(),
        tell=lambda activity: {"counts_since": activity.routine.since.isoformat()},
    ),
    RoutineSensorDescription(
        key="false_alarms",
        state_class=SensorStateClass.TOTAL_INCREASING,
        read=lambda activity: activity.false_alarms(),
        tell=lambda activity: {"last_month": activity.false_alarms(1)},
    ),
    RoutineSensorDescription(
        key="days_learnt",
        entity_category=EntityCategory.DIAGNOSTIC,
        native_unit_of_measurement=UnitOfTime.DAYS,
        read=lambda activity: activity.routine.days_learnt,
        tell=_learnt,
    ),
)


class RoutineEntity(HomeEntity):
    """An entity that shows a person's activity."""

    def __init__(
        self, guard: Guard, options: HomeOptions, activity: Activity, key: str
    ) -> None:
        """Make a device of the routine."""
        super().__init__(guard, options, f"{activity.binding.id}_{key}")
        self._activity = activity
        self._attr_translation_key = key
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, activity.binding.id)},
            name=activity.binding.options.name,
            manufacturer="Zhi'an",
            model="Routine",
            entry_type=DeviceEntryType.SERVICE,
        )

    async def async_added_to_hass(self) -> None:
        """Follow the activity: what else the guard does is no news here."""
        self._refresh()
        self.async_on_remove(self._activity.subscribe(self._on_change))


class RoutineSensor(RoutineEntity, SensorEntity):
    """A sensor that reads an activity."""

    entity_description: RoutineSensorDescription

    def __init__(
        self,
        guard: Guard,
        options: HomeOptions,
        activity: Activity,
        description: RoutineSensorDescription,
    ) -> None:
        """Take over the description."""
        super().__init__(guard, options, activity, description.key)
        self.entity_description = description

    @callback
    def _refresh(self) -> None:
        self._attr_native_value = self.entity_description.read(self._activity)
        self._attr_extra_state_attributes = self.entity_description.tell(self._activity)


class AwaySwitch(RoutineEntity, SwitchEntity):
    """On while nobody is expected to move: nothing is counted and nothing learnt."""

    def __init__(self, guard: Guard, options: HomeOptions, activity: Activity) -> None:
        """Make the switch."""
        super().__init__(guard, options, activity, "away")

    @callback
    def _refresh(self) -> None:
        self._attr_is_on = self._activity.is_switched_away
        # The calendar or the phones may say so, too.
        self._attr_extra_state_attributes = {
            "counts_as_away": self._activity.routine.is_away
        }

    async def async_turn_on(self, **kwargs: Any) -> None:
        """Nobody is expected."""
        self._turn(is_away=True)

    async def async_turn_off(self, **kwargs: Any) -> None:
        """Somebody is back; the silence counts from now."""
        self._turn(is_away=False)

    @callback
    def _turn(self, *, is_away: bool) -> None:
        self._activity.switch_away(is_away=is_away)
        self._on_change()


def entities(
    platform: Platform, guard: Guard, options: HomeOptions, activity: Activity
) -> Iterable[Entity]:
    """Return the entities of one routine on a platform."""
    match platform:
        case Platform.SENSOR:
            return [RoutineSensor(guard, options, activity, s) for s in SENSORS]
        case Platform.SWITCH:
            return [AwaySwitch(guard, options, activity)]
        case _:
            return []
