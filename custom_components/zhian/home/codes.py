"""The codes of the people: who typed what, and how often somebody may guess."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
import hashlib
import hmac
import secrets
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError

from ..const import DOMAIN
from .watch_options import CodeOptions

SHORTEST: Final = 4
LONGEST: Final = 10

# 16 MiB and about 50 ms: four digits cannot be kept from who has the file, but nobody
# tries them all at the door.
_COST: Final = 2**14
_BLOCK: Final = 8

FREE: Final = 5
"""Wrong codes before the keypad is locked."""
WITHIN: Final = timedelta(minutes=5)
LOCKED_FOR: Final = timedelta(minutes=1)
"""For the first time; each further wrong code doubles it."""
LONGEST_LOCK: Final = timedelta(minutes=15)


def new_salt() -> str:
    """Return a salt that nobody has used."""
    return secrets.token_hex(16)


def digest(code: str, salt: str) -> str:
    """Return a code's hash. It is slow on purpose: never in the event loop."""
    return hashlib.scrypt(
        code.encode(), salt=bytes.fromhex(salt), n=_COST, r=_BLOCK, p=1, dklen=32
    ).hex()


def is_well_formed(code: str) -> bool:
    """Whether a code can be typed on a keypad."""
    return SHORTEST <= len(code) <= LONGEST and code.isascii() and code.isdigit()


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose code it was, and whether they were made to use it."""

    name: str
    can_arm: bool
    can_disarm: bool
    duress: bool = False


def holder_of(code: str, codes: Iterable[CodeOptions]) -> Holder | None:
    """Return whose code it is; every one is compared, so the time tells nothing.

    The codes of a home share their salt: it takes one slow hash, whoever it is.
    """
    codes = tuple(codes)
    made = {salt: digest(code, salt) for salt in {c.salt for c in codes}}
    found: Holder | None = None
    for person in codes:
        typed = made[person.salt]
        is_own = hmac.compare_digest(typed, person.digest)
        is_duress = hmac.compare_digest(typed, person.duress_digest or "")
        if is_own or is_duress:
            found = Holder(person.name, person.can_arm, person.can_disarm, is_duress)
    return found


class Codes:
    """Knows the codes of a home and counts the wrong ones."""

    def __init__(
        self,
        hass: HomeAssistant,
        codes: Iterable[CodeOptions],
        now: Callable[[], datetime],
    ) -> None:
        """Keep the codes; nobody has guessed yet."""
        self._hass = hass
        self._codes = tuple(codes)
        self._now = now
        self._one_at_a_time = asyncio.Lock()
        self._wrong: list[datetime] = []
        self._locked_until: datetime | None = None
        self._locks = 0
        self.on_wrong: Callable[[], None] = lambda: None
        """Called with each wrong code."""
        self.on_locked: Callable[[], None] = lambda: None
        """Called when there were too many."""

    @property
    def are_there(self) -> bool:
        """Whether anybody has a code."""
        return bool(self._codes)

    async def check(self, code: str) -> Holder:
        """Return whose code it is; raise an error in the user's language if nobody's.

        One after the other: many at once must not pass before the first is counted.
        """
        async with self._one_at_a_time:
            self._raise_if_locked()
            holder = await self._hass.async_add_executor_job(
                holder_of, code, self._codes
            )
            if holder is None:
                self._count()
                raise refused("code_wrong")
            self._wrong.clear()
            self._locks = 0
            return holder

    def _raise_if_locked(self) -> None:
        if self._locked_until is None:
            return
        left = (self._locked_until - self._now()).total_seconds()
        if left > 0:
            raise refused("code_locked", seconds=str(max(1, round(left))))
        self._locked_until = None

    def _count(self) -> None:
        now = self._now()
        self._wrong = [at for at in self._wrong if now - at < WITHIN]
        self._wrong.append(now)
        self.on_wrong()
        if len(self._wrong) >= FREE or self._locks:
            doubled = LOCKED_FOR * (1 << min(self._locks, 10))
            self._locked_until = now + min(doubled, LONGEST_LOCK)
            self._locks += 1
            self.on_locked()


def refused(key: str, **placeholders: str) -> ServiceValidationError:
    """Return the error that says why a code does not do."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders or None,
    )
