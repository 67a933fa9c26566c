"""Getting one message to one person, over as many channels as it takes."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from ..safety.vocabulary import Reason

HURRY: Final = 4.0
"""Seconds after which a channel that says nothing gets the next one beside it.

With three channels of which two hang the third leaves after 8 s, within the 15 s
that GB/T 45839-2025 (5.10.4) gives.
"""


async def deliver[Channel](
    channels: Iterable[Channel],
    at_once: int,
    send: Callable[[Channel], Awaitable[Reason | None]],
) -> bool:
    """Send over the first channels; each that fails brings in the next.

    `send` returns why it failed and raises nothing. Return whether one went out.
    """
    waiting = iter(channels)
    running: set[asyncio.Future[Reason | None]] = set()

    def begin() -> bool:
        for channel in waiting:
            running.add(asyncio.ensure_future(send(channel)))
            return True
        return False

    for _ in range(at_once):
        begin()
    has_more = True
    went_out = False
    try:
        while running:
            done, running = await asyncio.wait(
                running,
                timeout=HURRY if has_more else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if not done:
                has_more = begin()
            for task in done:
                if task.result() is None:
                    went_out = True
                else:
                    begin()
    finally:
        for task in running:
            task.cancel()
    return went_out
