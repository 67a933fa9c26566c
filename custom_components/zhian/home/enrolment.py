"""Enrolling a home at a station: every failure belongs to a field of the form."""

from collections.abc import Mapping
from typing import Final

from homeassistant.const import CONF_CODE, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..link.addresses import AddressFault, BadAddress, station_origin
from ..link.client import StationClient, StationRefused, StationUnreachable, Trouble
from ..link.documents import Home
from ..link.problems import Reason
from ..link.sharing import Purpose
from ..link.signatures import Key
from .agreement import Agreement, agreed
from .options import HomeOptions, StationOptions

CONF_ALLOW_HTTP: Final = "allow_http"

# The field is the one where the person can do something about it.
_ADDRESS_FAULTS: Final = {
    AddressFault.NOT_AN_ADDRESS: CONF_URL,
    AddressFault.HTTP_NOT_ALLOWED: CONF_ALLOW_HTTP,
    AddressFault.HTTP_TO_PUBLIC: CONF_URL,
}
_TROUBLES: Final = {
    Trouble.TLS: "station_not_trusted",
    Trouble.SERVER_ERROR: "station_not_ready",
    Trouble.REDIRECTED: "not_a_station",
    Trouble.NOT_A_STATION: "not_a_station",
}
_REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
    Reason.BAD_CODE: (CONF_CODE, "bad_code"),
    Reason.EXPIRED_CODE: (CONF_CODE, "expired_code"),
    Reason.RATE_LIMITED: (CONF_CODE, "rate_limited"),
    Reason.STALE: (CONF_URL, "clocks_differ"),
    Reason.NOT_READY: (CONF_URL, "station_not_ready"),
}


class EnrolmentFailed(Exception):
    """The home is not enrolled; nothing has changed."""

    def __init__(self, field: str, error: str) -> None:
        """Keep the field to correct and the key of the sentence that says why."""
        super().__init__(error)
        self.field = field
        self.error = error


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
    except BadAddress as err:
        raise EnrolmentFailed(_ADDRESS_FAULTS[err.fault], err.fault) from err
    except StationUnreachable as err:
        error = _TROUBLES.get(err.trouble, "station_unreachable")
        raise EnrolmentFailed(CONF_URL, error) from err
    except StationRefused as err:
        field, error = _REFUSALS.get(err.reason, (CONF_URL, "station_refused"))
        raise EnrolmentFailed(field, error) from err
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
