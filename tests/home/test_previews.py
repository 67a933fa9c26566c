"""What is shown before somebody agrees is what is sent then, word for word."""

import asyncio
from collections.abc import Coroutine
import json
import re
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant

from aiohttp import web
from hypothesis import given, strategies as st
import pytest

from custom_components.zhian.home import enrolment
from custom_components.zhian.home.agreement import Agreement
from custom_components.zhian.home.enrolment import application_of, enrol
from custom_components.zhian.home.enrolment_preview import shown
from custom_components.zhian.home.options import HomeOptions
from custom_components.zhian.link import client, noonlight
from custom_components.zhian.link.client import applied
from custom_components.zhian.link.sharing import Purpose
from custom_components.zhian.safety.vocabulary import Gas

from ..link.takers import Taker, taker
from .flows import HOME_ID, PRIVATE_KEY, add, config_dialog, home_entry, reconfigure
from .house import DETECTOR, HomeUnderTest
from .test_flow import ANSWER, HOME
from .test_real_station import Pair, pair  # noqa: F401
from .test_receiver_flow import COMMON, PAGES

ALL = ["place", "contact", "people", "readings", "timeline", "higher"]
ITS_OWN = (
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID"),
    (r"\b[0-9a-f]{64}\b", "SEAL"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", "TIME"),
    # Of a frame: checksum and length, number, time.
    (r'[0-9A-F]{8}"(?=[A-Z])', '"'),
    (r'(?<=")\d{4}(?=R)', "NUMBER"),
    (r"_\d\d:\d\d:\d\d,\d\d-\d\d-\d{4}", "_TIME"),
)
"""What no two alarms have in common."""


def masked(text: str) -> str:
    """Return a message without what is its own."""
    for pattern, name in ITS_OWN:
        text = re.sub(pattern, name, text)
    return text


def finished[T](work: Coroutine[Any, Any, T]) -> T:
    """Run what waits for nobody."""
    with pytest.raises(StopIteration) as ended:
        work.send(None)
    found: T = ended.value.value
    return found


@pytest.fixture
def alone(home: HomeUnderTest) -> HomeUnderTest:
    """A home with nobody to tell: what is sent first is the beginning of the alarm."""
    home.subentries[:] = [s for s in home.subentries if s["subentry_type"] != "contact"]
    return home


agreements = st.builds(
    Agreement,
    purposes=st.frozensets(st.sampled_from([*Purpose])),
    at=st.just("2026-11-22T08:00:00.000000+00:00"),
    contact=st.none() | st.text(min_size=1, max_size=200),
    keep_days=st.none() | st.integers(1, 3650),
)
homes = st.builds(
    HomeOptions,
    home_id=st.just(HOME_ID),
    name=st.text(min_size=1, max_size=200),
    gas=st.just(Gas.NATURAL_GAS),
    lel=st.just(4.4),
    address=st.none() | st.text(min_size=1, max_size=200),
    private_key=st.just(PRIVATE_KEY),
)


@given(homes, st.none() | agreements, st.floats(-90, 90), st.floats(-180, 180))
def test_whatever_is_chosen_the_enrolment_is_what_was_shown(
    home: HomeOptions, agreement: Agreement | None, latitude: float, longitude: float
) -> None:
    """Byte for byte, on its way out; and nothing that was not agreed to is in it."""
    sent: list[bytes] = []

    async def exchange(*request: Any) -> tuple[int, None, bytes]:
        sent.append(request[4])
        return 201, None, json.dumps(ANSWER).encode()

    place = SimpleNamespace(latitude=latitude, longitude=longitude)
    hass: Any = SimpleNamespace(config=place)
    application = applied(application_of(hass, home, "ABCD-2345", agreement))
    with (
        patch.object(client, "exchange", exchange),
        patch.object(enrolment, "async_get_clientsession"),
    ):
        finished(
            enrol(
                hass,
                home,
                "https://station.example.org",
                "ABCD-2345",
                allow_http=False,
                agreement=agreement,
            )
        )
    assert sent == [application]
    said = json.loads(application)
    if agreement and Purpose.CONTACT not in agreement.purposes:
        assert said["contact"] is None
    if agreement and Purpose.PLACE not in agreement.purposes:
        assert (said["address"], said["latitude"]) == (None, None)


async def test_the_first_enrolment_is_shown_before_anything_is_sent(
    hass: HomeAssistant, socket_enabled: None
) -> None:
    """A home that does not exist yet; who goes away has told nobody anything."""
    async with taker() as server:
        server.answer = lambda _: web.json_response(ANSWER, status=201)
        dialog = config_dialog(hass)
        dialog.agrees = False
        await dialog.start("zhian", source="user")
        await dialog.choose("home")
        await dialog.submit(**HOME)
        await dialog.submit(contacts=[])
        await dialog.submit(
            url=str(server.url),
            code="ABCD-2345",
            allow_http=True,
            purposes=ALL,
            contact="Anna 555",
        )
        assert dialog.step == "agree"
        assert server.requests == []
        page = dialog.result["description_placeholders"]
        assert page["address"] == str(server.url)
        alarm = json.loads(page["alarm"])
        assert alarm["hazard"] == "gas"
        assert alarm["home"]["contact"] == "Anna 555"
        assert alarm["consents"]["higher"] is True
        with patch("custom_components.zhian.async_setup_entry", return_value=True):
            await dialog.submit()
        (sent,) = server.requests
        assert page["enrolment"] == shown([sent.body])


@pytest.mark.parametrize("purposes", [[], ["readings"], ALL])
async def test_what_a_station_gets_is_what_was_shown(
    alone: HomeUnderTest,
    pair: Pair,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    purposes: list[str],
) -> None:
    """A running home and a real station: the enrolment, and the alarm that follows."""
    sent: list[tuple[str, bytes]] = []
    real = client.exchange

    async def note(*request: Any) -> Any:
        sent.append((request[2].path, request[4]))
        return await real(*request)

    monkeypatch.setattr(client, "exchange", note)
    assert pair.home.entry is not None
    assert pair.home.station is not None
    code = await pair.station.pair()
    dialog = await reconfigure(pair.home.hass, pair.home.entry)
    dialog.agrees = False
    await dialog.choose("enrol")
    await dialog.submit(
        url=pair.home.station["url"],
        code=code.text,
        allow_http=True,
        purposes=purposes,
        contact="Anna 555",
    )
    page = dialog.result["description_placeholders"]
    await dialog.submit()
    (enrolled,) = (body for path, body in sent if path.endswith("/enrolments"))
    assert page["enrolment"] == shown([enrolled])
    await pair.home.settle()
    await pair.connected()
    await pair.home.report(DETECTOR, "on")
    await pair.home.until(
        lambda: any("/incidents/" in path for path, _ in sent), "the report"
    )
    first = next(body for path, body in sent if "/incidents/" in path)
    assert masked(shown([first])) == masked(page["alarm"])


async def test_what_is_wrong_is_shown_on_the_page_before(
    hass: HomeAssistant, socket_enabled: None
) -> None:
    """With what was typed; the next try is shown again."""
    entry = home_entry(hass)
    dialog = await reconfigure(hass, entry)
    await dialog.choose("enrol")
    await dialog.submit(url="http://127.0.0.1:9", code="ABCD-2345", allow_http=True)
    assert dialog.step == "enrol"
    assert dialog.errors == {"url": "station_unreachable"}
    assert dialog.filled_in["code"] == "ABCD-2345"
    dialog.agrees = False
    await dialog.submit(url="http://127.0.0.1:9", code="ABCD-2345", allow_http=True)
    assert dialog.step == "agree"


# Receivers beside the station


async def receiver(home: HomeUnderTest, kind: str, page: dict[str, Any]) -> str:
    """Add a receiver in the dialog; return what was shown of it before."""
    assert home.entry is not None
    dialog = await add(home.hass, home.entry, "receiver")
    dialog.agrees = False
    await dialog.choose(kind)
    left_out = {"consent"}
    await dialog.submit(**{k: v for k, v in page.items() if k not in left_out})
    assert dialog.step == "agree", dialog.result
    document: str = dialog.result["description_placeholders"]["document"]
    await dialog.submit(consent=True)
    await home.settle()
    return document


def _answered(taken: Any) -> web.Response:
    """Answer as each of them does."""
    if "alarms" in taken.path and taken.method == "GET":
        return web.Response(status=404)
    return web.json_response({"id": "a-1", "status": "accepted"}, status=201)


@pytest.mark.parametrize("kind", PAGES)
@pytest.mark.parametrize("is_all", [True, False])
async def test_what_a_receiver_gets_is_what_was_shown(
    alone: HomeUnderTest,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    is_all: bool,
) -> None:
    """Also when it is the least that can be told."""
    home = alone
    home.state(DETECTOR, "off")
    await home.start()
    server: Taker
    async with taker() as server:
        base = str(server.url.with_path("/dispatch/v1").with_query(None))
        monkeypatch.setitem(noonlight.BASES, noonlight.Environment.SANDBOX, base)
        server.answer = _answered
        page = COMMON | PAGES[kind] | {"test": False}
        if kind != "noonlight":
            page["url"] = str(server.url)
        if kind == "webhook":
            page["heartbeat_seconds"] = 0
        if not is_all:
            page["purposes"] = []
        document = await receiver(home, kind, page)

        def posted() -> list[bytes]:
            return [r.body for r in server.requests if r.method != "GET"]

        assert posted() == []
        await home.report(DETECTOR, "on")
        # What has several beginnings to say posts them one after the other.
        count = max(1, document.count("<?xml"))
        await home.until(lambda: len(posted()) >= count, "the alarm")
        assert masked(shown(posted()[:count])) == masked(document)
        await home.stop()


async def test_what_an_alarm_centre_gets_is_what_was_shown(
    alone: HomeUnderTest, socket_enabled: None
) -> None:
    """On the wire, but for number, time, and what counts them."""
    frames: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames.append(await reader.readuntil(b"\r"))
        writer.close()

    home = alone
    home.state(DETECTOR, "off")
    await home.start()
    server = await asyncio.start_server(take, "127.0.0.1", 0)
    async with server:
        page = {
            **{k: v for k, v in COMMON.items() if k != "hazards"},
            "hazards": ["gas"],
            "host": "127.0.0.1",
            "port": server.sockets[0].getsockname()[1],
            "account": "1234",
            "receiver": "0",
            "line": "0",
            "key_format": "hex",
            "allow_plain": True,
            "heartbeat_seconds": 0,
            "test": False,
        }
        document = await receiver(home, "dc09", page)
        assert frames == []
        await home.report(DETECTOR, "on")
        await home.until(lambda: frames, "the alarm")
        assert masked(shown([frames[0]])) == masked(document)
        await home.stop()


async def test_another_hazard_is_shown_where_gas_is_not_told(
    home: HomeUnderTest, socket_enabled: None
) -> None:
    async with taker() as server:
        await home.start()
        page = COMMON | PAGES["webhook"] | {"url": str(server.url), "test": False}
        document = await receiver(home, "webhook", page | {"hazards": ["smoke"]})
        assert '"smoke"' in document
        assert '"gas"' not in document
        await home.stop()


def test_what_is_masked_is_not_what_people_choose() -> None:
    """A preview that hides a difference would prove nothing."""
    text = '"address":"Building 3","zones":["Kitchen"],"priority":1'
    assert masked(text) == text
