"""The demo as a child process, for tests: started, asked, ended, nothing left."""

from collections.abc import Iterator, Mapping
import json
import os
from pathlib import Path
import signal
import subprocess
import sys
import time
from typing import Any, Final, Self
from urllib.request import Request, urlopen
from uuid import uuid4

from .processes import REPOSITORY

MARK: Final = "ZHIAN_DEMO_MARK"
"""In the environment of the demo and of all that it starts."""

BOOT_LIMIT: Final = 240.0


class RunningDemo:
    """`python -m demo` with arguments; its data lie in a folder of the test."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        """Start it."""
        self.folder = folder
        self._mark = uuid4().hex
        self._log = folder / "demo.stderr"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "demo", *arguments],
                cwd=REPOSITORY,
                env={**os.environ, "TMPDIR": str(folder), MARK: self._mark},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def __enter__(self) -> Self:
        """Use it for a while."""
        return self

    def __exit__(self, *error: object) -> None:
        """End it, whatever happened."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    @property
    def errors(self) -> str:
        """Return what it said on its way."""
        return self._log.read_text(errors="replace")

    def facts(self) -> Mapping[str, Any]:
        """Return the first object that it prints; it waits for the boot."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"the demo did not come up:\n{self.errors}")
        facts: dict[str, Any] = json.loads(line)
        return facts

    def end(self, limit: float = 60) -> int:
        """Wait for its end and return its exit code."""
        return self.process.wait(limit)

    def left_over(self) -> list[str]:
        """Return the command lines of what it has started and that still runs."""
        return [command for _, command in _marked(f"{MARK}={self._mark}")]

    def wait_until_nothing_is_left(self, limit: float = 30) -> list[str]:
        """Return what is left after a while; best nothing."""
        end = time.monotonic() + limit
        while (left := self.left_over()) and time.monotonic() < end:
            time.sleep(0.1)
        return left


def _marked(mark: str) -> Iterator[tuple[int, str]]:
    """Find the processes that carry a mark in their environment."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            environ = (folder / "environ").read_bytes()
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if mark.encode() in environ.split(b"\0"):
            yield int(folder.name), command.replace(b"\0", b" ").decode()


def call(
    url: str, token: str, method: str, path: str, body: Mapping[str, object] | None
) -> Any:
    """Call Home Assistant's REST API."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with urlopen(
        Request(url + path, data, headers, method=method), timeout=30
    ) as answer:
        return json.load(answer)
