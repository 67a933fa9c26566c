"""What boards read and what their buttons do."""

from typing import Any

from homeassistant.auth.const import GROUP_ID_READ_ONLY, GROUP_ID_USER
from homeassistant.core import HomeAssistant
from homeassistant.helpers.dispatcher import async_dispatcher_send

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import (
    MockHAClientWebSocket,
    WebSocketGenerator,
)

from custom_components.zhian.station import Station
from custom_components.zhian.station.const import SIGNAL_CASE

from .conftest import Act, Home, incident


@pytest.fixture
async def board(
    hass: HomeAssistant, station: Station, hass_ws_client: WebSocketGenerator
) -> MockHAClientWebSocket:
    """Return an officer's board."""
    return await hass_ws_client(hass)


@pytest.fixture
async def reader(
    hass: HomeAssistant, board: MockHAClientWebSocket, hass_admin_user: MockUser
) -> MockHAClientWebSocket:
    """Return the board of somebody who may only look."""
    hass_admin_user.groups = [await _group(hass, GROUP_ID_READ_ONLY)]
    hass_admin_user.invalidate_cache()
    return board


async def ask(board: MockHAClientWebSocket, command: str, **data: Any) -> Any:
    """Send a command of the station and return the answer."""
    await board.send_json_auto_id({"type": f"zhian/station/{command}", **data})
    return await board.receive_json()


async def test_a_board_gets_the_whole_incident(
    station: Station, home: Home, board: MockHAClientWebSocket
) -> None:
    """Everything that a desk needs to decide."""
    document = incident(2)
    await home.put(document)
    answer = await ask(board, "incidents")
    (shown,) = answer["result"]["incidents"]
    assert answer["result"]["more"] is False
    assert shown["id"] == document["id"]
    assert shown["hazard"] == "gas"
    assert shown["status"] == "received"
    assert shown["priority"] == 1
    assert shown["drill"] is False
    assert shown["household"]["name"] == "Flat 5"
    assert shown["household"]["address"] == "Lane 3, Building 2"
    assert shown["household"]["contact"] == "+86 573 0000 0000"
    assert shown["household"]["lost"] is False
    assert (shown["household"]["latitude"], shown["household"]["longitude"]) == (
        30.84,
        120.92,
    )
    assert shown["level"] == {"value": 23.5, "unit": "%LEL"}
    assert shown["steps"] == document["steps"]
    assert [entry["seq"] for entry in shown["entries"]] == [1, 2]
    assert shown["timeline_intact"] is True


async def test_a_board_says_that_nobody_may_ring_and_how_sure_it_is(
    station: Station, home: Home, board: MockHAClientWebSocket
) -> None:
    """A home of a former version says neither."""
    await home.put(incident(hazard="sos", silent=True, score=4))
    await home.put(incident())
    answer = await ask(board, "incidents")
    newer, older = sorted(
        answer["result"]["incidents"], key=lambda i: i["hazard"], reverse=True
    )
    assert (newer["silent"], newer["score"]) == (True, 4)
    assert (older["silent"], older["score"]) == (False, None)


async def test_incidents_are_listed_in_pages(
    station: Station, home: Home, board: MockHAClientWebSocket, act: Act
) -> None:
    """The newest first, open and closed alike."""
    numbers = [(await home.put(incident())).body["number"] for _ in range(5)]
    await act("desk_close", incident=numbers[0], disposition="duplicate")
    first = (await ask(board, "incidents", limit=3))["result"]
    assert [i["number"] for i in first["incidents"]] == numbers[:1:-1]
    assert first["more"] is True
    last = (await ask(board, "incidents", limit=3, before=numbers[2]))["result"]
    assert [i["number"] for i in last["incidents"]] == [numbers[1], numbers[0]]
    assert last["more"] is False
    closed = (await ask(board, "incidents", open=False))["result"]["incidents"]
    assert [i["number"] for i in closed] == numbers[:1]
    assert closed[0]["closed"]["disposition"] == "duplicate"
    open_ = (await ask(board, "incidents", open=True))["result"]["incidents"]
    assert len(open_) == 4


async def test_a_subscriber_gets_the_open_incidents_and_then_every_change(
    hass: HomeAssistant,
    station: Station,
    home: Home,
    board: MockHAClientWebSocket,
    act: Act,
) -> None:
    """Without asking again."""
    document = incident(drill=True)
    number = (await home.put(document)).body["number"]
    await hass.async_block_till_done()
    assert (await ask(board, "subscribe"))["success"]
    event = (await board.receive_json())["event"]
    assert [i["number"] for i in event["incidents"]] == [number]
    assert event["incidents"][0]["drill"] is True

    await home.put(incident(2, id=document["id"], drill=True, phase="clearing"))
    event = (await board.receive_json())["event"]
    assert event["incident"]["phase"] == "clearing"
    assert len(event["incident"]["entries"]) == 2

    await act("desk_close", incident=number, disposition="false_alarm_test")
    event = (await board.receive_json())["event"]
    assert event["incident"]["status"] == "closed"


async def test_the_buttons_of_a_board_move_the_incident(
    station: Station, home: Home, board: MockHAClientWebSocket
) -> None:
    """With the officer's own name, to the second."""
    id_ = incident()["id"]
    await home.put(incident(id=id_))
    taken = (await ask(board, "acknowledge", incident=id_))["result"]["incident"]
    assert taken["status"] == "acknowledged"
    assert taken["acknowledged"]["by"] == "Mock User"
    sent = await ask(
        board, "dispatch", incident=id_, unit=" Patrol\n3 ", eta_seconds=240
    )
    assert sent["result"]["incident"]["dispatched"]["unit"] == "Patrol 3"
    assert sent["result"]["incident"]["dispatched"]["eta_seconds"] == 240
    there = (await ask(board, "arrive", incident=id_))["result"]["incident"]
    assert there["status"] == "on_scene"
    ended = await ask(
        board, "close", incident=id_, disposition="resolved", note="Hose was loose"
    )
    assert ended["result"]["incident"]["closed"]["note"] == "Hose was loose"
    again = await ask(board, "close", incident=id_, disposition="resolved")
    assert again["error"]["translation_key"] == "already_closed"
    unknown = await ask(board, "acknowledge", incident="2026-999999")
    assert unknown["error"]["translation_key"] == "unknown_incident"


@pytest.mark.parametrize(
    ("command", "data"),
    [
        ("acknowledge", {}),
        ("dispatch", {"unit": "Patrol 3"}),
        ("arrive", {}),
        ("close", {"disposition": "resolved"}),
    ],
)
async def test_a_read_only_user_looks_and_does_not_touch(
    home: Home,
    entry: MockConfigEntry,
    reader: MockHAClientWebSocket,
    command: str,
    data: dict[str, Any],
) -> None:
    """The rule is one function; roles come later."""
    number = (await home.put(incident())).body["number"]
    assert len((await ask(reader, "incidents"))["result"]["incidents"]) == 1
    refused = await ask(reader, command, incident=number, **data)
    assert refused["error"]["code"] == "unauthorized"
    station: Station = entry.runtime_data
    assert station.cases.open[0].handling.count == 0


async def test_a_user_with_write_access_may_act(
    hass: HomeAssistant,
    station: Station,
    home: Home,
    board: MockHAClientWebSocket,
    hass_admin_user: MockUser,
) -> None:
    """An officer need not be an administrator."""
    number = (await home.put(incident())).body["number"]
    hass_admin_user.groups = [await _group(hass, GROUP_ID_USER)]
    hass_admin_user.invalidate_cache()
    assert (await ask(board, "acknowledge", incident=number))["success"]


async def _group(hass: HomeAssistant, group_id: str) -> Any:
    group = await hass.auth.async_get_group(group_id)
    assert group is not None
    return group


async def test_without_a_station_a_board_is_told(
    hass: HomeAssistant, prepared: MockConfigEntry, hass_ws_client: WebSocketGenerator
) -> None:
    """In the user's language."""
    board = await hass_ws_client(hass)
    for command in ("incidents", "subscribe"):
        answer = await ask(board, command)
        assert answer["error"]["translation_key"] == "no_station"


async def test_a_subscription_outlives_a_reload(
    hass: HomeAssistant,
    station: Station,
    home: Home,
    board: MockHAClientWebSocket,
    entry: MockConfigEntry,
) -> None:
    """A board on the wall goes on by itself."""
    await ask(board, "subscribe")
    assert (await board.receive_json())["event"] == {"incidents": []}
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    await home.put(incident())
    assert (await board.receive_json())["event"]["incident"]["hazard"] == "gas"


async def test_a_change_without_a_station_reaches_no_board(
    hass: HomeAssistant,
    station: Station,
    home: Home,
    board: MockHAClientWebSocket,
    entry: MockConfigEntry,
) -> None:
    """The last write may end after the station has gone."""
    await home.put(incident())
    await hass.async_block_till_done()  # shown before anybody subscribes
    (case,) = station.cases.open
    await ask(board, "subscribe")
    await board.receive_json()
    assert await hass.config_entries.async_unload(entry.entry_id)
    async_dispatcher_send(hass, SIGNAL_CASE, case)
    assert (await ask(board, "incidents"))["error"]["translation_key"] == "no_station"
