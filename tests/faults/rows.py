"""The faults, one function each: break something, report incidents, mend it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
import contextlib
from dataclasses import dataclass
from pathlib import Path
from random import Random
import sys
from typing import Final

from demo.ha_api import HomeAssistantError

from .pair import Pair
from .wire import Exchange

MET_LIMIT: Final = 90.0
"""Seconds; longer than the longest pause of the outbox."""
_PATIENCE: Final = 11.0
"""Seconds; the home waits ten for an answer."""


_LET_START: Final = 0.5
"""How often both sides are up before the next kill."""
_TOLD_EVERY: Final = 20
"""Kills after which somebody who waits is told how far it is."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    incidents: int
    flood: int
    kills: int
    stream_seconds: float
    """How long a line may live where a proxy cuts the old ones."""
    cuts: int


QUICK: Final = Size(incidents=3, flood=30, kills=4, stream_seconds=2, cuts=1)
WHOLE: Final = Size(incidents=10, flood=100, kills=200, stream_seconds=60, cuts=3)


class CannotBreak(Exception):
    """The machine lacks what the fault needs."""


type Row = Callable[[Pair, Size, Random], Awaitable[None]]


async def station_down(pair: Pair, size: Size, rng: Random) -> None:
    """The station's process is stopped, and comes back."""
    await pair.station.process.stop()
    await pair.report(size.incidents)
    await pair.station.start()


async def slow(pair: Pair, size: Size, rng: Random) -> None:
    """The station has it, and its answer comes when the home has given up waiting."""

    async def late(exchange: Exchange) -> None:
        answer = await exchange.forward()
        await asyncio.sleep(_PATIENCE)
        exchange.reply(answer)

    await _while_wire_is(late, pair, size)


def _answering(status: int, body: object, **headers: str) -> Row:
    async def fault(exchange: Exchange) -> None:
        exchange.make_up(status, body, **headers)

    async def row(pair: Pair, size: Size, rng: Random) -> None:
        await _while_wire_is(fault, pair, size)

    return row


async def cut_in_request(pair: Pair, size: Size, rng: Random) -> None:
    """The wire is cut while the home sends."""

    async def cut(exchange: Exchange) -> None:
        await exchange.forward_half()
        exchange.writer.transport.abort()

    await _while_wire_is(cut, pair, size)


async def cut_in_answer(pair: Pair, size: Size, rng: Random) -> None:
    """The station has it, and the wire is cut while it says so."""

    async def cut(exchange: Exchange) -> None:
        answer = await exchange.forward()
        exchange.reply(answer[: len(answer) - 20])

    await _while_wire_is(cut, pair, size)


async def duplicate(pair: Pair, size: Size, rng: Random) -> None:
    """Each request arrives twice, and the home hears the second answer."""

    async def twice(exchange: Exchange) -> None:
        await exchange.forward()
        exchange.reply(await exchange.forward())

    await _while_wire_is(twice, pair, size)


async def out_of_order(pair: Pair, size: Size, rng: Random) -> None:
    """An old revision arrives after a newer one."""
    held: list[Exchange] = []
    seen: set[str] = set()
    release: list[asyncio.Task[bytes]] = []

    async def hold_first(exchange: Exchange) -> None:
        incident = exchange.incident
        if incident is None or incident in seen:
            exchange.reply(await exchange.forward())
            release.extend(
                asyncio.create_task(old.forward())
                for old in held
                if old.incident == incident
            )
            held[:] = [old for old in held if old.incident != incident]
            return
        seen.add(incident)
        held.append(exchange)
        exchange.make_up(503, {})  # the home hears nothing good, and goes on

    pair.wire.have(hold_first)
    await pair.report(size.incidents)
    await pair.until_delivered()
    await asyncio.gather(*release)
    if not release:
        raise AssertionError("nothing came out of order")


async def clock_off(pair: Pair, size: Size, rng: Random) -> None:
    """The home's clock is an hour fast, and right again later."""
    if (library := _fake_clock()) is None:
        raise CannotBreak("libfaketime is not installed")
    lie = {
        "LD_PRELOAD": library,
        "FAKETIME": "+1h",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        # Else every module would look newer than its bytecode.
        "NO_FAKE_STAT": "1",
    }
    pair.home.process.environ |= lie
    try:
        await _restart_home(pair)
        await pair.report(size.incidents)
        await pair.until_delivered()
    finally:
        for name in lie:
            del pair.home.process.environ[name]
        await _restart_home(pair)
    await pair.report(size.incidents)


async def certificate_expired(pair: Pair, size: Size, rng: Random) -> None:
    """The station's certificate has run out, and is renewed."""
    pair.wire.present(pair.expired)
    seen = pair.wire.seen
    await pair.report(size.incidents)
    await pair.wire.until_refused(MET_LIMIT)
    if pair.wire.seen != seen:
        raise AssertionError("the home has trusted an expired certificate")
    pair.wire.present(pair.valid)


async def disk_full(pair: Pair, size: Size, rng: Random) -> None:
    """The home's disk is full: it acts, says so, and writes when there is room."""
    if not pair.disk.is_mount():
        raise CannotBreak("only root can give the home a small disk")
    # A start leaves the journal no room that it has taken before.
    await _restart_home(pair)
    with pair.full_disk():
        await pair.report(size.incidents)
        async with asyncio.timeout(30):
            while "journal_unavailable" not in await pair.home_repairs():
                await asyncio.sleep(0.2)
    async with asyncio.timeout(90):
        while "journal_unavailable" in await pair.home_repairs():
            await asyncio.sleep(0.2)


async def stream_cut(pair: Pair, size: Size, rng: Random) -> None:
    """A proxy cuts every stream that has lived for a minute.

    What the station says meanwhile has to arrive as well: over the next stream, or by
    being asked for.
    """
    cuts, streams = pair.wire.cuts, pair.wire.streams
    pair.wire.let_streams_live(size.stream_seconds)
    try:
        async with asyncio.timeout(MET_LIMIT + size.cuts * 2 * size.stream_seconds):
            while (
                pair.wire.cuts < cuts + size.cuts
                or pair.wire.streams < streams + size.cuts + 1
            ):
                await pair.report_and_be_heard(MET_LIMIT)
    finally:
        pair.wire.let_streams_live(None)


async def flood(pair: Pair, size: Size, rng: Random) -> None:
    """Many incidents wait for a station that was away."""
    pair.wire.have(_refuse)
    await pair.report(size.flood)


async def kills(pair: Pair, size: Size, rng: Random) -> None:
    """Either side is killed at random moments, while incidents go on."""
    calling = asyncio.create_task(pair.report_for_ever())
    try:
        for count in range(1, size.kills + 1):
            side = rng.choice((pair.home, pair.station))
            await asyncio.sleep(rng.uniform(0, 2))
            await side.process.kill()
            await side.process.start()
            if rng.random() < _LET_START or count == size.kills:
                # Else the next kill meets it, or the other side, in its start.
                await asyncio.gather(pair.home.until_up(), pair.station.until_up())
            if count % _TOLD_EVERY == 0:
                sys.stderr.write(f"{count} kills of {size.kills}\n")
    finally:
        calling.cancel()
        await asyncio.gather(calling, return_exceptions=True)
    # The last one may be open, or may not.
    with contextlib.suppress(HomeAssistantError):
        await pair.home.api.action("zhian.reset")


async def _refuse(exchange: Exchange) -> None:
    exchange.writer.transport.abort()


async def _while_wire_is(
    fault: Callable[[Exchange], Awaitable[None]], pair: Pair, size: Size
) -> None:
    """Report while the wire is so, until each incident has met it."""
    pair.wire.have(fault)
    await pair.report(size.incidents)
    await pair.wire.until_met(size.incidents, MET_LIMIT)


def _fake_clock() -> str | None:
    """Return the library that lies to a process about the time."""
    found = Path("/usr").glob("lib*/**/faketime/libfaketime.so.1")
    return next(map(str, found), None)


async def _restart_home(pair: Pair) -> None:
    await pair.home.process.stop()
    await pair.home.start()


ROWS: Final[Mapping[str, Row]] = {
    "station down": station_down,
    "slow": slow,
    "500": _answering(500, {}),
    "429": _answering(429, {}, Retry_After="3"),
    "200 with accepted: false": _answering(
        200, {"status": "rejected", "accepted": False, "reason": "busy"}
    ),
    "cut in the request": cut_in_request,
    "cut in the answer": cut_in_answer,
    "duplicate": duplicate,
    "out of order": out_of_order,
    "clock off by an hour": clock_off,
    "certificate expired": certificate_expired,
    "disk full": disk_full,
    "streams cut after a minute": stream_cut,
    "flood": flood,
    "kill -9 of either side": kills,
}
