"""What a station says in its own network, and what a home makes of it.

Anybody in a network can say anything there. So an announcement is an offer to a person,
and never a reason to send anything but a challenge.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Final, Self

from yarl import URL

from .addresses import is_host, is_private
from .identity import check_letters, is_station_id

SERVICE_TYPE: Final = "_zhian._tcp.local."
VERSION: Final = "1"
PATH: Final = "/api/zhian/v1"
_LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class Announcement:
    """A station that says that it is here."""

    name: str
    station: str
    """Its id, which follows from its key."""
    url: str

    @property
    def check(self) -> str:
        """Return what people compare."""
        return check_letters(self.station)

    @classmethod
    def read(
        cls,
        properties: Mapping[str, str | None],
        addresses: Iterable[IPv4Address | IPv6Address],
        port: int | None,
    ) -> Self | None:
        """Return what was announced; None if it is not for this version of a home."""
        station = properties.get("id") or ""
        scheme = {"0": "http", "1": "https"}.get(properties.get("https") or "")
        near = sorted((a.version, a) for a in addresses if is_private(str(a)))
        if not is_station_id(station) or scheme is None or not port or not near:
            return None
        if properties.get("v") != VERSION or properties.get("path") != PATH:
            return None
        host = str(near[0][1])
        named = properties.get("host")
        if scheme == "https" and named and is_host(named):
            host = named  # a certificate is made out to a name
        url = URL.build(scheme=scheme, host=host, port=port)
        return cls(fitting_name(properties.get("name") or ""), station, str(url))


def facts(name: str, station: str, own: URL, *, is_https: bool) -> dict[str, str]:
    """Return what a station announces: nothing that is private."""
    said = {
        "v": VERSION,
        "id": station,
        "name": fitting_name(name),
        "path": PATH,
        "https": "1" if is_https else "0",
    }
    if is_https and own.host and own.scheme == "https":
        said["host"] = own.host
    return said


def fitting_name(name: str) -> str:
    """Return a name that is printable, and short enough for a label."""
    text = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    short = text.encode()[:_LONGEST_NAME].decode(errors="ignore").strip()
    return short or "Zhi'an"
