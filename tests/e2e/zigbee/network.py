"""The Zigbee network of the tests: real Zigbee2MQTT, its database, a simulated radio."""

from collections.abc import Iterable, Mapping
import json
import os
from pathlib import Path
from typing import Any, Final

import aiohttp

from demo.processes import REPOSITORY, Process, free_port

from .models import Model, ValveKind

HERE: Final = Path(__file__).parent
BASE: Final = "zigbee2mqtt"
START_LIMIT: Final = 60.0

COORDINATOR: Final = "0x00124b0000000001"  # as radio.cjs says
CONFIGURATION: Final[Mapping[str, object]] = {
    "version": 5,
    # Never opened: the radio is simulated. The name must be a known adapter.
    "serial": {"port": "/dev/null", "adapter": "ember"},
    # A button has no entity without the second.
    "homeassistant": {"enabled": True, "experimental_event_entities": True},
    "frontend": {"enabled": False},
    "advanced": {"log_output": ["console"], "log_level": "info", "channel": 11},
}


def modules() -> Path:
    """Return the folder that scripts/setup has installed Zigbee2MQTT into."""
    cache = Path(os.environ.get("ZHIAN_CACHE", REPOSITORY / ".cache"))
    return cache / "zigbee" / "node_modules"


def _row(number: int, kind: str, address: int, ieee: str, model: Model | None) -> str:
    """Return one line of the database, as zigbee-herdsman stores a joined device."""
    endpoint = {
        "profId": 260,
        "epId": 1,
        "devId": model.device_id if model else 5,
        "inClusterList": list(model.clusters) if model else [],
        "outClusterList": [],
        "clusters": {},
        "binds": [],
        "configuredReportings": [],
        "meta": {},
    }
    row = {
        "id": number,
        "type": kind,
        "ieeeAddr": ieee,
        "nwkAddr": address,
        "manufId": 4619,
        "manufName": model.manufacturer if model else None,
        "modelId": model.model_id if model else None,
        "powerSource": "Mains (single phase)" if model else None,
        "epList": [1],
        "endpoints": {"1": endpoint},
        "appVersion": 1,
        "stackVersion": 0,
        "hwVersion": 1,
        "dateCode": "",
        "swBuildId": "1",
        "zclVersion": 3,
        "interviewCompleted": True,
        "interviewState": "SUCCESSFUL",
        "meta": {"configured": 1},
        "lastSeen": 1795330000000,
    }
    return json.dumps(row)


class Network:
    """Zigbee2MQTT with these devices; they do what a test says at the radio."""

    def __init__(self, folder: Path, broker_port: int, models: Iterable[Model]) -> None:
        """Write its data; a device counts as joined, interviewed and configured."""
        models = tuple(models)
        data = folder / "zigbee2mqtt"
        data.mkdir()
        rows = [_row(1, "Coordinator", 0, COORDINATOR, None)]
        rows += [
            _row(number, "Router", model.address, model.ieee, model)
            for number, model in enumerate(models, start=2)
        ]
        (data / "database.db").write_text("".join(f"{row}\n" for row in rows))
        configuration = {
            **CONFIGURATION,
            "mqtt": {"server": f"mqtt://127.0.0.1:{broker_port}", "base_topic": BASE},
            "devices": {model.ieee: {"friendly_name": model.name} for model in models},
        }
        # JSON is YAML.
        (data / "configuration.yaml").write_text(json.dumps(configuration))
        valves: dict[str, ValveKind] = {
            hex(model.address): model.valve.kind for model in models if model.valve
        }
        self._port = free_port()
        self.process = Process(
            "zigbee2mqtt",
            [
                modules().parent / "node",
                "-r",
                HERE / "radio.cjs",
                modules() / "zigbee2mqtt" / "index.js",
            ],
            folder,
            ZIGBEE2MQTT_DATA=str(data),
            SIM_PORT=str(self._port),
            SIM_VALVES=json.dumps(valves),
            # It builds itself anew if it sees a repository that is not its own.
            GIT_DIR=os.devnull,
        )
        self._client: aiohttp.ClientSession

    async def start(self) -> None:
        """Start it; it has announced its devices when Home Assistant shows them."""
        self._client = aiohttp.ClientSession(f"http://127.0.0.1:{self._port}")
        await self.process.start()

    async def stop(self) -> None:
        """Stop it."""
        await self.process.stop()
        await self._client.close()

    async def _request(self, method: str, path: str) -> Any:
        self.process.check()
        async with self._client.request(method, path) as answer:
            body = await answer.json()
            assert answer.status == 200, (path, body)
            return body

    async def is_up(self) -> bool:
        """Return True once the radio has been opened."""
        self.process.check()
        try:
            await self._request("GET", "/state")
        except aiohttp.ClientError, AssertionError:
            return False
        return True

    async def play(self, model: Model, *requests: str) -> None:
        """Let a device say something: "zone?status=1", "tuya?dp=1&type=4&value=0"."""
        for request in requests:
            action, _, query = request.partition("?")
            await self._request("POST", f"/{action}/{model.address:#x}?{query}")

    async def forget_commands(self) -> None:
        """Begin a new list of commands."""
        await self._request("DELETE", "/commands")

    async def commands(self, model: Model) -> list[str]:
        """Return what a device was sent, by name."""
        sent = await self._request("GET", "/commands")
        return [c["name"] for c in sent if c["address"] == hex(model.address)]

    async def is_open(self, model: Model) -> bool:
        """Return where a valve really is."""
        state: bool = (await self._request("GET", "/state"))["open"][hex(model.address)]
        return state
