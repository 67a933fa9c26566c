"""What a receiver beside the station shows: how its line is, and a button to try it."""

from homeassistant.components.button import ButtonEntity
from homeassistant.components.sensor import SensorDeviceClass, SensorEntity
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import Entity

from ..const import DOMAIN
from ..link.client import StationError
from .entity import HomeEntity
from .guard import Guard
from .options import HomeOptions
from .receiver_link import ReceiverLink
from .receivers import Line
from .station_link import LinkStatus


class ReceiverEntity(HomeEntity):
    """An entity of one receiver."""

    def __init__(
        self,
        guard: Guard,
        options: HomeOptions,
        line: Line,
        link: ReceiverLink,
        key: str,
    ) -> None:
        """Make a device of the receiver."""
        super().__init__(guard, options, f"{line.id}_{key}")
        self._link = link
        self._name = line.options.name
        self._attr_translation_key = f"receiver_{key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, line.id)},
            name=line.options.name,
            manufacturer="Zhi'an",
            model="Receiver",
            entry_type=DeviceEntryType.SERVICE,
        )

    async def async_added_to_hass(self) -> None:
        """Follow the line."""
        await super().async_added_to_hass()
        self.async_on_remove(self._link.subscribe(self._on_change))


class ReceiverSensor(ReceiverEntity, SensorEntity):
    """How the line to a receiver is."""

    _attr_device_class = SensorDeviceClass.ENUM
    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_options = [  # noqa: RUF012
        s.value for s in LinkStatus if s is not LinkStatus.NOT_ENROLLED
    ]

    @callback
    def _refresh(self) -> None:
        self._attr_native_value = self._link.status.value
        self._attr_extra_state_attributes = {
            "reason": self._link.reason,
            "reports_waiting": self._link.waiting,
        }


class ReceiverTestButton(ReceiverEntity, ButtonEntity):
    """Sends a receiver a message that is marked as a test."""

    _attr_entity_category = EntityCategory.CONFIG

    async def async_press(self) -> None:
        """Send it, or say why it did not arrive."""
        try:
            await self._link.test()
        except StationError as error:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="receiver_test_failed",
                translation_placeholders={"name": self._name, "reason": str(error)},
            ) from error


def entities(
    platform: Platform,
    guard: Guard,
    options: HomeOptions,
    line: Line,
    link: ReceiverLink,
) -> list[Entity]:
    """Return the entities of a receiver on a platform."""
    match platform:
        case Platform.SENSOR:
            return [ReceiverSensor(guard, options, line, link, "link")]
        case Platform.BUTTON:
            return [ReceiverTestButton(guard, options, line, link, "test")]
        case _:
            return []
