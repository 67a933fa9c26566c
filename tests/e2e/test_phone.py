"""A phone with the companion app: told of an alarm, and answering from the message.

The phone is played as the app does it: it registers with Home Assistant's own
`mobile_app`, gets its messages from a push service, and a press on a button comes back
over its webhook.
"""

import asyncio
from collections.abc import AsyncGenerator
import contextlib
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
import pytest

from demo.ha_api import Answer, HomeAssistantError
from demo.node import Node, seed
from demo.processes import free_port

DETECTOR = "binary_sensor.kitchen_gas"
PHONE = "Anna's phone"
NOTIFY = "notify.mobile_app_anna_s_phone"

CONFIGURATION = """\
mobile_app:
input_boolean:
  gas:
    name: Gas
template:
  - binary_sensor:
      - name: Kitchen gas
        device_class: gas
        state: "{{ is_state('input_boolean.gas', 'on') }}"
"""


@dataclass
class Phone:
    """Anna's phone, and the push service in between."""

    node: Node
    port: int = field(default_factory=free_port)
    webhook: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)
    has_come: asyncio.Event = field(default_factory=asyncio.Event)

    async def push(self, request: web.Request) -> web.Response:
        """Bring a message to the phone."""
        self.messages.append(await request.json())
        self.has_come.set()
        return web.json_response({}, status=201)

    async def register(self) -> None:
        """Do what the app does once, after its owner has logged in."""
        answer = await self.node.api.request(
            "POST",
            "/api/mobile_app/registrations",
            {
                "app_data": {
                    "push_token": "token of the phone",
                    "push_url": f"http://127.0.0.1:{self.port}/push",
                },
                "app_id": "io.homeassistant.companion.android",
                "app_name": "Home Assistant",
                "app_version": "2026.11.1",
                "device_id": "anna",
                "device_name": PHONE,
                "manufacturer": "Google",
                "model": "Pixel",
                "os_name": "Android",
                "os_version": "17",
                "supports_encryption": False,
            },
        )
        self.webhook = answer["webhook_id"]

    async def buttons(self, *titles: str) -> dict[str, str]:
        """Wait for a message with these buttons; return their tokens."""
        async with asyncio.timeout(30):
            while True:
                for message in reversed(self.messages):
                    actions = message.get("data", {}).get("actions", ())
                    found = {a["title"]: a["action"] for a in actions}
                    if found.keys() == set(titles):
                        return found
                self.has_come.clear()
                await self.has_come.wait()

    async def press(self, token: str) -> None:
        """Press a button: the app fires the event over its webhook."""
        await self.node.api.request(
            "POST",
            f"/api/webhook/{self.webhook}",
            {
                "type": "fire_event",
                "data": {
                    "event_type": "mobile_app_notification_action",
                    "event_data": {"action": token, "device_id": "anna"},
                },
            },
        )

    async def until_written(self) -> None:
        """Wait until Home Assistant has written what was set up: seconds later."""
        entries = self.node.config / ".storage" / "core.config_entries"
        async with asyncio.timeout(30):
            while NOTIFY not in await asyncio.to_thread(entries.read_text):
                await asyncio.sleep(0.1)

    async def incident(self) -> Answer:
        """Return the open incident with its timeline."""
        (incident,) = await self.incidents()
        return incident

    async def incidents(self) -> list[Answer]:
        """Return all that are open."""
        found = await self.node.api.ask("zhian.get_incidents", open_only=True)
        incidents: list[Answer] = found["incidents"]
        return incidents

    async def entry(self, kind: str) -> Answer:
        """Wait for an entry of the open incident's timeline; return what it says."""
        async with asyncio.timeout(30):
            while True:
                for entry in (await self.incident())["timeline"]:
                    if entry["kind"] == kind:
                        body: Answer = entry["body"]
                        return body
                await asyncio.sleep(0.1)


@pytest.fixture(scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Phone]:
    """A home with a gas detector, and with Anna, who has a phone."""
    folder = tmp_path_factory.mktemp("phone")
    node = Node(
        "home",
        "Home",
        free_port(),
        folder,
        place=(31.2, 121.4),
        configuration=CONFIGURATION,
    )
    phone = Phone(node)
    app = web.Application()
    app.router.add_post("/push", phone.push)
    service = web.AppRunner(app)
    await service.setup()
    try:
        await web.TCPSite(service, "127.0.0.1", phone.port).start()
        await seed(folder, node)
        await node.start()
        await phone.register()
        entry = await node.api.create_entry(
            "zhian",
            {"next_step_id": "home"},
            {"name": "Home", "gas": "natural_gas"},
            {"contacts": []},
            {},
        )
        await node.api.create_subentry(entry, "detector", {"entity_id": DETECTOR}, {})
        await node.api.create_subentry(
            entry,
            "contact",
            {"name": "Anna"},
            {"next_step_id": "notify"},
            {"target": NOTIFY},
            {"next_step_id": "finish"},
        )
        await phone.until_written()
        yield phone
        assert node.complaints() == []
    finally:
        await node.stop()
        await service.cleanup()


@pytest.fixture
async def alarm(home: Phone) -> AsyncGenerator[Phone]:
    """Gas in the kitchen, and in the end none."""
    home.messages.clear()
    await home.node.api.action("input_boolean.turn_on", entity_id="input_boolean.gas")
    yield home
    await home.node.api.action("input_boolean.turn_off", entity_id="input_boolean.gas")
    async with asyncio.timeout(30):
        while await home.incidents():
            with contextlib.suppress(HomeAssistantError):  # not known to be clear yet
                await home.node.api.action("zhian.reset")


async def test_an_alarm_is_acknowledged_from_the_phone(alarm: Phone) -> None:
    """By who holds the phone, with their name; a guess answers nothing."""
    tokens = await alarm.buttons(*FIRST)
    await alarm.press("ZHIAN_ACK_" + "0" * 32)
    await alarm.press(tokens[ACKNOWLEDGE])
    entry = await alarm.entry("acknowledged")
    assert (entry["via"], entry["by"]) == ("notification", "Owner")
    kinds = [e["kind"] for e in (await alarm.incident())["timeline"]]
    assert kinds.count("acknowledged") == 1


async def test_somebody_in_danger_asks_for_help_from_the_phone(alarm: Phone) -> None:
    tokens = await alarm.buttons(*FIRST)
    await alarm.press(tokens[HELP])
    entry = await alarm.entry("answered")
    assert (entry["response"], entry["via"]) == ("help", "notification")
    assert (await alarm.incident())["phase"] == "alarm"


async def test_who_is_safe_says_so_from_the_phone(alarm: Phone) -> None:
    """It ends no alarm: only a person on site does."""
    tokens = await alarm.buttons(*FIRST)
    await alarm.press(tokens[SAFE])
    entry = await alarm.entry("answered")
    assert (entry["response"], entry["via"]) == ("safe", "notification")
    assert (await alarm.incident())["phase"] == "alarm"


async def test_a_message_from_before_the_home_was_killed_still_answers(
    home: Phone,
) -> None:
    """The last one: a detector that has just come back is not believed for a while."""
    home.messages.clear()
    await home.node.api.action("input_boolean.turn_on", entity_id="input_boolean.gas")
    tokens = await home.buttons(*FIRST)
    await home.node.process.kill()
    await home.node.start()
    await home.press(tokens[HELP])
    entry = await home.entry("answered")
    assert (entry["response"], entry["via"]) == ("help", "notification")


ACKNOWLEDGE, SAFE, HELP = FIRST = ("I am taking this", "I am safe", "Send help")
