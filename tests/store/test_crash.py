"""What was acknowledged is there after kill -9."""

import asyncio
from pathlib import Path
import random
import signal
import sys

import pytest

from custom_components.zhian.store import Database, Journal, Outbox, verify

ROOT = Path(__file__).parents[2]


async def run_until_killed(path: Path, seed: int, lines: int, delay: float) -> str:
    """Start the program, kill it some time after so many lines; return what it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.store.appends_until_killed",
        str(path),
        str(seed),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    said = b"".join([await process.stdout.readline() for _ in range(lines)])
    await asyncio.sleep(delay)  # to be anywhere: in a commit, a checkpoint, between
    process.kill()
    said += await process.stdout.read()
    assert await process.wait() == -signal.SIGKILL
    return said.decode()


@pytest.mark.parametrize("seed", range(4))
async def test_every_acknowledged_entry_survives_kill_9(
    path: Path, seed: int, socket_enabled: None
) -> None:
    choose = random.Random(seed)
    acknowledged: dict[str, tuple[int, str]] = {}
    for _ in range(2):  # the second time on top of what the first has left
        lines, delay = choose.randint(1, 400), choose.uniform(0, 0.05)
        said = await run_until_killed(path, seed, lines, delay)
        # The last line may be torn; it is whole if it ends.
        for line in said[: said.rfind("\n")].splitlines():
            incident, seq, digest = line.split()
            acknowledged[incident] = int(seq), digest
        database = Database(path)
        await database.open()
        journal, outbox = Journal(database), Outbox(database)
        timelines = await journal.read_open()
        pending = dict(await outbox.pending("station"))
        await database.close()
        for incident, (seq, digest) in acknowledged.items():
            records = timelines[incident]
            assert records[seq - 1].hash == digest
        for incident, records in timelines.items():
            assert verify(records) is None
            # Entries and what is owed of them came to disk together.
            assert pending[incident] == len(records)
    assert acknowledged
