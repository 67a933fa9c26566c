"""python -m demo: the demo, or one of its scenarios."""

import argparse
import asyncio
import json
import math
import signal
import sys

from .dashboards import HOME_PATH, STATION_PATH
from .house.physics import AIR_SPEED
from .node import PASSWORD, USERNAME
from .scenario import SCENARIOS, Fault
from .timeline import Result
from .world import Settings, World, running_world


def say(text: str) -> None:
    """Tell a person how far it is; the result alone goes to standard output."""
    print(text, file=sys.stderr, flush=True)


def positive(text: str) -> float:
    """Read a number above zero; the air never stands still, nor runs backwards."""
    if not 0 < (number := float(text)) < math.inf:
        raise ValueError(text)
    return number


def port(text: str) -> int:
    """Read a port; 0 is a free one."""
    if not 0 <= (number := int(text)) <= 65535:
        raise ValueError(text)
    return number


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="A virtual house, two real Home Assistants, and a gas leak.",
    )
    parser.add_argument("--scenario", choices=sorted(SCENARIOS))
    parser.add_argument("--fault", choices=[fault.value for fault in Fault])
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object on standard output"
    )
    for name in ("home", "station", "broker"):
        parser.add_argument(
            f"--{name}-port", type=port, default=0, help="default: a free one"
        )
    parser.add_argument(
        "--air-speed",
        type=positive,
        default=AIR_SPEED,
        help="how many seconds of the kitchen's air pass in one second"
        " (default: %(default)g); devices always move in real time",
    )
    parser.add_argument(
        "--keep", action="store_true", help="keep the data and the logs"
    )
    args = parser.parse_args(arguments)
    if args.fault and not args.scenario:
        parser.error("--fault needs --scenario")
    return args


def show_addresses(world: World, as_json: bool) -> None:
    """Print where to look, and as whom."""
    home = f"{world.home.url}/{HOME_PATH}"
    station = f"{world.station.url}/{STATION_PATH}"
    if as_json:
        facts = {
            "home": home,
            "station": station,
            "username": USERNAME,
            "password": PASSWORD,
            "home_token": world.home.api.token,
            "station_token": world.station.api.token,
            "broker_port": world.broker.port,
            "home_assistant": world.home.version,
            "folder": str(world.folder),
        }
        print(json.dumps(facts), flush=True)
        return
    print(
        f"\n  Home      {home}\n  Station   {station}\n"
        f"  User      {USERNAME}\n  Password  {PASSWORD}\n\n"
        "  Press one of the leak buttons at home. Ctrl-C ends everything.\n",
        flush=True,
    )


def show_result(result: Result, as_json: bool) -> None:
    """Print the timeline."""
    if as_json:
        print(json.dumps(result.as_json()), flush=True)
        return
    for step in result.steps:
        print(f"{step.ms:>8.0f} ms  {step.what:<18} {step.detail}")
    print("ok" if result.ok else "NOT OK", flush=True)


async def run(args: argparse.Namespace) -> int:
    """Run the demo or the scenario and return the exit code."""
    settings = Settings(
        home_port=args.home_port,
        station_port=args.station_port,
        broker_port=args.broker_port,
        air_speed=args.air_speed,
        keep=args.keep,
    )
    async with running_world(settings, say) as world:
        if args.scenario:
            fault = Fault(args.fault) if args.fault else None
            result = await SCENARIOS[args.scenario](world, fault, say)
            show_result(result, args.json)
            return 0 if result.ok else 1
        show_addresses(world, args.json)
        while True:
            world.check()
            await asyncio.sleep(1)


async def run_until_signal(args: argparse.Namespace) -> int:
    """End in good order on Ctrl-C and on SIGTERM."""
    task = asyncio.ensure_future(run(args))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        return 130 if args.scenario else 0


def main() -> int:
    """Run, and say in one line what went wrong."""
    args = parse(sys.argv[1:])
    try:
        return asyncio.run(run_until_signal(args))
    except ExceptionGroup as group:
        for error in group.exceptions:
            say(f"{type(error).__name__}: {error}")
    except Exception as error:  # noqa: BLE001  the program's last word
        say(f"{type(error).__name__}: {error}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
