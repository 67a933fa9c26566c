"""Steps of the configuration flow: the station above, joined and left."""

from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigFlow, ConfigFlowResult
from homeassistant.const import CONF_CODE, CONF_URL
from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

import voluptuous as vol

from ..const import SAVED
from ..link.enrolling import EnrolmentFailed, at_the_first
from ..link.pairing_text import BadPairingText, PairingText
from .parent import CONF_PARENT, CONF_PRIVATE_KEY, enrol
from .parent_key import CONF_NEXT_KEY

CONF_ALLOW_HTTP: Final = "allow_http"

SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_URL): TextSelector(
            TextSelectorConfig(type=TextSelectorType.URL)
        ),
        vol.Required(CONF_CODE): TextSelector(TextSelectorConfig(autocomplete="off")),
        vol.Required(CONF_ALLOW_HTTP, default=False): BooleanSelector(),
    }
)

# Said of a home elsewhere; everything else is true of both.
_OF_STATIONS: Final = {
    error: f"parent_{error}"
    for error in ("bad_code", "clocks_differ", "loop", "station_refused")
}


def menu(flow: ConfigFlow, entry: ConfigEntry[Any]) -> ConfigFlowResult:
    """Ask what of the station to change."""
    options = ["reconfigure_station", "parent"]
    if entry.data.get(CONF_PARENT):
        options.append("leave_parent")
    return flow.async_show_menu(step_id="station_menu", menu_options=options)


async def async_step_parent(
    flow: ConfigFlow,
    entry: ConfigEntry[Any],
    new_key: str,
    user_input: dict[str, Any] | None = None,
) -> ConfigFlowResult:
    """Ask for the station above and enrol there.

    The new key is that of this dialog: every attempt is the same station.
    """
    errors: dict[str, str] = {}
    suggested = user_input or entry.data.get(CONF_PARENT)
    if user_input is not None:
        pairing, addresses = _typed(user_input, errors)
        if pairing is not None and not errors:
            # The one that it had before, so that a repetition is harmless.
            key = entry.data.get(CONF_PRIVATE_KEY) or new_key
            try:
                parent = await at_the_first(
                    addresses,
                    lambda url: enrol(
                        flow.hass,
                        entry,
                        key,
                        url,
                        pairing.code,
                        allow_http=user_input[CONF_ALLOW_HTTP],
                        above=pairing.station,
                    ),
                )
            except EnrolmentFailed as failure:
                errors[failure.field] = _OF_STATIONS.get(failure.error, failure.error)
            else:
                return flow.async_update_and_abort(
                    entry,
                    data_updates={
                        CONF_PRIVATE_KEY: key,
                        CONF_PARENT: parent.as_data(),
                    },
                    reason=SAVED,
                )
    return flow.async_show_form(
        step_id="parent",
        data_schema=flow.add_suggested_values_to_schema(SCHEMA, suggested),
        errors=errors,
        last_step=True,
    )


def _typed(
    user_input: dict[str, Any], errors: dict[str, str]
) -> tuple[PairingText | None, tuple[str, ...]]:
    """Return the code and where to show it, or tell what is missing.

    The field of the code takes the text of a QR code, too: that says where and who.
    """
    url = (user_input.get(CONF_URL) or "").strip()
    code = user_input[CONF_CODE].strip()
    pairing: PairingText | None = None
    if not code:
        errors[CONF_CODE] = "code_missing"
    else:
        try:
            pairing = PairingText.read(code)
        except BadPairingText:
            errors[CONF_CODE] = "bad_pairing_text"
    known = pairing.addresses if pairing else ()
    addresses = known or ((url,) if url else ())
    if not addresses:
        errors[CONF_URL] = "url_missing"
    return pairing, addresses


async def async_step_leave_parent(
    flow: ConfigFlow, entry: ConfigEntry[Any], user_input: dict[str, Any] | None = None
) -> ConfigFlowResult:
    """Ask once more, then report upward no more; the key stays for another time."""
    if user_input is None:
        return flow.async_show_form(
            step_id="leave_parent",
            description_placeholders={"station": entry.data[CONF_PARENT]["station"]},
        )
    data = {
        name: value
        for name, value in entry.data.items()
        if name not in (CONF_PARENT, CONF_NEXT_KEY)
    }
    return flow.async_update_and_abort(entry, data=data, reason=SAVED)
