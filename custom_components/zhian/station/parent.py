"""The station above: who it is, and how this station enrols there."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self
from uuid import NAMESPACE_URL, uuid5

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_LATITUDE, CONF_LONGITUDE, CONF_NAME, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from yarl import URL

from ..link.addresses import BadAddress, station_origin
from ..link.client import StationClient, StationError
from ..link.enrolling import EnrolmentFailed, failure_of
from ..link.identity import station_id as id_of_key
from ..link.signatures import Key

CONF_PARENT: Final = "parent"
CONF_PRIVATE_KEY: Final = "private_key"
"""The raw Ed25519 key in base64; it stays when the station leaves the one above."""


@dataclass(frozen=True, slots=True)
class ParentOptions:
    """The higher station that this one reports to."""

    url: str
    allow_http: bool
    household: str
    """Who this station is there."""
    community: str
    station: str
    heartbeat_seconds: int = 60

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Self:
        """Read what the entry holds under `parent`."""
        return cls(
            url=data["url"],
            allow_http=data["allow_http"],
            household=data["household"],
            community=data["community"],
            station=data["station"],
            heartbeat_seconds=int(data["heartbeat_seconds"]),
        )

    def as_data(self) -> dict[str, Any]:
        """Return it as the entry keeps it."""
        return asdict(self)


def station_id(entry: ConfigEntry[Any]) -> str:
    """Return the station's own id: the same for as long as the station exists."""
    return str(uuid5(NAMESPACE_URL, f"urn:zhian:station:{entry.entry_id}"))


def client_of(hass: HomeAssistant, entry: ConfigEntry[Any]) -> StationClient:
    """Return what speaks to the station above."""
    parent = ParentOptions.from_mapping(entry.data[CONF_PARENT])
    return StationClient(
        async_get_clientsession(hass),
        parent.url,
        Key.from_base64(entry.data[CONF_PRIVATE_KEY]),
        parent.household,
        allow_http=parent.allow_http,
    )


async def enrol(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    private_key: str,
    url: str,
    code: str,
    *,
    allow_http: bool,
    above: str | None = None,
) -> ParentOptions:
    """Trade a pairing code for a place at a higher station; raises EnrolmentFailed.

    That station knows this one by its key: with the same one a repetition is harmless.
    Where it is known who is `above`, by its id, the code goes to nobody else.
    """
    try:
        origin = str(station_origin(url, allow_http=allow_http))
        client = StationClient(
            async_get_clientsession(hass),
            origin,
            Key.from_base64(private_key),
            None,
            allow_http=allow_http,
        )
        if above is not None:
            proof = await client.identify(URL(origin))
            if id_of_key(proof.public_key) != above:
                raise EnrolmentFailed(CONF_URL, "another_station")
        enrolment = await client.enrol(
            code,
            entry.data[CONF_NAME],
            latitude=entry.data[CONF_LATITUDE],
            longitude=entry.data[CONF_LONGITUDE],
            station=station_id(entry),
        )
    except (BadAddress, StationError) as err:
        raise failure_of(err) from err
    return ParentOptions(
        url=origin,
        allow_http=allow_http,
        household=enrolment.household,
        community=enrolment.community,
        station=enrolment.station,
        heartbeat_seconds=enrolment.heartbeat_seconds,
    )
