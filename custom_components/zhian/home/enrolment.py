"""Enrolling a home at a station: every failure belongs to a field of the form."""

from collections.abc import Iterable, Iterator
from typing import Final

from homeassistant.const import CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from yarl import URL

from ..link.addresses import BadAddress, station_origin
from ..link.client import StationClient, StationError
from ..link.documents import Home
from ..link.enrolling import EnrolmentFailed, failure_of
from ..link.identity import station_id
from ..link.messages import EnrolmentRequest
from ..link.sharing import Purpose
from ..link.signatures import Key, PublicKey
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
    station: str | None = None,
) -> StationOptions:
    """Trade a pairing code for a household at a station; raises EnrolmentFailed.

    The station knows the home by its key: with the same one a repetition is harmless.
    Where it is known which station it should be, the code goes to no other.
    """
    try:
        origin = str(station_origin(url, allow_http=allow_http))
        client = StationClient(
            async_get_clientsession(hass),
            origin,
            Key.from_base64(home.private_key),
            None,
            allow_http=allow_http,
        )
        if station is not None:
            proof = await client.identify(URL(origin))
            if station_id(proof.public_key) != station:
                raise EnrolmentFailed(CONF_URL, "another_station")
        enrolment = await client.apply(application_of(hass, home, code, agreement))
    except (BadAddress, StationError) as err:
        raise failure_of(err) from err
    usable = tuple(usable_of(enrolment.addresses, allow_http=allow_http))
    first, *others = usable if origin in usable else (origin, *usable)
    return StationOptions(
        url=first,
        allow_http=allow_http,
        household=enrolment.household,
        community=enrolment.community,
        station=enrolment.station,
        heartbeat_seconds=enrolment.heartbeat_seconds,
        agreement=agreement,
        others=tuple(others),
        identity=_key(enrolment.public_key),
        proven=None if first == origin else origin,
        offered=usable,
    )


def application_of(
    hass: HomeAssistant, home: HomeOptions, code: str, agreement: Agreement | None
) -> EnrolmentRequest:
    """Return what a home says to be enrolled: shown before, and then sent."""
    return EnrolmentRequest(
        code=code,
        public_key=Key.from_base64(home.private_key).public,
        home=facts_of(hass, home, agreement),
        consents=agreement.consents if agreement else None,
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


def usable_of(addresses: Iterable[str], *, allow_http: bool) -> Iterator[str]:
    """Return the addresses of a station that this home may use, the best first."""
    seen = set()
    for text in addresses:
        try:
            address = str(station_origin(text, allow_http=allow_http))
        except BadAddress:
            continue
        if address not in seen:
            seen.add(address)
            yield address


def _key(text: str | None) -> str | None:
    """Return a station's key, if it is one."""
    try:
        return text and PublicKey.from_base64(text).base64
    except ValueError:
        return None
