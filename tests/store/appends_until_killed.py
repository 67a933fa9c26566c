"""A program that appends entries for ever and says which are on disk.

Started by test_crash.py with the path of a database and a seed. Each line on standard
output is an incident, a number and a hash whose future had resolved before.
"""

import asyncio
from pathlib import Path
import random
import sys
from types import ModuleType
from uuid import uuid7

# The store alone: the real package would bring Home Assistant in, which takes seconds.
PACKAGE = ModuleType("custom_components.zhian")
PACKAGE.__path__ = [str(Path(__file__).parents[2] / "custom_components" / "zhian")]
sys.modules[PACKAGE.__name__] = PACKAGE

from custom_components.zhian.store import GENESIS, Database, Journal, seal  # noqa: E402

from .timeline import AT  # noqa: E402


async def main(path: Path, seed: int) -> None:
    """Append from several callers at once, until killed."""
    choose = random.Random(seed)
    database = Database(path)
    await database.open()
    journal = Journal(database)

    async def caller() -> None:
        while True:
            incident, seq, previous = str(uuid7()), 0, GENESIS
            for _ in range(choose.randint(1, 30)):
                records = []
                for _ in range(choose.randint(1, 3)):
                    seq += 1
                    body = {"note": "x" * choose.randint(0, 3000)}
                    record = seal(previous, incident, seq, AT, "detector", body)
                    previous = record.hash
                    records.append(record)
                await journal.append(records, receivers=["station"])
                sys.stdout.write(f"{incident} {seq} {previous}\n")
                sys.stdout.flush()

    await asyncio.gather(*(caller() for _ in range(8)))


asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
