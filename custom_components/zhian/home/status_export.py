"""The action that gives out how the fire and gas detectors are, by GB/T 45839-2025."""

from collections.abc import Iterator
from math import isfinite
from typing import Final

from homeassistant.components.sensor.const import SensorDeviceClass
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import (
    config_validation as cv,
    device_registry as dr,
    entity_registry as er,
)
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType

import voluptuous as vol

from ..const import DOMAIN
from ..link.gbt45839 import STATUSES, Status, StatusInfo
from ..safety.vocabulary import Hazard
from . import Home, async_get_home

EXPORT: Final = "export_device_status"
ATTR_COMPANY: Final = "company"
SCHEMA: Final = vol.Schema({vol.Optional(ATTR_COMPANY, default=""): cv.string})

HAZARDS: Final = (Hazard.GAS, Hazard.CARBON_MONOXIDE, Hazard.SMOKE)
"""What the standard is about."""


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register the action, once."""
    async_register_admin_service(
        hass, DOMAIN, EXPORT, _export, SCHEMA, SupportsResponse.ONLY
    )


async def _export(call: ServiceCall) -> ServiceResponse:
    """Return the status of every fire and gas detector."""
    home = async_get_home(call.hass)
    found = status_of(call.hass, home, call.data[ATTR_COMPANY])
    return {"status_info": [dict[str, JsonValueType](i.as_json()) for i in found]}


def status_of(hass: HomeAssistant, home: Home, company: str) -> Iterator[StatusInfo]:
    """Yield how the fire and gas detectors are."""
    for detector in home.detectors:
        if detector.options.hazard not in HAZARDS:
            continue
        sensed = home.guard.state.readings.get(detector.id)
        registry = er.async_get(hass)
        entry = registry.async_get(detector.entity_id)
        device = (
            dr.async_get(hass).async_get(entry.device_id)
            if entry is not None and entry.device_id is not None
            else None
        )
        others = er.async_entries_for_device(registry, device.id) if device else []
        yield StatusInfo(
            company=company,
            serial=getattr(device, "serial_number", None) or detector.id,
            status=STATUSES.get(sensed.level, Status.FAULT) if sensed else Status.FAULT,
            at=dt_util.as_local(sensed.at if sensed else home.clock.now()),
            signal=_number(hass, others, SensorDeviceClass.SIGNAL_STRENGTH),
            battery=_number(hass, others, SensorDeviceClass.BATTERY),
        )


def _number(
    hass: HomeAssistant, entries: list[er.RegistryEntry], kind: SensorDeviceClass
) -> int | None:
    """Return what a sensor of the same device measures, if there is one that does."""
    for entry in entries:
        state = hass.states.get(entry.entity_id)
        if state is None or kind not in (
            entry.device_class,
            entry.original_device_class,
        ):
            continue
        try:
            value = float(state.state)
        except ValueError:
            continue
        if entry.domain == "sensor" and isfinite(value):
            return round(value)
    return None
