"""Enrolling a home at a station: every failure belongs to a field of the form."""

from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..link.addresses import BadAddress, station_origin
from ..link.client import StationClient, StationError
from ..link.documents import Home
from ..link.enrolling import failure_of
from ..link.sharing import Purpose
from ..link.signatures import Key
from .agreement import Agreement, agreed
from .options import HomeOptions, StationOptions

CONF_ALLOW_HTTP: Final = "allow_http"


async def enrol(
    hass: HomeAssistant,
    home: HomeOptions,
    url: str,
    code: str,
    *,
    allow_http: bool,
    agreement: Agreement | None = None,
) -> StationOptions:
    """Trade a pairing code for a household at a station; raises EnrolmentFailed.

    The station knows the home by its key: with the same one a repetition is harmless.
    """
    facts = facts_of(hass, home, agreement)
    try:
        origin = str(station_origin(url, allow_http=allow_http))
        client = StationClient(
            async_get_clientsession(hass),
            origin,
            Key.from_base64(home.private_key),
            None,
            allow_http=allow_http,
        )
        enrolment = await client.enrol(
            code,
            facts.name,
            facts.address,
            latitude=facts.latitude,
            longitude=facts.longitude,
            contact=facts.contact,
            consents=agreement.consents if agreement else None,
        )
    except (BadAddress, StationError) as err:
        raise failure_of(err) from err
    return StationOptions(
        url=origin,
        allow_http=allow_http,
        household=enrolment.household,
        community=enrolment.community,
        station=enrolment.station,
        heartbeat_seconds=enrolment.heartbeat_seconds,
        agreement=agreement,
    )


def facts_of(
    hass: HomeAssistant, home: HomeOptions, agreement: Agreement | None
) -> Home:
    """Return what a station may know of a home, whatever happens."""
    purposes = agreed(agreement)
    is_placed = Purpose.PLACE in purposes
    contact = agreement.contact if agreement and Purpose.CONTACT in purposes else None
    return Home(
        name=home.name,
        address=home.address if is_placed else None,
        latitude=hass.config.latitude if is_placed else None,
        longitude=hass.config.longitude if is_placed else None,
        contact=contact,
    )
