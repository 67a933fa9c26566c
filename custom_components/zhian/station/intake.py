"""Intake: what a home sends, checked and on disk before it is answered.

Nothing here knows HTTP. Every function raises Refused or returns what is answered.
"""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from homeassistant.util import dt as dt_util

from ..link.documents import is_too_old, parse_incident
from ..link.identity import UNKNOWN
from ..link.messages import (
    Answer,
    Deletion,
    Enrolment,
    EnrolmentRequest,
    FactsKept,
    Heartbeat,
    HeartbeatAnswer,
    HouseholdFacts,
    KeyChange,
    KeyChanged,
    key_proof,
)
from ..link.orders import OrderAnswer, OrderSigned
from ..link.problems import Reason
from ..link.signatures import (
    BadSignature,
    Keys,
    NonceStore,
    PublicKey,
    Signed,
    Verified,
    parse,
    split_target,
    verify,
)
from ..link.views import StationView
from ..link.wire_json import BadDocument, decode, optional_utc_text
from ..link.withdrawn import IncidentWithdrawn, WithdrawalKept
from ..safety.vocabulary import Phase
from .arrivals import Arrival
from .consents import keep_consents
from .nonces import KeptNonces
from .paths import checked
from .refused import Refused
from .registry import Household
from .view import view_of

if TYPE_CHECKING:
    from . import Station


HOUSEHOLD: Final = "household"
"""Who has asked for a deletion, if it was nobody of the staff."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came in; nothing of it is proven."""

    method: str
    authority: str
    target: str
    headers: Mapping[str, str]
    address: str
    """The network address it came from."""


class Intake:
    """The way in for homes."""

    def __init__(self, station: Station) -> None:
        """Remember nonces: those of strangers apart, so that they crowd out nobody."""
        self._station = station
        self._nonces = KeptNonces(station.database)
        self._strangers = NonceStore(per_key=16, keys=10_000)

        self._started = 0

    async def load(self) -> None:
        """Take up where a former run has ended."""
        now = dt_util.utcnow().timestamp()
        self._started = int(now)
        await self._nonces.load(now)

    def end(self) -> None:
        """Hand over to the disk what the next run has to know."""
        self._nonces.write()

    def sender(
        self, request: Request, *, is_former_welcome: bool = False
    ) -> tuple[Signed, Household]:
        """Return who claims to have sent a request, before its body is read."""
        signed = _signed(request)
        if (household := self._station.registry.get(signed.keyid)) is None:
            household = self._station.registry.former(signed.keyid)
            if household is None:
                raise Refused(Reason.UNKNOWN_HOUSEHOLD)
            if not is_former_welcome:
                is_deleted = household.deletion_requested_at is not None
                raise Refused(Reason.DELETED if is_deleted else Reason.REVOKED)
        return signed, household

    def verify(
        self, request: Request, signed: Signed, household: Household, body: bytes
    ) -> Verified:
        """Make sure that the household has sent this, now, for the first time."""
        now = dt_util.utcnow()
        keys = household.keys(now)
        verified = _verify(request, signed, keys, body, self._nonces, now)
        if verified.created < self._started:
            # What was used in the last second of a former run nobody may have written.
            raise Refused(
                Reason.STALE, "signed before the station's start", now=now.isoformat()
            )
        self._station.registry.heard(household.id)
        return verified

    async def change_key(
        self, household: Household, verified: Verified, body: bytes
    ) -> KeyChanged:
        """Take a household's new key."""
        try:
            change = KeyChange.from_json(decode(body))
        except BadDocument as err:
            raise _refused(err) from err
        try:
            key = PublicKey.from_base64(change.public_key)
        except ValueError as err:
            raise Refused(Reason.BAD_DOCUMENT, path="public_key") from err
        try:
            proof = b64decode(change.proof, validate=True)
        except ValueError as err:
            raise Refused(Reason.BAD_DOCUMENT, path="proof") from err
        if not key.has_signed(proof, key_proof(household.id, key.base64)):
            raise Refused(Reason.BAD_DOCUMENT, path="proof")
        if verified.key != household.key.base64 and key != household.key:
            # Who has an old key must not make a new one of it.
            raise Refused(Reason.BAD_SIGNATURE, "signed with a former key")
        until = await self._station.change_key(household, key)
        return KeyChanged(until)

    async def enrol(self, request: Request, body: bytes) -> Enrolment:
        """Make a household of a home with a pairing code."""
        station = self._station
        station.registry.check_attempts(request.address)
        signed = _signed(request)
        try:
            application = EnrolmentRequest.from_json(decode(body))
        except BadDocument as err:
            raise _refused(err) from err
        try:
            key = PublicKey.from_base64(application.public_key)
        except ValueError as err:
            raise Refused(Reason.BAD_DOCUMENT, path="public_key") from err
        if application.station == station.federation.id:
            raise Refused(Reason.LOOP)
        if signed.keyid != application.public_key:
            raise Refused(Reason.BAD_SIGNATURE, "signed with another key")
        _verify(request, signed, key, body, self._strangers, dt_util.utcnow())
        household = await station.registry.enrol(application, request.address)
        return Enrolment(
            household=household.id,
            community=station.community,
            station=station.name,
            heartbeat_seconds=station.heartbeat_seconds,
            public_key=station.identity.key.public,
            addresses=station.reachable_at,
        )

    async def put_incident(
        self, household: Household, incident: str, body: bytes
    ) -> Answer:
        """Take a revision of an incident."""
        try:
            document = parse_incident(sent := decode(body), incident)
        except BadDocument as err:
            raise _refused(err) from err
        document = checked(document, household, self._station.federation.id)
        if household.station and self._station.deletions.is_withdrawn(incident):
            raise Refused(Reason.DELETED)
        now = dt_util.utcnow()
        if (
            household.station is None  # a station has judged it when it came
            and document.phase == Phase.CLOSED
            and is_too_old(document, now)
            and await self._station.cases.get(incident) is None
        ):
            # Long over and never heard of. A hazard that is still there is taken
            # however long the line was down.
            raise Refused(Reason.TOO_OLD)
        await keep_consents(self._station, household, document.consents)
        if self._station.registry.get(household.id) is None:
            raise Refused(Reason.DELETED)  # since this was signed
        assert isinstance(sent, dict)  # else it would be no document
        case = await self._station.receive(Arrival(household.id, document, sent, now))
        if case is None:
            is_home = household.station is None
            raise Refused(Reason.UNKNOWN_HOUSEHOLD if is_home else Reason.LOOP)
        return Answer(case.number, case.document.revision)

    async def withdraw_incident(
        self, household: Household, incident: str, body: bytes
    ) -> WithdrawalKept:
        """Take back what a station below has passed on; no home takes an alarm back."""
        try:
            withdrawn = IncidentWithdrawn.from_json(decode(body))
        except BadDocument as err:
            raise _refused(err) from err
        if household.station is None:
            raise Refused(Reason.UNKNOWN_INCIDENT)
        kept = await self._station.withdraw(household, incident, withdrawn)
        if kept is None:
            raise Refused(Reason.UNKNOWN_INCIDENT)
        return kept

    async def get_incident(self, household: Household, incident: str) -> StationView:
        """Tell the household what the station has done about its incident.

        Another household's incident and one that does not exist look the same.
        """
        case = await self._station.cases.get(incident)
        if case is None or case.household != household.id:
            raise Refused(Reason.UNKNOWN_INCIDENT)
        return view_of(case)

    async def put_household(self, household: Household, body: bytes) -> FactsKept:
        """Take what a home wants to be known of it."""
        try:
            facts = HouseholdFacts.from_json(decode(body))
        except BadDocument as err:
            raise _refused(err) from err
        consents = await self._station.keep_facts(household, facts)
        return FactsKept(consents=consents, addresses=self._station.reachable_at)

    def sender_of_deletion(
        self, request: Request, challenge: str
    ) -> tuple[Signed, Household]:
        """Return who claims to want its deletion, also one that is served no more.

        Who is not known at all is told so with a proof that it is this station's word.
        """
        try:
            return self.sender(request, is_former_welcome=True)
        except Refused as refused:
            if refused.reason is not Reason.UNKNOWN_HOUSEHOLD:
                raise
            proof = self._station.identity.attest(
                _signed(request).keyid, challenge, UNKNOWN
            )
            if proof is None:
                raise
            raise Refused(Reason.UNKNOWN_HOUSEHOLD, proof=proof) from refused

    async def delete_household(self, household: Household, challenge: str) -> Deletion:
        """Take back everything; asked for by the home itself."""
        deletion = await self._station.ask_deletion(household, HOUSEHOLD)
        deleted_at = optional_utc_text(deletion.deleted_at)
        proof = self._station.identity.attest(household.id, challenge, deleted_at)
        return replace(deletion, proof=proof)

    async def sign_order(
        self, household: Household, order: str, body: bytes
    ) -> OrderAnswer:
        """Take a signature for an order; the first one stays."""
        try:
            signed = OrderSigned.from_json(decode(body))
        except BadDocument as err:
            raise _refused(err) from err
        known = await self._station.federation.signed_below(household.id, order, signed)
        if known is None:
            raise Refused(Reason.UNKNOWN_ORDER)
        return OrderAnswer(known)

    def heartbeat(self, household: Household, body: bytes) -> HeartbeatAnswer:
        """Take a heartbeat that came as a request of its own."""
        try:
            beat = Heartbeat.from_json(decode(body))
        except BadDocument as err:
            raise _refused(err) from err
        return self.beat(household, beat)

    def beat(self, household: Household, beat: Heartbeat) -> HeartbeatAnswer:
        """Take a heartbeat; the answer says when the next one is expected."""
        self._station.registry.heard(household.id, beat)
        station = self._station
        return HeartbeatAnswer(
            station.heartbeat_seconds,
            dt_util.utcnow(),
            station.notices.present,
            station.federation.orders.unsigned_for(household.id)
            if household.station
            else (),
        )


def _signed(request: Request) -> Signed:
    try:
        return parse(request.headers)
    except BadSignature as err:
        raise Refused(err.reason, err.detail) from err


def _verify(
    request: Request,
    signed: Signed,
    key: PublicKey | Keys,
    body: bytes,
    nonces: NonceStore,
    now: datetime,
) -> Verified:
    path, query = split_target(request.target)
    try:
        return verify(
            signed,
            key,
            method=request.method,
            authority=request.authority,
            path=path,
            query=query,
            body=body,
            now=now.timestamp(),
            nonces=nonces,
        )
    except BadSignature as err:
        if err.reason is Reason.STALE:  # so that the home can heal its clock
            raise Refused(err.reason, err.detail, now=now.isoformat()) from err
        raise Refused(err.reason, err.detail) from err


def _refused(error: BadDocument) -> Refused:
    return Refused(error.reason, path=error.path)
