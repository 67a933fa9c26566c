"""What a station shows as a QR code, and what a person types or pastes at home.

The text opens Home Assistant's own dialog on a phone that scans it. Address and code
stand behind the `#`, which no browser sends to anybody.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import parse_qs, urlencode

from .identity import is_station_id

_OPENS: Final = "https://my.home-assistant.io/redirect/config_flow_start/?domain=zhian"
_SCHEME: Final = "zhian:"
_MARK: Final = "zhian=1"
_LONGEST_CODE: Final = 32
_LONGEST: Final = 2000
MOST_ADDRESSES: Final = 3
"""A code that is to be scanned from a screen cannot hold any number."""


class BadPairingText(ValueError):
    """It is neither a code nor what a station shows."""


@dataclass(frozen=True, slots=True)
class PairingText:
    """A pairing code, and with a scanned one the station that it is for."""

    code: str = field(repr=False)
    addresses: tuple[str, ...] = ()
    station: str | None = None
    """The station's id: only who can prove to be it gets the code."""

    @classmethod
    def of(cls, code: str, addresses: Iterable[str], station: str) -> Self:
        """Return what a station shows."""
        return cls(code, tuple(addresses)[:MOST_ADDRESSES], station)

    @property
    def text(self) -> str:
        """Return the content of the QR code."""
        facts = [("code", self.code), ("station", self.station or "")]
        facts += [("url", address) for address in self.addresses]
        return f"{_OPENS}#{_MARK}&{urlencode(facts)}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what was typed or pasted; raises BadPairingText."""
        text = text.strip()
        if len(text) > _LONGEST:
            raise BadPairingText
        if text.lower().startswith(_SCHEME):
            facts = text[len(_SCHEME) :]
        elif "#" in text or "://" in text:
            facts = text.partition("#")[2]
        elif 0 < len(text) <= _LONGEST_CODE:
            return cls(text)
        else:
            raise BadPairingText
        found = parse_qs(facts)
        codes, stations = found.get("code", []), found.get("station", [])
        addresses = tuple(found.get("url", ()))
        if found.get("zhian") != ["1"] or len(codes) != 1 or len(stations) != 1:
            raise BadPairingText
        if not addresses or len(codes[0]) > _LONGEST_CODE:
            raise BadPairingText
        if not is_station_id(stations[0]):
            raise BadPairingText
        return cls(codes[0], addresses[:MOST_ADDRESSES], stations[0])
