"""Setting up a home: what it burns, whom to tell, which station to call."""

from functools import partial
from typing import Any, Final
from uuid import uuid4

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigFlowResult,
    ConfigSubentryData,
)
from homeassistant.const import CONF_ADDRESS, CONF_CODE, CONF_NAME, CONF_URL
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
)

import voluptuous as vol

from ..const import CONF_ROLE, ROLE_HOME, SAVED
from ..link.signatures import Key
from ..safety.vocabulary import Gas
from .address_flow import AddressFlow
from .agree_flow import Asked
from .consent_fields import filled_in
from .contact_flow import contact_name, target_exists, target_selector
from .contact_options import ChannelOptions, ContactOptions
from .discovery_flow import DiscoveryFlow
from .enrol_schema import ENROL_SCHEMA
from .find_flow import FindFlow
from .import_flow import ImportFlow
from .ladder_flow import LADDER, ladder_schema, seconds_of
from .options import HomeOptions, StationOptions
from .panel_flow import PANEL, panel_of, panel_schema
from .plan_flow import PlanFlow
from .privacy_flow import PrivacyFlow, privacy_menu
from .ranges import LEL_RANGES
from .receiver_options import RECEIVER
from .report_delay_flow import REPORT_AFTER, report_delay_schema, report_delays_of
from .station_flow import read_ticket
from .subentry_flow import CONTACT, Errors, Input, name_of

CONF_CONTACTS: Final = "contacts"
CONF_GAS: Final = "gas"
CONF_LEL: Final = "lel"
CONF_STATION: Final = "station"

HOME_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_NAME): TextSelector(),
        vol.Required(CONF_GAS): SelectSelector(
            SelectSelectorConfig(
                options=[*Gas],
                translation_key=CONF_GAS,
                mode=SelectSelectorMode.DROPDOWN,
            )
        ),
        vol.Optional(CONF_LEL): NumberSelector(
            NumberSelectorConfig(
                mode=NumberSelectorMode.BOX, step="any", unit_of_measurement="vol %"
            )
        ),
        vol.Optional(CONF_ADDRESS): TextSelector(
            TextSelectorConfig(autocomplete="street-address")
        ),
    }
)


class HomeFlow(AddressFlow, DiscoveryFlow, FindFlow, ImportFlow, PlanFlow, PrivacyFlow):
    """The steps of the role home. Nothing is kept before the last one."""

    _home: Input
    _contacts: list[ContactOptions]

    def __init__(self) -> None:
        """Make the home's identity: every attempt of this flow is the same home."""
        self._home_id = str(uuid4())
        self._key = Key.generate()

    @property
    def _is_reconfigure(self) -> bool:
        return self.source == SOURCE_RECONFIGURE

    async def async_step_home(
        self, user_input: Input | None = None
    ) -> ConfigFlowResult:
        """Ask for the home's name, its gas and, for the station, its address."""
        entry = None
        if self._is_reconfigure:
            entry = self._get_reconfigure_entry()
        elif self.found is None:
            await self.async_set_unique_id(ROLE_HOME, raise_on_progress=False)
            self._abort_if_unique_id_configured(reload_on_update=False)
        errors: Errors = {}
        if user_input is not None:
            home = _home(user_input, errors)
            if not errors and entry:
                return self.async_update_and_abort(
                    entry, title=home[CONF_NAME], data_updates=home, reason=SAVED
                )
            if not errors:
                self._home = home
                return await self.async_step_contacts()
        if user_input is not None:
            suggested = user_input
        elif entry:
            suggested = {k: v for k, v in entry.data.items() if v is not None}
        else:
            suggested = {CONF_NAME: self.hass.config.location_name}
        span = LEL_RANGES[Gas(suggested.get(CONF_GAS, Gas.NATURAL_GAS))]
        return self.async_show_form(
            step_id="home",
            data_schema=self.add_suggested_values_to_schema(HOME_SCHEMA, suggested),
            errors=errors,
            description_placeholders={
                "lowest": f"{span.lowest:g}",
                "highest": f"{span.highest:g}",
            },
            last_step=entry is not None,
        )

    async def async_step_contacts(
        self, user_input: Input | None = None
    ) -> ConfigFlowResult:
        """Ask whom to tell; nobody is allowed, and said again at the end."""
        errors: Errors = {}
        if user_input is not None:
            targets: list[str] = list(dict.fromkeys(user_input.get(CONF_CONTACTS, [])))
            if all(target_exists(self.hass, target) for target in targets):
                self._contacts = [
                    ContactOptions(
                        contact_name(self.hass, target),
                        (ChannelOptions.notify(target),),
                    )
                    for target in targets
                ]
                return await self.async_step_enrol()
            errors[CONF_CONTACTS] = "target_not_found"
        schema = vol.Schema(
            {vol.Optional(CONF_CONTACTS): target_selector(self.hass, multiple=True)}
        )
        return self.async_show_form(
            step_id="contacts",
            data_schema=self.add_suggested_values_to_schema(schema, user_input),
            errors=errors,
            last_step=False,
        )

    async def async_step_enrol(
        self, user_input: Input | None = None
    ) -> ConfigFlowResult:
        """Ask for the station; with both fields empty nothing is enrolled."""
        errors: Errors = {}
        suggested: Input | None = user_input
        if suggested is None and self.found is not None:
            suggested = {CONF_URL: self.found.url}
        if suggested is None and self._is_reconfigure:
            suggested = self._get_reconfigure_entry().data.get(CONF_STATION)
            if suggested:
                before = StationOptions.from_mapping(suggested).agreement
                suggested = {**suggested, **filled_in(before)}
        if user_input is not None:
            if any(
                (user_input.get(key) or "").strip() for key in (CONF_URL, CONF_CODE)
            ):
                ticket = read_ticket(user_input, errors, self.expected(user_input))
                if ticket is not None:
                    entry = (
                        self._get_reconfigure_entry() if self._is_reconfigure else None
                    )
                    self.asked = Asked(
                        self._present,
                        entry,
                        ticket,
                        self._enrolled,
                        partial(self._ask_station, user_input),
                    )
                    return await self.async_step_agree()
            elif self._has_station:
                # Nobody leaves by the way, and nobody thinks to have left.
                errors[CONF_URL] = "leave_by_menu"
            else:
                return await self._without_station()
        return self._ask_station(suggested, errors)

    def _ask_station(self, suggested: Input | None, errors: Errors) -> ConfigFlowResult:
        return self.async_show_form(
            step_id="enrol",
            data_schema=self.add_suggested_values_to_schema(ENROL_SCHEMA, suggested),
            errors=errors,
            last_step=False,
        )

    async def async_step_ladder(
        self, user_input: Input | None = None
    ) -> ConfigFlowResult:
        """Ask how long each rung of the ladder may take to answer."""
        entry = self._get_reconfigure_entry()
        if user_input is not None:
            return self.async_update_and_abort(
                entry, data_updates={LADDER: seconds_of(user_input)}, reason=SAVED
            )
        return self.async_show_form(
            step_id="ladder", data_schema=ladder_schema(entry.data.get(LADDER))
        )

    async def async_step_panel(
        self, user_input: Input | None = None
    ) -> ConfigFlowResult:
        """Ask how the alarm panel works."""
        entry = self._get_reconfigure_entry()
        if user_input is not None:
            return self.async_update_and_abort(
                entry, data_updates={PANEL: panel_of(user_input)}, reason=SAVED
            )
        return self.async_show_form(
            step_id="panel", data_schema=panel_schema(entry.data.get(PANEL))
        )

    async def async_step_report_delay(
        self, user_input: Input | None = None
    ) -> ConfigFlowResult:
        """Ask how long a report that no life hangs on may be cancelled."""
        entry = self._get_reconfigure_entry()
        if user_input is not None:
            return self.async_update_and_abort(
                entry,
                data_updates={REPORT_AFTER: report_delays_of(user_input)},
                reason=SAVED,
            )
        return self.async_show_form(
            step_id="report_delay",
            data_schema=report_delay_schema(entry.data.get(REPORT_AFTER)),
        )

    def reconfigure_home(self) -> ConfigFlowResult:
        """Ask what to change."""
        menu = ["home", "find", "import_configuration", "plans", "ladder", "panel"]
        menu.append("enrol")
        entry = self._get_reconfigure_entry()
        has_station = bool(entry.data.get(CONF_STATION))
        has_receiver = any(entry.get_subentries_of_type(RECEIVER))
        if has_station or has_receiver:
            menu.append("report_delay")
        if has_station:
            menu.append("addresses")
        menu += privacy_menu(has_station=has_station, has_receiver=has_receiver)
        return self.async_show_menu(step_id="reconfigure", menu_options=menu)

    @property
    def _has_station(self) -> bool:
        return self._is_reconfigure and bool(
            self._get_reconfigure_entry().data.get(CONF_STATION)
        )

    @property
    def _present(self) -> HomeOptions:
        """The home to enrol; its key stays, so that a repetition is harmless."""
        if self._is_reconfigure:
            return HomeOptions.from_mapping(self._get_reconfigure_entry().data)
        return HomeOptions.from_mapping(self._data(None))

    async def _enrolled(self, station: StationOptions) -> ConfigFlowResult:
        if self._is_reconfigure:
            return self.async_update_and_abort(
                self._get_reconfigure_entry(),
                data_updates={CONF_STATION: station.as_data()},
                reason=SAVED,
            )
        return await self._create(station)

    async def _without_station(self) -> ConfigFlowResult:
        if self._is_reconfigure:
            return self.async_update_and_abort(
                self._get_reconfigure_entry(), reason=SAVED
            )
        return await self._create(None)

    def _data(self, station: StationOptions | None) -> dict[str, Any]:
        """Return the data of the entry."""
        home = HomeOptions.from_mapping(
            {
                **self._home,
                "home_id": self._home_id,
                "private_key": self._key.private,
                CONF_STATION: station.as_data() if station else None,
            }
        )
        return {CONF_ROLE: ROLE_HOME, **home.as_data()}

    async def _create(self, station: StationOptions | None) -> ConfigFlowResult:
        """Make the entry, with its contacts."""
        if self.found is not None:  # until now the flow was the station's
            await self.async_set_unique_id(ROLE_HOME, raise_on_progress=False)
        # Another dialog may have been quicker: an entry with this id would be replaced.
        self._abort_if_unique_id_configured(reload_on_update=False)
        return self.async_create_entry(
            title=self._home[CONF_NAME],
            data=self._data(station),
            description="home" if self._contacts else "home_without_contacts",
            subentries=[
                ConfigSubentryData(
                    data=contact.as_data(),
                    subentry_type=CONTACT,
                    title=contact.name,
                    unique_id=None,
                )
                for contact in self._contacts
            ],
        )


def _home(user_input: Input, errors: Errors) -> Input:
    """Return the facts of the home, or tell what is wrong with them."""
    gas = Gas(user_input[CONF_GAS])
    span = LEL_RANGES[gas]
    lel: float | None = user_input.get(CONF_LEL, span.default)
    if lel is None:
        errors[CONF_LEL] = "lel_missing"
    elif not span.lowest <= lel <= span.highest:
        errors[CONF_LEL] = "lel_range"
    return {
        CONF_NAME: name_of(user_input, errors),
        CONF_GAS: gas.value,
        CONF_LEL: lel,
        CONF_ADDRESS: (user_input.get(CONF_ADDRESS) or "").strip() or None,
    }
