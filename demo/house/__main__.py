"""The house as a process: python -m demo.house --port PORT [--air-speed N]."""

import argparse
import asyncio
import contextlib
import logging
import signal

from .mqtt import HouseOnMqtt
from .physics import AIR_SPEED, House


async def run(port: int, air_speed: float) -> None:
    """Run the house until a signal ends it."""
    task = asyncio.ensure_future(HouseOnMqtt(House(air_speed=air_speed), port).run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


def main() -> None:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m demo.house")
    parser.add_argument("--port", type=int, required=True, help="the broker's port")
    parser.add_argument(
        "--air-speed",
        type=float,
        default=AIR_SPEED,
        help="seconds of air per second; motors always run in real time",
    )
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    asyncio.run(run(args.port, args.air_speed))


if __name__ == "__main__":
    main()
