"""The Miaojia case of 2018: the owner is away, and whoever is at home does not answer.

Everybody is told over two channels, rung by rung; the station sees that nobody at home
answers; in the end the neighbour takes it. The time-outs are short, the rest is real.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
import hashlib
import hmac
import json
from typing import Any, Final

from aiohttp import web

from .ha_api import FlowError, HomeAssistantError
from .observer import (
    GAS,
    LEVEL,
    Incident,
    changed_at,
    home_incidents,
    is_from,
    is_on,
    station_incidents,
    wait_for_incident,
    wait_for_state,
)
from .timeline import Result, Timeline
from .world import World, wait_until

SECRET: Final = "the gateway's own"
PATIENCE: Final = 8
"""Seconds that each rung has; 60 and 120 in a home."""
TWO_CHANNELS_WITHIN: Final = 15.0
"""GB/T 45839-2025, 5.10.4."""

PEOPLE: Final = (
    ("Grandmother", "resident"),
    ("Son", "relative"),
    ("Neighbour Wu", "neighbour"),
)
CHANNELS: Final = ("sms", "call")
STEPS: Final = ("alarm", "told", "rung", "unanswered", "accepted")


@dataclass(slots=True)
class Gateway:
    """A provider of text messages and calls: it takes what is signed."""

    port: int = 0
    messages: list[tuple[datetime, str, str, dict[str, Any]]] = field(
        default_factory=list
    )
    """When, over what, to whom, and the message."""
    forged: int = 0

    async def receive(self, request: web.Request) -> web.Response:
        """Take a message."""
        body = await request.read()
        signed = request.headers.get("Zhian-Timestamp", "").encode() + b"." + body
        digest = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        if request.headers.get("Zhian-Signature") != f"sha256={digest}":
            self.forged += 1
            return web.Response(status=401)
        message = json.loads(body)
        channel = request.match_info["channel"]
        at = datetime.now(UTC)
        self.messages.append((at, channel, message["contact"], message))
        return web.Response(status=204)

    def first(self, channel: str, name: str) -> tuple[datetime, dict[str, Any]] | None:
        """Return the first message to somebody over a channel."""
        for at, over, whom, message in self.messages:
            if (over, whom) == (channel, name):
                return at, message
        return None

    async def wait(self, name: str, limit: float) -> None:
        """Wait until somebody has been told over both channels."""

        async def is_told() -> bool:
            return all(self.first(channel, name) for channel in CHANNELS)

        await wait_until(is_told, limit, f"two messages to {name}")


@asynccontextmanager
async def running_gateway() -> AsyncIterator[Gateway]:
    """Run a gateway on the loopback."""
    gateway = Gateway()
    app = web.Application()
    app.router.add_post("/{channel}", gateway.receive)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    gateway.port = runner.addresses[0][1]
    try:
        yield gateway
    finally:
        await runner.cleanup()


class NobodyAnswers:
    """One leak at which nobody at home answers."""

    def __init__(
        self, world: World, gateway: Gateway, say: Callable[[str], None]
    ) -> None:
        """Prepare."""
        self._world = world
        self._gateway = gateway
        self._say = say
        self._home = world.home.api
        self._incident: Incident | None = None
        self._problems: list[str] = []

    async def play(self) -> Result:
        """Play it and return what happened."""
        names: dict[str, str] = {}
        timeline = Timeline(datetime.now(UTC), names)
        try:
            names |= await self._move_in()
            await self._leak(timeline)
        except (TimeoutError, HomeAssistantError, OSError) as error:
            self._problems.append(f"{type(error).__name__}: {error}")
        entries = self._incident["entries"] if self._incident else ()
        for at, channel, name, message in self._gateway.messages:
            timeline.add(at, f"gateway_{channel}", f"{name}: {message['message']}")
        steps = timeline.steps(entries)
        missing = set(STEPS) - {step.what for step in steps}
        self._problems += sorted(missing)
        for problem in self._problems:
            self._say(f"Not as promised: {problem}")
        for node in (self._world.home, self._world.station):
            for line in node.complaints():
                self._say(f"The log complains: {node.name}: {line}")
        return Result(
            "nobody-answers", not self._problems, self._world.home.version, steps
        )

    async def _move_in(self) -> dict[str, str]:
        """Add the people, by the dialogs that a person would use."""
        async with self._home.websocket() as socket:
            (entry,) = await socket.call("config_entries/get", domain="zhian")
        entry_id: str = entry["entry_id"]
        for name, role in PEOPLE:
            steps: list[dict[str, object]] = [{"name": name, "role": role}]
            for channel in CHANNELS:
                url = f"http://127.0.0.1:{self._gateway.port}/{channel}"
                steps += [
                    {"next_step_id": "webhook"},
                    {"url": url, "secret": SECRET},
                ]
            steps.append({"next_step_id": "finish"})
            await self._home.create_subentry(entry_id, "contact", *steps)
        patience = dict.fromkeys(
            ("resident", "relative", "neighbour", "repeat"), PATIENCE
        )
        try:
            await self._home.flow(
                "flow",
                {"handler": "zhian", "entry_id": entry_id},
                {"next_step_id": "ladder"},
                patience,
            )
        except FlowError as error:
            if error.result.get("reason") != "reconfigure_successful":
                raise
        async with self._home.websocket() as socket:
            people = await socket.call(
                "config_entries/subentries/list", entry_id=entry_id
            )

        async def is_ready() -> bool:
            async with self._home.websocket() as socket:
                entries = await socket.call("config_entries/get", domain="zhian")
            state = await self._home.state("button.12_willow_lane_send_test_message")
            return (
                entries[0]["state"] == "loaded"
                and state is not None
                and state["state"] != "unavailable"
            )

        await wait_until(is_ready, 30, "the home with its people")
        return {item["subentry_id"]: item["title"] for item in people}

    async def _leak(self, timeline: Timeline) -> None:
        self._say("The owner is away; grandmother does not hear the telephone")
        async with asyncio.TaskGroup() as group:
            # The detector says both in one message; the home may hear either first.
            alarms = [
                group.create_task(wait_for_state(self._home, entity_id, is_it, 60))
                for entity_id, is_it in ((GAS, is_on), (LEVEL, is_from(10)))
            ]
            await self._home.action(
                "button.press", entity_id="button.controls_leak_large"
            )
        state = min((task.result() for task in alarms), key=changed_at)
        timeline.alarm = alarm = changed_at(state)
        timeline.add(alarm, "alarm", state["entity_id"])
        await self._gateway.wait("Grandmother", TWO_CHANNELS_WITHIN)
        for channel in CHANNELS:
            self._expect_within(alarm, channel, "Grandmother", TWO_CHANNELS_WITHIN)
        self._say("The residents are told on two channels; nobody answers")
        case = await wait_for_incident(
            lambda: station_incidents(self._world.station.api),
            lambda case: case["unanswered_at"] is not None,
            PATIENCE + 30,
            "the station that sees: no answer at home",
        )
        timeline.add(datetime.now(UTC), "station_sees", "no answer at home")
        shown = await self._shown_on_the_map()
        if not shown:
            self._problems.append("the map does not show: no answer at home")
        await self._gateway.wait("Son", PATIENCE + 15)
        await self._gateway.wait("Neighbour Wu", 2 * PATIENCE + 15)
        self._say("The son, then the neighbour; the neighbour takes it")
        found = self._gateway.first("sms", "Neighbour Wu")
        assert found is not None
        _, message = found
        await self._home.action("zhian.answer", token=message["answers"]["acknowledge"])
        await self._until_taken(case["id"])
        told = len(self._gateway.messages)
        await asyncio.sleep(PATIENCE + 2)
        rest = [m for *_, m in self._gateway.messages[told:]]
        if any(m["message"] in ("unanswered", "repeat") for m in rest):
            self._problems.append("people are called although it has been taken")
        if self._gateway.forged:
            self._problems.append("a message without its signature")
        await self._keep(case["id"])

    async def _until_taken(self, incident: str) -> None:
        case = await wait_for_incident(
            lambda: station_incidents(self._world.station.api),
            lambda case: case["id"] == incident and case["acknowledged_at_home"],
            30,
            "the neighbour's answer at the station",
        )
        by = case["acknowledged_at_home"]["by"]
        if by != "Neighbour Wu" or case["unanswered_at"] is not None:
            self._problems.append(f"the station does not see who took it: {by}")

    async def _keep(self, incident: str) -> None:
        self._incident = await wait_for_incident(
            lambda: home_incidents(self._home),
            lambda found: found["id"] == incident,
            10,
            "the incident at home",
        )

    async def _shown_on_the_map(self) -> bool:
        async with self._world.station.api.websocket() as socket:
            states = await socket.call("get_states")
        return any(
            state["attributes"].get("no_answer_at_home") is True
            for state in states
            if state["entity_id"].startswith("geo_location.")
        )

    def _expect_within(
        self, alarm: datetime, channel: str, name: str, limit: float
    ) -> None:
        found = self._gateway.first(channel, name)
        seconds = (found[0] - alarm).total_seconds() if found else float("inf")
        if seconds > limit:
            self._problems.append(f"{name} told by {channel} after {seconds:.1f} s")


async def play_nobody_answers(
    world: World, fault: object, say: Callable[[str], None]
) -> Result:
    """Play it; it has no faults of its own."""
    async with running_gateway() as gateway:
        return await NobodyAnswers(world, gateway, say).play()
