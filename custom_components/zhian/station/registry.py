"""The households of the community: who they are, and who is still heard."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import uuid7

from homeassistant.util import dt as dt_util

import orjson
from sqlalchemy import Connection, Row, delete, insert, select, update

from ..link.agreed import Consents
from ..link.messages import EnrolmentRequest, Heartbeat
from ..link.problems import Reason
from ..link.signatures import Keys, PublicKey
from ..link.withdrawn import IncidentWithdrawn, WithdrawnReason
from ..store.canonical import instant
from ..store.schema import desk_log, households, pairing_codes
from ..store.worker import driver_of
from .erasing import consents_of
from .kinds import check_kind
from .pairing import PairingCode, WrongAttempts, hash_code
from .refused import Refused
from .withdrawing import come_back, withdraw_above

if TYPE_CHECKING:
    from ..store.database import Database

MISSED_BEFORE_LOST: Final = 3
SAVE_HEARD_EVERY: Final = timedelta(minutes=1)
"""A heartbeat is not worth a commit of its own; a restart may forget a minute."""
KEEP_DEAD_CODES: Final = timedelta(days=1)
FORMER_KEY_LASTS: Final = timedelta(hours=1)
"""Long enough for an answer that was lost to be asked for again."""
# In one statement, however many: each one more would wait for the event loop.
_WRITE_HEARD: Final = """
UPDATE households SET last_seen = heard.value ->> 1,
    next_heartbeat_by = heard.value ->> 2
FROM json_each(?) AS heard WHERE households.id = heard.value ->> 0
"""


@dataclass(frozen=True, slots=True)
class Household:
    """One enrolled household."""

    id: str
    key: PublicKey
    name: str
    address: str | None
    latitude: float | None
    longitude: float | None
    contact: str | None
    enrolled_at: datetime
    last_seen: datetime
    former_key: PublicKey | None = None
    former_until: datetime | None = None
    consents: Consents | None = None
    deletion_requested_at: datetime | None = None
    deletion_due: datetime | None = None
    deleted_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def is_leaving(self) -> bool:
        """Whether its deletion was asked for and is not done."""
        return self.deletion_requested_at is not None and self.deleted_at is None

    station: str | None = None
    """The id of a station that reports upward; None for a home."""

    def keys(self, at: datetime) -> Keys:
        """Return the keys that count at a moment."""
        if self.former_key and self.former_until and at < self.former_until:
            return Keys((self.key, self.former_key))
        return Keys((self.key,))


class Registry:
    """Households in memory, with their changes on disk."""

    def __init__(
        self,
        database: Database,
        heartbeat: timedelta,
        on_change: Callable[[], None],
    ) -> None:
        """Start empty; `on_change` is called when a household joins, goes or returns."""
        self._database = database
        self._heartbeat = heartbeat
        self._on_change = on_change
        self._households: dict[str, Household] = {}
        self._heard: dict[str, datetime] = {}
        self._beats: dict[str, Heartbeat] = {}
        self._saved: dict[str, datetime] = {}
        self._lost: set[str] = set()
        self._former: dict[str, Household] = {}
        self._wrong = WrongAttempts()

    def __len__(self) -> int:
        """Return how many households are enrolled; stations are none."""
        return len(self._households) - len(self.stations)

    @property
    def stations(self) -> list[Household]:
        """Return the stations that report to this one."""
        return [one for one in self._households.values() if one.station is not None]

    def get(self, household: str) -> Household | None:
        """Return a household by its id."""
        return self._households.get(household)

    @property
    def lost(self) -> frozenset[str]:
        """Return the ids of the households that have missed three heartbeats."""
        return frozenset(self._lost)

    @property
    def lost_homes(self) -> frozenset[str]:
        """Return those of the lost that are homes."""
        return frozenset(self._lost - {one.id for one in self.stations})

    def last_seen(self, household: str) -> datetime | None:
        """Return when a household last proved that it is there."""
        return self._heard.get(household)

    def last_beat(self, household: str) -> Heartbeat | None:
        """Return what a household last said of itself, if it has since the start."""
        return self._beats.get(household)

    def is_revoked(self, household: str) -> bool:
        """Return whether a household was served once, and is no more."""
        return household in self._former

    def former(self, household: str) -> Household | None:
        """Return one that is served no more; also such a one may ask for its deletion."""
        return self._former.get(household)

    @property
    def all(self) -> list[Household]:
        """All that are known, those that are served no more among them, by their ids."""
        known = self._former | self._households
        return [known[id_] for id_ in sorted(known)]

    @property
    def leaving(self) -> list[str]:
        """The households whose deletion was asked for and is not done."""
        known = (*self._households.values(), *self._former.values())
        return [household.id for household in known if household.is_leaving]

    def changed(self, household: Household) -> None:
        """Take over what a transaction has left of a household."""
        if household.revoked_at is None:
            self._households[household.id] = household
        else:
            self._let_go(household)
        self._on_change()

    def forget(self, household: str) -> None:
        """Know a deleted household no more."""
        self._former.pop(household, None)

    def _let_go(self, household: Household) -> None:
        self._former[household.id] = household
        for known in (self._households, self._heard, self._beats, self._saved):
            known.pop(household.id, None)
        self._lost.discard(household.id)

    async def load(self) -> None:
        """Read the households; those silent for too long are lost at the next look."""
        known = await self._database.submit(_read_households)
        for household in known:
            if household.revoked_at is None:
                self._remember(household)
            else:
                self._former[household.id] = household
        # A station that was down has missed heartbeats that were sent: every
        # household gets its three chances anew.
        now = dt_util.utcnow()
        self._heard = dict.fromkeys(self._heard, now)

    def _remember(self, household: Household) -> None:
        self._households[household.id] = household
        self._heard[household.id] = household.last_seen
        self._saved[household.id] = household.last_seen

    # Enrolment

    async def new_code(
        self,
        household: str | None = None,
        by: str = "",
        *,
        for_station: bool = False,
    ) -> PairingCode | None:
        """Make a pairing code and store its hash.

        With a household, who uses it becomes that household, whatever its key was: the
        way back after a lost key. None if there is no such household. With `for_station`
        a station may enrol with it that reports upward, and no home.
        """
        now = dt_util.utcnow()
        code = PairingCode.generate(now)

        def work(connection: Connection) -> bool:
            if household is not None:
                if not _exists(connection, household):
                    return False
                _log(connection, "pair_again", household, by, now)
            connection.execute(
                delete(pairing_codes).where(
                    pairing_codes.c.expires_at < now - KEEP_DEAD_CODES
                )
            )
            connection.execute(
                insert(pairing_codes).values(
                    code_hash=code.hash,
                    created_at=now,
                    expires_at=code.expires_at,
                    household=household,
                    for_station=for_station,
                )
            )
            return True

        return code if await self._database.submit(work) else None

    def check_attempts(self, address: str) -> None:
        """Refuse an address that has sent too many wrong codes."""
        if self._wrong.is_exhausted(address, dt_util.utcnow()):
            wait = int(self._wrong.window.total_seconds())
            raise Refused(Reason.RATE_LIMITED, retry_after=wait)

    async def enrol(self, application: EnrolmentRequest, address: str) -> Household:
        """Use up a code and remember the household, in one transaction.

        The same key with the code it has used gets the same answer again, because
        the first answer may have been lost on its way. A known key with a fresh code
        keeps its household and updates its facts.
        """
        self.check_attempts(address)
        now = dt_util.utcnow()
        try:
            household = await self._database.submit(
                lambda connection: _enrol(connection, application, now)
            )
        except Refused:
            self._wrong.count(address, now)
            raise
        self._remember(household)
        self._former.pop(household.id, None)
        self._lost.discard(household.id)
        self._on_change()
        return household

    async def change_key(self, household: Household, key: PublicKey) -> datetime:
        """Give a household a new key; return until when the one before counts too."""
        now = dt_util.utcnow()
        if household.key == key:  # it has not heard the answer
            return household.former_until or now
        until = now + FORMER_KEY_LASTS
        changed = await self._database.submit(
            lambda connection: _change_key(connection, household, key, until)
        )
        # Not what was read before: nothing that came meanwhile is to be lost.
        self._households[household.id] = changed
        return until

    async def revoke(self, household: str, by: str) -> bool:
        """Serve a household no more; False if there is none of that id.

        Its incidents stay. A new pairing code brings it back.
        """
        now = dt_util.utcnow()

        def work(connection: Connection) -> Household | None:
            if not _exists(connection, household):
                return None
            connection.execute(
                update(households)
                .where(households.c.id == household)
                .values(revoked_at=now, former_key=None, former_key_until=None)
            )
            _log(connection, "revoke", household, by, now)
            withdraw_above(
                connection, household, IncidentWithdrawn(WithdrawnReason.REVOKED, now)
            )
            return read_household(connection, household)

        if (former := await self._database.submit(work)) is None:
            return False
        self.changed(former)
        return True

    # Supervision

    def heard(self, household: str, beat: Heartbeat | None = None) -> None:
        """Note a sign of life: at once in memory, once a minute on disk."""
        if household not in self._households:
            return  # revoked a moment ago
        now = dt_util.utcnow()
        self._heard[household] = now
        if beat is not None:
            self._beats[household] = beat
        if household in self._lost:
            self._lost.discard(household)
            self._on_change()
        if now - self._saved[household] < SAVE_HEARD_EVERY:
            return
        self._saved[household] = now

        # Nobody waits for it; a failure is told by the database itself.
        self._database.submit_shared(
            _write_heard, (household, instant(now), instant(now + self._heartbeat))
        ).add_done_callback(lambda done: done.cancelled() or done.exception())

    def look_for_lost(self, ahead: timedelta = timedelta()) -> None:
        """Find the households that have gone silent, or will before the next look."""
        limit = dt_util.utcnow() + ahead - self._heartbeat * MISSED_BEFORE_LOST
        lost = {
            household
            for household, at in self._heard.items()
            if at <= limit and not self._households[household].is_leaving
        }
        if lost != self._lost:
            self._lost = lost
            self._on_change()


def _write_heard(connection: Connection, heard: Sequence[tuple[str, str, str]]) -> None:
    """Write who was heard, and when each has to be heard again."""
    rows = orjson.dumps(heard).decode()
    driver_of(connection).execute(_WRITE_HEARD, (rows,))


def _enrol(
    connection: Connection, application: EnrolmentRequest, at: datetime
) -> Household:
    """Check the code and write the household."""
    code = connection.execute(
        select(pairing_codes).where(
            pairing_codes.c.code_hash == hash_code(application.code)
        )
    ).one_or_none()
    known = connection.execute(
        select(households).where(households.c.public_key == application.public_key)
    ).one_or_none()
    if code is None:
        raise Refused(Reason.BAD_CODE)
    if code.used_at is not None:
        # A code is used and its household enrolled in one transaction, at one time.
        if known is None or known.enrolled_at != code.used_at:
            raise Refused(Reason.BAD_CODE)
        if known.revoked_at is not None:  # a used code brings nobody back
            raise Refused(Reason.BAD_CODE)
        return _household(known)
    if code.expires_at <= at:
        raise Refused(Reason.EXPIRED_CODE)
    check_kind(connection, code, known, application)
    home = application.home
    facts: dict[str, object] = {
        "name": home.name,
        "address": home.address,
        "latitude": home.latitude,
        "longitude": home.longitude,
        "contact": home.contact,
        "enrolled_at": at,
        "last_seen": at,
    }
    facts |= {
        "public_key": application.public_key,
        "revoked_at": None,
        "former_key": None,
        "former_key_until": None,
        "consents": application.consents and application.consents.as_json(),
        "deletion_requested_at": None,
        "deletion_due": None,
        "deletion_by": None,
        "deleted_at": None,
        "station": application.station,
    }
    if code.household is not None:
        # The station's staff says that this is the same household: its key is lost.
        if known is not None and known.id != code.household:
            raise Refused(Reason.BAD_CODE)
        id_ = code.household
        come_back(connection, id_)
        connection.execute(
            update(households).where(households.c.id == id_).values(**facts)
        )
    elif known is None:
        id_ = str(uuid7())
        connection.execute(insert(households).values(id=id_, **facts))
    else:
        id_ = known.id
        come_back(connection, id_)
        connection.execute(
            update(households).where(households.c.id == id_).values(**facts)
        )
    connection.execute(
        update(pairing_codes)
        .where(pairing_codes.c.code_hash == code.code_hash)
        .values(used_at=at)
    )
    return read_household(connection, id_)


def _change_key(
    connection: Connection, household: Household, key: PublicKey, until: datetime
) -> Household:
    taken = select(households.c.id).where(households.c.public_key == key.base64)
    if connection.execute(taken).first() is not None:
        raise Refused(Reason.BAD_DOCUMENT, path="public_key")
    connection.execute(
        update(households)
        .where(households.c.id == household.id)
        .values(
            public_key=key.base64,
            former_key=household.key.base64,
            former_key_until=until,
        )
    )
    return read_household(connection, household.id)


def _exists(connection: Connection, household: str) -> bool:
    query = select(households.c.id).where(households.c.id == household)
    return connection.execute(query).first() is not None


def _log(
    connection: Connection, action: str, household: str, by: str, at: datetime
) -> None:
    """Write down what the staff has done with a household."""
    connection.execute(
        insert(desk_log).values(
            at=at, by=by[:64], action=action, body={"household": household}
        )
    )


def read_household(connection: Connection, household: str) -> Household:
    """Return a household as its row stands."""
    query = select(households).where(households.c.id == household)
    return _household(connection.execute(query).one())


def _read_households(connection: Connection) -> list[Household]:
    """Return the households that are served, and those that were."""
    return [_household(row) for row in connection.execute(select(households))]


def _household(row: Row[tuple[object, ...]]) -> Household:
    return Household(
        id=row.id,
        key=PublicKey.from_base64(row.public_key),
        name=row.name,
        address=row.address,
        latitude=row.latitude,
        longitude=row.longitude,
        contact=row.contact,
        enrolled_at=row.enrolled_at,
        last_seen=row.last_seen,
        former_key=(PublicKey.from_base64(row.former_key) if row.former_key else None),
        former_until=row.former_key_until,
        consents=consents_of(row.consents),
        deletion_requested_at=row.deletion_requested_at,
        deletion_due=row.deletion_due,
        deleted_at=row.deleted_at,
        revoked_at=row.revoked_at,
        station=row.station,
    )
