"""Enrolling a home at a station: every failure belongs to a field of the form."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from homeassistant.const import CONF_CODE, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from yarl import URL

from ..link.addresses import AddressFault, BadAddress, station_origin
from ..link.client import StationClient, StationRefused, StationUnreachable, Trouble
from ..link.identity import station_id
from ..link.problems import Reason
from ..link.signatures import Key, PublicKey
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
    Trouble.ANOTHER_STATION: "another_station",
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
        enrolment = await client.enrol(
            code,
            home.name,
            home.address,
            latitude=hass.config.latitude,
            longitude=hass.config.longitude,
        )
    except BadAddress as err:
        raise EnrolmentFailed(_ADDRESS_FAULTS[err.fault], err.fault) from err
    except StationUnreachable as err:
        error = _TROUBLES.get(err.trouble, "station_unreachable")
        raise EnrolmentFailed(CONF_URL, error) from err
    except StationRefused as err:
        field, error = _REFUSALS.get(err.reason, (CONF_URL, "station_refused"))
        raise EnrolmentFailed(field, error) from err
    usable = tuple(_usable(enrolment.addresses, allow_http=allow_http))
    first, *others = usable if origin in usable else (origin, *usable)
    return StationOptions(
        url=first,
        allow_http=allow_http,
        household=enrolment.household,
        community=enrolment.community,
        station=enrolment.station,
        heartbeat_seconds=enrolment.heartbeat_seconds,
        others=tuple(others),
        identity=_key(enrolment.public_key),
        proven=None if first == origin else origin,
    )


def _usable(addresses: Iterable[str], *, allow_http: bool) -> Iterator[str]:
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
