"""Pairing codes: what a household types once to enrol.

A code is read out or scanned, works once and for ten minutes, and is stored only as
a hash. Eight of thirty letters are 39 bits: with the limit on wrong attempts nobody
guesses one within its ten minutes.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
import secrets
from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0 and O, 1, I and L, U and V: a code is read over the telephone."""
LENGTH: Final = 8
LIFETIME: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class PairingCode:
    """A fresh code; only its hash is kept."""

    text: str = field(repr=False)
    """As shown to people: XXXX-XXXX."""
    expires_at: datetime

    @classmethod
    def generate(cls, at: datetime) -> PairingCode:
        """Make a code that lives from this moment."""
        letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        half = LENGTH // 2
        return cls(f"{letters[:half]}-{letters[half:]}", at + LIFETIME)

    @property
    def hash(self) -> str:
        """Return what is stored."""
        return hash_code(self.text)


def hash_code(text: str) -> str:
    """Hash a code as typed: case, spaces and hyphens do not matter."""
    letters = "".join(text.split()).replace("-", "").upper()
    return sha256(b"zhian pairing code " + letters.encode()).hexdigest()


@dataclass(slots=True)
class WrongAttempts:
    """Counts wrong codes per network address, so that codes cannot be guessed.

    Right codes do not count: a whole estate behind one address can enrol in a day.
    """

    limit: int = 5
    window: timedelta = timedelta(minutes=1)
    addresses: int = 1024
    """Addresses remembered; the oldest is forgotten first."""
    _seen: OrderedDict[str, deque[datetime]] = field(default_factory=OrderedDict)

    def is_exhausted(self, address: str, at: datetime) -> bool:
        """Return whether this address has to wait."""
        attempts = self._seen.get(address)
        if attempts is None:
            return False
        while attempts and at - attempts[0] >= self.window:
            attempts.popleft()
        if not attempts:
            del self._seen[address]
        return len(attempts) >= self.limit

    def count(self, address: str, at: datetime) -> None:
        """Remember a wrong code."""
        self._seen.setdefault(address, deque(maxlen=self.limit)).append(at)
        self._seen.move_to_end(address)
        while len(self._seen) > self.addresses:
            self._seen.popitem(last=False)
