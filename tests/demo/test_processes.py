"""Children of the demo never outlive it."""

import asyncio
import os
from pathlib import Path
import sys

import pytest

from demo.processes import Process, ProcessFailed, free_port, wait_for_port


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat").read_text()
    return stat.rpartition(")")[2].split()[0] != "Z"


async def test_stopping_a_process_ends_what_it_started(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(99)\n"
    )
    process = Process("parent", [sys.executable, "-c", script], tmp_path)
    await process.start()
    async with asyncio.timeout(20):
        while not (text := process.log.read_text()).endswith("\n"):
            await asyncio.sleep(0.02)
    child = int(text)
    assert is_alive(child)
    await process.stop()
    assert not process.is_running
    async with asyncio.timeout(10):
        while is_alive(child):
            await asyncio.sleep(0.02)


async def test_a_process_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    script = (
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('deaf', flush=True)\n"
        "time.sleep(99)\n"
    )
    process = Process("deaf", [sys.executable, "-c", script], tmp_path)
    await process.start()
    async with asyncio.timeout(20):
        while "deaf" not in process.log.read_text():
            await asyncio.sleep(0.02)
    await process.stop(limit=0.2)
    assert not process.is_running


@pytest.mark.usefixtures("socket_enabled")
async def test_a_wait_ends_when_the_process_does(tmp_path: Path) -> None:
    process = Process("brief", [sys.executable, "-c", "raise SystemExit(3)"], tmp_path)
    await process.start()
    with pytest.raises(ProcessFailed, match="code 3"):
        await wait_for_port(free_port(), 20, process)
