"""Child processes that never outlive the demo."""

import asyncio
from collections.abc import Sequence
import contextlib
import os
from pathlib import Path
import shutil
import signal
import socket

REPOSITORY = Path(__file__).resolve().parent.parent


class ProcessFailed(Exception):
    """A process ended when it should have run, or said that it failed."""


def free_port() -> int:
    """Return a port of the loopback interface that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def claim_port(chosen: int) -> int:
    """Return the chosen port if it is free, or any free one for 0."""
    if not chosen:
        return free_port()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", chosen))
        except OSError as error:
            raise ProcessFailed(f"Port {chosen} is in use") from error
    return chosen


async def wait_for_port(port: int, limit: float, process: Process) -> None:
    """Wait until something listens there, or the process ends, or time is up."""
    async with asyncio.timeout(limit):
        while True:
            process.check()
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)


class Process:
    """A child in its own process group, with its output in a file."""

    def __init__(
        self, name: str, command: Sequence[str | Path], folder: Path, **environ: str
    ) -> None:
        """Remember what to start; the log lies in the folder."""
        self.name = name
        self.log = folder / f"{name}.log"
        self._command = [str(word) for word in command]
        self.environ = {**os.environ, **environ}
        """What the next start gets."""
        self._process: asyncio.subprocess.Process | None = None

    @property
    def is_running(self) -> bool:
        """Return True while it runs."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it; the kernel ends it if the demo is killed."""
        guard = shutil.which("setpriv")
        prefix = [guard, "--pdeathsig", "TERM", "--"] if guard else []
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *prefix,
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=REPOSITORY,
                env=self.environ,
                start_new_session=True,
            )

    def check(self) -> None:
        """Raise if it has ended."""
        if self._process is not None and self._process.returncode is not None:
            raise ProcessFailed(
                f"{self.name} ended with code {self._process.returncode}\n{self.tail()}"
            )

    def tail(self, lines: int = 15) -> str:
        """Return the end of its log."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    async def finish(self, limit: float) -> None:
        """Wait for a process that ends by itself; raise if it failed."""
        if self._process is None:
            return
        async with asyncio.timeout(limit):
            code = await self._process.wait()
        if code != 0:
            raise ProcessFailed(f"{self.name} failed with code {code}\n{self.tail()}")

    def _signal(self, number: int) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    async def kill(self) -> None:
        """End it at once, as a power failure would."""
        if self._process is not None:
            self._signal(signal.SIGKILL)
            await self._process.wait()

    async def stop(self, limit: float = 20) -> None:
        """Ask it to end, and end it if it does not."""
        if self._process is None:
            return
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            try:
                async with asyncio.timeout(limit):
                    await self._process.wait()
            except TimeoutError:
                pass
        await self.kill()  # also what it may have left in its group
