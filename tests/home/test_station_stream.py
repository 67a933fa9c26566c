"""The home's stream: the station's news by themselves, and by asking where none passes."""

from collections.abc import AsyncGenerator

from homeassistant.components import persistent_notification
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir

import pytest

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home import station_link
from custom_components.zhian.link import stream
from custom_components.zhian.safety.vocabulary import StationStatus

from .house import DETECTOR, HomeUnderTest
from .stations import NOW, PlayedStation, played_station
from .test_station_link import LINK, status


@pytest.fixture
async def station(
    home: HomeUnderTest, socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[PlayedStation]:
    """A station with streams; whoever does not use them asks quickly."""
    monkeypatch.setattr(station_link, "ASK_EVERY", 0.02)
    monkeypatch.setattr(stream, "SHORTEST_PAUSE", 0.02)
    home.state(DETECTOR, "off")
    async with played_station() as played:
        played.passes_streams = True
        home.station = played.options
        yield played
        if home.entry is not None:
            await home.stop()


async def test_the_stations_news_come_by_themselves(
    home: HomeUnderTest, station: PlayedStation
) -> None:
    """Nobody asks while a stream is open."""
    await home.start()
    await home.until(lambda: station.streams, "a stream")
    await home.until(lambda: home.shown(LINK).state == "connected")
    await home.report(DETECTOR, "on")
    await home.until(lambda: status(home) is StationStatus.ACCEPTED, "accepted")
    await station.say(
        home.incident.id,
        status="dispatched",
        acknowledged={"by": "Li", "at": NOW},
        dispatched={"unit": "Patrol 3", "eta_seconds": 240, "at": NOW},
    )
    await home.until(lambda: status(home) is StationStatus.DISPATCHED, "dispatched")
    assert home.incident.station.unit == "Patrol 3"
    assert home.incident.station.eta_seconds == 240
    assert station.asked == 0


async def test_a_question_of_the_station_is_told_and_answered(
    home: HomeUnderTest, station: PlayedStation
) -> None:
    """The answer goes up with the incident, by the name of who gave it."""
    await home.start()
    await home.until(lambda: station.streams, "a stream")
    await home.report(DETECTOR, "on")
    await home.until(lambda: status(home) is StationStatus.ACCEPTED, "accepted")
    question = {
        "id": "019a3e1c-9f00-7000-8000-0123456789ad",
        "text": "Who holds a key {name}?",
        "by": "Officer Li",
        "at": NOW,
    }
    for _ in range(2):
        await station.say(home.incident.id, status="received", questions=[question])
    await home.until(lambda: home.incident.questions, "the question")
    await home.settle()
    assert home.messages().count("The station asks (Home)") == 1
    letter = next(c for c in home.recorded if "asks" in c.data.get("title", ""))
    assert "Officer Li: Who holds a key {name}?" in letter.data["message"]
    anna = await home.person()
    await home.do(DOMAIN, "answer_station", anna, text=" Flat 502 ")
    await home.until(
        lambda: station.documents[-1].get("answers"), "the answer at the station"
    )
    (answer,) = station.documents[-1]["answers"]
    assert (answer["question"], answer["text"]) == (question["id"], "Flat 502")
    assert answer["by"] == "Anna"
    with pytest.raises(ServiceValidationError) as caught:
        await home.do(DOMAIN, "answer_station", anna, text="again")
    assert caught.value.translation_key == "refused_no_such_question"


def shown_notices(home: HomeUnderTest) -> list[str]:
    """Return what stands on the home's page."""
    found = persistent_notification._async_get_or_create_notifications(home.hass)
    return [n["message"] for i, n in found.items() if i.startswith("zhian_notice")]


async def test_a_notice_is_shown_once_and_goes_when_it_is_over(
    home: HomeUnderTest, station: PlayedStation
) -> None:
    """It rings nobody, and nothing in it is markup."""
    await home.start()
    await home.until(lambda: station.streams, "a stream")
    notice = {
        "id": "019a3e1c-9f00-7000-8000-0123456789ae",
        "text": "[No power](http://x) at 9.",
        "by": "Desk 1",
        "at": NOW,
        "until": NOW,
    }
    for _ in range(2):
        await station.streams[0].send_json({"type": "notice", **notice})
    await home.until(lambda: shown_notices(home), "the notice")
    assert shown_notices(home) == ["    [No power](http://x) at 9.\n    — Desk 1"]
    station.notices = [notice]
    line = home.home.link
    assert line is not None
    await line._pulse()
    assert len(shown_notices(home)) == 1
    station.notices = []
    await line._pulse()
    assert shown_notices(home) == []
    assert home.messages() == []


async def test_what_was_missed_is_asked_once_when_the_stream_is_back(
    home: HomeUnderTest, station: PlayedStation
) -> None:
    """The present state of every open incident, also of one that was closed there."""
    await home.start()
    await home.until(lambda: station.streams, "a stream")
    await home.report(DETECTOR, "on")
    await home.until(lambda: status(home) is StationStatus.ACCEPTED, "accepted")
    station.status = 503
    await station.streams[0].close(code=1001)
    await home.until(lambda: not station.streams, "the end")
    station.view |= {
        "acknowledged": {"by": "Li", "at": NOW},
        "closed": {"disposition": "resolved", "at": NOW},
    }
    station.status = None
    await home.until(lambda: status(home) is StationStatus.CLOSED, "closed")
    await home.until(lambda: station.streams, "the stream again")
    assert home.incident.station.disposition == "resolved"
    line = home.home.link
    assert line is not None
    asked = station.asked
    await line._beat()
    assert station.asked == asked


async def test_heartbeats_go_over_the_stream(
    home: HomeUnderTest, station: PlayedStation
) -> None:
    """One signature a stream, not one a heartbeat."""
    await home.start()
    await home.until(lambda: station.streams, "a stream")
    line = home.home.link
    assert line is not None
    posted = len(station.heartbeats)
    assert await line._pulse() == 60.0
    assert station.streamed[-1]["type"] == "heartbeat"
    assert station.streamed[-1]["detectors"] == {"total": 1, "normal": 1}
    assert len(station.heartbeats) == posted


async def test_where_no_websocket_passes_the_home_polls_and_tries_again(
    home: HomeUnderTest, station: PlayedStation
) -> None:
    """And goes back to the stream by itself."""
    station.passes_streams = False
    await home.start()
    await home.until(lambda: station.heartbeats, "a heartbeat")
    assert home.shown(LINK).state == "connected"
    await home.report(DETECTOR, "on")
    station.view |= {"acknowledged": {"by": "Li", "at": NOW}}
    await home.until(lambda: status(home) is StationStatus.ACKNOWLEDGED, "taken")
    station.passes_streams = True
    await home.until(lambda: station.streams, "a stream")
    await station.say(home.incident.id, status="on_scene", arrived_at=NOW)
    await home.until(lambda: status(home) is StationStatus.ON_SCENE, "on scene")


async def test_a_stream_that_does_not_answer_costs_no_heartbeat(
    home: HomeUnderTest, station: PlayedStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same heartbeat goes the other way, and the dead stream is hung up."""
    monkeypatch.setattr(stream, "ANSWER_SECONDS", 0.0)
    await home.start()
    await home.until(lambda: station.streams, "a stream")
    line = home.home.link
    assert line is not None
    posted = len(station.heartbeats)
    assert await line._pulse() == 60.0
    assert len(station.heartbeats) == posted + 1
    assert home.shown(LINK).state == "connected"


async def test_a_stream_that_opens_ends_the_repair_of_a_lost_station(
    home: HomeUnderTest, station: PlayedStation, issue_registry: ir.IssueRegistry
) -> None:
    """Without waiting for the next heartbeat."""
    station.status = 500
    await home.start()
    line = home.home.link
    assert line is not None
    for _ in range(3):
        await line._pulse()
    await home.settle()
    assert issue_registry.async_get_issue(DOMAIN, "station_lost") is not None
    station.status = None
    await home.until(lambda: station.streams, "a stream")
    await home.until(lambda: home.shown(LINK).state == "connected")
    assert issue_registry.async_get_issue(DOMAIN, "station_lost") is None


async def test_rubbish_of_a_station_ends_the_stream_not_the_home(
    home: HomeUnderTest, station: PlayedStation, caplog: pytest.LogCaptureFixture
) -> None:
    """The next stream is a new chance."""
    await home.start()
    for rubbish in ("{", '{"type": "incident"}', '{"type": 1}', "x" * 70_000):
        await home.until(lambda: station.streams, "a stream")
        (socket,) = station.streams
        await socket.send_str('{"type": "of a newer station"}')
        await socket.send_str(rubbish)
        await home.until(lambda socket=socket: socket not in station.streams, "the end")
    await home.until(lambda: station.streams, "a stream")
    await station.streams[0].send_bytes(b"\x00")
    await home.report(DETECTOR, "on")
    await home.until(lambda: status(home) is StationStatus.ACCEPTED, "accepted")
    assert "Traceback" not in caplog.text


async def test_the_home_says_that_it_goes(
    home: HomeUnderTest, station: PlayedStation
) -> None:
    """Nothing of it stays at the station."""
    await home.start()
    await home.until(lambda: station.streams, "a stream")
    (socket,) = station.streams
    await home.stop()
    await home.until(lambda: not station.streams, "the end")
    assert socket.close_code == 1001
    home.entry = None
