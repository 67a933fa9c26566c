"""The open lines to the homes: heartbeats up, news down, whatever a home sends."""

import asyncio
from datetime import timedelta
from http import HTTPStatus
import json
import secrets
from typing import Any

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError, web
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.zhian.link.frames import PING_SECONDS, CloseCode
from custom_components.zhian.link.messages import HeartbeatAnswer
from custom_components.zhian.link.signatures import sign
from custom_components.zhian.link.views import StationView
from custom_components.zhian.station import Station, lines
from custom_components.zhian.station.lines import Line

from .conftest import API, Act, Home, incident

BEAT = {
    "type": "heartbeat",
    "at": "2026-11-22T08:00:00+00:00",
    "open_incidents": 0,
    "detectors": {"total": 3, "normal": 2},
}


async def connect(home: Home, **options: Any) -> ClientWebSocketResponse:
    """Open a home's line."""
    url = home.client.make_url(f"{API}/stream")
    headers = sign(
        home.key,
        keyid=home.household or "",
        method="GET",
        authority=url.host_port_subcomponent or "",
        path=url.raw_path,
        query="",
        body=b"",
        content_type="application/json",
        created=int(dt_util.utcnow().timestamp()),
        nonce=secrets.token_urlsafe(18),
    )
    return await home.client.ws_connect(f"{API}/stream", headers=headers, **options)


async def answer_to(socket: ClientWebSocketResponse, beat: Any = BEAT) -> Any:
    """Send a frame and return the next one that comes."""
    await socket.send_json(beat)
    return await socket.receive_json(timeout=10)


async def end_of(socket: ClientWebSocketResponse) -> int | None:
    """Wait for the end of a line and return its code."""
    while not socket.closed:
        await socket.receive(timeout=10)
    return socket.close_code


async def is_gone(station: Station) -> None:
    """Wait until the station has no line any more."""
    async with asyncio.timeout(10):
        while len(station.lines):
            await asyncio.sleep(0)


async def test_a_heartbeat_over_the_stream_is_answered_and_known(
    station: Station, home: Home
) -> None:
    """The station sets the interval, and knows how well the home is guarded."""
    assert home.household is not None
    socket = await connect(home)
    answer = await answer_to(socket)
    assert answer["type"] == "heartbeat"
    assert HeartbeatAnswer.from_json(answer).next_seconds == 60
    beat = station.registry.last_beat(home.household)
    assert beat is not None
    assert (beat.detectors_total, beat.detectors_normal) == (3, 2)
    assert home.household in station.lines
    assert station.diagnostics()["households_connected"] == 1
    await socket.close()
    await is_gone(station)


async def test_what_the_desk_does_comes_down_by_itself(
    station: Station, home: Home, act: Act
) -> None:
    """Acknowledged, dispatched with unit and time, on scene, closed with a result."""
    document = incident()
    number = (await home.put(document)).body["number"]
    socket = await connect(home)
    assert await answer_to(socket)
    for action, data, status in (
        ("desk_acknowledge", {}, "acknowledged"),
        ("desk_dispatch", {"unit": "Patrol 3", "eta_minutes": 4}, "dispatched"),
        ("desk_arrive", {}, "on_scene"),
        ("desk_close", {"disposition": "resolved"}, "closed"),
    ):
        await act(action, incident=number, **data)
        news = await socket.receive_json(timeout=10)
        assert (news["type"], news["incident"]) == ("incident", document["id"])
        assert news["status"] == status
    view = StationView.from_json(news)
    assert view.dispatched is not None
    assert (view.dispatched.unit, view.dispatched.eta_seconds) == ("Patrol 3", 240)
    assert view.closed is not None
    assert view.closed.disposition == "resolved"
    await socket.close()


async def test_the_desk_asks_and_the_homes_answer_comes_back(
    hass: HomeAssistant, station: Station, home: Home, act: Act, hass_ws_client: Any
) -> None:
    """Such as who holds a key: down by the stream, up with the incident."""
    document = incident()
    number = (await home.put(document)).body["number"]
    socket = await connect(home)
    assert await answer_to(socket)
    await act("desk_ask", incident=number, text=" Who holds\na key? ")
    news = await socket.receive_json(timeout=10)
    (question,) = news["questions"]
    assert question["text"] == "Who holds a key?"
    assert news["status"] == "acknowledged"  # a desk that asks has read the call
    assert (await home.get(document["id"])).body["questions"] == [question]
    answer = {
        "question": question["id"],
        "text": "Anna, flat 502",
        "by": "Ben",
        "at": "2026-11-22T08:01:00+00:00",
    }
    await home.put(incident(2, id=document["id"], answers=[answer]))
    board = await hass_ws_client(hass)
    await board.send_json(
        {"id": 1, "type": "zhian/station/ask", "incident": number, "text": "Floor?"}
    )
    shown = (await board.receive_json())["result"]["incident"]
    assert [asked["answer"] for asked in shown["questions"]] == [answer, None]
    assert shown["questions"][0]["by"] == "Riverside Station"
    await socket.close()
    # And over a restart of the station.
    assert await hass.config_entries.async_reload(station.entry.entry_id)
    view = (await home.get(document["id"])).body
    assert [asked["text"] for asked in view["questions"]] == [
        "Who holds a key?",
        "Floor?",
    ]


@pytest.mark.parametrize(
    ("text", "asked", "refusal"),
    [(" \t", 0, "question_empty"), ("Key?", 20, "too_many_questions")],
)
async def test_a_question_that_says_nothing_or_is_one_too_many_is_refused(
    station: Station, home: Home, act: Act, text: str, asked: int, refusal: str
) -> None:
    """In the words of the person at the desk."""
    number = (await home.put(incident())).body["number"]
    for _ in range(asked):
        await station.ask(number, None, "Key?")
    with pytest.raises(ServiceValidationError) as caught:
        await act("desk_ask", incident=number, text=text)
    assert caught.value.translation_key == refusal


async def test_a_notice_goes_to_every_household_until_it_is_over(
    hass: HomeAssistant,
    station: Station,
    home: Home,
    act: Act,
    freezer: FrozenDateTimeFactory,
) -> None:
    """At once to those who are connected, with their heartbeat to the others."""
    socket = await connect(home)
    assert (await answer_to(socket))["notices"] == []
    await act("announce", text="No power\ttomorrow at 9.", hours=1)
    notice = await socket.receive_json(timeout=10)
    assert notice.pop("type") == "notice"
    assert notice["text"] == "No power tomorrow at 9."
    assert notice["by"] == "Riverside Station"
    await socket.close()
    assert (await home.heartbeat()).body["notices"] == [notice]
    assert await hass.config_entries.async_reload(station.entry.entry_id)
    freezer.tick(timedelta(minutes=59))
    assert (await home.heartbeat()).body["notices"] == [notice]
    freezer.tick(timedelta(minutes=2))
    assert (await home.heartbeat()).body["notices"] == []
    with pytest.raises(ServiceValidationError) as caught:
        await act("announce", text=" ")
    assert caught.value.translation_key == "notice_empty"


async def test_five_notices_are_enough(station: Station, home: Home, act: Act) -> None:
    """The newest count."""
    for number in range(7):
        await act("announce", text=f"Notice {number}")
    notices = (await home.heartbeat()).body["notices"]
    assert [notice["text"] for notice in notices] == [
        f"Notice {number}" for number in range(2, 7)
    ]


async def test_only_the_household_itself_hears_of_its_incident(
    station: Station, home: Home, act: Act
) -> None:
    """Not its neighbour."""
    neighbour = Home(home.client)
    await neighbour.enrol((await station.registry.new_code()).text)
    number = (await home.put(incident())).body["number"]
    socket = await connect(neighbour)
    await act("desk_acknowledge", incident=number)
    assert (await answer_to(socket))["type"] == "heartbeat"
    await socket.close()


async def test_a_newer_line_of_a_household_replaces_the_older(
    station: Station, home: Home, act: Act
) -> None:
    """The older one may be half open: nobody is at its other end."""
    number = (await home.put(incident())).body["number"]
    ending = asyncio.create_task(end_of(await connect(home)))
    newer = await connect(home)
    assert await ending == CloseCode.REPLACED
    assert len(station.lines) == 1
    await act("desk_acknowledge", incident=number)
    assert (await newer.receive_json(timeout=10))["status"] == "acknowledged"
    await newer.close()
    await is_gone(station)


@pytest.mark.parametrize("restart", ["stop", "unload"])
async def test_the_station_says_that_it_goes(
    hass: HomeAssistant, station: Station, home: Home, restart: str
) -> None:
    """So that the homes come again, and no socket outlives the station."""
    socket = await connect(home)
    assert await answer_to(socket)
    ending = asyncio.create_task(end_of(socket))
    await asyncio.sleep(0)
    if restart == "stop":
        hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    else:
        assert await hass.config_entries.async_unload(station.entry.entry_id)
    assert await ending == CloseCode.GOING_AWAY
    await hass.async_block_till_done()
    assert not station.database._accepts
    assert len(station.lines) == 0


async def test_a_line_that_comes_while_the_station_goes_is_ended(
    station: Station, home: Home
) -> None:
    """It would never be closed otherwise."""
    await station.lines.close()
    socket = await connect(home)
    assert await end_of(socket) == CloseCode.GOING_AWAY


@pytest.mark.parametrize(
    "rubbish",
    [
        "",
        "null",
        "[]",
        "{",
        '{"type": 5}',
        '{"type": "heartbeat"}',
        "[" * 4000,
        '{"type": "heartbeat", "at": "\\ud800"}',
        b"\x00\xff",
        pytest.param("x" * 5000, id="too long"),
    ],
)
async def test_rubbish_ends_the_line_and_nothing_else(
    station: Station,
    home: Home,
    rubbish: str | bytes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With a code, without a traceback, and the next line is taken."""
    socket = await connect(home)
    if isinstance(rubbish, str):
        await socket.send_str(rubbish)
    else:
        await socket.send_bytes(rubbish)
    assert await end_of(socket) in {CloseCode.BAD_FRAME, 1009}
    await is_gone(station)
    again = await connect(home)
    assert (await answer_to(again))["type"] == "heartbeat"
    await again.close()
    assert "Traceback" not in caplog.text
    assert "Unclosed" not in caplog.text


async def test_frames_that_are_no_websocket_end_the_line(
    station: Station, home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    """Reserved bits, an unmasked frame: whatever somebody writes into the socket."""
    socket = await connect(home)
    transport = socket.get_extra_info("transport") or socket._conn.transport  # type: ignore[union-attr]
    transport.write(b"\xff\xff\xff\xff" * 10)
    assert await end_of(socket) in {1002, 1006, 1009, None}
    await is_gone(station)
    assert "Traceback" not in caplog.text


async def test_a_type_of_a_newer_home_is_ignored(station: Station, home: Home) -> None:
    """Types may be added without a new version."""
    socket = await connect(home)
    await socket.send_json({"type": "weather", "rain": True})
    assert (await answer_to(socket))["type"] == "heartbeat"
    await socket.close()


async def test_a_home_that_floods_is_cut_off(station: Station, home: Home) -> None:
    """And may come again."""
    socket = await connect(home)
    for _ in range(lines.FRAMES_PER_MINUTE + 1):
        await socket.send_json(BEAT)
    assert await end_of(socket) == CloseCode.BAD_FRAME
    await is_gone(station)
    assert await answer_to(await connect(home))


async def test_the_line_is_signed_like_every_request(
    station: Station, home: Home
) -> None:
    """Without a signature, or with another's, nobody listens in."""
    with pytest.raises(WSServerHandshakeError) as unsigned:
        await home.client.ws_connect(f"{API}/stream")  # type: ignore[arg-type]
    assert unsigned.value.status == HTTPStatus.UNAUTHORIZED
    thief = Home(home.client, household=home.household)
    with pytest.raises(WSServerHandshakeError) as forged:
        await connect(thief)
    assert forged.value.status == HTTPStatus.UNAUTHORIZED
    assert len(station.lines) == 0


async def test_a_request_that_is_no_upgrade_is_told_so(
    station: Station, home: Home
) -> None:
    """A proxy has swallowed the header: the home polls instead."""
    reply = await home.send("GET", "/stream")
    assert reply.status == HTTPStatus.UPGRADE_REQUIRED
    assert reply.reason == "upgrade_required"
    assert reply.headers["Upgrade"] == "websocket"


async def test_nothing_is_packed_even_if_a_home_offers_it(
    station: Station, home: Home
) -> None:
    """A packer costs ten times the memory of a line."""
    socket = await connect(home, compress=15)
    assert socket.compress == 0
    assert (await answer_to(socket))["type"] == "heartbeat"
    await socket.close()


async def test_a_home_that_is_silent_for_three_heartbeats_is_lost_in_time(
    hass: HomeAssistant, station: Station, home: Home, freezer: FrozenDateTimeFactory
) -> None:
    """Within 180 s, although its line seems open; one heartbeat and it is back."""
    socket = await connect(home)
    assert await answer_to(socket)
    freezer.tick(178)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert station.registry.lost == frozenset()
    freezer.tick(2)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert station.registry.lost == {home.household}
    assert await answer_to(socket)
    assert station.registry.lost == frozenset()
    await socket.close()


class SlowSocket:
    """A socket whose other side does not read."""

    def __init__(self) -> None:
        """Let nothing through."""
        self.reads = asyncio.Event()
        self.sent: list[bytes] = []

    async def send_frame(self, frame: bytes, kind: WSMsgType) -> None:
        """Send as soon as the other side reads."""
        await self.reads.wait()
        self.sent.append(frame)


async def test_a_home_that_reads_slowly_gets_the_newest_picture() -> None:
    """Not every one that there has been, and in the order of their subjects."""
    socket = SlowSocket()
    line = Line(socket)  # type: ignore[arg-type]
    for subject, frame in (("a", b"a1"), ("b", b"b1"), ("c", b"c1"), ("b", b"b2")):
        assert line.say(subject, frame)
    socket.reads.set()
    async with asyncio.timeout(10):
        while len(socket.sent) < 3:
            await asyncio.sleep(0)
    assert socket.sent == [b"a1", b"b2", b"c1"]
    assert line.say("d", b"d1")
    assert socket.sent[-1] == b"d1"


async def test_a_home_that_reads_nothing_has_to_come_again(
    station: Station, home: Home, monkeypatch: pytest.MonkeyPatch, act: Act
) -> None:
    """What waits for it is bounded."""
    monkeypatch.setattr(lines, "MOST_WAITING", 0)
    never = asyncio.Event()

    async def hang(*_: object) -> None:
        await never.wait()

    monkeypatch.setattr(web.WebSocketResponse, "send_frame", hang)
    number = (await home.put(incident())).body["number"]
    other = (await home.put(incident())).body["number"]
    socket = await connect(home)
    await act("desk_acknowledge", incident=number)
    await act("desk_acknowledge", incident=other)
    assert await end_of(socket) == CloseCode.TRY_LATER
    await is_gone(station)


async def pass_a_look(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Let the station look at its lines once."""
    freezer.tick(PING_SECONDS)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()


async def test_a_dead_line_is_noticed_by_its_silence(
    hass: HomeAssistant, station: Station, home: Home, freezer: FrozenDateTimeFactory
) -> None:
    """The other side answers no ping: it is half open, and makes room."""
    socket = await connect(home, autoping=False)
    assert await answer_to(socket)
    await pass_a_look(hass, freezer)
    await pass_a_look(hass, freezer)
    assert (await socket.receive(timeout=10)).type is WSMsgType.PING
    assert len(station.lines) == 1
    await pass_a_look(hass, freezer)
    await is_gone(station)
    assert await end_of(socket) == 1006


async def test_a_line_on_which_pings_are_answered_stays(
    hass: HomeAssistant, station: Station, home: Home, freezer: FrozenDateTimeFactory
) -> None:
    """Silent homes are pinged well within the 60 s after which proxies cut."""
    socket = await connect(home, autoping=False)
    for _ in range(4):
        await pass_a_look(hass, freezer)
        await pass_a_look(hass, freezer)
        ping = await socket.receive(timeout=10)
        assert ping.type is WSMsgType.PING
        await socket.pong(ping.data)
        assert await answer_to(socket)  # so that the pong has been read
    await socket.close()


async def test_a_home_may_ping_too(station: Station, home: Home) -> None:
    """Its pong comes back with the same words."""
    socket = await connect(home, autoping=False)
    await socket.ping(b"there?")
    pong = await socket.receive(timeout=10)
    assert (pong.type, pong.data) == (WSMsgType.PONG, b"there?")
    await socket.close()


async def test_the_last_beat_is_on_the_board(
    hass: HomeAssistant, station: Station, home: Home, hass_ws_client: Any
) -> None:
    """So that the desk sees how far the home can be believed."""
    await home.put(incident())
    socket = await connect(home)
    assert await answer_to(socket)
    board = await hass_ws_client(hass)
    await board.send_json({"id": 1, "type": "zhian/station/incidents"})
    (shown,) = (await board.receive_json())["result"]["incidents"]
    assert shown["household"]["connected"] is True
    assert shown["household"]["detectors"] == {"total": 3, "normal": 2}
    assert json.dumps(shown)
    await socket.close()
    assert timedelta(0) <= dt_util.utcnow() - dt_util.parse_datetime(
        shown["household"]["last_seen"]
    )  # type: ignore[operator]
