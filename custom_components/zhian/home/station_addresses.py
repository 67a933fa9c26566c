"""How the station's addresses are shown: on the sensor, and without names elsewhere."""

from typing import Any, Final

from .station_link import StationLink

ADDRESS: Final = "address"
PREFERRED: Final = "preferred_address"
ADDRESSES: Final = "addresses"


def addresses_of(link: StationLink | None) -> dict[str, Any]:
    """Return which address is in use, and what is known of each."""
    if link is None:
        return {}
    endpoints = link.endpoints
    return {
        ADDRESS: str(endpoints.in_use.origin),
        PREFERRED: endpoints.is_preferred,
        ADDRESSES: {str(e.origin): e.state.value for e in endpoints.all},
    }


def diagnosed_addresses(link: StationLink | None) -> list[dict[str, Any]]:
    """Return the same for somebody who need not know where the station is."""
    if link is None:
        return []
    return [
        {
            "scheme": endpoint.origin.scheme,
            "private": endpoint.is_private,
            "in_use": endpoint is link.endpoints.in_use,
            "proven": not endpoint.needs_proof,
            "state": endpoint.state.value,
        }
        for endpoint in link.endpoints.all
    ]
