"""The faults of the lines to the other receivers: one at a time, for all of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
import contextlib
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random
from time import time
from typing import Final, Self

from .ledger import Difference, stories
from .line import LineFault, cut_answer, cut_request, hold, late, whole
from .pair import DELIVERY_LIMIT, Pair
from .receivers import Cap, Dc09, Taker, Webhook
from .rows import MET_LIMIT, Size

RELOADED_LIMIT: Final = 60.0


class Others:
    """The receivers beside the station, and the home's way to them."""

    def __init__(self) -> None:
        """Nothing listens yet."""
        self.takers: tuple[Taker, ...] = (Webhook(), Cap(), Dc09())
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Listen on every line."""
        for taker in self.takers:
            await self._open.enter_async_context(taker.line)
            await taker.start()
            self._open.push_async_callback(taker.stop)
        return self

    async def __aexit__(self, *error: object) -> None:
        """Listen no more."""
        await self._open.aclose()

    def have(self, fault: LineFault) -> None:
        """Have this fault on every line."""
        for taker in self.takers:
            taker.line.have(fault)

    async def until_met(self) -> None:
        """Wait until the home has met the fault on every line."""
        await asyncio.gather(
            *(taker.line.until_met(MET_LIMIT) for taker in self.takers)
        )

    def compare(
        self, pair: Pair, before: frozenset[str]
    ) -> dict[str, tuple[Difference, int]]:
        """Return what became of the new incidents at each of them."""
        sent = stories(pair.disk / "home.db", before)
        return {taker.name: taker.compare(sent) for taker in self.takers}


@asynccontextmanager
async def receivers_of(pair: Pair) -> AsyncIterator[Others]:
    """Run the receivers, and add them to the home as a person would."""
    async with Others() as others:
        for taker in others.takers:
            await pair.home.api.create_subentry(
                pair.entry,
                "receiver",
                {"next_step_id": taker.kind},
                {"name": taker.name, **taker.page},
                {"consent": True},
            )
            await _until_there(pair, taker)
        yield others


async def _until_there(pair: Pair, taker: Taker) -> None:
    """Wait until the home has loaded again, with the new receiver."""
    line = f"sensor.{taker.name.lower().replace('-', '_')}_line"
    async with asyncio.timeout(RELOADED_LIMIT):
        while (await pair.home.api.state(line) or {}).get("state") in (
            None,
            "unavailable",
        ):
            await asyncio.sleep(0.1)


type ReceiverRow = Callable[[Pair, Others, Size, Random], Awaitable[None]]


async def down(pair: Pair, others: Others, size: Size, rng: Random) -> None:
    """Nobody listens for a while."""
    for taker in others.takers:
        await taker.stop()
    others.have(whole)
    await _report(pair, size)
    await others.until_met()
    for taker in others.takers:
        await taker.start()


async def no(pair: Pair, others: Others, size: Size, rng: Random) -> None:
    """A 500, and a NAK of a receiver that has another key."""
    async with AsyncExitStack() as saying:
        for taker in others.takers:
            await saying.enter_async_context(taker.saying_no())
        await _report(pair, size)
        await others.until_met()


def _while_line_is(fault: LineFault) -> ReceiverRow:
    async def row(pair: Pair, others: Others, size: Size, rng: Random) -> None:
        others.have(fault)
        await _report(pair, size)
        await others.until_met()
        if fault is late:
            # Until the first answer has come too late.
            await asyncio.sleep(_TOO_LATE)
        others.have(whole)

    return row


async def killed(pair: Pair, others: Others, size: Size, rng: Random) -> None:
    """The home is killed while the receivers have what it has no answer for."""
    for _ in range(max(1, size.kills // 10)):
        others.have(hold)
        await _report(pair, size)
        await others.until_met()
        await asyncio.sleep(rng.uniform(0, 1))
        await pair.home.process.kill()
        others.have(whole)
        await pair.home.start()


async def _report(pair: Pair, size: Size) -> None:
    """Let somebody call for help, each time in seconds of their own.

    DC-09 tells seconds: in one second no receiver could tell two calls apart.
    """
    for _ in range(size.incidents):
        await pair.report()
        await asyncio.sleep(1.02 - time() % 1)


_TOO_LATE: Final = 11.0

RECEIVER_ROWS: Final[Mapping[str, ReceiverRow]] = {
    "receivers down": down,
    "receivers: 500 and NAK": no,
    "receivers: cut in the request": _while_line_is(cut_request),
    "receivers: cut in the answer": _while_line_is(cut_answer),
    "receivers: slow": _while_line_is(late),
    "receivers: kill -9 of the home": killed,
}
_REPEATING: Final = frozenset(
    {
        "receivers: cut in the answer",
        "receivers: slow",
        "receivers: kill -9 of the home",
    }
)
"""Where each receiver is told again what it has: else the row proves nothing."""


async def play_row(
    pair: Pair, others: Others, name: str, size: Size, rng: Random
) -> None:
    """Break the lines, report, mend them, and wait until all is told."""
    repeated = {taker.name: taker.repeated for taker in others.takers}
    try:
        await RECEIVER_ROWS[name](pair, others, size, rng)
    finally:
        others.have(whole)
    await pair.until_delivered()
    for taker in others.takers:
        if name in _REPEATING and taker.repeated == repeated[taker.name]:
            raise AssertionError(f"nothing came again: {taker.name}")


async def settled(
    pair: Pair, others: Others, before: frozenset[str]
) -> dict[str, tuple[Difference, int]]:
    """Return what came of it at each receiver, once every one has all.

    What is missing when the time is over is lost.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DELIVERY_LIMIT):
            while True:
                await pair.until_delivered()
                found = others.compare(pair, before)
                if not any(difference.lost for difference, _ in found.values()):
                    return found
                await asyncio.sleep(0.2)
    return others.compare(pair, before)
