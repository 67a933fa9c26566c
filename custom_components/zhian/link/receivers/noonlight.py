"""Noonlight: dispatchers in the United States who call back and send help."""

from typing import Final

import aiohttp
from yarl import URL

from ..client import StationRefused, StationUnreachable, Trouble
from ..documents import IncidentDocument
from ..messages import Answer
from ..noonlight import (
    ACTIVE,
    BASES,
    CANCELED,
    Call,
    Environment,
    Person,
    alarm,
    cancellation,
    due,
    events,
    is_worse,
)
from ..posting import REJECTED, TIMEOUT, UNAUTHORIZED, ask
from ..receiver import Report
from ..wire_json import BadDocument, decode, encode

HEARTBEAT_SECONDS: Final = 900.0
_NOBODY: Final = "zhian-line-test"
"""No alarm has this id: that the API says so proves token and line, and alarms nobody."""
_NOT_FOUND: Final = "http_404"


class NoonlightReceiver:
    """An account at Noonlight.

    Success is an alarm with an id in the answer. The id is kept with the incident on the
    disk; an alarm whose answer was lost is created again, as the API knows no other way
    to be sure that somebody comes.
    """

    heartbeat_seconds: float | None = HEARTBEAT_SECONDS

    def __init__(
        self,
        session: aiohttp.ClientSession,
        environment: Environment,
        token: str,
        person: Person,
        *,
        cancels: bool = False,
        base: str | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        """Send nothing yet. `cancels` an alarm when a person has closed the incident."""
        self._session = session
        self._environment = environment
        self._base = base or BASES[environment]
        self._token = token
        self._person = person
        self._cancels = cancels
        self._timeout = timeout

    def has_news(self, report: Report) -> bool:
        """Whether an alarm is to be created, told of or cancelled."""
        return self._due(report) is not None

    def renewal(self, report: Report) -> None:
        """Say nothing twice: an alarm stands until its end is told."""

    async def deliver(self, report: Report) -> Answer:
        """Create the alarm, say what has become of it, or cancel it."""
        document, number = report.document, report.number
        call = self._due(report)
        if call is Call.CREATE:
            number = await self._create(document)
        elif call is Call.UPDATE:
            if await self._is_active(number):
                await self._tell(report)
            elif is_worse(document, report.received):
                # Somebody has cancelled it by phone, and help is needed after all.
                number = await self._create(document)
        elif call is Call.CANCEL:
            path = f"/alarms/{number}/status"
            (body,) = self.written(report)
            said = _read(await self._ask("POST", path, body))
            if not isinstance(said, dict) or said.get("status") != CANCELED:
                raise StationUnreachable(Trouble.NOT_A_STATION)
        return Answer(number or "", document.revision)

    async def _create(self, document: IncidentDocument) -> str:
        """Create an alarm and return its id."""
        body = encode(alarm(document, self._person))
        match _read(await self._ask("POST", "/alarms", body)):
            case {"id": str(number), "status": str(status)} if number:
                if status != ACTIVE:
                    raise StationRefused(REJECTED)
                return number
            case _:
                raise StationUnreachable(Trouble.NOT_A_STATION)

    async def _is_active(self, number: str | None) -> bool:
        """Whether dispatchers still work on an alarm."""
        try:
            said = _read(await self._ask("GET", f"/alarms/{number}/status"))
        except StationRefused as refused:
            if refused.reason != _NOT_FOUND:
                raise
            return False
        match said:
            case {"status": str(status)}:
                return status != CANCELED
            case _:
                raise StationUnreachable(Trouble.NOT_A_STATION)

    async def _tell(self, report: Report) -> None:
        """Say what the detectors say; it only adds to an alarm that there is."""
        for body in self.written(report):
            try:
                await self._ask("POST", f"/alarms/{report.number}/events", body)
            except StationRefused as refused:
                if refused.reason == UNAUTHORIZED:
                    raise

    def written(self, report: Report) -> list[bytes]:
        """Return the body of the request that is due, if there is one."""
        match self._due(report):
            case Call.CREATE:
                return [encode(alarm(report.document, self._person))]
            case Call.UPDATE:
                told = events(report.document, report.received)
                return [encode(told)] if told else []
            case Call.CANCEL:
                return [encode(cancellation(self._person))]
            case _:
                return []

    async def beat(self) -> None:
        """Ask for an alarm that does not exist: the answer proves token and line."""
        try:
            await self._ask("GET", f"/alarms/{_NOBODY}/status")
        except StationRefused as refused:
            if refused.reason != _NOT_FOUND:
                raise
            return
        raise StationUnreachable(Trouble.NOT_A_STATION)

    async def test(self) -> None:
        """The same: no alarm is made for a test, not even in the sandbox."""
        await self.beat()

    def _due(self, report: Report) -> Call | None:
        number = report.number or None
        call = due(
            report.document,
            number,
            self._environment,
            cancels=self._cancels,
            received=report.received,
        )
        closed = (e.seq for e in report.document.entries if e.kind == "closed")
        if call is Call.CANCEL and max(closed) <= report.received:
            return None  # it is cancelled
        return call

    async def _ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Accept": "application/json",
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        return await ask(
            self._session,
            method,
            URL(self._base + path),
            headers,
            body,
            timeout=self._timeout,
        )


def _read(answer: bytes) -> object:
    try:
        return decode(answer)
    except BadDocument as err:
        raise StationUnreachable(Trouble.NOT_A_STATION) from err
