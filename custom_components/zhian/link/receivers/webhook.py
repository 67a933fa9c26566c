"""Any address that takes incidents as signed JSON."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
import hmac
import re
import secrets
from typing import Final
from uuid import uuid4

import aiohttp
from yarl import URL

from ..client import StationRefused, StationUnreachable, Trouble
from ..messages import Answer
from ..posting import REJECTED, TIMEOUT, Success, ask
from ..receiver import Report
from ..signatures import Key, sign
from ..wire_json import JSON, BadDocument, decode, encode, utc_text

CONTENT_TYPE: Final = "application/json"
SIGNATURE: Final = "Zhian-Signature"
"""`t=<seconds since 1970>,v1=<hex of HMAC-SHA256 over "<t>.<body>">`."""
_LONGEST_NUMBER: Final = 64
_REASON: Final = re.compile(r"[A-Za-z0-9_ .-]{1,64}")
"""A reason stands in logs and repairs: a word or two, and nothing else."""


@dataclass(frozen=True, slots=True)
class Secret:
    """What both sides know: bodies are signed with HMAC-SHA256."""

    text: str = field(repr=False)

    def headers(self, body: bytes, created: int) -> dict[str, str]:
        """Return the header that proves a body."""
        signed = b"%d.%s" % (created, body)
        mac = hmac.new(self.text.encode(), signed, sha256).hexdigest()
        return {SIGNATURE: f"t={created},v1={mac}"}


class WebhookReceiver:
    """An address that takes incidents by POST, each body signed.

    With a key the whole request is signed by RFC 9421, as for a station, and the key's
    public half is its name; with a secret the body, by HMAC-SHA256.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: URL,
        signer: Key | Secret,
        success: Success,
        *,
        utcnow: Callable[[], datetime],
        heartbeat_seconds: float | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        """Send nothing yet."""
        self._session = session
        self._url = url
        self._signer = signer
        self._success = success
        self._utcnow = utcnow
        self._timeout = timeout
        self.heartbeat_seconds = heartbeat_seconds

    def has_news(self, report: Report) -> bool:
        """Whether there are entries that it does not have."""
        return report.document.revision > report.received

    def renewal(self, report: Report) -> None:
        """Say nothing twice: an alarm stands until its end is told."""

    async def deliver(self, report: Report) -> Answer:
        """Post the incident as a station gets it, with the entries that are new."""
        message, revision = self._message(report)
        number = await self._post(message, f"{report.document.id}-{revision}")
        return Answer(number, revision)

    def written(self, report: Report) -> list[bytes]:
        """Return the body that is posted."""
        return [encode(self._message(report)[0])]

    def _message(self, report: Report) -> tuple[dict[str, JSON], int]:
        document = report.document
        new = tuple(e for e in document.entries if e.seq > report.received)
        incident = replace(document, entries=new).as_json()
        revision = incident["revision"]
        assert isinstance(revision, int)
        return {"type": "incident", "incident": incident}, revision

    async def beat(self) -> None:
        """Say that the line works."""
        await self._post(self._about("heartbeat"), str(uuid4()))

    async def test(self) -> None:
        """Post a message that says that it is a test, and nothing else."""
        await self._post(self._about("test"), str(uuid4()))

    def _about(self, type_: str) -> dict[str, JSON]:
        return {"type": type_, "at": utc_text(self._utcnow())}

    async def _post(self, message: dict[str, JSON], once: str) -> str:
        """Post a message; return the number that the receiver gave it, or nothing.

        `once` is the same for a repetition.
        """
        body = encode(message)
        headers = self._signed(body) | {
            "Content-Type": CONTENT_TYPE,
            "Accept": CONTENT_TYPE,
            "Idempotency-Key": f'"{once}"',
        }
        answer = await ask(
            self._session, "POST", self._url, headers, body, timeout=self._timeout
        )
        return "" if self._success is Success.STATUS else _number(answer)

    def _signed(self, body: bytes) -> dict[str, str]:
        created = int(self._utcnow().timestamp())
        if isinstance(self._signer, Secret):
            return self._signer.headers(body, created)
        return sign(
            self._signer,
            keyid=self._signer.public,
            method="POST",
            authority=self._url.host_port_subcomponent or "",
            path=self._url.raw_path,
            query=self._url.raw_query_string,
            body=body,
            content_type=CONTENT_TYPE,
            created=created,
            nonce=secrets.token_urlsafe(18),
        )


def _number(answer: bytes) -> str:
    """Read `{"status": "accepted", "number": ...}`; anything else is no success."""
    try:
        found = decode(answer)
    except BadDocument as err:
        raise StationUnreachable(Trouble.NOT_A_STATION) from err
    match found:
        case {"status": "accepted", "number": str(number)}:
            return number[:_LONGEST_NUMBER]
        case {"status": "accepted"}:
            return ""
        case {"status": "rejected", "reason": str(reason)} if _REASON.fullmatch(reason):
            raise StationRefused(reason)
        case {"status": "rejected"}:
            raise StationRefused(REJECTED)
        case _:
            raise StationUnreachable(Trouble.NOT_A_STATION)
