"""The home's line to its station: reports up, answers down, a pulse in between."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from homeassistant.helpers import issue_registry as ir

import pytest

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home import station_link
from custom_components.zhian.home.station_link import LinkStatus, StationLink
from custom_components.zhian.link.client import (
    StationRefused,
    StationUnreachable,
    Trouble,
)
from custom_components.zhian.link.messages import Heartbeat, HeartbeatAnswer
from custom_components.zhian.link.outbox import GivenUp, LinkLost, LinkRestored
from custom_components.zhian.link.problems import Reason
from custom_components.zhian.safety.vocabulary import StationStatus

from .house import DETECTOR, KITCHEN_TABLET, LEVEL, VALVE, HomeUnderTest, request_from
from .stations import NOW, PlayedStation, played_station

LINK = "sensor.home_station"


@pytest.fixture
async def station(
    home: HomeUnderTest,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[PlayedStation]:
    """A station at which the home is enrolled; it answers questions quickly."""
    monkeypatch.setattr(station_link, "ASK_EVERY", 0.02)
    home.state(DETECTOR, "off")
    async with played_station() as played:
        home.station = played.options
        yield played
        if home.entry is not None:
            await home.stop()


def status(home: HomeUnderTest) -> StationStatus:
    """Return how far the station is with the open incident, as the home knows it."""
    return home.incident.station.status


async def test_an_alarm_is_reported_and_accepted(
    home: HomeUnderTest, station: PlayedStation
) -> None:
    """With the home's names for things, its place and every entry, from the disk."""
    await home.start()
    await home.report(DETECTOR, "on")
    await home.until(lambda: status(home) is StationStatus.ACCEPTED, "accepted")
    document = station.documents[0]
    assert document["id"] == home.incident.id
    assert document["hazard"] == "gas"
    assert document["drill"] is False
    assert document["priority"] == 1
    assert document["home"]["name"] == "Home"
    assert document["home"]["address"] == "Building 3"
    assert document["steps"][0]["actuator"] == "Gas supply"
    assert [e["seq"] for e in document["entries"]] == list(
        range(1, document["revision"] + 1)
    )
    await home.report(VALVE, "closed")
    await home.until(
        lambda: station.documents[-1]["steps"][0]["status"] == "confirmed", "the step"
    )
    # Only what it does not have yet.
    assert station.documents[-1]["entries"][0]["seq"] > document["revision"]
    (timeline,) = home.home.guard.timelines.all().values()
    assert {"signalled", "ordered", "on_disk", "accepted"} <= timeline.stamps.keys()
    assert timeline.stamps["on_disk"] <= timeline.stamps["accepted"]
    await home.until(lambda: home.shown("sensor.home_reports_waiting").state == "0")


async def test_what_the_station_does_is_shown_and_told(
    home: HomeUnderTest, station: PlayedStation
) -> None:
    """Acknowledged, dispatched, on scene, closed."""
    await home.start()
    await home.report(DETECTOR, "on")
    await home.until(lambda: status(home) is StationStatus.ACCEPTED)
    for view, reached, title in (
        (
            {"acknowledged": {"by": "Officer Li", "at": NOW}},
            StationStatus.ACKNOWLEDGED,
            "The station has taken the alarm at Home",
        ),
        (
            {"dispatched": {"unit": "Patrol 3", "eta_seconds": 360, "at": NOW}},
            StationStatus.DISPATCHED,
            "Help is on its way to Home",
        ),
        (
            {"arrived_at": NOW},
            StationStatus.ON_SCENE,
            "Help has arrived at Home",
        ),
        (
            {"closed": {"disposition": "resolved", "at": NOW}},
            StationStatus.CLOSED,
            "The station has closed the alarm at Home",
        ),
    ):
        station.view |= view
        await home.until(lambda reached=reached: status(home) is reached, reached)
        await home.settle()
        assert home.messages()[-1] == title
    side = home.incident.station
    assert side.number == "2026-000001"
    assert (side.by, side.unit, side.eta_seconds) == ("Officer Li", "Patrol 3", 360.0)
    assert side.disposition == "resolved"
    # It closed its case; the home's alarm is the home's.
    assert home.incident.is_open


async def test_a_station_that_goes_back_is_not_believed(
    home: HomeUnderTest, station: PlayedStation
) -> None:
    """A late answer is late."""
    await home.start()
    await home.report(DETECTOR, "on")
    station.view |= {
        "acknowledged": {"by": "Li", "at": NOW},
        "dispatched": {"unit": "3", "eta_seconds": None, "at": NOW},
    }
    await home.until(lambda: status(home) is StationStatus.DISPATCHED)
    await home.settle()
    told = len(home.messages())
    station.view = {}
    await home.report(VALVE, "closed")  # another report, and another "accepted"
    await home.until(lambda: station.documents[-1]["steps"][0]["status"] == "confirmed")
    await home.pass_time(1)
    assert status(home) is StationStatus.DISPATCHED
    assert len(home.messages()) == told


async def test_a_refused_report_is_told_with_its_reason(
    home: HomeUnderTest, station: PlayedStation
) -> None:
    """So that somebody calls by phone."""
    station.refusal = Reason.UNKNOWN_HOUSEHOLD
    await home.start()
    await home.report(DETECTOR, "on")
    await home.until(lambda: status(home) is StationStatus.REJECTED)
    await home.settle()
    assert home.incident.station.reason == "unknown_household"
    assert home.messages()[-1] == "The station refused the report from Home"
    await home.until(lambda: home.shown(LINK).state == "refused")


async def test_a_pre_alarm_is_not_reported(
    home: HomeUnderTest, station: PlayedStation
) -> None:
    """Nothing has happened yet that anybody should come for."""
    home.subentries.clear()
    home.add(
        "detector", {"entity_id": LEVEL, "hazard": "gas", "name": "G", "unit": "%LEL"}
    )
    home.state(LEVEL, "0")
    await home.start()
    await home.report(LEVEL, "6")
    await home.until(lambda: home.shown(LINK).state == "connected")
    assert home.shown("sensor.home_reports_waiting").state == "0"
    assert station.documents == []


async def test_a_drill_is_reported_as_a_drill(
    home: HomeUnderTest, station: PlayedStation
) -> None:
    """Marked from the switch to the last screen."""
    await home.start()
    entity = home.hass.data["switch"].get_entity("switch.home_drill")
    assert entity is not None
    await entity.async_turn_on()
    await home.until(lambda: station.documents)
    assert all(document["drill"] for document in station.documents)
    await entity.async_turn_off()
    await home.until(lambda: station.documents[-1]["phase"] == "closed")


async def test_the_pulse_says_how_the_home_is_guarded(
    home: HomeUnderTest, station: PlayedStation
) -> None:
    """And nothing else; the link shows that it is connected."""
    await home.start()
    await home.until(lambda: home.shown(LINK).state == "connected")
    beat = station.heartbeats[0]
    assert beat["open_incidents"] == 0
    assert beat["detectors"] == {"total": 1, "normal": 1}


async def test_what_was_closed_unreported_is_reported_after_a_restart(
    home: HomeUnderTest, station: PlayedStation
) -> None:
    """The station was down during the whole incident: it learns of it, once."""
    station.status = 503
    await home.start()
    await home.clear_for(90)
    await home.report(DETECTOR, "on")
    await home.report(VALVE, "closed")
    await home.report(DETECTOR, "off")
    anna = await home.person()
    with request_from(KITCHEN_TABLET):
        await home.do(DOMAIN, "reset", anna)
    (timeline,) = home.home.guard.timelines.all().values()
    closed = timeline.incident
    assert not closed.is_open
    assert home.shown("sensor.home_reports_waiting").state == "1"
    await home.stop()
    station.status = None
    await home.start()
    await home.until(lambda: station.documents)
    await home.until(lambda: station.revisions.get(closed.id) == closed.seq)
    assert len({d["id"] for d in station.documents}) == 1
    assert station.documents[-1]["phase"] == "closed"
    await home.until(lambda: home.shown("sensor.home_reports_waiting").state == "0")
    sent = len(station.documents)
    await home.reload()
    await home.until(lambda: len(station.heartbeats) > 1)
    assert len(station.documents) == sent


async def test_a_station_without_a_usable_address_costs_no_protection(
    home: HomeUnderTest,
) -> None:
    """The home is guarded all the same."""
    home.station = PlayedStation(url="ftp://station").options
    home.state(DETECTOR, "off")
    await home.start()
    assert home.home.link is None
    await home.report(DETECTOR, "on")
    assert home.calls("valve", "close_valve") == [VALVE]


# --- the pulse, beat by beat --------------------------------------------------------------


class PlayedClient:
    """A client whose station answers as the test says."""

    def __init__(self) -> None:
        """Be well at first."""
        self.trouble: Exception | None = None
        self.views: dict[str, Any] = {}
        self.endpoints = SimpleNamespace(all=(), on_change=None)

    async def beat(self, _: Heartbeat) -> HeartbeatAnswer:
        """Beat."""
        if self.trouble is not None:
            raise self.trouble
        return HeartbeatAnswer(30, datetime(2026, 11, 22, tzinfo=UTC))

    async def get_incident(self, incident: str) -> Any:
        """Ask."""
        raise StationUnreachable(Trouble.CONNECT)

    async def open_stream(self) -> Any:
        """Let no WebSocket pass."""
        raise StationUnreachable(Trouble.NOT_A_STATION)


@pytest.fixture
async def link(home: HomeUnderTest) -> tuple[StationLink, PlayedClient]:
    """A link that runs only as far as the test runs it."""
    home.state(DETECTOR, "off")
    await home.start()
    client = PlayedClient()

    def build(_: object) -> Any:
        raise AssertionError

    return StationLink(client, home.home.guard, build, 60), client  # type: ignore[arg-type]


async def test_three_missed_beats_are_a_lost_station(
    link: tuple[StationLink, PlayedClient],
) -> None:
    """It is asked more often then, and one answer is enough."""
    line, client = link
    assert await line._pulse() == 30.0
    assert line.status is LinkStatus.CONNECTED
    heard: list[LinkStatus] = []
    end = line.subscribe(lambda: heard.append(line.status))
    client.trouble = StationUnreachable(Trouble.TIMEOUT)
    for _ in range(2):
        await line._pulse()
        assert line.status is LinkStatus.CONNECTED
    assert await line._pulse() == 10.0
    assert line.status is LinkStatus.LOST
    client.trouble = None
    assert await line._pulse() == 30.0
    assert line.status is LinkStatus.CONNECTED
    assert heard == [LinkStatus.LOST, LinkStatus.CONNECTED]
    end()
    client.trouble = StationRefused(Reason.UNKNOWN_HOUSEHOLD)
    assert await line._pulse() == 30.0
    assert (line.status, line.refusal) == (LinkStatus.REFUSED, "unknown_household")
    assert len(heard) == 2


async def test_a_refusal_that_passes_is_no_refusal(
    link: tuple[StationLink, PlayedClient],
) -> None:
    """A station that is not ready, or asks for patience, still knows the home."""
    line, client = link
    client.trouble = StationRefused(Reason.NOT_READY)
    for _ in range(4):
        await line._pulse()
    assert line.status is LinkStatus.LOST


async def test_the_sender_moves_the_status_too(
    link: tuple[StationLink, PlayedClient], home: HomeUnderTest
) -> None:
    """It notices sooner than the pulse; what is given up is owed no more."""
    line, _ = link
    line._on_news(LinkLost("timeout"))
    assert line.status is LinkStatus.LOST
    line._on_news(LinkRestored())
    assert line.status is LinkStatus.CONNECTED
    line._on_news(GivenUp("unknown"))
    await home.report(DETECTOR, "on")
    (timeline,) = home.home.guard.timelines.all().values()
    timeline.wanted = timeline.incident.seq
    line._on_news(GivenUp(timeline.incident.id))
    assert not timeline.is_owed


async def test_a_question_without_an_answer_is_asked_again(
    link: tuple[StationLink, PlayedClient], home: HomeUnderTest
) -> None:
    """The sender and the pulse notice a lost station, not the question."""
    line, _ = link
    await home.report(DETECTOR, "on")
    (timeline,) = home.home.guard.timelines.all().values()
    timeline.received = 1
    assert await line._ask() == station_link.ASK_EVERY
    assert line.status is LinkStatus.CONNECTING


async def test_a_timeline_that_is_gone_is_not_sent(
    link: tuple[StationLink, PlayedClient],
) -> None:
    """That would be a fault of our own."""
    line, _ = link
    with pytest.raises(ValueError, match="no timeline"):
        await line._send("unknown")


async def test_a_fault_of_our_own_does_not_end_the_line(
    link: tuple[StationLink, PlayedClient],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is logged once and the work goes on."""
    line, _ = link
    worked = asyncio.Event()
    runs = 0

    async def work() -> float:
        nonlocal runs
        runs += 1
        if runs < 3:
            raise ValueError("bug")
        worked.set()
        return 60.0

    async def at_once(_: float) -> None:
        await asyncio.sleep(0)
        if worked.is_set():
            await asyncio.Event().wait()

    monkeypatch.setattr(station_link, "asyncio", SimpleNamespace(sleep=at_once))
    task = asyncio.create_task(line._forever(work))
    await worked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert caplog.text.count("stumbled") == 1


async def test_a_lost_station_is_a_repair(
    home: HomeUnderTest, station: PlayedStation, issue_registry: ir.IssueRegistry
) -> None:
    """Until it answers again."""
    await home.start()
    await home.until(lambda: home.shown(LINK).state == "connected")
    line = home.home.link
    assert line is not None
    station.status = 500
    for _ in range(3):
        await line._pulse()
    await home.settle()
    assert home.shown(LINK).state == "lost"
    assert issue_registry.async_get_issue(DOMAIN, "station_lost") is not None
    station.status = None
    await line._pulse()
    await home.settle()
    assert home.shown(LINK).state == "connected"
    assert issue_registry.async_get_issue(DOMAIN, "station_lost") is None


async def test_only_news_is_said_of_an_incident_that_is_over(
    link: tuple[StationLink, PlayedClient], home: HomeUnderTest
) -> None:
    """An answer about an incident that was reset meanwhile changes nothing."""
    line, _ = link
    before = home.home.guard.state
    line._say_status("over", StationStatus.ACCEPTED, "1")
    assert home.home.guard.state is before
