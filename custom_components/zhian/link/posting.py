"""Requests to receivers that speak HTTP, and what their answers mean."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import aiohttp
from yarl import URL

from .client import StationRefused, StationUnreachable, Trouble, exchange

TIMEOUT: Final = 10.0
UNAUTHORIZED: Final = "unauthorized"
"""A token or signature that the receiver does not take."""
REJECTED: Final = "rejected"
"""It says no without a word that we understand."""

_TRY_LATER: Final = frozenset({408, 425, 429})


class Success(StrEnum):
    """What counts as success, by a person's choice."""

    BODY = "body"
    """The receiver says so in its answer: a proxy's friendly 200 is not its word."""
    STATUS = "status"
    """Any status from 200 to 299."""


async def ask(
    session: aiohttp.ClientSession,
    method: str,
    url: URL,
    headers: Mapping[str, str],
    body: bytes | None = None,
    *,
    timeout: float = TIMEOUT,
) -> bytes:
    """Send a request and return the body of an answer that says that all is well.

    Raises StationUnreachable, also if the receiver asks to wait, and StationRefused
    for a status from 400 to 499.
    """
    status, pause, answer = await exchange(
        session, method, url, headers, body, aiohttp.ClientTimeout(total=timeout)
    )
    if status >= 500 or status in _TRY_LATER:
        raise StationUnreachable(Trouble.SERVER_ERROR, pause)
    if status in (401, 403):
        raise StationRefused(UNAUTHORIZED)
    if status >= 400:
        raise StationRefused(f"http_{status}")
    return answer
