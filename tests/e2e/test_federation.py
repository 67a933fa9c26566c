"""Home, community, county: three real Home Assistants, the middle one killed and back."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
import contextlib
from contextlib import closing
from pathlib import Path
import sqlite3
from typing import Any

import pytest

from demo.ha_api import FlowError, HomeAssistantError
from demo.node import Node, seed
from demo.processes import free_port
from tests.faults.ledger import compare, look
from tests.faults.pair import BROKEN, CONFIGURATION, PLACE

LIMIT = 120.0
COMMUNITY, COUNTY = "Riverside police station", "County command centre"
KILLS = 3
type Found = dict[str, Any]


class Chain:
    """A home at a community's station, which is at the county's."""

    def __init__(self, folder: Path) -> None:
        """Prepare; nothing is started."""

        def node(name: str) -> Node:
            return Node(
                name, name, free_port(), folder, place=PLACE, base=CONFIGURATION
            )

        self.home = node("home")
        self.community = node("community")
        self.county = node("county")
        self.community_entry = ""
        self.county_entry = ""

    async def start(self) -> None:
        """Start all three and enrol each at the next."""
        async with asyncio.TaskGroup() as group:
            for node in (self.home, self.community, self.county):
                group.create_task(node.start())
        self.county_entry = await set_up(self.county, COUNTY)
        self.community_entry = await set_up(self.community, COMMUNITY)
        await join(self.community, self.community_entry, self.county)
        code = await code_of(self.community)
        await self.home.api.create_entry(
            "zhian",
            {"next_step_id": "home"},
            {"name": "12 Willow Lane", "gas": "natural_gas"},
            {"contacts": []},
            {
                "url": self.community.url,
                "code": code["code"],
                "allow_http": True,
                "purposes": ["people", "readings", "timeline", "higher"],
            },
            {},
        )

    async def stop(self) -> None:
        """Stop all three."""
        await asyncio.gather(
            *(node.stop() for node in (self.home, self.community, self.county))
        )

    async def call_for_help_for_ever(self) -> None:
        """Make incidents, one after the other."""
        while True:
            for action in ("call_for_help", "acknowledge", "reset"):
                with contextlib.suppress(*BROKEN):
                    await self.home.api.action(f"zhian.{action}")
            await asyncio.sleep(1)

    def is_settled(self) -> bool:
        """Whether the county has all that the home has."""
        home, middle = database(self.home), database(self.community)
        return (
            look(home, middle).is_settled
            and not owed(middle)
            and look(home, database(self.county)).is_settled
        )


def database(node: Node) -> Path:
    name = "home.db" if node.name == "home" else "station.db"
    return node.config / "zhian" / name


def owed(path: Path) -> int:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as disk:
        (count,) = disk.execute(
            "SELECT count(*) FROM uplink WHERE wanted > received"
        ).fetchone()
    return int(count)


def cases(node: Node) -> int:
    path = database(node)
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as disk:
        (count,) = disk.execute("SELECT count(*) FROM station_incidents").fetchone()
    return int(count)


async def set_up(node: Node, name: str) -> str:
    return await node.api.create_entry(
        "zhian",
        {"next_step_id": "station"},
        {
            "name": name,
            "community": name.partition(" ")[0],
            "location": {"latitude": PLACE[0], "longitude": PLACE[1]},
            "heartbeat_seconds": 10,
        },
    )


async def change(node: Node, entry: str, *steps: dict[str, object]) -> None:
    """Go through the dialog that changes a station."""
    with pytest.raises(FlowError) as ended:
        await node.api.flow("flow", {"handler": "zhian", "entry_id": entry}, *steps)
    assert ended.value.result.get("reason") == "reconfigure_successful", ended.value


async def code_of(node: Node, **which: object) -> Found:
    """Make a pairing code; a station that was just changed is begun anew."""
    return await until(
        lambda: node.api.ask("zhian.pairing_code", **which), "a pairing code"
    )


async def join(node: Node, entry: str, above: Node) -> None:
    code = await code_of(above, for_station=True)
    await change(
        node,
        entry,
        {"next_step_id": "parent"},
        {"url": above.url, "code": code["code"], "allow_http": True},
    )


async def until[T](ask: Callable[[], Awaitable[T]], what: str) -> T:
    """Return the first answer that is not empty; whoever starts anew may not answer."""
    try:
        async with asyncio.timeout(LIMIT):
            while True:
                with contextlib.suppress(*BROKEN):
                    if answer := await ask():
                        return answer
                await asyncio.sleep(0.1)
    except TimeoutError as error:
        raise AssertionError(f"{what} did not come within {LIMIT:.0f} s") from error


async def incidents(node: Node, **which: object) -> list[Found]:
    async with node.api.websocket() as socket:
        answer = await socket.call("zhian/station/incidents", **which)
    found: list[Found] = answer["incidents"]
    return found


async def orders(node: Node) -> list[Found]:
    async with node.api.websocket() as socket:
        events = await socket.subscribe("zhian/station/orders")
        async with asyncio.timeout(30):
            found: list[Found] = (await events.get())["orders"]
    return found


async def repairs(node: Node) -> set[str]:
    async with node.api.websocket() as socket:
        listed = await socket.call("repairs/list_issues")
    return {issue["translation_key"] for issue in listed["issues"]}


@pytest.fixture(scope="module")
async def chain(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Chain]:
    """A chain that all tests share, in order."""
    folder = tmp_path_factory.mktemp("federation")
    chain = Chain(folder)
    await seed(folder, chain.home, chain.community, chain.county)
    try:
        await chain.start()
        yield chain
        for node in (chain.home, chain.community, chain.county):
            assert [line for line in node.complaints() if " ERROR " in line] == []
    finally:
        await chain.stop()


async def test_an_acknowledgement_at_the_top_reaches_the_home(chain: Chain) -> None:
    """The home knows that somebody has it, and who, though nobody near did anything."""
    await chain.home.api.action("zhian.call_for_help")
    (top,) = await until(lambda: incidents(chain.county, open=True), "the incident")
    assert top["community"] == "Riverside"
    assert [step["station"] for step in top["path"]] == [COMMUNITY]
    assert top["household"]["name"] == "12 Willow Lane"
    await chain.county.api.action("zhian.desk_acknowledge", incident=top["number"])

    async def told() -> str:
        answer = await chain.home.api.ask("zhian.get_incidents", open_only=True)
        (incident,) = answer["incidents"]
        return next(
            (
                entry["body"]["by"]
                for entry in incident["timeline"]
                if entry["body"].get("status") == "acknowledged"
            ),
            "",
        )

    assert (await until(told, "the acknowledgement")).endswith(f"({COUNTY})")
    (middle,) = await incidents(chain.community, open=True)
    assert middle["status"] == "received"
    assert middle["above"]["station"] == COUNTY
    assert middle["above"]["status"] == "acknowledged"


async def test_the_middle_is_killed_and_nothing_is_lost_or_comes_twice(
    chain: Chain,
) -> None:
    """Each incident is at the top once, with every entry, in order."""
    making = asyncio.create_task(chain.call_for_help_for_ever())
    try:
        for _ in range(KILLS):
            seen = len(await asyncio.to_thread(look_at_top, chain))
            await until(
                lambda seen=seen: more_than(chain, seen),  # type: ignore[misc]
                "an incident at the top",
            )
            await chain.community.process.kill()
            await until(lambda: owes(chain), "an incident that waits at home")
            await chain.community.start()
    finally:
        making.cancel()
        await asyncio.gather(making, return_exceptions=True)
    for action in ("acknowledge", "reset"):
        with contextlib.suppress(HomeAssistantError):  # there may be none to end
            await chain.home.api.action(f"zhian.{action}")
    await until(lambda: asyncio.to_thread(chain.is_settled), "the last of them")
    found = compare(look(database(chain.home), database(chain.county)), frozenset())
    assert found.sent > KILLS
    assert (found.received, found.lost, found.twice) == (found.sent, 0, 0)
    for incident in await incidents(chain.county, limit=200):
        assert incident["timeline_intact"], incident["number"]


def look_at_top(chain: Chain) -> set[str]:
    return set(look(database(chain.home), database(chain.county)).station)


async def more_than(chain: Chain, seen: int) -> bool:
    return len(await asyncio.to_thread(look_at_top, chain)) > seen


async def owes(chain: Chain) -> bool:
    books = await asyncio.to_thread(
        look, database(chain.home), database(chain.community)
    )
    return books.owed > 0


async def test_an_order_is_signed_for_below_and_seen_above(chain: Chain) -> None:
    """It is on both disks before it counts, also while the middle is killed."""
    await chain.community.process.kill()
    given = await chain.county.api.ask(
        "zhian.order_station", text="Close the north gate."
    )
    await chain.community.start()
    (order,) = await until(lambda: orders(chain.community), "the order")
    assert order["id"] == given["id"]
    assert order["signed"] is None
    await chain.community.process.kill()
    await chain.community.start()
    signed = await chain.community.api.ask("zhian.sign_order")

    async def seen() -> Found | None:
        (order,) = await orders(chain.county)
        found: Found | None = order["signed"]
        return found

    assert await until(seen, "the signature") == signed["signed"]
    (order,) = await orders(chain.community)
    assert order["signed"] == signed["signed"]


async def test_a_loop_is_refused_and_told_once(chain: Chain) -> None:
    """The county under its own community: nothing goes round, nothing comes twice."""
    before = await asyncio.to_thread(cases, chain.community)
    await chain.home.api.action("zhian.call_for_help")
    await until(lambda: incidents(chain.county, open=True), "the incident")
    await join(chain.county, chain.county_entry, chain.community)

    async def is_told() -> bool:
        return "parent_loop" in await repairs(chain.county)

    await until(is_told, "the repair")
    assert await asyncio.to_thread(cases, chain.community) == before + 1
    await change(chain.county, chain.county_entry, {"next_step_id": "leave_parent"}, {})

    async def is_taken_back() -> bool:
        return "parent_loop" not in await repairs(chain.county)

    await until(is_taken_back, "the end of the repair")


async def test_who_leaves_is_forgotten_at_the_top_too(chain: Chain) -> None:
    """The top is away while it is asked for, and the middle is killed before it is told."""
    await chain.home.api.action("zhian.call_for_help")
    await until(lambda: incidents(chain.county, open=True), "the incident")
    for action in ("acknowledge", "reset"):
        with contextlib.suppress(HomeAssistantError):
            await chain.home.api.action(f"zhian.{action}")
    await until(lambda: asyncio.to_thread(chain.is_settled), "the last of them")
    assert NAME in on_disk(chain.county)
    for node in (chain.county, chain.community):
        for incident in await incidents(node, open=True, limit=200):
            with contextlib.suppress(HomeAssistantError):  # it is over meanwhile
                await node.api.action(
                    "zhian.desk_close",
                    incident=incident["number"],
                    disposition="resolved",
                )
    await chain.county.process.kill()
    await chain.home.api.action("zhian.withdraw_consent", receiver="station")

    async def confirmed() -> str | None:
        (withdrawn,) = (await chain.home.api.ask("zhian.get_consents"))["withdrawn"]
        at: str | None = withdrawn["deletion_confirmed_at"]
        return at

    await until(confirmed, "the confirmation")
    assert NAME not in on_disk(chain.community)
    assert NAME in on_disk(chain.county)
    await chain.community.process.kill()
    await chain.community.start()
    await chain.county.start()

    async def forgotten() -> bool:
        return NAME not in await asyncio.to_thread(on_disk, chain.county)

    await until(forgotten, "the deletion at the top")
    assert await incidents(chain.county, limit=200) == []


NAME = b"12 Willow Lane"


def on_disk(node: Node) -> bytes:
    """Return all that a station has on its disk."""
    files = sorted(database(node).parent.glob("station.db*"))
    return b"".join(file.read_bytes() for file in files if file.exists())
