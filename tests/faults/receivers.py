"""Receivers beside the station, and what each of them has in its books.

What "once" means is what the receiver's language lets it know:

- A webhook knows a repetition by its `Idempotency-Key` and an entry by its number. The
  same key has to bring the same document, the same number the same entry.
- CAP knows a message by its identifier: the same one has to be the same message. Each
  that arrived is followed by another, up to the *Cancel*: nothing stays on show.
- DC-09 has no such key. A frame that is repeated has the same number and, in the
  extended data, the same time of the event: whoever compares account, number, code, zone
  and time knows it. An event that comes under two numbers is an event that came twice.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
import hmac
import json
import time
from typing import Any, Final
from xml.etree import ElementTree as ET

from aiohttp import web
from pysiaalarm import CommunicationsProtocol, SIAAccount
from pysiaalarm.aio import SIAClient
from pysiaalarm.event import SIAEvent

from demo.processes import free_port

from .ledger import Difference, Story
from .line import Line, error_500, whole

SECRET: Final = "a secret of both sides"
ACCOUNT: Final = "4711"
KEY: Final = "0123456789ABCDEF"
_OLDEST: Final = 300
_CAP: Final = "{urn:oasis:names:tc:emergency:cap:1.2}"


class Taker(ABC):
    """A receiver on the loopback interface, with a line to it."""

    name: str
    kind: str

    def __init__(self) -> None:
        """Choose the ports; nothing listens yet."""
        self.port = free_port()
        self.line = Line(free_port(), self.port)
        self.repeated = 0
        """How often something came again that was there already."""

    @property
    @abstractmethod
    def page(self) -> Mapping[str, object]:
        """What a person enters to reach it."""

    @abstractmethod
    async def start(self) -> None:
        """Take what comes."""

    @abstractmethod
    async def stop(self) -> None:
        """Be away."""

    @asynccontextmanager
    async def saying_no(self) -> AsyncIterator[None]:
        """Answer that it cannot, or will not."""
        self.line.have(error_500)
        try:
            yield
        finally:
            self.line.have(whole)

    @abstractmethod
    def compare(self, sent: Mapping[str, Story]) -> tuple[Difference, int]:
        """Return what became of these incidents, and what came out of order."""


class HttpTaker(Taker):
    """One that is spoken to by POST."""

    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Take what comes."""
        app = web.Application()
        app.router.add_post("/in", self._on_post)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def stop(self) -> None:
        """Be away."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def _address(self) -> dict[str, object]:
        return {"url": f"http://127.0.0.1:{self.line.port}/in", "allow_http": True}

    @abstractmethod
    async def _on_post(self, request: web.Request) -> web.Response: ...


@dataclass(slots=True)
class _Case:
    """An incident as a webhook has it."""

    entries: dict[int, str] = field(default_factory=dict)
    wrong: int = 0
    disorder: int = 0


class Webhook(HttpTaker):
    """Signed JSON."""

    name = "webhook"
    kind = "webhook"

    def __init__(self) -> None:
        """Have heard nothing."""
        super().__init__()
        self.cases: dict[str, _Case] = {}
        self._keys: dict[str, bytes] = {}

    @property
    def page(self) -> Mapping[str, object]:
        """What a person enters to reach it."""
        return {
            **self._address,
            "proof": "hmac",
            "secret": SECRET,
            "purposes": ["people", "readings", "timeline"],
        }

    async def _on_post(self, request: web.Request) -> web.Response:
        body = await request.read()
        if not _is_ours(request.headers.get("Zhian-Signature", ""), body):
            return web.json_response({"status": "rejected", "reason": "bad signature"})
        message = json.loads(body)
        if message["type"] == "incident":
            self._take(request.headers["Idempotency-Key"], body, message["incident"])
        return web.json_response({"status": "accepted"})

    def _take(self, key: str, body: bytes, incident: Any) -> None:
        case = self.cases.setdefault(incident["id"], _Case())
        if (known := self._keys.get(key)) is not None:
            self.repeated += 1
            case.wrong += known != body
            return
        self._keys[key] = body
        newest = max(case.entries, default=0)
        self.repeated += any(e["seq"] in case.entries for e in incident["entries"])
        for entry in incident["entries"]:
            seq, seal = entry["seq"], entry["hash"]
            case.wrong += case.entries.setdefault(seq, seal) != seal
        numbers = [entry["seq"] for entry in incident["entries"]]
        whole_part = list(range(numbers[0], numbers[0] + len(numbers)))
        case.disorder += (
            numbers != whole_part
            or numbers[0] > newest + 1
            or incident["revision"] < newest
        )

    def compare(self, sent: Mapping[str, Story]) -> tuple[Difference, int]:
        """Return what became of these incidents, and what came out of order."""
        mine = {id_: case for id_, case in self.cases.items() if id_ in sent}
        kept = sum(mine[id_].entries == sent[id_].entries for id_ in mine)
        return (
            Difference(
                len(sent),
                len(mine),
                len(sent) - kept,
                sum(case.wrong for case in mine.values()),
            ),
            sum(case.disorder for case in mine.values()),
        )


@dataclass(slots=True)
class _Thread:
    """The messages of an incident as a CAP system has them."""

    live: set[str] = field(default_factory=set)
    """Messages that no other has followed: what the system shows."""
    is_over: bool = False
    wrong: int = 0
    disorder: int = 0


class Cap(HttpTaker):
    """CAP 1.2 with an answer of its own."""

    name = "CAP"
    kind = "cap"

    def __init__(self) -> None:
        """Have heard nothing."""
        super().__init__()
        self.threads: dict[str, _Thread] = {}
        self._messages: dict[str, bytes] = {}

    @property
    def page(self) -> Mapping[str, object]:
        """What a person enters to reach it."""
        return {**self._address, "sender": "home@example.org"}

    async def _on_post(self, request: web.Request) -> web.Response:
        body = await request.read()
        alert = ET.fromstring(body)  # noqa: S314 - the home's own
        said = {child.tag.removeprefix(_CAP): child.text or "" for child in alert}
        if said["status"] == "Actual":
            expires = alert.findtext(f"{_CAP}info/{_CAP}expires")
            self._take(said, expires, body)
        return web.Response(body=_ack(said), content_type="application/cap+xml")

    def _take(self, said: Mapping[str, str], expires: str | None, body: bytes) -> None:
        name = said["identifier"]
        thread = self.threads.setdefault(said["incidents"], _Thread())
        if (known := self._messages.get(name)) is not None:
            self.repeated += 1
            thread.wrong += known != body
            return
        self._messages[name] = body
        followed = {part.split(",")[1] for part in said.get("references", "").split()}
        is_alert = said["msgType"] == "Alert"
        # An Alert follows nothing, and what follows has something to follow.
        thread.disorder += (
            thread.is_over
            or is_alert is bool(followed)
            or not (is_alert or followed & self._messages.keys())
        )
        thread.live -= followed
        if said["msgType"] == "Cancel":
            thread.is_over = True
        else:
            thread.live.add(name)
            thread.wrong += expires is None or datetime.fromisoformat(
                expires
            ) < datetime.now(UTC)

    def compare(self, sent: Mapping[str, Story]) -> tuple[Difference, int]:
        """Return what became of these incidents, and what came out of order."""
        mine = [self.threads[id_] for id_ in self.threads.keys() & sent.keys()]
        over = [thread for thread in mine if thread.is_over]
        return (
            Difference(
                len(sent),
                len(mine),
                len(sent) - len(over),
                sum(thread.wrong + len(thread.live) for thread in over),
            ),
            sum(thread.disorder for thread in mine),
        )


@dataclass(frozen=True, slots=True)
class _Frame:
    """What DC-09 lets a receiver compare."""

    number: str
    code: str
    zone: str
    at: str


class Dc09(Taker):
    """The receiver of Home Assistant's own `sia`."""

    name = "DC-09"
    kind = "dc09"

    def __init__(self) -> None:
        """Have heard nothing."""
        super().__init__()
        self.frames: list[_Frame] = []
        """In the order in which they came first."""
        self._client: SIAClient | None = None

    @property
    def page(self) -> Mapping[str, object]:
        """What a person enters to reach it."""
        return {
            "host": "127.0.0.1",
            "port": self.line.port,
            "account": ACCOUNT,
            "key": KEY,
            "key_format": "text",
            "heartbeat_seconds": 0,
        }

    async def start(self) -> None:
        """Take what comes."""
        await self._listen(KEY)

    async def stop(self) -> None:
        """Be away."""
        if self._client is not None:
            await self._client.async_stop()
            self._client = None

    @asynccontextmanager
    async def saying_no(self) -> AsyncIterator[None]:
        """Have another key: it answers NAK."""
        await self.stop()
        await self._listen(KEY[::-1])
        try:
            yield
        finally:
            await self.stop()
            await self.start()
            self.line.have(whole)

    async def _listen(self, key: str) -> None:
        self._client = SIAClient(
            "127.0.0.1",
            self.port,
            [SIAAccount(ACCOUNT, key)],
            self._hear,
            protocol=CommunicationsProtocol.TCP,
        )
        await self._client.async_start()

    async def _hear(self, event: SIAEvent) -> None:
        if event.code == "RX":  # a test by hand
            return
        at = next(x.value for x in event.extended_data or () if x.identifier == "H")
        frame = _Frame(
            event.sequence or "", event.code or "", event.message or "", str(at)
        )
        if frame in self.frames:
            self.repeated += 1
        else:
            self.frames.append(frame)

    def compare(self, sent: Mapping[str, Story]) -> tuple[Difference, int]:
        """Return what became of these incidents, and what came out of order.

        The incidents of a row begin and end in seconds of their own.
        """
        begun = {_clock(story.began): id_ for id_, story in sent.items()}
        over = {_clock(story.ended): id_ for id_, story in sent.items() if story.ended}
        came: Counter[tuple[str, str]] = Counter()
        disorder = 0
        for frame in self.frames:
            if frame.code == "PA" and (incident := begun.get(frame.at)):
                came[incident, "PA"] += 1
            elif frame.code == "PH" and (incident := over.get(frame.at)):
                came[incident, "PH"] += 1
                disorder += not came[incident, "PA"]
        received = {incident for incident, code in came if code == "PA"}
        kept = [incident for incident in received if came[incident, "PH"]]
        twice = sum(came.values()) - len(came)
        return Difference(
            len(sent), len(received), len(sent) - len(kept), twice
        ), disorder


def _is_ours(proof: str, body: bytes) -> bool:
    """Check a body as docs/receivers.md tells who takes it."""
    said = dict(part.split("=", 1) for part in proof.split(",") if "=" in part)
    if abs(time.time() - int(said.get("t", 0))) > _OLDEST:
        return False
    signed = f"{said['t']}.".encode() + body
    mac = hmac.new(SECRET.encode(), signed, sha256).hexdigest()
    return hmac.compare_digest(mac, said.get("v1", ""))


def _ack(said: Mapping[str, str]) -> bytes:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S-00:00")
    alert = ET.Element("alert", {"xmlns": _CAP.strip("{}")})
    for tag, text in (
        ("identifier", f"ack-{said['identifier']}"),
        ("sender", "taker@example.org"),
        ("sent", now),
        ("status", said["status"]),
        ("msgType", "Ack"),
        ("scope", "Private"),
        ("references", f"{said['sender']},{said['identifier']},{said['sent']}"),
    ):
        ET.SubElement(alert, tag).text = text
    answer: bytes = ET.tostring(alert)
    return answer


def _clock(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%H:%M:%S,%m-%d-%Y")
