"""One Home Assistant of the demo: seeded, started, killed, started again."""

import asyncio
from collections.abc import Mapping
import json
from pathlib import Path
import shutil
import sys
from typing import Final

from .ha_api import HomeAssistantApi
from .processes import REPOSITORY, Process

USERNAME: Final = "demo"
PASSWORD: Final = "zhian-demo"

_OWN: Final = ("custom_components.zhian", "custom_components/zhian")
"""A logger and a file of the integration; the checkout may be called zhian too."""

SEED_LIMIT: Final = 90.0
START_LIMIT: Final = 180.0
"""Seconds; the first start of a fresh environment writes its bytecode."""

CONFIGURATION: Final = """\
homeassistant:
  name: {name}
  latitude: {latitude}
  longitude: {longitude}
  elevation: 4
  time_zone: Asia/Shanghai
  country: CN
  language: en
  unit_system: metric
frontend:
config:
api:
history:
logbook:
recorder:
  commit_interval: 1
logger:
  default: warning
  logs:
    custom_components.zhian: info
"""


async def seed(folder: Path, *nodes: Node) -> None:
    """Give each its owner, token and port, with one start of the interpreter."""
    for node in nodes:
        node.prepare()
    process = Process(
        "seed",
        [
            *(sys.executable, "-m", "demo.seed"),
            *("--username", USERNAME, "--password", PASSWORD),
            *(f"{node.config}:{node.port}" for node in nodes),
        ],
        folder,
    )
    try:
        await process.start()
        await process.finish(SEED_LIMIT)
    finally:
        await process.stop(1)
    lines = process.log.read_text().splitlines()
    for node, line in zip(nodes, lines[-len(nodes) :], strict=True):
        seeded = json.loads(line)
        await node.log_in(seeded["token"], seeded["version"])


class Node:
    """A Home Assistant with its folder, its process and its API."""

    def __init__(
        self,
        name: str,
        title: str,
        port: int,
        folder: Path,
        *,
        place: tuple[float, float],
        configuration: str = "",
        base: str = CONFIGURATION,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        """Say what it is; nothing is started."""
        self.name = name
        self.url = f"http://127.0.0.1:{port}"
        self.config = folder / name
        self.version = ""
        self.port = port
        self._configuration = configuration + base.format(
            name=title, latitude=place[0], longitude=place[1]
        )
        self.process = Process(
            name,
            [
                # -P: the integration comes from the folder, not from this checkout.
                *(sys.executable, "-P", "-m", "homeassistant", "--skip-pip"),
                *("--config", self.config),
            ],
            folder,
            **(environ or {}),
        )
        self.api: HomeAssistantApi

    def prepare(self) -> None:
        """Make the folder: the configuration and the integration."""
        self.config.mkdir(parents=True)
        (self.config / "configuration.yaml").write_text(self._configuration)
        shutil.copytree(
            REPOSITORY / "custom_components" / "zhian",
            self.config / "custom_components" / "zhian",
            ignore=shutil.ignore_patterns("__pycache__"),
        )

    async def log_in(self, token: str, version: str) -> None:
        """Take over how to log in."""
        self.version = version
        self.api = HomeAssistantApi(self.url, token)
        await self.api.__aenter__()

    async def start(self) -> None:
        """Start it and wait until it runs."""
        await self.process.start()
        await self.until_up()

    async def until_up(self) -> None:
        """Wait until it runs; raise if it ends instead."""
        async with asyncio.timeout(START_LIMIT):
            while not await self.api.is_running():
                self.process.check()
                await asyncio.sleep(0.1)

    async def stop(self) -> None:
        """Stop it and close the API's client."""
        await self.process.stop()
        if hasattr(self, "api"):
            await self.api.__aexit__()

    def complaints(self) -> list[str]:
        """Return the errors and tracebacks of its log that speak of Zhi'an."""
        log = self.process.log.read_text(errors="replace")
        return [
            line
            for line in log.splitlines()
            if any(own in line for own in _OWN)
            and (" ERROR " in line or "File " in line)
        ]
