"""The dialog that shows a pairing code, to be read out or scanned."""

from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.selector import (
    QrCodeSelector,
    QrCodeSelectorConfig,
    QrErrorCorrectionLevel,
)
from homeassistant.util import dt as dt_util

import voluptuous as vol

from ..link.pairing_text import PairingText
from . import Station, async_find_station
from .identity import own_addresses
from .pairing import PairingCode

CONF_QR: Final = "qr_code"


def pairing_text(
    hass: HomeAssistant, station: Station, code: PairingCode
) -> str | None:
    """Return what the QR code says; None if nobody knows where the station is."""
    addresses = station.reachable_at or own_addresses(hass)
    if not addresses:
        return None
    return PairingText.of(code.text, addresses, station.identity.id).text


class PairingFlow(OptionsFlow):
    """Shows a fresh code each time it is opened."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Make a code and show it."""
        if user_input is not None:
            return self.async_abort(reason="pairing_done")
        station = async_find_station(self.hass)
        if station is None:
            return self.async_abort(reason="station_not_running")
        try:
            code = await station.pair()
        except HomeAssistantError:
            return self.async_abort(reason="station_not_running")
        text = pairing_text(self.hass, station, code)
        if text is None:
            schema = vol.Schema({})
        else:
            selector = QrCodeSelector(
                QrCodeSelectorConfig(
                    data=text,
                    scale=5,
                    error_correction_level=QrErrorCorrectionLevel.MEDIUM,
                )
            )
            schema = vol.Schema({vol.Optional(CONF_QR): selector})
        return self.async_show_form(
            step_id="init",
            data_schema=schema,
            description_placeholders={
                "code": code.text,
                "check": station.identity.check,
                "until": dt_util.as_local(code.expires_at).strftime("%H:%M"),
                "address": ", ".join(station.reachable_at or own_addresses(self.hass)),
            },
            last_step=True,
        )
