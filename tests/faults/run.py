"""All faults in a row, on one home and one station; the table of what came of it."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Sequence
import contextlib
from dataclasses import asdict, dataclass
import json
import logging
from pathlib import Path
from random import Random
import shutil
import sys
import tempfile
from time import monotonic

from demo.processes import ProcessFailed

from .ledger import Difference, compare
from .pair import BROKEN, Pair, running_pair
from .receiver_rows import RECEIVER_ROWS, Others, play_row, receivers_of, settled
from .rows import QUICK, ROWS, WHOLE, CannotBreak, Size
from .wire import well


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one fault."""

    fault: str
    incidents_sent: int
    received: int
    lost: int
    twice: int
    out_of_order: int
    seconds: float
    problem: str | None = None
    """Why the fault could not be played as it should be."""

    @property
    def is_well(self) -> bool:
        """Whether each incident is there once, whole and in order."""
        return (
            self.incidents_sent > 0
            and self.incidents_sent == self.received
            and not (self.lost or self.twice or self.out_of_order or self.problem)
        )


async def play(
    folder: Path, size: Size, seed: int, names: Sequence[str]
) -> AsyncIterator[Outcome]:
    """Play each fault and return what came of it.

    The receivers come last: before, nobody but the station is told.
    """
    async with running_pair(folder) as pair:
        for name in names:
            if name in ROWS:
                yield await play_one(pair, name, size, Random(f"{seed} {name}"))
        if rest := [name for name in names if name in RECEIVER_ROWS]:
            async with receivers_of(pair) as others:
                for name in rest:
                    rng = Random(f"{seed} {name}")
                    for outcome in await play_at_receivers(
                        pair, others, name, size, rng
                    ):
                        yield outcome


async def play_one(pair: Pair, name: str, size: Size, rng: Random) -> Outcome:
    """Play one fault and return what came of it."""
    before = set(pair.look().home)
    disorder = pair.wire.disorder
    began = monotonic()
    problem = None
    try:
        await ROWS[name](pair, size, rng)
    except (*BROKEN, AssertionError, CannotBreak, ProcessFailed) as error:
        problem = f"{type(error).__name__}: {error}"
    pair.wire.have(well)
    await pair.until_delivered()
    found: Difference = compare(pair.look(), before)
    return Outcome(
        name,
        found.sent,
        found.received,
        found.lost,
        found.twice,
        pair.wire.disorder - disorder,
        round(monotonic() - began, 1),
        problem,
    )


async def play_at_receivers(
    pair: Pair, others: Others, name: str, size: Size, rng: Random
) -> list[Outcome]:
    """Play a fault of their lines and return what came of it at each receiver."""
    problem = None
    began = monotonic()
    before = frozenset(pair.look().home)
    try:
        await play_row(pair, others, name, size, rng)
    except (*BROKEN, AssertionError, ProcessFailed) as error:
        problem = f"{type(error).__name__}: {error}"
    found = await settled(pair, others, before)
    seconds = round(monotonic() - began, 1)
    return [
        Outcome(
            f"{name} ({receiver})",
            difference.sent,
            difference.received,
            difference.lost,
            difference.twice,
            disorder,
            seconds,
            problem,
        )
        for receiver, (difference, disorder) in found.items()
    ]


async def _print_all(args: argparse.Namespace) -> int:
    folder = Path(tempfile.mkdtemp(prefix="zhian-faults-"))
    names = args.fault or [*ROWS, *RECEIVER_ROWS]
    size = QUICK if args.quick else WHOLE
    outcomes = []
    # A row is seen when it has ended; with --json beside what is printed in the end.
    table = sys.stderr if args.json else sys.stdout
    print(_LINE.format(*_HEAD), file=table, flush=True)
    try:
        async with contextlib.aclosing(play(folder, size, args.seed, names)) as played:
            async for outcome in played:
                outcomes.append(outcome)
                print(_line(outcome), file=table, flush=True)
    finally:
        if args.keep:
            print(f"Data and logs are in {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    is_well = all(outcome.is_well for outcome in outcomes)
    if args.json:
        rows = [asdict(outcome) for outcome in outcomes]
        print(json.dumps({"seed": args.seed, "ok": is_well, "rows": rows}, indent=2))
    return 0 if is_well else 1


_HEAD = ("fault", "sent", "received", "lost", "twice", "out of order", "seconds")
_LINE = "{:<40} {:>6} {:>9} {:>6} {:>6} {:>13} {:>8}"


def _line(outcome: Outcome) -> str:
    line = _LINE.format(
        outcome.fault,
        outcome.incidents_sent,
        outcome.received,
        outcome.lost,
        outcome.twice,
        outcome.out_of_order,
        outcome.seconds,
    )
    return f"{line}  {outcome.problem}" if outcome.problem else line


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the faults; 1 if an incident was lost, came twice or out of order."""
    parser = argparse.ArgumentParser(prog="scripts/faults", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less of everything")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments")
    parser.add_argument("--keep", action="store_true", help="keep data and logs")
    parser.add_argument(
        "--fault",
        action="append",
        choices=[*ROWS, *RECEIVER_ROWS],
        help="only this; repeatable",
    )
    # What half a message does to a receiver stands in the table.
    for name in ("asyncio", "aiohttp.server", "pysiaalarm"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return asyncio.run(_print_all(parser.parse_args(arguments)))


if __name__ == "__main__":
    sys.exit(main())
