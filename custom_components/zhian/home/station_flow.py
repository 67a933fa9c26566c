"""Enrolling a home with what a person has typed, pasted or scanned."""

from dataclasses import dataclass

from homeassistant.const import CONF_CODE, CONF_URL
from homeassistant.core import HomeAssistant

from ..link.addresses import BadAddress, station_origin
from ..link.enrolling import EnrolmentFailed, at_the_first, failure_of
from ..link.pairing_text import BadPairingText, PairingText
from .agreement import Agreement
from .consent_fields import read
from .enrolment import CONF_ALLOW_HTTP, enrol
from .options import HomeOptions, StationOptions
from .subentry_flow import Errors, Input


@dataclass(frozen=True, slots=True)
class Ticket:
    """With what a home enrols, and where."""

    addresses: tuple[str, ...]
    code: str
    agreement: Agreement
    allow_http: bool
    station: str | None = None
    """The id of the station that it has to be, if that is known."""


def read_ticket(
    typed: Input, errors: Errors, station: str | None = None
) -> Ticket | None:
    """Return what was typed, or tell what is wrong with it; nothing is sent.

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
    failures = []
    for address in addresses:
        try:
            station_origin(address, allow_http=typed[CONF_ALLOW_HTTP])
        except BadAddress as error:
            failures.append(failure_of(error))
    if len(failures) == len(addresses):  # the first is the one to mend
        errors[failures[0].field] = failures[0].error
        return None
    return Ticket(
        addresses,
        pairing.code,
        agreement,
        typed[CONF_ALLOW_HTTP],
        pairing.station or station,
    )


async def enrol_with(
    hass: HomeAssistant, home: HomeOptions, ticket: Ticket, errors: Errors
) -> StationOptions | None:
    """Return the station, or tell at a field why there is none."""
    try:
        return await at_the_first(
            ticket.addresses,
            lambda address: enrol(
                hass,
                home,
                address,
                ticket.code,
                allow_http=ticket.allow_http,
                agreement=ticket.agreement,
                station=ticket.station,
            ),
        )
    except EnrolmentFailed as failure:
        errors[failure.field] = failure.error
        return None
