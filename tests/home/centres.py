"""An alarm centre that a test plays: the receiver of Home Assistant's own `sia`."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import socket
from typing import Any

from pysiaalarm import CommunicationsProtocol, SIAAccount
from pysiaalarm.aio import SIAClient
from pysiaalarm.event import SIAEvent

KEY = "0123456789ABCDEF"


@dataclass
class AlarmCentre:
    """What the centre heard; it can be switched off and on."""

    port: int
    events: list[SIAEvent] = field(default_factory=list)
    account: str = "1234"
    client: SIAClient | None = None

    @property
    def codes(self) -> list[str | None]:
        """What happened, without the tests of the line."""
        return [event.code for event in self.events if event.code != "RP"]

    @property
    def page(self) -> dict[str, Any]:
        """What a person enters to reach it."""
        return {
            "name": "Centre",
            "host": "127.0.0.1",
            "port": self.port,
            "account": "1234",
            "receiver": "0",
            "line": "0",
            "key": KEY.encode().hex(),
            "key_format": "hex",
            "allow_plain": False,
            "heartbeat_seconds": 0,
            "hazards": ["gas"],
            "drills": True,
            "consent": True,
            "test": True,
        }

    @property
    def options(self) -> dict[str, Any]:
        """What a subentry holds of it."""
        settings = {
            key: self.page[key]
            for key in (
                "host",
                "port",
                "account",
                "receiver",
                "line",
                "key",
                "allow_plain",
                "heartbeat_seconds",
            )
        }
        return {
            "name": "Centre",
            "kind": "dc09",
            "hazards": ["gas"],
            "drills": True,
            "settings": settings,
            "consented_at": None,
            "agreement": None,
        }

    async def on(self) -> None:
        """Answer from now on."""
        self.client = SIAClient(
            "127.0.0.1",
            self.port,
            [SIAAccount(self.account, KEY)],
            self._hear,
            protocol=CommunicationsProtocol.TCP,
        )
        await self.client.async_start()

    async def off(self) -> None:
        """Answer nobody."""
        if self.client is not None:
            await self.client.async_stop()
            self.client = None

    async def _hear(self, event: SIAEvent) -> None:
        self.events.append(event)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@asynccontextmanager
async def alarm_centre() -> AsyncGenerator[AlarmCentre]:
    """Run one."""
    centre = AlarmCentre(free_port())
    await centre.on()
    try:
        yield centre
    finally:
        await centre.off()
