"""Enrolling a home with what a person has typed, pasted or scanned."""

from homeassistant.const import CONF_CODE, CONF_URL
from homeassistant.core import HomeAssistant

from ..link.enrolling import EnrolmentFailed, at_the_first
from ..link.pairing_text import BadPairingText, PairingText
from .consent_fields import read
from .enrolment import CONF_ALLOW_HTTP, enrol
from .options import HomeOptions, StationOptions
from .subentry_flow import Errors, Input


async def enrol_as_typed(
    hass: HomeAssistant,
    home: HomeOptions,
    typed: Input,
    errors: Errors,
    station: str | None = None,
) -> StationOptions | None:
    """Return the station, or tell at a field why there is none.

    The field of the code takes the content of a station's QR code as well, which says
    where the station is and who it is. `station` is the id of one that was found in
    the network: no other gets the code.
    """
    url = (typed.get(CONF_URL) or "").strip()
    code = (typed.get(CONF_CODE) or "").strip()
    agreement = read(typed, errors)
    if not code:
        errors[CONF_CODE] = "code_missing"
        if not url:
            errors[CONF_URL] = "url_missing"
        return None
    try:
        pairing = PairingText.read(code)
    except BadPairingText:
        errors[CONF_CODE] = "bad_pairing_text"
        return None
    addresses = pairing.addresses or ((url,) if url else ())
    if not addresses:
        errors[CONF_URL] = "url_missing"
        return None
    if station and pairing.station and pairing.station != station:
        errors[CONF_CODE] = "code_of_another_station"
        return None
    if errors:
        return None
    try:
        return await at_the_first(
            addresses,
            lambda address: enrol(
                hass,
                home,
                address,
                pairing.code,
                allow_http=typed[CONF_ALLOW_HTTP],
                agreement=agreement,
                station=pairing.station or station,
            ),
        )
    except EnrolmentFailed as failure:
        errors[failure.field] = failure.error
        return None
