"""A station above: what those below pass on, and what it does and orders."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.zhian.link.origins import LONGEST_PATH
from custom_components.zhian.station import Station
from custom_components.zhian.station.board import show

from .below import (
    AT,
    BELOW,
    ENDED,
    FURTHER_BELOW,
    TAKEN,
    Below,
    enrolled,
    origin,
    passed_on,
)
from .conftest import Act, Home, incident
from .test_stream import answer_to, connect


@pytest.fixture
async def below(station: Station, stranger: Home) -> Below:
    """Return a station that reports to this one."""
    return await enrolled(station, stranger.client)


# Who it is


async def test_a_station_below_is_no_household(
    hass: HomeAssistant, station: Station, below: Below
) -> None:
    """It is counted for itself."""
    (known,) = station.registry.stations
    assert (known.station, known.name) == (BELOW, "Lakeside Station")
    assert len(station.registry) == 0
    await hass.async_block_till_done()
    counts = {
        name: hass.states.get(f"sensor.riverside_station_{name}").state  # type: ignore[union-attr]
        for name in ("enrolled_households", "stations_below", "higher_station")
    }
    assert counts == {
        "enrolled_households": "0",
        "stations_below": "1",
        "higher_station": "none",
    }


async def test_it_is_a_station_after_a_restart_too(
    hass: HomeAssistant, station: Station, below: Below, entry: MockConfigEntry
) -> None:
    """The registry is on the disk."""
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert [s.station for s in entry.runtime_data.registry.stations] == [BELOW]


async def test_a_lost_station_is_named_and_is_no_lost_household(
    hass: HomeAssistant, station: Station, below: Below
) -> None:
    """Three heartbeats did not come."""
    station.registry.look_for_lost(timedelta(days=1))
    assert station.registry.lost == {below.household}
    assert station.registry.lost_homes == frozenset()
    await hass.async_block_till_done()
    shown = hass.states.get("sensor.riverside_station_stations_below")
    assert shown is not None
    assert shown.attributes["lost"] == ["Lakeside Station"]


@pytest.mark.parametrize("for_station", [True, False])
async def test_a_code_for_the_one_enrols_no_other(
    station: Station, stranger: Home, for_station: bool
) -> None:
    """Nobody speaks for others with a code that a home was given."""
    below = Below(stranger.client)
    code = await station.registry.new_code(for_station=for_station)
    assert code is not None
    enrol = below.enrol if for_station else below.enrol_station
    reply = await enrol(code.text)
    assert (reply.status, reply.reason) == (HTTPStatus.FORBIDDEN, "bad_code")
    right = below.enrol_station if for_station else below.enrol
    assert (await right(code.text)).status == HTTPStatus.CREATED


async def test_a_household_stays_what_it_is(
    station: Station, below: Below, home: Home
) -> None:
    """Also with a code that gives it another key."""
    code = await station.pair(home.household)
    other = Below(home.client)
    assert (await other.enrol_station(code.text)).reason == "bad_code"
    code = await station.pair(below.household)
    assert (await Home(home.client).enrol(code.text)).reason == "bad_code"
    assert (await other.enrol_station(code.text)).status == HTTPStatus.CREATED
    assert other.household == below.household


async def test_a_station_needs_its_id(station: Station, stranger: Home) -> None:
    """Without one no path could be followed."""
    code = await station.registry.new_code(for_station=True)
    assert code is not None
    reply = await stranger.enrol(code.text, kind="station")
    assert (reply.reason, reply.body["path"]) == ("bad_document", "station")


async def test_a_station_is_not_above_itself(station: Station, stranger: Home) -> None:
    """And the code is good for another."""
    below = Below(stranger.client)
    code = await station.registry.new_code(for_station=True)
    assert code is not None
    reply = await below.enrol_station(code.text, station.federation.id)
    assert (reply.status, reply.reason) == (HTTPStatus.CONFLICT, "loop")
    assert (await below.enrol_station(code.text)).status == HTTPStatus.CREATED


# What it passes on


async def test_the_path_is_shown_with_what_was_done_on_it(
    hass: HomeAssistant, station: Station, below: Below
) -> None:
    """On the board, on the map and in the count."""
    path = (origin(FURTHER_BELOW, 1, **TAKEN), origin(name="Street", community="S"))
    reply = await below.put(passed_on(2, *path))
    assert reply.status == HTTPStatus.OK
    (case,) = station.cases.open
    shown = show(station, case)
    assert shown["community"] == "Lakeside"
    assert [(p["station"], p["status"]) for p in shown["path"]] == [
        ("Lakeside Station", "acknowledged"),
        ("Street", "received"),
    ]
    assert shown["household"]["name"] == "Flat 5"
    assert shown["household"]["contact"] is None  # not that of the station below
    assert shown["timeline_intact"]
    await hass.async_block_till_done()
    (on_map,) = hass.states.async_all("geo_location")
    assert on_map.attributes["community"] == "Lakeside"
    assert on_map.attributes["path"] == ["Lakeside Station", "Street"]
    assert on_map.attributes["household"] == "Flat 5"
    count = hass.states.get("sensor.riverside_station_open_incidents")
    assert count is not None
    assert count.attributes["incidents"][0]["community"] == "Lakeside"


async def test_each_part_counts_by_its_own_number(
    station: Station, below: Below
) -> None:
    """What a station has done is news without a word of the home, late or not."""
    first = passed_on()
    await below.put(first)
    await below.put(first | {"origins": [origin(changes=1, **TAKEN)]})
    newer = passed_on(3, id=first["id"], phase="clearing")
    await below.put(newer)  # overtaken: it knows less of what was done
    (case,) = station.cases.open
    assert case.document.revision == 3
    assert case.document.phase == "clearing"
    assert case.document.origins[0].changes == 1
    assert case.document.origins[0].view.acknowledged is not None
    before = case
    await below.put(first)
    assert station.cases.open == [before]


async def test_what_a_home_says_of_a_path_counts_for_nothing(
    station: Station, home: Home
) -> None:
    """And its alarm is taken all the same."""
    assert (await home.put(passed_on())).status == HTTPStatus.OK
    (case,) = station.cases.open
    assert case.document.origins == ()


@pytest.mark.parametrize(
    "path",
    [
        [origin("own"), origin()],
        [origin(), origin(FURTHER_BELOW), origin()],
        [
            *(origin(f"019a3e1c-9f00-7000-8000-{n:012d}") for n in range(LONGEST_PATH)),
            origin(),
        ],
    ],
    ids=["through this station", "a station twice", "too long"],
)
async def test_a_path_that_goes_round_is_refused(
    station: Station, below: Below, path: list[dict[str, Any]]
) -> None:
    """Nothing is stored."""
    own = {"station": station.federation.id}
    path = [one | own if one["station"] == "own" else one for one in path]
    reply = await below.put(passed_on(1, *path))
    assert (reply.status, reply.reason) == (HTTPStatus.CONFLICT, "loop")
    assert station.cases.open == []


@pytest.mark.parametrize("path", [[], [origin(FURTHER_BELOW)]])
async def test_who_passes_on_is_last_on_the_path(
    station: Station, below: Below, path: list[dict[str, Any]]
) -> None:
    """Otherwise the next round would not be seen."""
    reply = await below.put(incident(origins=path))
    assert (reply.reason, reply.body["path"]) == ("bad_document", "origins")
    assert station.cases.open == []


async def test_an_incident_that_came_by_another_way_is_refused(
    station: Station, below: Below, home: Home
) -> None:
    """Of a home of this station itself: it is its source."""
    document = incident()
    await home.put(document)
    reply = await below.put(document | {"origins": [origin()]})
    assert (reply.status, reply.reason) == (HTTPStatus.CONFLICT, "loop")
    (case,) = station.cases.open
    assert case.household == home.household


async def test_what_took_days_to_arrive_is_taken_from_a_station(
    station: Station, below: Below
) -> None:
    """It has judged it when it came; here it is the record."""
    old = (dt_util.utcnow() - timedelta(days=3)).isoformat()
    document = passed_on(1, opened_at=old, phase="closed")
    assert (await below.put(document)).status == HTTPStatus.OK
    assert len(station.cases.open) == 1


# Who ends it


async def test_what_those_below_have_ended_is_over_where_nobody_took_it(
    hass: HomeAssistant, station: Station, below: Below, entry: MockConfigEntry
) -> None:
    """Also after a restart; who takes it then has it again, and ends it."""
    document = passed_on(1, origin(changes=1, **TAKEN))
    number = (await below.put(document)).body["number"]
    assert len(station.cases.open) == 1
    document["origins"] = [origin(changes=2, **ENDED)]
    await below.put(document)
    assert station.cases.open == []
    assert await hass.config_entries.async_reload(entry.entry_id)
    station = entry.runtime_data
    assert station.cases.open == []
    (case,) = await station.cases.page(is_open=False, before=None, limit=5)
    assert case.closed_at is not None
    assert case.closed_at.isoformat() == AT
    await station.acknowledge(number, "Wang")
    assert len(station.cases.open) == 1


async def test_who_has_taken_it_ends_it(station: Station, below: Below) -> None:
    """Not those below."""
    document = passed_on()
    number = (await below.put(document)).body["number"]
    await station.acknowledge(number, "Wang")
    document["origins"] = [origin(changes=2, **ENDED)]
    await below.put(document)
    assert len(station.cases.open) == 1


async def test_it_is_over_once_all_who_took_it_have_ended_it(
    station: Station, below: Below
) -> None:
    """One of two on the path is not enough."""
    document = passed_on(
        1, origin(FURTHER_BELOW, 2, **ENDED), origin(changes=1, **TAKEN)
    )
    await below.put(document)
    assert len(station.cases.open) == 1
    document["origins"][1] = origin(changes=2, **ENDED)
    await below.put(document)
    assert station.cases.open == []


# Orders


async def test_an_order_goes_down_until_somebody_has_signed(
    hass: HomeAssistant, station: Station, below: Below, act: Act
) -> None:
    """With each heartbeat; the first signature stays."""
    given = await act("order_station", text="Close the gate.", returns=True)
    for _ in range(2):
        (named,) = (await below.heartbeat()).body["orders"]
        assert (named["id"], named["text"]) == (given["id"], "Close the gate.")
    await hass.async_block_till_done()
    unsigned = "sensor.riverside_station_orders_not_signed_for_below"
    assert hass.states.get(unsigned).state == "1"  # type: ignore[union-attr]
    reply = await below.sign(given["id"])
    assert reply.status == HTTPStatus.OK
    assert reply.body["signed"]["by"] == "Li"
    assert (await below.sign(given["id"], "Zhou")).body == reply.body
    assert "orders" not in (await below.heartbeat()).body
    await hass.async_block_till_done()
    assert hass.states.get(unsigned).state == "0"  # type: ignore[union-attr]
    (order,) = station.federation.orders.all
    assert order.signed is not None
    assert order.signed.by == "Li"


async def test_an_order_is_said_at_once_on_the_line(
    station: Station, below: Below, act: Act
) -> None:
    """And again with the next heartbeat."""
    socket = await connect(below)
    assert (await answer_to(socket))["type"] == "heartbeat"
    await act("order_station", text="Close the gate.")
    frame = await socket.receive_json(timeout=10)
    assert (frame["type"], frame["text"]) == ("order", "Close the gate.")
    assert [o["id"] for o in (await answer_to(socket))["orders"]] == [frame["id"]]
    await socket.close()


async def test_an_order_and_its_signature_survive_a_restart(
    hass: HomeAssistant,
    station: Station,
    below: Below,
    act: Act,
    entry: MockConfigEntry,
) -> None:
    """Each is on the disk before it counts."""
    signed = await act("order_station", text="Close the gate.", returns=True)
    await below.sign(signed["id"])
    unsigned = await act("order_station", text="Open it.", returns=True)
    assert await hass.config_entries.async_reload(entry.entry_id)
    orders = entry.runtime_data.federation.orders
    assert [order.id for order in orders.unsigned_below] == [unsigned["id"]]
    assert {o.id for o in orders.all} == {signed["id"], unsigned["id"]}
    assert orders.get(signed["id"]).signed.by == "Li"


async def test_an_order_about_an_incident_goes_where_it_came_from(
    station: Station, below: Below, act: Act
) -> None:
    """And stands on the board beside it."""
    document = passed_on()
    number = (await below.put(document)).body["number"]
    order = await act(
        "order_station", text="Close the gate.", incident=number, returns=True
    )
    assert order["incident"] == document["id"]
    (case,) = station.cases.open
    assert [one["id"] for one in show(station, case)["orders"]] == [order["id"]]


async def test_an_order_that_fits_nobody_is_refused_in_words(
    station: Station, below: Below, home: Home, act: Act
) -> None:
    """Nothing is written."""
    at_home = (await home.put(incident())).body["number"]
    for data, key in (
        ({"text": " "}, "order_empty"),
        ({"station": "Nobody"}, "no_such_station_below"),
        ({"incident": "2026-999999"}, "unknown_incident"),
        ({"incident": at_home}, "no_such_station_below"),
        ({"incident": at_home, "station": BELOW}, "order_not_its_incident"),
    ):
        with pytest.raises(ServiceValidationError) as refused:
            await act("order_station", **({"text": "Close the gate."} | data))
        assert refused.value.translation_key == key
    assert station.federation.orders.all == []


async def test_only_the_station_that_was_ordered_signs(
    station: Station, below: Below, home: Home, act: Act
) -> None:
    """Others do not learn that there is an order."""
    order = await act("order_station", text="Close the gate.", returns=True)
    body = {"by": "Li", "at": AT}
    for path in (order["id"], "019a3e1c-9f00-7000-8000-0123456789af", "none"):
        reply = await home.send("PUT", f"/orders/{path}", body)
        assert (reply.status, reply.reason) == (HTTPStatus.NOT_FOUND, "unknown_order")
    reply = await below.send("PUT", f"/orders/{order['id']}", {"by": ""})
    assert (reply.reason, reply.body["path"]) == ("bad_document", "by")
    assert "orders" not in (await home.heartbeat()).body


async def test_a_board_gives_orders_and_follows_them(
    station: Station, below: Below, hass_ws_client: WebSocketGenerator
) -> None:
    """From the first look to the signature."""
    client = await hass_ws_client()
    await client.send_json_auto_id({"type": "zhian/station/stations"})
    listed = (await client.receive_json())["result"]
    assert listed["above"] is None
    assert [one["id"] for one in listed["below"]] == [below.household]
    await client.send_json_auto_id({"type": "zhian/station/orders"})
    assert (await client.receive_json())["success"]
    assert (await client.receive_json())["event"] == {"orders": []}
    await client.send_json_auto_id(
        {"type": "zhian/station/order", "text": "Close the gate.", "station": BELOW}
    )
    said = [await client.receive_json() for _ in range(2)]
    (event,) = [m["event"] for m in said if m["type"] == "event"]
    (result,) = [m["result"] for m in said if m["type"] == "result"]
    assert event["orders"] == [result["order"]]
    await below.sign(result["order"]["id"])
    (order,) = (await client.receive_json())["event"]["orders"]
    assert order["signed"]["by"] == "Li"
    await client.send_json_auto_id({"type": "zhian/station/sign_order"})
    refused = await client.receive_json()
    assert not refused["success"]  # it is theirs to sign
