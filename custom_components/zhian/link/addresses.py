"""Where a station may be: https anywhere, plain http only at home, by choice."""

from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
import re
from typing import Final

from yarl import URL


class AddressFault(StrEnum):
    """What is wrong with an address."""

    NOT_AN_ADDRESS = "not_an_address"
    HTTP_NOT_ALLOWED = "http_not_allowed"
    HTTP_TO_PUBLIC = "http_to_public"


class BadAddress(ValueError):
    """The station cannot be spoken to there."""

    def __init__(self, fault: AddressFault) -> None:
        """Keep the fault; the address itself may hold a password."""
        super().__init__(fault.value)
        self.fault = fault


_HOST: Final = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
_PRIVATE: Final = tuple(
    ip_network(network)
    for network in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)
# Names that no public name server answers for (RFC 6761, 6762, 8375; ICANN 2024). Any
# other name could lead anywhere, today or tomorrow.
_PRIVATE_NAMES: Final = ("localhost", "local", "home.arpa", "internal")


def station_origin(text: str, *, allow_http: bool) -> URL:
    """Return scheme, host and port of what a person typed or pasted.

    A path is dropped: people copy addresses from their browser. Raises BadAddress.
    """
    try:
        url = URL(text.strip())
        if url.scheme not in {"http", "https"} or url.user is not None:
            raise BadAddress(AddressFault.NOT_AN_ADDRESS)
        if not url.host or not is_host(url.raw_host or ""):
            raise BadAddress(AddressFault.NOT_AN_ADDRESS)
        origin = url.origin()
    except (ValueError, TypeError) as err:
        if isinstance(err, BadAddress):
            raise
        raise BadAddress(AddressFault.NOT_AN_ADDRESS) from err
    if origin.scheme == "http":
        if not allow_http:
            raise BadAddress(AddressFault.HTTP_NOT_ALLOWED)
        if not is_private(url.host):
            raise BadAddress(AddressFault.HTTP_TO_PUBLIC)
    return origin


def receiver_url(text: str, *, allow_http: bool) -> URL:
    """Return a whole address that a receiver has given; raises BadAddress."""
    station_origin(text, allow_http=allow_http)
    return URL(text.strip()).with_fragment(None)


def is_host(text: str) -> bool:
    """Whether a text may be the name or the number of a machine."""
    return _HOST.fullmatch(text) is not None


def is_private(host: str) -> bool:
    """Whether a host can only be in the home's own network."""
    try:
        address: IPv4Address | IPv6Address = ip_address(host)
    except ValueError:
        name = host.lower().removesuffix(".")
        return any(
            name == private or name.endswith(f".{private}")
            for private in _PRIVATE_NAMES
        )
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in network for network in _PRIVATE)
