"""Enrolling a home at a station: every failure belongs to a field of the form."""

from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..link.addresses import BadAddress, station_origin
from ..link.client import StationClient, StationError
from ..link.enrolling import failure_of
from ..link.signatures import Key
from .options import HomeOptions, StationOptions

CONF_ALLOW_HTTP: Final = "allow_http"


async def enrol(
    hass: HomeAssistant, home: HomeOptions, url: str, code: str, *, allow_http: bool
) -> StationOptions:
    """Trade a pairing code for a household at a station; raises EnrolmentFailed.

    The station knows the home by its key: with the same one a repetition is harmless.
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
        enrolment = await client.enrol(
            code,
            home.name,
            home.address,
            latitude=hass.config.latitude,
            longitude=hass.config.longitude,
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
    )
