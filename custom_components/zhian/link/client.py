"""The home's side of the contract: requests to its station, answers, typed errors."""

import asyncio
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
import secrets
import time
from typing import Final
from uuid import UUID

import aiohttp
from yarl import URL

from .addresses import station_origin
from .agreed import Consents
from .documents import Home, IncidentDocument
from .endpoints import Endpoint, Endpoints
from .faults import StationError, StationRefused, StationUnreachable, Trouble
from .frames import LONGEST_DOWN, SILENCE_SECONDS
from .identity import UNKNOWN, StationProof, deletion_proof, has_proven, new_challenge
from .messages import (
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
from .orders import OrderAnswer, OrderSigned
from .problems import Reason
from .receiver import Report
from .signatures import Key, sign
from .views import StationView
from .wire_json import MAX_BYTES, BadDocument, Node, decode, encode, optional_utc_text
from .withdrawn import IncidentWithdrawn, WithdrawalKept

__all__ = [
    "API",
    "StationClient",
    "StationError",
    "StationRefused",
    "StationUnreachable",
    "Trouble",
    "exchange",
    "read_bounded",
    "retry_seconds",
]

API: Final = "/api/zhian/v1"
_TIMEOUT: Final = 10.0
_CLOSE_SECONDS: Final = 2.0
_LONGEST_PAUSE: Final = 600.0
_JSON: Final = "application/json"


class StationClient:
    """One station, one home.

    Success is read from the body: a proxy's friendly 200 is not the station's word.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        key: Key,
        household_id: str | None,
        *,
        allow_http: bool = False,
        others: Iterable[str] = (),
        identity: str | None = None,
        proven: str | None = None,
        clock: Callable[[], float] = time.time,
        timeout: float = _TIMEOUT,
    ) -> None:
        """Check the addresses; raises BadAddress.

        `url` is the preferred one. With the station's key, `identity`, it has to prove
        itself at every address but the one where the home was enrolled, `proven`.
        """
        self._session = session
        self._identity = identity
        origin = station_origin(url, allow_http=allow_http)
        origins = (origin, *(station_origin(o, allow_http=allow_http) for o in others))
        known = station_origin(proven, allow_http=True) if proven else origin
        self.endpoints = Endpoints(
            [
                Endpoint(at, needs_proof=identity is not None and at != known)
                for at in dict.fromkeys(origins)
            ],
            self._prove,
        )
        """Where the station can be reached."""
        self._key = key
        self._household = household_id
        self._clock = clock
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self.clock_offset = 0.0
        """Seconds that the home's clock is behind; not 0 once that was in the way."""

    async def enrol(
        self,
        code: str,
        home_name: str,
        address: str | None = None,
        *,
        latitude: float | None = None,
        longitude: float | None = None,
        contact: str | None = None,
        consents: Consents | None = None,
        station: str | None = None,
    ) -> Enrolment:
        """Trade a pairing code for a household, as `apply` does.

        A station that enrols at a higher one says its own id.
        """
        return await self.apply(
            EnrolmentRequest(
                code=code,
                public_key=self._key.public,
                home=Home(
                    name=home_name,
                    address=address,
                    latitude=latitude,
                    longitude=longitude,
                    contact=contact,
                ),
                consents=consents,
                station=station,
            )
        )

    async def apply(self, request: EnrolmentRequest) -> Enrolment:
        """Ask to be enrolled; from then on the client is that household."""
        enrolment = await self._call(
            "POST",
            "/enrolments",
            Enrolment.from_json,
            applied(request),
            keyid=self._key.public,
        )
        self._household = enrolment.household
        return enrolment

    async def deliver(self, report: Report) -> Answer:
        """Report an incident, as every receiver is told."""
        return await self.put_incident(report.document)

    async def put_incident(self, document: IncidentDocument) -> Answer:
        """Report an incident as it stands; the answer says how far the station has it.

        Safe to repeat.
        """
        return await self._call(
            "PUT",
            f"/incidents/{UUID(document.id)}",
            Answer.from_json,
            written(document),
        )

    async def tell_facts(self, facts: HouseholdFacts) -> FactsKept:
        """Say what the station is to know of the home from now on. Safe to repeat."""
        return await self._call(
            "PUT", "/household", FactsKept.from_json, encode(facts.as_json())
        )

    async def delete_household(self) -> Deletion | None:
        """Ask the station to delete the household, and hear how far it is with that.

        None if the station does not know the household any more. Safe to repeat, also
        when it is done. Nobody but the station can answer: with its key known, what it
        says has to be signed by it, for a challenge of ours; of a station without a key
        its certificate is the proof. Whoever says anything else is passed over, and the
        next address is asked.
        """
        household = self._signer(None)
        challenge = new_challenge()

        def is_proven(origin: URL, deleted_at: str | None, proof: str | None) -> bool:
            if self._identity is None:
                return origin.scheme == "https"
            statement = deletion_proof(household, challenge, deleted_at)
            return has_proven(self._identity, statement, proof)

        async def ask(origin: URL) -> Deletion | None:
            path = f"/household?challenge={challenge}"
            try:
                _, data = await self._send(origin, "DELETE", path, b"", household)
            except StationRefused as refused:
                if refused.reason != Reason.UNKNOWN_HOUSEHOLD:
                    raise
                if not is_proven(origin, UNKNOWN, refused.proof):
                    raise StationUnreachable(Trouble.ANOTHER_STATION) from refused
                return None
            deletion = Deletion.from_json(data)
            if not is_proven(
                origin, optional_utc_text(deletion.deleted_at), deletion.proof
            ):
                raise StationUnreachable(Trouble.ANOTHER_STATION)
            return deletion

        async def attempt(origin: URL) -> Deletion | None:
            try:
                try:
                    return await ask(origin)
                except StationRefused as refused:
                    if refused.reason != Reason.STALE or refused.now is None:
                        raise
                    self.clock_offset = refused.now.timestamp() - self._clock()
                    return await ask(origin)
            except (StationRefused, BadDocument) as error:
                raise StationUnreachable(Trouble.NOT_A_STATION) from error

        return await self.endpoints.ask(attempt)

    async def get_incident(self, incident_id: str) -> StationView:
        """Ask for the station's side of an incident."""
        return await self._call(
            "GET", f"/incidents/{UUID(incident_id)}", StationView.from_json
        )

    async def withdraw_incident(
        self, incident_id: str, withdrawn: IncidentWithdrawn
    ) -> WithdrawalKept:
        """Take back what was passed on to a higher station. Safe to repeat."""
        return await self._call(
            "PUT",
            f"/incidents/{UUID(incident_id)}/withdrawal",
            WithdrawalKept.from_json,
            encode(withdrawn.as_json()),
        )

    async def sign_order(self, order: str, signed: OrderSigned) -> OrderAnswer:
        """Tell a higher station who has signed for its order. Safe to repeat."""
        return await self._call(
            "PUT",
            f"/orders/{UUID(order)}",
            OrderAnswer.from_json,
            encode(signed.as_json()),
        )

    async def change_key(self, new: Key) -> KeyChanged:
        """Bring the station a new key, signed with the present one; then use it.

        Safe to repeat. If the station already has the new one, and the old one no
        longer counts, the repetition is signed with the new one.
        """
        household = self._signer(None)
        proof = new.sign(key_proof(household, new.public))
        change = KeyChange(public_key=new.public, proof=b64encode(proof).decode())
        body = encode(change.as_json())
        former = self._key
        try:
            try:
                answer = await self._call("PUT", "/key", KeyChanged.from_json, body)
            except StationRefused as refused:
                if refused.reason != Reason.BAD_SIGNATURE:
                    raise
                self._key = new
                answer = await self._call("PUT", "/key", KeyChanged.from_json, body)
        except StationError:
            self._key = former
            raise
        self._key = new
        return answer

    async def heartbeat(
        self, open_incidents: int, detectors_total: int, detectors_normal: int
    ) -> int:
        """Say that the home is well; return the seconds until the next time."""
        beat = Heartbeat(
            at=datetime.fromtimestamp(self._clock(), UTC),
            open_incidents=open_incidents,
            detectors_total=detectors_total,
            detectors_normal=detectors_normal,
        )
        return (await self.beat(beat)).next_seconds

    async def beat(self, beat: Heartbeat) -> HeartbeatAnswer:
        """Say how the home is; the answer says what the station has to say to all."""
        return await self._call(
            "POST", "/heartbeats", HeartbeatAnswer.from_json, encode(beat.as_json())
        )

    async def open_stream(self) -> aiohttp.ClientWebSocketResponse:
        """Open a stream; raises StationUnreachable where none passes.

        Why a station says no is not to be read here: the next heartbeat tells, and
        heals the clock.
        """
        signer = self._signer(None)
        return await self.endpoints.open(
            lambda origin: self._open_stream(origin, signer)
        )

    async def _open_stream(
        self, origin: URL, signer: str
    ) -> aiohttp.ClientWebSocketResponse:
        url, headers = self._signed(origin, "GET", "/stream", b"", signer)
        try:
            async with asyncio.timeout(self._timeout.total):
                socket = await self._session.ws_connect(
                    url,
                    headers=headers,
                    max_msg_size=LONGEST_DOWN,
                    timeout=aiohttp.ClientWSTimeout(
                        ws_receive=SILENCE_SECONDS, ws_close=_CLOSE_SECONDS
                    ),
                )
        except TimeoutError as err:
            raise StationUnreachable(Trouble.TIMEOUT) from err
        except aiohttp.WSServerHandshakeError as err:
            raise StationUnreachable(_trouble(err.status)) from err
        except (aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch) as err:
            raise StationUnreachable(Trouble.TLS) from err
        except (aiohttp.ClientError, OSError) as err:
            raise StationUnreachable(Trouble.CONNECT) from err
        # This call follows redirects and cannot be told not to.
        if socket._response.history:  # noqa: SLF001
            await socket.close()
            raise StationUnreachable(Trouble.REDIRECTED)
        return socket

    async def go_back(self, beat: Heartbeat) -> bool:
        """Try the addresses that are better than the one in use, with a heartbeat."""
        body = encode(beat.as_json())
        signer = self._signer(None)
        return await self.endpoints.go_back(
            lambda origin: self._send(origin, "POST", "/heartbeats", body, signer)
        )

    async def identify(self, origin: URL) -> StationProof:
        """Ask who answers at an address; it hears a challenge and nothing else.

        Raises StationUnreachable, also if what it says does not hold.
        """
        url = origin.with_path(f"{API}/identity")
        challenge = new_challenge()
        try:
            _, data = await self._exchange(
                "GET", url.with_query(challenge=challenge), b"", {}
            )
            proof = StationProof.from_json(data)
        except (StationRefused, BadDocument) as err:
            raise StationUnreachable(Trouble.NOT_A_STATION) from err
        if not proof.holds(url.host_port_subcomponent or "", challenge):
            raise StationUnreachable(Trouble.ANOTHER_STATION)
        return proof

    async def _prove(self, endpoint: Endpoint) -> None:
        proof = await self.identify(endpoint.origin)
        if proof.public_key != self._identity:
            raise StationUnreachable(Trouble.ANOTHER_STATION)

    def _signer(self, keyid: str | None) -> str:
        if (signer := keyid or self._household) is None:
            raise ValueError("the home is not enrolled")
        return signer

    async def _call[T](
        self,
        method: str,
        path: str,
        read: Callable[[object], T],
        body: bytes = b"",
        *,
        keyid: str | None = None,
    ) -> T:
        signer = self._signer(keyid)

        async def send(origin: URL) -> tuple[int, object]:
            return await self._send(origin, method, path, body, signer)

        try:
            status, data = await self.endpoints.ask(send)
        except StationRefused as refused:
            if refused.reason != Reason.STALE or refused.now is None:
                raise
            # A home whose clock is wrong must still be able to call for help.
            self.clock_offset = refused.now.timestamp() - self._clock()
            status, data = await self.endpoints.ask(send)
        try:
            return read(data)
        except BadDocument as err:
            raise StationUnreachable(_trouble(status)) from err

    def _signed(
        self, origin: URL, method: str, path: str, body: bytes, keyid: str
    ) -> tuple[URL, dict[str, str]]:
        """Return where a request goes and the headers that sign it."""
        path, _, query = path.partition("?")
        url = origin.with_path(API + path).with_query(query)
        headers = sign(
            self._key,
            keyid=keyid,
            method=method,
            authority=url.host_port_subcomponent or "",
            path=url.raw_path,
            query=url.raw_query_string,
            body=body,
            content_type=_JSON,
            created=int(self._clock() + self.clock_offset),
            nonce=secrets.token_urlsafe(18),
        )
        return url, headers

    async def _send(
        self, origin: URL, method: str, path: str, body: bytes, keyid: str
    ) -> tuple[int, object]:
        """Send once; return status and JSON of an answer that is not a refusal."""
        url, headers = self._signed(origin, method, path, body, keyid)
        return await self._exchange(method, url, body, headers)

    async def _exchange(
        self, method: str, url: URL, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, object]:
        status, pause, answer = await exchange(
            self._session,
            method,
            url,
            {**headers, "Accept": _JSON},
            body or None,
            self._timeout,
        )
        try:
            data = decode(answer)
        except BadDocument as err:
            raise StationUnreachable(_trouble(status), pause) from err
        if refused := _refusal(status, data, pause):
            raise refused
        if status >= 400:
            raise StationUnreachable(_trouble(status), pause)
        return status, data


async def exchange(
    session: aiohttp.ClientSession,
    method: str,
    url: URL,
    headers: Mapping[str, str],
    body: bytes | None,
    timeout: aiohttp.ClientTimeout,
) -> tuple[int, float | None, bytes]:
    """Send a request once; return status, seconds to wait and body of the answer.

    Raises StationUnreachable if there is none, or one that sends elsewhere.
    """
    try:
        async with session.request(
            method,
            url,
            data=body,
            headers=headers,
            timeout=timeout,
            allow_redirects=False,
        ) as response:
            status = response.status
            pause = retry_seconds(response.headers.get("Retry-After"))
            answer = await read_bounded(response)
    except TimeoutError as err:
        raise StationUnreachable(Trouble.TIMEOUT) from err
    except (aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch) as err:
        raise StationUnreachable(Trouble.TLS) from err
    except (aiohttp.ClientError, OSError) as err:
        raise StationUnreachable(Trouble.CONNECT) from err
    if 300 <= status < 400:
        raise StationUnreachable(Trouble.REDIRECTED)
    return status, pause, answer


def applied(request: EnrolmentRequest) -> bytes:
    """Return the body with which a home enrols."""
    return encode(request.as_json())


def written(document: IncidentDocument) -> bytes:
    """Return the body with which an incident is reported."""
    return encode(document.as_json())


async def read_bounded(response: aiohttp.ClientResponse) -> bytes:
    """Read an answer, and one byte more than is allowed at the most."""
    body = bytearray()
    while len(body) <= MAX_BYTES and (
        part := await response.content.read(MAX_BYTES + 1 - len(body))
    ):
        body += part
    return bytes(body)


def _refusal(status: int, data: object, pause: float | None) -> StationRefused | None:
    """Return what a station says no with, by whichever status it comes."""
    if not isinstance(data, dict):
        return None
    if status < 400 and data.get("status") != "rejected":
        return None
    node = Node(data)
    try:
        reason = node["reason"].text()
    except BadDocument:
        return None
    try:
        path = node["path"].optional(Node.maybe_empty_text)
        now = node["now"].optional(Node.moment)
    except BadDocument:
        path = now = None
    try:
        proof = node["proof"].optional(Node.text)
    except BadDocument:
        proof = None
    return StationRefused(reason, path, pause, now, proof)


def _trouble(status: int) -> Trouble:
    return Trouble.SERVER_ERROR if status >= 500 else Trouble.NOT_A_STATION


def retry_seconds(header: str | None) -> float | None:
    """Return the seconds of a `Retry-After`, if it says seconds; at most ten minutes."""
    if header is None or not (header.isascii() and header.isdigit()):
        return None
    return min(float(header[:6]), _LONGEST_PAUSE)
