"""When and in which order the outbox sends. Time is virtual: nothing sleeps."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from custom_components.zhian.link.client import (
    StationRefused,
    StationUnreachable,
    Trouble,
)
from custom_components.zhian.link.messages import Answer
from custom_components.zhian.link.outbox import (
    Delivered,
    GivenUp,
    LinkLost,
    LinkRestored,
    News,
    Refused,
    Sender,
    Waiting,
)
from custom_components.zhian.link.problems import Reason

START = datetime(2026, 11, 1, 8, tzinfo=UTC)


async def settle(turns: int = 30) -> None:
    """Let every task go as far as it can without time passing."""
    for _ in range(turns):
        await asyncio.sleep(0)


class World:
    """A clock that is moved by hand, a disk, a station and what was told."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.days = timedelta()  # that the calendar has jumped
        self.sleepers: list[tuple[float, asyncio.Future[None]]] = []
        self.disk: dict[str, Waiting] = {}
        self.reads = 0
        self.sent: list[tuple[float, str]] = []
        self.news: list[News] = []
        self.station: Callable[[str], Awaitable[Answer]] = self.accept
        self.disk_error: Exception | None = None
        self.write_error: Exception | None = None
        self.sender = Sender(
            self,
            self.send,
            self.news.append,
            utcnow=lambda: self.now,
            monotonic=lambda: self.seconds,
            sleep=self.sleep,
            rng=Random(1),
        )

    @property
    def now(self) -> datetime:
        return START + self.days + timedelta(seconds=self.seconds - 1000.0)

    # The disk.
    async def pending(self) -> list[Waiting]:
        self.reads += 1
        if self.disk_error:
            raise self.disk_error
        return list(self.disk.values())

    async def received(self, incident: str, revision: int, number: str) -> None:
        if self.write_error:
            raise self.write_error
        if self.disk[incident].revision <= revision:
            del self.disk[incident]

    def want(self, incident: str, revision: int = 1, minute: int = 0) -> None:
        before = self.disk.get(incident)
        self.disk[incident] = (
            replace(before, revision=revision)
            if before
            else Waiting(incident, revision, START + timedelta(minutes=minute))
        )
        self.sender.wake()

    def close(self, incident: str) -> None:
        self.disk[incident] = replace(self.disk[incident], closed_at=self.now)

    # The station.
    async def send(self, incident: str) -> Answer:
        self.sent.append((self.seconds - 1000.0, incident))
        return await self.station(incident)

    async def accept(self, incident: str) -> Answer:
        return Answer("2026-000001", self.disk[incident].revision)

    async def be_down(self, incident: str) -> Answer:
        raise StationUnreachable(Trouble.CONNECT)

    def refuse(self, reason: str) -> Callable[[str], Awaitable[Answer]]:
        async def station(incident: str) -> Answer:
            raise StationRefused(reason)

        return station

    # Time.
    async def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.sleepers.append((self.seconds + seconds, future))
        await future

    async def run_for(self, seconds: float) -> None:
        end = self.seconds + seconds
        await settle()
        while True:
            alive = [sleeper for sleeper in self.sleepers if not sleeper[1].done()]
            self.sleepers = alive
            at, future = min(alive, key=lambda sleeper: sleeper[0])
            if at > end:
                break
            self.seconds = max(at, self.seconds)
            future.set_result(None)
            await settle()
        self.seconds = end

    @property
    def order(self) -> list[str]:
        return [incident for _, incident in self.sent]

    def gaps(self) -> list[float]:
        times = [at for at, _ in self.sent]
        return [after - before for before, after in pairwise(times)]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """Return a world with a sender at work."""
    world = World()
    async with running(world):
        yield world


@asynccontextmanager
async def running(world: World) -> AsyncIterator[None]:
    task = asyncio.create_task(world.sender.run())
    await settle()
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_what_is_on_the_disk_is_sent_in_the_same_moment(world: World) -> None:
    world.want("a")
    await settle()
    assert world.sent == [(0.0, "a")]
    assert world.disk == {}
    assert world.news == [LinkRestored(), Delivered("a", 1, "2026-000001")]


async def test_an_idle_outbox_leaves_the_disk_alone(world: World) -> None:
    world.want("a")
    await settle()
    world.reads = 0
    await world.run_for(6000)
    assert world.reads == 10


async def test_what_a_crash_left_is_sent_at_the_start() -> None:
    world = World()
    world.want("a")
    async with running(world):
        await settle()
        assert world.order == ["a"]


async def test_the_pause_grows_from_five_seconds_to_a_minute(world: World) -> None:
    world.station = world.be_down
    world.want("a")
    await world.run_for(600)
    gaps = world.gaps()
    for gap, nominal in zip(gaps, (5, 10, 20, 40, 60, 60, 60), strict=False):
        assert nominal * 0.8 <= gap <= min(nominal * 1.2, 60)
    assert len({round(gap, 3) for gap in gaps[:4]}) == 4
    assert [gap for gap in gaps if gap % 5] != []  # shaken


async def test_an_open_incident_is_never_given_up(world: World) -> None:
    world.station = world.be_down
    world.want("a")
    await world.run_for(300)
    world.days += timedelta(days=30)
    await world.run_for(300)
    assert world.sent[-1][0] > 600 - 61
    world.station = world.accept
    await world.run_for(61)
    assert world.disk == {}
    assert GivenUp("a") not in world.news


async def test_a_closed_incident_is_given_up_after_a_day_and_that_is_told(
    world: World,
) -> None:
    world.station = world.be_down
    world.want("a")
    world.close("a")
    await world.run_for(300)
    world.days += timedelta(hours=23, minutes=50)
    await world.run_for(200)
    assert GivenUp("a") not in world.news
    assert world.sent[-1][0] > 500 - 61
    await world.run_for(200)
    assert world.news.count(GivenUp("a")) == 1
    sent = len(world.sent)
    await world.run_for(3600)
    assert len(world.sent) == sent


async def test_a_closed_incident_of_last_week_is_tried_before_it_is_given_up() -> None:
    world = World()
    world.want("a")
    world.close("a")
    world.days += timedelta(days=7)
    async with running(world):
        await settle()
        assert world.news[-1] == Delivered("a", 1, "2026-000001")


async def test_a_burst_after_an_outage_does_not_bury_the_newest(world: World) -> None:
    world.station = world.be_down
    for minute in range(100):
        world.want(f"incident {minute}", minute=minute)
        await world.run_for(60)
    world.station = world.accept
    world.want("now", minute=1000)
    await settle(1000)
    assert world.order[-101] == "now"
    # What failed before goes at once too, the newest first, without another pause.
    assert world.order[-100:] == [f"incident {99 - at}" for at in range(100)]
    assert world.sent[-1][0] == world.sent[-101][0]
    assert world.disk == {}


async def test_a_new_incident_does_not_wait_for_the_pause_of_others(
    world: World,
) -> None:
    world.station = world.be_down
    world.want("a")
    await world.run_for(300)
    world.sent.clear()
    world.want("b", minute=5)
    await settle()
    assert world.order == ["b"]


async def test_one_that_never_gets_an_answer_does_not_block_others(
    world: World,
) -> None:
    """Whatever the poison is: it may be the newest, and it may be many."""
    poison = {f"poison {at}" for at in range(6)}

    async def station(incident: str) -> Answer:
        if incident in poison:
            await world.sleep(10)
            raise StationUnreachable(Trouble.TIMEOUT)
        return await world.accept(incident)

    world.station = station
    for at in range(6):
        world.want(f"poison {at}", minute=100 + at)
    for at in range(20):
        world.want(f"sound {at}", minute=at)
    await world.run_for(120)
    assert set(world.disk) == poison


async def test_one_that_hangs_does_not_hold_up_a_new_alarm(world: World) -> None:
    async def station(incident: str) -> Answer:
        if incident == "slow":
            await world.sleep(10)
        return await world.accept(incident)

    world.station = station
    world.want("slow")
    await settle()
    world.want("new", minute=1)
    await settle()
    assert set(world.disk) == {"slow"}
    assert world.sender.in_flight == 1


async def test_one_incident_is_never_twice_on_its_way(world: World) -> None:
    on_their_way = 0

    async def station(incident: str) -> Answer:
        nonlocal on_their_way
        on_their_way += 1
        assert on_their_way == 1
        revision = world.disk[incident].revision
        await world.sleep(3)
        on_their_way -= 1
        return Answer("2026-000001", revision)

    world.station = station
    world.want("a", 1)
    await settle()
    world.want("a", 2)
    world.want("a", 3)
    await world.run_for(10)
    assert [news for news in world.news if isinstance(news, Delivered)] == [
        Delivered("a", 1, "2026-000001"),
        Delivered("a", 3, "2026-000001"),
    ]


async def test_a_long_timeline_goes_in_parts_without_a_pause(world: World) -> None:
    have = 0

    async def station(incident: str) -> Answer:
        nonlocal have
        have = min(have + 500, world.disk[incident].revision)
        return Answer("2026-000001", have)

    world.station = station
    world.want("a", 1600)
    await settle()
    assert world.disk == {}
    assert len(world.sent) == 4


async def test_a_station_that_stands_still_is_not_hurried(world: World) -> None:
    async def station(incident: str) -> Answer:
        return Answer("2026-000001", 1)

    world.station = station
    world.want("a", 3)
    await world.run_for(60)
    assert len(world.sent) < 8
    assert len([n for n in world.news if isinstance(n, Delivered)]) == 1


@pytest.mark.parametrize(
    "reason",
    [
        Reason.BAD_DOCUMENT,
        Reason.BAD_LOCATION,
        Reason.TOO_LARGE,
        Reason.TOO_OLD,
    ],
)
async def test_a_bad_document_is_told_once_and_shown_again_every_ten_minutes(
    world: World, reason: Reason
) -> None:
    world.station = world.refuse(reason)
    world.want("a")
    await world.run_for(3600)
    assert world.news == [LinkRestored(), Refused("a", reason)]
    assert [at for at, _ in world.sent] == [600.0 * at for at in range(7)]
    world.station = world.accept
    await world.run_for(600)
    assert world.disk == {}


@pytest.mark.parametrize(
    "reason",
    [
        Reason.UNKNOWN_HOUSEHOLD,
        Reason.BAD_SIGNATURE,
        "word_of_a_newer_station",
    ],
)
async def test_a_refusal_that_may_be_mended_is_told_once_and_asked_again_within_a_minute(
    world: World, reason: str
) -> None:
    world.station = world.refuse(reason)
    world.want("a")
    await world.run_for(3600)
    assert world.news == [LinkRestored(), Refused("a", reason)]
    assert 60 <= len(world.sent) <= 90
    world.station = world.accept
    await world.run_for(60)
    assert world.disk == {}


async def test_a_refused_incident_does_not_slow_others(world: World) -> None:
    world.station = world.refuse(Reason.BAD_DOCUMENT)
    world.want("a")
    await settle()
    world.station = world.accept
    world.want("b")
    await settle()
    assert set(world.disk) == {"a"}


@pytest.mark.parametrize(
    "reason", [Reason.STALE, Reason.RATE_LIMITED, Reason.NOT_READY, Reason.REPLAYED]
)
async def test_a_passing_refusal_is_tried_again_soon(
    world: World, reason: Reason
) -> None:
    world.station = world.refuse(reason)
    world.want("a")
    await settle()
    world.station = world.accept
    await world.run_for(6)
    assert world.disk == {}


async def test_the_station_may_ask_for_a_longer_pause(world: World) -> None:
    async def station(incident: str) -> Answer:
        raise StationUnreachable(Trouble.SERVER_ERROR, retry_after=120.0)

    world.station = station
    world.want("a")
    await world.run_for(119)
    assert len(world.sent) == 1
    await world.run_for(2)
    assert len(world.sent) == 2


async def test_news_of_a_failing_incident_go_early_but_not_at_a_sensors_pace(
    world: World,
) -> None:
    world.station = world.be_down
    world.want("a")
    await world.run_for(300)
    world.sent.clear()
    for revision in range(2, 62):
        world.want("a", revision)
        await world.run_for(1)
    assert 10 <= len(world.sent) <= 13


async def test_a_lost_link_is_told_once_and_so_is_its_return(world: World) -> None:
    world.want("a")
    await settle()
    world.news.clear()
    world.station = world.be_down
    world.want("b")
    await world.run_for(600)
    assert world.news == [LinkLost(Trouble.CONNECT)]
    assert world.sender.is_reachable is False
    world.station = world.accept
    await world.run_for(61)
    assert world.news[1:] == [LinkRestored(), Delivered("b", 1, "2026-000001")]


async def test_a_heartbeat_that_gets_through_ends_the_pause(world: World) -> None:
    world.station = world.be_down
    world.want("a")
    await world.run_for(300)
    world.station = world.accept
    world.sender.restored()
    await settle()
    assert world.disk == {}


async def test_an_answer_that_cannot_be_written_is_not_counted(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.write_error = OSError("no space left")
    world.want("a")
    await world.run_for(30)
    assert 2 <= len(world.sent) <= 4
    assert not [news for news in world.news if isinstance(news, Delivered)]
    assert caplog.text.count("could not be written") == 1
    world.write_error = None
    await world.run_for(61)
    assert world.disk == {}


async def test_a_disk_that_cannot_be_read_is_tried_again(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.disk_error = OSError("no disk")
    world.want("a")
    await world.run_for(60)
    assert caplog.text.count("cannot be read") == 1
    world.disk_error = None
    await world.run_for(61)
    assert world.order == ["a"]


async def test_a_fault_of_our_own_in_one_document_does_not_stop_the_others(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def station(incident: str) -> Answer:
        if incident == "a":
            raise RuntimeError("bug")
        return await world.accept(incident)

    world.station = station
    world.want("a", minute=1)
    world.want("b")
    await world.run_for(600)
    assert set(world.disk) == {"a"}
    assert caplog.text.count("could not be sent") == 1


async def test_a_listener_that_raises_does_not_stop_the_outbox() -> None:
    world = World()

    def tell(news: News) -> None:
        raise RuntimeError("bug")

    world.sender._tell = tell
    async with running(world):
        world.want("a")
        await settle()
        world.want("b")
        await settle()
        assert world.disk == {}


async def test_the_end_leaves_nothing_running() -> None:
    world = World()

    async def station(incident: str) -> Answer:
        await world.sleep(10)
        raise AssertionError

    world.station = station
    async with running(world):
        world.want("a")
        await settle()
        assert world.sender.in_flight == 1
    await settle()
    assert world.sender.in_flight == 0
    assert set(world.disk) == {"a"}


async def test_a_forgotten_wake_is_made_good_within_ten_minutes(world: World) -> None:
    world.disk["a"] = Waiting("a", 1, START)
    await world.run_for(601)
    assert world.order == ["a"]
