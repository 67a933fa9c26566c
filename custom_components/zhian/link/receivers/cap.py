"""A receiver of CAP 1.2 messages, over HTTP."""

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import aiohttp
from yarl import URL

from ..cap import CONTENT_TYPE, BadAck, Party, encode, encode_test, identifier, is_taken
from ..cap_thread import Due, Ref, due, renewal
from ..client import StationError, StationRefused, StationUnreachable, Trouble
from ..messages import Answer
from ..posting import REJECTED, TIMEOUT, Success, ask
from ..receiver import Report


class CapReceiver:
    """An address that takes messages by POST.

    Success is a CAP message in the answer that acknowledges ours, or any status from
    200 to 299 where somebody has chosen that: many receivers have no other answer.
    """

    heartbeat_seconds: float | None = None

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: URL,
        party: Party,
        success: Success,
        *,
        utcnow: Callable[[], datetime],
        token: str = "",
        timeout: float = TIMEOUT,
    ) -> None:
        """Send nothing yet."""
        self._session = session
        self._url = url
        self._party = party
        self._success = success
        self._utcnow = utcnow
        self._token = token
        self._timeout = timeout
        self._since = utcnow()
        self._sent: dict[str, set[Ref]] = {}
        """By incident: what was sent without an answer, and may have arrived."""

    def has_news(self, report: Report) -> bool:
        """Whether there is something that a message would say."""
        return bool(self._due(report))

    def renewal(self, report: Report) -> datetime | None:
        """Return when the last message has to be said again, before it expires."""
        return renewal(report.document, _heard(report))

    async def deliver(self, report: Report) -> Answer:
        """Post the newest state, and what has to come before it."""
        document, has, heard = report.document, report.received, report.number or ""
        for message in self._due(report):
            name = identifier(document.id, message.ref)
            sent = self._sent.setdefault(document.id, set())
            sent.add(message.ref)
            try:
                await self._post(encode(document, self._party, message), name)
            except StationError:
                if has == report.received:
                    raise
                return Answer(heard, has)
            # It counts instead of all that came before it.
            sent.clear()
            has, heard = message.ref.seq, str(message.ref)
        if any(entry.kind == "closed" for entry in document.entries):
            self._sent.pop(document.id, None)
        return Answer(heard, document.revision)

    def written(self, report: Report) -> list[bytes]:
        """Return the messages that are posted, one after the other."""
        return [
            encode(report.document, self._party, message)
            for message in self._due(report)
        ]

    def _due(self, report: Report) -> list[Due]:
        document = report.document
        doubtful = self._sent.get(document.id)
        if doubtful is None and document.opened_at >= self._since:
            doubtful = set()  # no former run has sent anything of it
        return due(document, report.received, _heard(report), self._utcnow(), doubtful)

    async def beat(self) -> None:
        """Ask nothing: there is no message for it."""

    async def test(self) -> None:
        """Post a message with the status Test."""
        name = f"test-{uuid4()}"
        await self._post(encode_test(self._party, name, self._utcnow()), name)

    async def _post(self, body: bytes, name: str) -> None:
        headers = {"Content-Type": CONTENT_TYPE, "Accept": CONTENT_TYPE}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        answer = await ask(
            self._session, "POST", self._url, headers, body, timeout=self._timeout
        )
        if self._success is Success.STATUS:
            return
        try:
            if not is_taken(answer, name):
                raise StationRefused(REJECTED)
        except BadAck as err:
            raise StationUnreachable(Trouble.NOT_A_STATION) from err


def _heard(report: Report) -> Ref | None:
    """Return the last message that it has acknowledged."""
    return Ref.parse(report.number or "")
