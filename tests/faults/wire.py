"""The wire from a home to its station: a proxy that can do to a request what wires do."""

import asyncio
from collections.abc import Awaitable, Callable
import contextlib
from dataclasses import dataclass
import json
from pathlib import Path
import ssl
from typing import Final, Self

_LIMIT: Final = 60.0
"""Seconds for one exchange; no home waits longer."""
_END_OF_HEAD: Final = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request on its way."""

    method: str
    path: str
    request: bytes
    """Head and body as they came; only `Connection: close` was added."""
    station_port: int
    writer: asyncio.StreamWriter
    """To the home."""
    wire: Wire

    @property
    def incident(self) -> str | None:
        """The incident that it reports, if it is a report."""
        start, _, name = self.path.rpartition("/")
        is_report = self.method == "PUT" and start.endswith("/incidents")
        return name if is_report else None

    async def forward(self) -> bytes:
        """Bring it to the station; return the whole answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.station_port)
        try:
            writer.write(self.request)
            await writer.drain()
            answer = await reader.read()
        finally:
            writer.close()
        self.wire.note(self, answer)
        return answer

    async def forward_half(self) -> None:
        """Bring half of it to the station, then cut the wire."""
        _, writer = await asyncio.open_connection("127.0.0.1", self.station_port)
        writer.write(self.request[: len(self.request) - 200])
        await writer.drain()
        writer.transport.abort()

    def reply(self, answer: bytes) -> None:
        """Bring an answer to the home."""
        self.writer.write(answer)

    def make_up(self, status: int, body: object, **headers: str) -> None:
        """Answer in the station's place."""
        text = json.dumps(body).encode()
        head = [
            f"HTTP/1.1 {status} Made up",
            "Content-Type: application/json",
            f"Content-Length: {len(text)}",
            "Connection: close",
            *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
        ]
        self.reply("\r\n".join(head).encode() + _END_OF_HEAD + text)


type Fault = Callable[[Exchange], Awaitable[None]]


async def well(exchange: Exchange) -> None:
    """Do what a wire should do."""
    exchange.reply(await exchange.forward())


class Wire:
    """Listens for the home, speaks to the station, does what `fault` says."""

    def __init__(self, port: int, station_port: int, certificate: Path) -> None:
        """Nothing listens yet."""
        self.port = port
        self.fault: Fault = well
        self.seen = 0
        """Requests that came through."""
        self.met: set[str] = set()
        """Incidents that met the fault of the moment."""
        self.streams = 0
        """Streams that were opened through it."""
        self.cuts = 0
        """Streams that it has cut because of their age."""
        self.disorder = 0
        """How often the station fell back to an older revision."""
        self._station_port = station_port
        self._lifetime: float | None = None
        self._pipes: set[asyncio.Task[None]] = set()
        self._revisions: dict[str, int] = {}
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._refused = asyncio.Event()
        self.present(certificate)
        self._has_met = asyncio.Event()

    def present(self, certificate: Path) -> None:
        """Show this certificate from now on."""
        self._tls.load_cert_chain(certificate)
        self._refused.clear()

    async def __aenter__(self) -> Self:
        """Listen."""
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self.port, limit=1 << 20
        )
        return self

    async def __aexit__(self, *error: object) -> None:
        """Listen no more."""
        self._server.close()
        self._server.close_clients()

    def have(self, fault: Fault) -> None:
        """Have this fault from now on."""
        self.fault = fault
        self.met.clear()

    def let_streams_live(self, seconds: float | None) -> None:
        """Cut each stream so many seconds after it was opened; those there are, now."""
        self._lifetime = seconds
        for pipe in self._pipes:
            pipe.cancel()

    async def until_met(self, incidents: int, limit: float) -> None:
        """Wait until so many incidents have met the fault."""
        async with asyncio.timeout(limit):
            while len(self.met) < incidents:
                self._has_met.clear()
                await self._has_met.wait()

    async def until_refused(self, limit: float) -> None:
        """Wait until a home has hung up on the certificate."""
        async with asyncio.timeout(limit):
            await self._refused.wait()

    def note(self, exchange: Exchange, answer: bytes) -> None:
        """Look whether the station has gone back in an incident."""
        incident = exchange.incident
        _, _, body = answer.partition(_END_OF_HEAD)
        with contextlib.suppress(ValueError, KeyError, TypeError):
            revision = json.loads(body)["revision"]
            if incident is not None and isinstance(revision, int):
                self.disorder += revision < self._revisions.get(incident, 0)
                self._revisions[incident] = revision

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            async with asyncio.timeout(_LIMIT):
                if not await self._shake_hands(writer):
                    return
                head = await reader.readuntil(_END_OF_HEAD)
                if b"\r\nupgrade: websocket" in head.lower():
                    upgrade = head
                else:
                    upgrade = None
                    await self._exchange(head, reader, writer)
            if upgrade is not None:
                await self._pipe(upgrade, reader, writer)
        except OSError, TimeoutError, asyncio.IncompleteReadError:
            pass  # a wire complains to nobody
        finally:
            writer.close()

    async def _shake_hands(self, writer: asyncio.StreamWriter) -> bool:
        try:
            await writer.start_tls(self._tls)
        except OSError:
            self._refused.set()
            return False
        return True

    async def _exchange(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        line, *fields = head.removesuffix(_END_OF_HEAD).decode("latin-1").split("\r\n")
        method, path, _ = line.split(" ")
        length = 0
        kept = []
        for field in fields:
            name, _, value = field.partition(":")
            if name.lower() == "content-length":
                length = int(value)
            if name.lower() != "connection":
                kept.append(field)
        body = await reader.readexactly(length)
        rewritten = "\r\n".join([line, *kept, "Connection: close"]).encode("latin-1")
        exchange = Exchange(
            method,
            path,
            rewritten + _END_OF_HEAD + body,
            self._station_port,
            writer,
            self,
        )
        self.seen += 1
        if exchange.incident is not None:
            self.met.add(exchange.incident)
            self._has_met.set()
        await self.fault(exchange)
        if not writer.is_closing():
            await writer.drain()

    async def _pipe(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Join both sides until one of them ends it."""
        there, back = await asyncio.open_connection("127.0.0.1", self._station_port)
        back.write(head)
        self.streams += 1
        ways = [
            asyncio.create_task(copy(reader, back)),
            asyncio.create_task(copy(there, writer)),
        ]
        self._pipes.update(ways)
        try:
            done, _ = await asyncio.wait(
                ways, timeout=self._lifetime, return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                self.cuts += 1
                writer.transport.abort()
        finally:
            self._pipes.difference_update(ways)
            for way in ways:
                way.cancel()
            back.close()
            await asyncio.gather(*ways, return_exceptions=True)


async def copy(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pause: float = 0
) -> None:
    """Bring what is said from one side to the other, perhaps late."""
    while part := await reader.read(65536):
        await asyncio.sleep(pause)
        writer.write(part)
        await writer.drain()
