"""A small TCP proxy that does to a line what proxies do: cut it after a while."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class Proxy:
    """Passes bytes on, until it is told not to."""

    def __init__(self, port: int) -> None:
        """Lead to a port on this machine."""
        self._to = port
        self._server: asyncio.Server
        self._lines: set[asyncio.Task[None]] = set()
        self.port = 0
        self.lifetime: float | None = None
        """Seconds after which it cuts a line, whatever is said on it."""
        self.idle: float | None = None
        """Seconds of silence after which it cuts a line."""
        self.is_hanging = False
        """Whether it takes lines and passes nothing on."""
        self.opened = 0
        self.cut = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    async def open(self) -> None:
        """Listen, at the same port as before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Be gone, with all lines."""
        self._server.close()
        for line in tuple(self._lines):
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._lines.add(task)
        self.opened += 1
        try:
            async with asyncio.timeout(self.lifetime):
                await self._pipe(reader, writer)
        except TimeoutError:
            self.cut += 1
        except OSError:
            pass
        finally:
            self._lines.discard(task)
            writer.transport.abort()

    async def _pipe(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if self.is_hanging:
            await asyncio.get_running_loop().create_future()
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self.idle) as silence:

                async def copy(
                    source: asyncio.StreamReader, target: asyncio.StreamWriter
                ) -> None:
                    while part := await source.read(65536):
                        if self.idle is not None:
                            silence.reschedule(loop.time() + self.idle)
                        target.write(part)
                        await target.drain()

                ways = [
                    asyncio.create_task(copy(reader, back)),
                    asyncio.create_task(copy(there, writer)),
                ]
                try:
                    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for way in ways:
                        way.cancel()
                    await asyncio.gather(*ways, return_exceptions=True)
        finally:
            back.transport.abort()


@asynccontextmanager
async def proxies(port: int, count: int) -> AsyncGenerator[list[Proxy]]:
    """Open proxies that all lead to one port."""
    found = [Proxy(port) for _ in range(count)]
    for proxy in found:
        await proxy.open()
    try:
        yield found
    finally:
        for proxy in found:
            await proxy.close()
