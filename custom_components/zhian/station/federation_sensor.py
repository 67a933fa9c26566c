"""Sensors of a station among stations: the line upward, stations below, orders."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import EntityCategory

from .const import SIGNAL_HOUSEHOLDS, SIGNAL_ORDERS
from .orders import Order
from .sensor_description import StationSensorDescription
from .uplink import LineStatus

if TYPE_CHECKING:
    from . import Station


def _below(station: Station) -> Mapping[str, Any]:
    """Say which stations below are not heard."""
    lost = station.registry.lost
    return {"lost": [s.name for s in station.registry.stations if s.id in lost]}


def _shown(orders: list[Order]) -> Mapping[str, Any]:
    """Say which orders wait, without what they say."""
    return {
        "orders": [
            {
                "id": order.id,
                "station": order.station,
                "at": order.said.at.isoformat(),
            }
            for order in orders
        ]
    }


FEDERATION_SENSORS = (
    StationSensorDescription(
        key="parent_link",
        translation_key="parent_link",
        device_class=SensorDeviceClass.ENUM,
        options=[status.value for status in LineStatus],
        entity_category=EntityCategory.DIAGNOSTIC,
        value=lambda station: station.federation.status.value,
        signal=SIGNAL_ORDERS,
    ),
    StationSensorDescription(
        key="stations_below",
        translation_key="stations_below",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        value=lambda station: len(station.registry.stations),
        attributes=_below,
        signal=SIGNAL_HOUSEHOLDS,
    ),
    StationSensorDescription(
        key="orders_to_sign",
        translation_key="orders_to_sign",
        state_class=SensorStateClass.MEASUREMENT,
        value=lambda station: len(station.federation.orders.to_sign),
        attributes=lambda station: _shown(station.federation.orders.to_sign),
        signal=SIGNAL_ORDERS,
    ),
    StationSensorDescription(
        key="orders_unsigned",
        translation_key="orders_unsigned",
        state_class=SensorStateClass.MEASUREMENT,
        value=lambda station: len(station.federation.orders.unsigned_below),
        attributes=lambda station: _shown(station.federation.orders.unsigned_below),
        signal=SIGNAL_ORDERS,
    ),
)
