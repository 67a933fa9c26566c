"""python -m tests.e2e.discovery FOLDER: a home finds its station, and joins it.

Two real Home Assistants with real zeroconf, in a network of their own, which takes a
process of its own. What people see and what came of it is printed as one JSON object.
"""

import asyncio
from collections.abc import Awaitable, Callable
import json
from pathlib import Path
import sys
from typing import Any, Final

from demo.node import Node, seed
from demo.processes import free_port
from tests.faults.pair import CONFIGURATION, PLACE

from .network import enter_network

STATION: Final = "Riverside police station"
LIMIT: Final = 120.0

type Answer = dict[str, Any]


class Household:
    """What a person does with the home's dialogs."""

    def __init__(self, home: Node) -> None:
        """Begin."""
        self._api = home.api

    async def found(self) -> Answer:
        """Wait until a station is offered; return what the dialog shows."""

        async def offered() -> list[Answer]:
            async with self._api.websocket() as socket:
                flows: list[Answer] = await socket.call("config_entries/flow/progress")
            return [
                flow
                for flow in flows
                if flow["handler"] == "zhian"
                and flow["context"]["source"] == "zeroconf"
                and flow["context"]["title_placeholders"] == {"name": STATION}
            ]

        (flow,) = await until(offered, "a station that is offered")
        return await self._flow("GET", flow["flow_id"])

    async def submit(self, shown: Answer, **typed: object) -> Answer:
        """Fill in a form and send it."""
        return await self._flow("POST", shown["flow_id"], typed)

    async def set_up_alone(self) -> None:
        """Set up a home without any station."""
        await self._api.create_entry(
            "zhian",
            {"next_step_id": "home"},
            {"name": "12 Willow Lane", "gas": "natural_gas"},
            {"contacts": []},
            {},
        )

    async def remove(self) -> None:
        """Remove the home."""
        (entry,) = [
            entry
            for entry in await self._api.request(
                "GET", "/api/config/config_entries/entry"
            )
            if entry["domain"] == "zhian"
        ]
        path = f"/api/config/config_entries/entry/{entry['entry_id']}"
        await self._api.request("DELETE", path)

    async def _flow(
        self, method: str, flow: str, typed: dict[str, object] | None = None
    ) -> Answer:
        path = f"/api/config/config_entries/flow/{flow}"
        shown: Answer = await self._api.request(method, path, typed)
        return shown


async def until[Found](look: Callable[[], Awaitable[Found]], what: str) -> Found:
    """Wait until something is there; TimeoutError names what never came."""
    try:
        async with asyncio.timeout(LIMIT):
            while not (found := await look()):
                await asyncio.sleep(0.1)
    except TimeoutError as error:
        raise TimeoutError(f"{what} did not come") from error
    return found


def open_to(node: Node, address: str) -> None:
    """Let a seeded Home Assistant be reached at this address, too."""
    path = node.config / ".storage" / "http"
    stored = json.loads(path.read_text())
    stored["data"]["stable"]["server_host"] = ["127.0.0.1", address]
    path.write_text(json.dumps(stored))


async def play(folder: Path, address: str) -> Answer:
    """Find the station twice: without a home, and with one that has no station."""

    def node(name: str) -> Node:
        return Node(
            *(name, name, free_port(), folder),
            place=PLACE,
            base=CONFIGURATION,
            configuration="zeroconf:\n",
        )

    home, station = node("home"), node("station")
    try:
        await seed(folder, home, station)
        open_to(station, address)
        async with asyncio.TaskGroup() as group:
            group.create_task(home.start())
            group.create_task(station.start())
        await station.api.create_entry(
            "zhian",
            {"next_step_id": "station"},
            {
                "name": STATION,
                "community": "Riverside",
                "location": {"latitude": PLACE[0], "longitude": PLACE[1]},
                "heartbeat_seconds": 10,
            },
        )
        return await _story(Household(home), home, station) | {
            "address": f"http://{address}:{station.port}",
            "complaints": home.complaints() + station.complaints(),
        }
    finally:
        await asyncio.gather(home.stop(), station.stop())


async def _story(household: Household, home: Node, station: Node) -> Answer:
    offer = await household.found()
    code = await station.api.ask("zhian.pairing_code")
    shown = await household.submit(offer)
    shown = await household.submit(shown, name="12 Willow Lane", gas="natural_gas")
    shown = await household.submit(shown, contacts=[])
    proposed = {
        item["name"]: item["description"]["suggested_value"]
        for item in shown["data_schema"]
        if "suggested_value" in (item.get("description") or {})
    }
    typed = {"url": proposed["url"], "code": code["code"], "purposes": ["place"]}
    refused = await household.submit(shown, **typed)
    seen = await household.submit(shown, **typed, allow_http=True)
    made = await household.submit(seen)
    await home.api.action("zhian.call_for_help")
    incident = await until(lambda: _on_the_map(station), "the incident")

    await household.remove()
    again = await household.found()
    await household.set_up_alone()
    join = await household.submit(again)
    code = await station.api.ask("zhian.pairing_code")
    seen_again = await household.submit(
        join, url=proposed["url"], code=code["qr"], purposes=[], allow_http=True
    )
    joined = await household.submit(seen_again)
    return {
        "offer": offer["description_placeholders"],
        "check": code["check"],
        "steps": [page["step_id"] for page in (offer, seen, again, join, seen_again)],
        "proposed": proposed,
        "refused": refused["errors"],
        "made": made["type"],
        "household": incident["attributes"]["household"],
        "joined": joined.get("reason") or joined,
    }


async def _on_the_map(station: Node) -> Answer | None:
    for state in await station.api.request("GET", "/api/states"):
        if state["attributes"].get("source") == "zhian":
            found: Answer = state
            return found
    return None


if __name__ == "__main__":
    reached = enter_network()  # before the event loop: it may start threads
    sys.stdout.write(json.dumps(asyncio.run(play(Path(sys.argv[1]), reached))))
