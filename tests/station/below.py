"""A station below, as the one above sees it: it enrols, passes on and signs."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from homeassistant.util import dt as dt_util

from aiohttp.test_utils import TestClient

from custom_components.zhian.station import Station

from .conftest import Home, Reply, incident

BELOW = "019a3e1c-9f00-7000-8000-0123456789a1"
FURTHER_BELOW = "019a3e1c-9f00-7000-8000-0123456789a2"
AT = datetime(2026, 11, 22, 8, tzinfo=UTC).isoformat()


def origin(station: str = BELOW, changes: int = 0, **done: Any) -> dict[str, Any]:
    """Return a station on a path."""
    return {
        "station": station,
        "name": "Lakeside Station",
        "community": "Lakeside",
        "changes": changes,
        "number": "2026-000042",
        "status": "received",
        "revision": 1,
        **done,
    }


TAKEN = {"acknowledged": {"by": "Li", "at": AT}, "status": "acknowledged"}
ENDED = TAKEN | {
    "closed": {"disposition": "unfounded", "at": AT},
    "status": "closed",
}


def passed_on(revision: int = 1, *path: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """Return a document as a station below passes it on."""
    return incident(revision, origins=list(path) or [origin()], **facts)


class Below(Home):
    """A station below."""

    async def enrol_station(self, code: str, station: str = BELOW) -> Reply:
        """Use a pairing code that was made for a station."""
        return await self.enrol(
            code, name="Lakeside Station", kind="station", station=station
        )

    async def sign(self, order: str, by: str = "Li") -> Reply:
        """Sign for an order."""
        body = {"by": by, "at": dt_util.utcnow().isoformat()}
        return await self.send("PUT", f"/orders/{order}", body)


async def enrolled(station: Station, client: TestClient[Any, Any]) -> Below:
    """Return an enrolled station below."""
    below = Below(client)
    code = await station.registry.new_code(for_station=True)
    assert code is not None
    assert (await below.enrol_station(code.text)).status == HTTPStatus.CREATED
    return below
