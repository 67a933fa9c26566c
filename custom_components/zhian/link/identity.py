"""Who a station is: its key, and the proof that it answers at an address.

A home proves itself with every request. A station proves itself by its certificate
where there is one, and by its key wherever else it says that it can be reached: the
home sends a challenge and nothing more. What is signed names the address that the home
has used, and a station signs for its own addresses only, so that nobody in between can
pass the challenge on.
"""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
import re
import secrets
from typing import Final, Self

from .signatures import Key, PublicKey, normalize_authority
from .wire_json import JSON, Node

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
UNKNOWN: Final = "unknown"
_CHECK_LETTERS: Final = 8
_ID: Final = re.compile(r"[0-9a-f]{32}")
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{32,64}")


def station_id(public_key: str) -> str:
    """Return the name of a station that follows from its key."""
    return sha256(f"zhian station {public_key}".encode()).hexdigest()[:32]


def is_station_id(text: str) -> bool:
    """Whether a text looks like the name of a station."""
    return _ID.fullmatch(text) is not None


def check_letters(id_: str) -> str:
    """Return what people compare: the same letters at the station and at home."""
    number = int(id_, 16)
    letters = ""
    for _ in range(_CHECK_LETTERS):
        number, digit = divmod(number, len(ALPHABET))
        letters += ALPHABET[digit]
    half = _CHECK_LETTERS // 2
    return f"{letters[:half]}-{letters[half:]}"


def new_challenge() -> str:
    """Return what nobody has signed before."""
    return secrets.token_urlsafe(32)


def is_challenge(text: str) -> bool:
    """Whether a text may be a challenge."""
    return _CHALLENGE.fullmatch(text) is not None


def deletion_proof(household: str, challenge: str, deleted_at: str | None) -> bytes:
    """Return what a station signs about a household's deletion, in answer to a challenge.

    `deleted_at` is the time in its answer, None while it is not done; of a household
    that the station does not know it is `UNKNOWN`.
    """
    return f"zhian deletion {household} {challenge} {deleted_at or '-'}".encode()


def has_proven(public_key: str, statement: bytes, proof: str | None) -> bool:
    """Whether a station has signed a statement."""
    try:
        signature = b64decode(proof or "", validate=True)
        return PublicKey.from_base64(public_key).has_signed(signature, statement)
    except ValueError:
        return False


def _signed(authority: str, challenge: str) -> bytes:
    return f"zhian station {normalize_authority(authority)} {challenge}".encode()


@dataclass(frozen=True, slots=True)
class StationProof:
    """A station says who it is, for one address and one challenge."""

    station: str
    public_key: str
    proof: str

    @classmethod
    def of(cls, station: str, key: Key, authority: str, challenge: str) -> Self:
        """Prove that a station with this key answers here."""
        proof = key.sign(_signed(authority, challenge))
        return cls(station, key.public, b64encode(proof).decode())

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read it; raises BadDocument."""
        node = Node(data)
        return cls(
            node["station"].text(), node["public_key"].text(), node["proof"].text()
        )

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {
            "station": self.station,
            "public_key": self.public_key,
            "proof": self.proof,
        }

    def holds(self, authority: str, challenge: str) -> bool:
        """Whether the one who answered has the private half of its key."""
        return has_proven(self.public_key, _signed(authority, challenge), self.proof)
