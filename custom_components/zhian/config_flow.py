"""The first question: which role does this Home Assistant play."""

from typing import Any

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.core import callback
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from .const import CONF_ROLE, DOMAIN, ROLE_HOME, ROLE_STATION
from .home import migration
from .home.actuator_flow import ActuatorFlow
from .home.code_flow import CodeFlow
from .home.contact_flow import ContactFlow
from .home.detector_flow import DetectorFlow
from .home.find_flow import FIND
from .home.flow import HomeFlow
from .home.receiver_flow import ReceiverFlow
from .home.receiver_options import RECEIVER
from .home.routine_flow import RoutineFlow
from .home.routine_options import ROUTINE
from .home.subentry_flow import ACTUATOR, CODE, CONTACT, DETECTOR
from .station import async_find_station, flow as station_flow, parent_flow
from .station.pairing_flow import PairingFlow


class ZhianConfigFlow(HomeFlow, domain=DOMAIN):
    """Set up a home or a station; one of each may live in one Home Assistant."""

    VERSION = migration.VERSION
    MINOR_VERSION = migration.MINOR_VERSION

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which role."""
        return self.async_show_menu(
            step_id="user", menu_options=[ROLE_HOME, ROLE_STATION]
        )

    async def async_step_zeroconf(
        self, discovery_info: ZeroconfServiceInfo
    ) -> ConfigFlowResult:
        """Take up what was announced, unless it was this very station."""
        station = async_find_station(self.hass)
        if station and discovery_info.properties.get("id") == station.identity.id:
            return self.async_abort(reason="own_station")
        return await super().async_step_zeroconf(discovery_info)

    async def async_step_station(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Set up a station."""
        return await station_flow.async_step_station(self, user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change what was set up."""
        if self._get_reconfigure_entry().data[CONF_ROLE] == ROLE_STATION:
            return await self.async_step_station_menu()
        if user_input == FIND:
            return await self.async_step_find()
        return self.reconfigure_home()

    async def async_step_reconfigure_station(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change a station."""
        return await station_flow.async_step_reconfigure_station(
            self, self._get_reconfigure_entry(), user_input
        )

    async def async_step_station_menu(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what of a station to change."""
        return parent_flow.menu(self, self._get_reconfigure_entry())

    async def async_step_parent(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Join a higher station."""
        return await parent_flow.async_step_parent(
            self, self._get_reconfigure_entry(), self._key.private, user_input
        )

    async def async_step_leave_parent(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Leave the higher station."""
        return await parent_flow.async_step_leave_parent(
            self, self._get_reconfigure_entry(), user_input
        )

    @staticmethod
    @callback
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Return the dialog that shows a pairing code."""
        return PairingFlow()

    @classmethod
    @callback
    def async_supports_options_flow(cls, config_entry: ConfigEntry) -> bool:
        """Return whether there is one: only a station pairs."""
        return bool(config_entry.data.get(CONF_ROLE) == ROLE_STATION)

    @classmethod
    @callback
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return what can be added to the entry."""
        if config_entry.data.get(CONF_ROLE) != ROLE_HOME:
            return {}
        return {
            DETECTOR: DetectorFlow,
            ACTUATOR: ActuatorFlow,
            CONTACT: ContactFlow,
            CODE: CodeFlow,
            ROUTINE: RoutineFlow,
            RECEIVER: ReceiverFlow,
        }
