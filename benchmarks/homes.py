"""Many homes in a process of their own: what station_intake.py loads the station with.

Its requests are built and signed before the clock starts; then a bare protocol writes
them and reads the answers, so that what is measured is the server.

Reads orders from the standard input, one JSON object a line, and answers each with one.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
import itertools
import json
from pathlib import Path
import secrets
import sys
import time
from typing import Final
from uuid import uuid7

sys.path.insert(0, str(Path(__file__).parent.parent))

from custom_components.zhian.link.documents import (
    Home,
    IncidentDocument,
    ReadLevel,
    Step,
    TimelineEntry,
)
from custom_components.zhian.link.signatures import Key, sign
from custom_components.zhian.link.wire_json import encode
from custom_components.zhian.store.canonical import JSON
from custom_components.zhian.store.journal import GENESIS, seal

REPORTS: Final = (7, 10, 12)
"""How far the timeline goes in each document of an incident: opened, handled, over."""
PATIENCE: Final = 60.0
_TYPE: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Household:
    """An enrolled home."""

    id: str
    key: Key


def documents(number: int) -> Iterator[IncidentDocument]:
    """Return what a home reports of one gas alarm, from its opening to its end."""
    incident = str(uuid7())
    now = datetime.now(UTC)
    previous = GENESIS
    entries: list[TimelineEntry] = []
    for seq in range(1, REPORTS[-1] + 1):
        body: dict[str, JSON] = {
            "detector": f"kitchen-{number % 100}",
            "level": "alarm",
            "value": 12.5,
            "zone": "kitchen",
        }
        at = now - timedelta(seconds=30 - seq)
        record = seal(previous, incident, seq, at, "reading", body)
        previous = record.hash
        entries.append(
            TimelineEntry(
                seq=seq,
                at=at,
                kind=record.kind,
                body=record.body,
                previous=record.previous,
                hash=record.hash,
            )
        )
    whole = IncidentDocument(
        id=incident,
        revision=0,
        hazard="gas",
        phase="alarm",
        present="yes",
        drill=False,
        priority=1,
        opened_at=now - timedelta(seconds=30),
        home=Home(
            name=f"Flat {number}",
            address=f"Riverside Road {number}",
            latitude=30.84,
            longitude=120.92,
        ),
        zones=("Kitchen",),
        level=ReadLevel(12.5, "%LEL"),
        steps=tuple(
            Step(
                id=str(step),
                what=what,
                actuator=actuator,
                status="confirmed",
                reason=None,
                at=now,
            )
            for step, (what, actuator) in enumerate(
                (("closed", "Gas valve"), ("open", "Kitchen window"))
            )
        ),
    )
    for before, until in itertools.pairwise((0, *REPORTS)):
        yield replace(
            whole,
            revision=until,
            phase="clearing" if until == REPORTS[-1] else "alarm",
            entries=tuple(entries[before:until]),
        )


def request(household: Household, path: str, host: str, body: bytes) -> bytes:
    """Return a signed request as it is on the wire."""
    headers = sign(
        household.key,
        keyid=household.id,
        method="PUT",
        authority=host,
        path=path,
        query="",
        body=body,
        content_type=_TYPE,
        created=int(time.time()),
        nonce=secrets.token_urlsafe(18),
    )
    lines = [
        f"PUT {path} HTTP/1.1",
        f"Host: {host}",
        "Accept: application/json",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body


class Connection(asyncio.Protocol):
    """Sends one request after the other; the next when the answer is there."""

    def __init__(self, take: Callable[[], bytes | None]) -> None:
        """Take each request from `take`, until there is none."""
        self._take = take
        self._transport: asyncio.Transport
        self._began = 0
        self._answer = bytearray()
        self.waits: list[float] = []
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be ready."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def next(self) -> None:
        """Send what is next, or end."""
        data = self._take()
        if data is None:
            self._transport.close()
            if not self.ended.done():
                self.ended.set_result(None)
            return
        self._began = time.perf_counter_ns()
        self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        """Read an answer; any but a yes ends the benchmark."""
        self._answer += data
        head, end, body = bytes(self._answer).partition(b"\r\n\r\n")
        if not end:
            return
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if len(body) < int(length):
            return
        self.waits.append((time.perf_counter_ns() - self._began) / 1e6)
        self._answer.clear()
        if not head.startswith(b"HTTP/1.1 200 ") or b'"accepted"' not in body:
            self._fail(f"{head.decode('latin-1')}\n{body.decode()}")
            return
        self.next()

    def connection_lost(self, exc: Exception | None) -> None:
        """Notice a server that hangs up."""
        self._fail(f"the server has hung up: {exc}")

    def _fail(self, why: str) -> None:
        if not self.ended.done():
            self.ended.set_exception(RuntimeError(why))


async def play(
    port: int,
    path: str,
    households: Sequence[Household],
    incidents: int,
    connections: int,
) -> dict[str, object]:
    """Let homes report; return how long it took, and each answer."""
    host = f"127.0.0.1:{port}"
    lives = [
        [
            request(
                household,
                path + document.id,
                host,
                encode(document.as_json()),
            )
            for document in documents(number)
        ]
        for number, household in zip(
            range(incidents), itertools.cycle(households), strict=False
        )
    ]

    def taker() -> Callable[[], bytes | None]:
        """Return what takes an incident and sends its documents in their order."""
        mine: list[bytes] = []

        def take() -> bytes | None:
            if not mine and lives:
                mine.extend(lives.pop())
            return mine.pop(0) if mine else None

        return take

    loop = asyncio.get_running_loop()
    lines: list[Connection] = []
    for _ in range(connections):
        _, line = await loop.create_connection(
            lambda: Connection(taker()), "127.0.0.1", port
        )
        lines.append(line)
    async with asyncio.timeout(PATIENCE):
        began = time.perf_counter()
        for line in lines:
            line.next()
        await asyncio.gather(*(line.ended for line in lines))
        seconds = time.perf_counter() - began
    return {"seconds": seconds, "waits": [wait for at in lines for wait in at.waits]}


def main() -> None:
    """Serve orders."""
    first = json.loads(sys.stdin.readline())
    households = [Household(id_, Key.from_base64(key)) for id_, key in first["homes"]]
    print(json.dumps({"ready": len(households)}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        result = asyncio.run(
            play(
                first["port"],
                order["path"],
                households,
                order["incidents"],
                order["connections"],
            )
        )
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
