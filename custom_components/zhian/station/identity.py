"""The station's own key: with it a home knows the station again at another address."""

from base64 import b64encode
import re
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.helpers.storage import Store

from yarl import URL

from ..const import DOMAIN
from ..link.identity import (
    StationProof,
    check_letters,
    deletion_proof,
    is_challenge,
    station_id,
)
from ..link.problems import Reason
from ..link.signatures import Key, normalize_authority
from .refused import Refused

STORAGE_KEY: Final = f"{DOMAIN}.station"
_VERSION: Final = 1
_ID: Final = re.compile(r"[0-9a-f-]{36}")


class Identity:
    """Who the station is."""

    def __init__(self, hass: HomeAssistant, key: Key) -> None:
        """Use a key."""
        self._hass = hass
        self.key = key
        self.id = station_id(key.public)
        self.check = check_letters(self.id)
        """What people compare."""

    def prove(
        self, name: str, addresses: tuple[str, ...], authority: str, challenge: str
    ) -> StationProof:
        """Prove to a home that the station answers where the home has asked.

        Only for the station's own addresses: for any other somebody in between asks.
        """
        if not is_challenge(challenge):
            raise Refused(Reason.BAD_DOCUMENT, path="challenge")
        if normalize_authority(authority) not in self._authorities(addresses):
            raise Refused(Reason.BAD_DOCUMENT, path="host")
        return StationProof.of(name, self.key, authority, challenge)

    def attest(
        self, household: str, challenge: str, deleted_at: str | None
    ) -> str | None:
        """Sign how far a household's deletion is; None without a challenge."""
        if not is_challenge(challenge) or _ID.fullmatch(household) is None:
            return None
        statement = deletion_proof(household, challenge, deleted_at)
        return b64encode(self.key.sign(statement)).decode()

    def _authorities(self, addresses: tuple[str, ...]) -> set[str]:
        own = (*addresses, *own_addresses(self._hass))
        return {
            normalize_authority(URL(address).host_port_subcomponent or "")
            for address in own
        }


def chosen_addresses(hass: HomeAssistant) -> tuple[str, ...]:
    """Return the addresses that a person has given Home Assistant."""
    urls = (hass.config.internal_url, hass.config.external_url)
    return tuple(dict.fromkeys(url for url in urls if url))


def own_addresses(hass: HomeAssistant) -> tuple[str, ...]:
    """Return what Home Assistant knows of its own addresses, the nearest first."""
    found = []
    for wanted in ({"allow_external": False}, {"allow_internal": False}):
        try:
            found.append(get_url(hass, **wanted))
        except NoURLAvailableError:
            continue
    return tuple(dict.fromkeys(found))


async def async_load(hass: HomeAssistant) -> Identity:
    """Read the station's key; make it the first time."""
    store = _store(hass)
    data = await store.async_load()
    if data is None:
        data = {"private_key": Key.generate().private}
        await store.async_save(data)
    return Identity(hass, Key.from_base64(data["private_key"]))


async def async_forget(hass: HomeAssistant) -> None:
    """Forget who the station was."""
    await _store(hass).async_remove()


def _store(hass: HomeAssistant) -> Store[dict[str, str]]:
    return Store(hass, _VERSION, STORAGE_KEY, private=True, atomic_writes=True)
