"""The addresses of a station, the best first: which one is used, and the way back.

A message goes to the address that answered last. If that one fails the next is tried
at once; if it is merely silent the next is tried beside it, and the first that answers
counts: all that a home sends may arrive twice. An address that the station was never
enrolled at hears nothing but a challenge before the station has proved itself there.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from enum import StrEnum
import logging
import time
from typing import Final

from yarl import URL

from .addresses import is_private
from .faults import StationError, StationRefused, StationUnreachable, Trouble
from .problems import Reason

_LOGGER: Final = logging.getLogger(__name__)

HURRY: Final = 1.5
"""Seconds of silence after which the next address is tried, too."""
RETURN_EVERY: Final = 30.0
LONGEST_RETURN: Final = 480.0
STEADY_SECONDS: Final = 120.0
"""A return that has lasted so long was a good one."""

# Another machine at this address, or one in between, says so; a better one may not.
_ELSEWHERE: Final = frozenset(
    {Reason.NOT_READY, Reason.BAD_SIGNATURE, Reason.UNKNOWN_HOUSEHOLD}
)


class EndpointState(StrEnum):
    """What is known of an address."""

    UNTRIED = "untried"
    ANSWERS = "answers"
    SILENT = "silent"
    ANOTHER_STATION = "another_station"


class Endpoint:
    """One address of the station."""

    def __init__(self, origin: URL, *, needs_proof: bool = False) -> None:
        """Know nothing of it yet."""
        self.origin = origin
        self.needs_proof = needs_proof
        """Whether the station still has to prove that it answers there."""
        self.state = EndpointState.UNTRIED

    @property
    def is_private(self) -> bool:
        """Whether it can only be in the home's own network."""
        return is_private(self.origin.host or "")


type Prove = Callable[[Endpoint], Awaitable[None]]


class Endpoints:
    """All addresses of one station."""

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        prove: Prove,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with the first; `prove` raises StationUnreachable for a stranger."""
        self.all = tuple(endpoints)
        self.in_use = self.all[0]
        self._prove = prove
        self._monotonic = monotonic
        self._returned_at: float | None = None
        self._short_returns = 0
        self.on_change: Callable[[], None] = lambda: None
        """Called when another address is used."""

    @property
    def is_preferred(self) -> bool:
        """Whether the best address is the one in use."""
        return self.in_use is self.all[0]

    def in_order(self) -> list[Endpoint]:
        """Return them as they are tried: in use, the other good ones, the rest."""
        bad = (EndpointState.SILENT, EndpointState.ANOTHER_STATION)
        return sorted(self.all, key=lambda e: (e.state in bad, e is not self.in_use))

    async def ask[T](self, attempt: Callable[[URL], Awaitable[T]]) -> T:
        """Return the first answer; raises what the best address failed with."""
        if len(self.all) == 1:
            return await self._try(self.in_use, attempt)
        waiting = self.in_order()
        under_way: dict[asyncio.Task[T], Endpoint] = {}
        failures: list[StationError] = []
        try:
            while waiting or under_way:
                if waiting:
                    endpoint = waiting.pop(0)
                    task = asyncio.create_task(self._try(endpoint, attempt))
                    under_way[task] = endpoint
                done, _ = await asyncio.wait(
                    under_way,
                    timeout=HURRY if waiting else None,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                for task in done:
                    endpoint = under_way.pop(task)
                    try:
                        answer = task.result()
                    except StationUnreachable as error:
                        failures.append(error)
                    except StationRefused as error:
                        if error.reason not in _ELSEWHERE:
                            self._use(endpoint, under_way.values())
                            raise
                        failures.insert(0, error)  # somebody has answered at least
                    else:
                        self._use(endpoint, under_way.values())
                        return answer
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)
        raise failures[0]

    async def open[T](self, attempt: Callable[[URL], Awaitable[T]]) -> T:
        """Return what opens first, one after the other; it changes nothing.

        Of a stream there may be one only, and where it does not pass a message may.
        """
        failure: StationUnreachable | None = None
        for endpoint in self.in_order():
            try:
                await self._make_sure(endpoint)
                return await attempt(endpoint.origin)
            except StationUnreachable as error:
                failure = failure or error
        assert failure is not None
        raise failure

    async def prepare(self) -> None:
        """Let the station prove itself everywhere, so that no alarm waits for it."""
        for endpoint in self.all:
            try:
                async with asyncio.timeout(HURRY):
                    await self._make_sure(endpoint)
            except StationUnreachable, TimeoutError:
                continue

    async def go_back(self, attempt: Callable[[URL], Awaitable[object]]) -> bool:
        """Try those that are better than the one in use; return whether one answers.

        It has to answer quickly: the next message would not wait for it either.
        """
        for endpoint in self.all:
            if endpoint is self.in_use:
                break
            try:
                async with asyncio.timeout(HURRY):
                    await self._try(endpoint, attempt)
            except TimeoutError:
                endpoint.state = EndpointState.SILENT
            except StationError:
                pass
            else:
                if endpoint is self.all[0]:
                    self._returned_at = self._monotonic()
                self._use(endpoint, ())
                return True
        return False

    @property
    def return_pause(self) -> float:
        """Return the seconds until the way back is tried; longer where it does not last."""
        return min(RETURN_EVERY * 2.0**self._short_returns, LONGEST_RETURN)

    async def _try[T](
        self, endpoint: Endpoint, attempt: Callable[[URL], Awaitable[T]]
    ) -> T:
        await self._make_sure(endpoint)
        try:
            answer = await attempt(endpoint.origin)
        except StationUnreachable:
            endpoint.state = EndpointState.SILENT
            raise
        endpoint.state = EndpointState.ANSWERS
        return answer

    async def _make_sure(self, endpoint: Endpoint) -> None:
        """Send nothing to an address before the station has proved itself there."""
        if not endpoint.needs_proof:
            return
        try:
            await self._prove(endpoint)
        except StationUnreachable as error:
            if error.trouble is not Trouble.ANOTHER_STATION:
                endpoint.state = EndpointState.SILENT
            elif endpoint.state is not EndpointState.ANOTHER_STATION:
                endpoint.state = EndpointState.ANOTHER_STATION
                _LOGGER.warning(
                    "Somebody else answers at address %d of the station",
                    self.all.index(endpoint) + 1,
                )
            raise
        endpoint.needs_proof = False
        endpoint.state = EndpointState.ANSWERS

    def _use(self, endpoint: Endpoint, overtaken: Iterable[Endpoint]) -> None:
        """Use an address from now on; whom it has overtaken is too slow."""
        for slow in overtaken:
            slow.state = EndpointState.SILENT
        if endpoint is self.in_use:
            return
        if self.is_preferred:
            lasted = (
                self._returned_at is None
                or self._monotonic() - self._returned_at >= STEADY_SECONDS
            )
            self._short_returns = 0 if lasted else self._short_returns + 1
        self.in_use = endpoint
        number = self.all.index(endpoint) + 1
        if self.is_preferred:
            _LOGGER.info("The station answers at its preferred address again")
        else:
            _LOGGER.warning("The station is reached at its address %d now", number)
        self.on_change()
