"""What is sent to whom: changed, looked at, and taken back, in the home's dialog."""

from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
)
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

import voluptuous as vol

from ..const import SAVED
from .consent_fields import filled_in, read, station_fields
from .enrolment_preview import shown as as_shown
from .options import StationOptions
from .preview import STATION, choices, preview
from .subentry_flow import Errors, Input
from .withdrawals import withdraw_without_home

if TYPE_CHECKING:
    from . import Home

CONF_RECEIVER: Final = "receiver"


def privacy_menu(*, has_station: bool, has_receiver: bool) -> list[str]:
    """Return the entries of the menu that concern what is sent."""
    menu = []
    if has_station:
        menu.append("consents")
    if has_station or has_receiver:
        menu.append("preview")
    if has_receiver:
        menu.append("withdraw")
    if has_station:
        menu.append("leave_station")
    return menu


class PrivacyFlow(ConfigFlow):
    """The steps about what leaves the home."""

    async def async_step_consents(
        self, user_input: Input | None = None
    ) -> ConfigFlowResult:
        """Ask anew what the station may be told."""
        entry = self._get_reconfigure_entry()
        station = StationOptions.from_mapping(entry.data[STATION])
        errors: Errors = {}
        if user_input is not None:
            agreement = read(user_input, errors)
            if not errors:
                data = {**entry.data[STATION], "agreement": agreement.as_data()}
                return self.async_update_and_abort(
                    entry, data_updates={STATION: data}, reason=SAVED
                )
        shown = user_input if user_input is not None else filled_in(station.agreement)
        return self.async_show_form(
            step_id="consents",
            data_schema=self.add_suggested_values_to_schema(
                vol.Schema(station_fields()), shown
            ),
            errors=errors,
            description_placeholders={"station": station.station},
        )

    async def async_step_preview(
        self, user_input: Input | None = None
    ) -> ConfigFlowResult:
        """Show what a receiver would be sent for a gas alarm; nothing is sent."""
        home = _running(self._get_reconfigure_entry())
        if home is None or not (known := choices(home)):
            return self.async_abort(reason="not_running")
        chosen = user_input[CONF_RECEIVER] if user_input else None
        shown = chosen or next(iter(known))
        if user_input is not None and chosen == getattr(self, "_previewed", None):
            return self.async_abort(reason="nothing_sent")
        self._previewed = shown
        return self.async_show_form(
            step_id="preview",
            data_schema=self.add_suggested_values_to_schema(
                _receiver_schema(known), {CONF_RECEIVER: shown}
            ),
            description_placeholders={
                "name": known[shown],
                "document": as_shown(preview(home, shown)),
            },
        )

    async def async_step_withdraw(
        self, user_input: Input | None = None
    ) -> ConfigFlowResult:
        """Take back what was agreed with a receiver beside the station."""
        home = _running(self._get_reconfigure_entry())
        known = {} if home is None else choices(home)
        known.pop(STATION, None)
        if home is None or not known:
            return self.async_abort(reason="not_running")
        if user_input is not None:
            receiver = user_input[CONF_RECEIVER]
            await home.leaving.begin(receiver, known[receiver])
            return self.async_abort(reason="withdrawn")
        return self.async_show_form(
            step_id="withdraw",
            data_schema=self.add_suggested_values_to_schema(
                _receiver_schema(known), {CONF_RECEIVER: next(iter(known))}
            ),
        )

    async def async_step_leave_station(
        self, user_input: Input | None = None
    ) -> ConfigFlowResult:
        """Say what it means, then take everything back with one press."""
        entry = self._get_reconfigure_entry()
        station = StationOptions.from_mapping(entry.data[STATION])
        if user_input is not None:
            if (home := _running(entry)) is not None:
                await home.leaving.begin(STATION, station.station)
            else:
                await withdraw_without_home(self.hass, entry)
            return self.async_abort(reason="withdrawn")
        return self.async_show_form(
            step_id="leave_station",
            description_placeholders={"station": station.station},
        )


def _receiver_schema(known: dict[str, str]) -> vol.Schema:
    return vol.Schema(
        {
            vol.Required(CONF_RECEIVER): SelectSelector(
                SelectSelectorConfig(
                    options=[
                        SelectOptionDict(value=id_, label=name)
                        for id_, name in known.items()
                    ],
                    mode=SelectSelectorMode.LIST,
                )
            )
        }
    )


def _running(entry: ConfigEntry[Any]) -> Home | None:
    if entry.state is not ConfigEntryState.LOADED:
        return None
    home: Home | None = getattr(entry, "runtime_data", None)
    return home
