"""Setting up a home, changing it, enrolling it and leaving a station."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from aiohttp import web
from aiohttp.test_utils import TestServer
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home import consent_fields
from custom_components.zhian.home.options import HomeOptions
from custom_components.zhian.link.client import StationUnreachable, Trouble
from custom_components.zhian.link.problems import Reason, problem
from custom_components.zhian.link.signatures import Key
from custom_components.zhian.link.wire_json import utc_text

from .flows import (
    STATION,
    Dialog,
    config_dialog,
    home_entry,
    nothing_is_set_up,
    reconfigure,
    register,
)

PHONE = "notify.mobile_app_anna_phone"
HOME = {"name": "Riverside 12", "gas": "natural_gas"}
TICKET = {"url": STATION["url"], "code": "ABCD-2345", "allow_http": False}
CHOSEN = {"purposes": ["place", "readings"]}
"""What is chosen in advance."""
AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
ANSWER = {
    key: STATION[key]
    for key in ("household", "community", "station", "heartbeat_seconds")
}


class Desk:
    """A station on this machine that answers what it is told to."""

    def __init__(self) -> None:
        """At first it enrols everybody."""
        self.url = ""
        self.requests: list[dict[str, Any]] = []
        self.status: int = HTTPStatus.CREATED
        self.body: object = ANSWER

    @property
    def ticket(self) -> dict[str, Any]:
        """What a person types to enrol here."""
        return {"url": f"{self.url}/zhian", "code": "ABCD-2345", "allow_http": True}

    @property
    def enrolled(self) -> dict[str, Any]:
        """What the entry then holds: a path that was copied along is dropped."""
        agreement = {
            **CHOSEN,
            "at": AT.isoformat(timespec="microseconds"),
            "contact": None,
            "keep_days": None,
        }
        return STATION | {
            "url": self.url,
            "allow_http": True,
            "agreement": agreement,
        }

    def refuse(self, reason: Reason) -> None:
        """Say no from now on."""
        self.status, self.body = reason.status, problem(reason)

    def welcome(self) -> None:
        """Enrol everybody again."""
        self.status, self.body = HTTPStatus.CREATED, ANSWER

    async def answer(self, request: web.Request) -> web.Response:
        """Answer an enrolment."""
        self.requests.append(await request.json())
        if isinstance(self.body, str):
            return web.Response(text=self.body, status=self.status)
        return web.json_response(self.body, status=self.status)


@pytest.fixture
async def desk(socket_enabled: None) -> AsyncIterator[Desk]:
    """Open a station."""
    desk = Desk()
    app = web.Application()
    app.router.add_post("/api/zhian/v1/enrolments", desk.answer)
    async with TestServer(app, host="127.0.0.1") as server:
        desk.url = str(server.make_url("/")).rstrip("/")
        yield desk


@pytest.fixture(autouse=True)
def _at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consent_fields, "dt_util", SimpleNamespace(utcnow=lambda: AT))


@pytest.fixture(autouse=True)
def _flows_alone(hass: HomeAssistant) -> Iterator[None]:
    async_mock_service(hass, "notify", "mobile_app_anna_phone")
    with nothing_is_set_up():
        yield


async def open_home(hass: HomeAssistant) -> Dialog:
    """Open the dialog for a new home."""
    dialog = config_dialog(hass)
    await dialog.start(DOMAIN, source="user")
    await dialog.choose("home")
    return dialog


async def open_enrolment(hass: HomeAssistant) -> Dialog:
    """Open the dialog for a new home, as far as its station."""
    dialog = await open_home(hass)
    await dialog.submit(**HOME)
    await dialog.submit(contacts=[PHONE])
    assert dialog.step == "enrol"
    return dialog


async def test_a_home_is_set_up_without_a_station(hass: HomeAssistant) -> None:
    hass.config.location_name = "Our home"
    dialog = await open_home(hass)
    assert dialog.step == "home"
    assert dialog.filled_in == {"name": "Our home"}
    await dialog.submit(name=" Riverside 12 ", gas="propane", address=" Street 1 ")
    assert dialog.step == "contacts"
    register(hass, "notify.ben", "unknown", {"friendly_name": "Ben"})
    await dialog.submit(contacts=[PHONE, "notify.ben", PHONE])
    assert dialog.step == "enrol"
    result = await dialog.submit(allow_http=False)

    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Riverside 12"
    assert result["description"] == "home"
    entry = result["result"]
    assert entry.unique_id == "home"
    assert entry.data["role"] == "home"
    home = HomeOptions.from_mapping(entry.data)
    assert (home.name, home.gas, home.lel) == ("Riverside 12", "propane", 1.7)
    assert home.address == "Street 1"
    assert home.station is None
    assert Key.from_base64(home.private_key)
    assert [dict(contact.data) for contact in entry.subentries.values()] == [
        {
            "name": "Anna phone",
            "role": "resident",
            "order": 1,
            "channels": [{"kind": "mobile_app", "target": PHONE, "critical": True}],
        },
        {
            "name": "Ben",
            "role": "resident",
            "order": 1,
            "channels": [{"kind": "notify", "target": "notify.ben"}],
        },
    ]


async def test_a_home_that_tells_nobody_is_told_so(hass: HomeAssistant) -> None:
    dialog = await open_home(hass)
    await dialog.submit(**HOME)
    await dialog.submit()
    result = await dialog.submit(allow_http=False)
    assert result["description"] == "home_without_contacts"
    assert not result["result"].subentries


@pytest.mark.parametrize(
    ("gas", "lel", "error"),
    [
        ("town_gas", None, "lel_missing"),
        ("town_gas", 2.9, "lel_range"),
        ("natural_gas", 5.1, "lel_range"),
        ("natural_gas", 1.7, "lel_range"),
        ("propane", 4.4, "lel_range"),
        ("butane", 0, "lel_range"),
        ("hydrogen", float("nan"), "lel_range"),
    ],
)
async def test_a_limit_that_is_not_that_of_the_gas_is_told(
    hass: HomeAssistant, gas: str, lel: float | None, error: str
) -> None:
    dialog = await open_home(hass)
    typed: dict[str, Any] = {"name": "Home", "gas": gas, "address": "Street 1"}
    if lel is not None:
        typed["lel"] = lel
    await dialog.submit(**typed)
    assert dialog.errors == {"lel": error}
    assert dialog.filled_in == pytest.approx(typed, nan_ok=True)
    await dialog.submit(name="Home", gas="town_gas", lel=5.2)
    assert dialog.step == "contacts"


async def test_a_home_has_a_name(hass: HomeAssistant) -> None:
    dialog = await open_home(hass)
    await dialog.submit(name=" ", gas="propane")
    assert dialog.errors == {"name": "name_missing"}
    await dialog.submit(**HOME)
    assert dialog.step == "contacts"


async def test_a_contact_that_does_not_exist_is_told(hass: HomeAssistant) -> None:
    dialog = await open_home(hass)
    await dialog.submit(**HOME)
    await dialog.submit(contacts=[PHONE, "notify.nobody"])
    assert dialog.errors == {"contacts": "target_not_found"}
    assert dialog.filled_in == {"contacts": [PHONE, "notify.nobody"]}
    await dialog.submit(contacts=[PHONE])
    assert dialog.step == "enrol"


async def test_a_home_is_enrolled(hass: HomeAssistant, desk: Desk) -> None:
    hass.config.latitude, hass.config.longitude = 30.25, 120.15
    result = await (await open_enrolment(hass)).submit(**desk.ticket)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    home = HomeOptions.from_mapping(result["result"].data)
    assert result["result"].data["station"] == desk.enrolled
    assert desk.requests == [
        {
            "code": "ABCD-2345",
            "public_key": Key.from_base64(home.private_key).public,
            "name": "Riverside 12",
            "address": None,
            "latitude": 30.25,
            "longitude": 120.15,
            "contact": None,
            "consents": {
                "higher": False,
                "statistics": False,
                "keep_days": None,
                "at": utc_text(AT),
            },
        }
    ]


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"code": ""}, {"code": "code_missing"}),
        ({"url": " "}, {"url": "url_missing"}),
        ({"url": "station"}, {"url": "not_an_address"}),
        ({"url": "ftp://station.example.org"}, {"url": "not_an_address"}),
        ({"url": "http://192.168.1.20:8123"}, {"allow_http": "http_not_allowed"}),
        (
            {"url": "http://station.example.org", "allow_http": True},
            {"url": "http_to_public"},
        ),
        ({"url": "http://8.8.8.8", "allow_http": True}, {"url": "http_to_public"}),
    ],
)
async def test_an_address_that_cannot_be_a_station_is_told_before_anything_is_sent(
    hass: HomeAssistant, typed: dict[str, Any], errors: dict[str, str]
) -> None:
    dialog = await open_enrolment(hass)
    with patch("aiohttp.ClientSession.request", side_effect=AssertionError):
        await dialog.submit(**TICKET | typed)
    assert dialog.errors == errors
    assert dialog.filled_in == TICKET | typed | CHOSEN
    assert not hass.config_entries.async_entries(DOMAIN)
    result = await dialog.submit(allow_http=False)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("status", "body", "errors"),
    [
        (200, "<html>", {"url": "not_a_station"}),
        (404, "", {"url": "not_a_station"}),
        (502, "", {"url": "station_not_ready"}),
        (201, ANSWER | {"household": "1"}, {"url": "not_a_station"}),
        (403, problem(Reason.BAD_CODE), {"code": "bad_code"}),
        (403, problem(Reason.EXPIRED_CODE), {"code": "expired_code"}),
        (429, problem(Reason.RATE_LIMITED), {"code": "rate_limited"}),
        (401, problem(Reason.STALE), {"url": "clocks_differ"}),
        (503, problem(Reason.NOT_READY), {"url": "station_not_ready"}),
        (422, problem(Reason.BAD_DOCUMENT), {"url": "station_refused"}),
        (200, {"status": "rejected", "reason": "new"}, {"url": "station_refused"}),
    ],
)
async def test_what_a_station_refuses_is_told_and_can_be_retried(
    hass: HomeAssistant, desk: Desk, status: int, body: object, errors: dict[str, str]
) -> None:
    desk.status, desk.body = status, body
    dialog = await open_enrolment(hass)
    await dialog.submit(**desk.ticket)
    assert dialog.errors == errors
    assert dialog.filled_in == desk.ticket | CHOSEN
    assert not hass.config_entries.async_entries(DOMAIN)

    desk.welcome()
    result = await dialog.submit(**desk.ticket)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    # The same key: had the first answer been lost, this is its repetition.
    for request in desk.requests:
        assert request.pop("consents").pop("at")
    assert desk.requests[-1] == desk.requests[0]


async def test_a_station_that_does_not_answer_is_told(
    hass: HomeAssistant, desk: Desk, unused_tcp_port: int
) -> None:
    dialog = await open_enrolment(hass)
    nobody = desk.ticket | {"url": f"http://127.0.0.1:{unused_tcp_port}"}
    await dialog.submit(**nobody)
    assert dialog.errors == {"url": "station_unreachable"}
    assert dialog.filled_in == nobody | CHOSEN
    result = await dialog.submit(**desk.ticket)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_certificate_that_is_not_valid_is_told(
    hass: HomeAssistant, desk: Desk
) -> None:
    dialog = await open_enrolment(hass)
    with patch(
        "custom_components.zhian.link.client.StationClient.apply",
        side_effect=StationUnreachable(Trouble.TLS),
    ):
        await dialog.submit(**desk.ticket)
    assert dialog.errors == {"url": "station_not_trusted"}
    result = await dialog.submit(**desk.ticket)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_there_is_one_home(hass: HomeAssistant) -> None:
    dialog = await open_enrolment(hass)
    home_entry(hass)
    late = await dialog.submit(allow_http=False)
    assert late["reason"] == "already_configured"
    dialog = config_dialog(hass)
    await dialog.start(DOMAIN, source="user")
    result = await dialog.choose("home")
    assert result["reason"] == "already_configured"
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert entry.data["name"] == "Riverside 12"


async def test_an_abandoned_dialog_does_not_block_the_next(hass: HomeAssistant) -> None:
    await open_enrolment(hass)
    dialog = await open_home(hass)
    assert dialog.step == "home"


async def test_the_home_is_changed_and_keeps_its_identity(hass: HomeAssistant) -> None:
    entry = home_entry(hass, station=STATION)
    before = dict(entry.data)
    dialog = await reconfigure(hass, entry)
    assert dialog.result["menu_options"] == [
        "home",
        "find",
        "import_configuration",
        "plans",
        "ladder",
        "panel",
        "enrol",
        "report_delay",
        "addresses",
        "consents",
        "preview",
        "leave_station",
    ]
    await dialog.choose("home")
    assert dialog.filled_in["gas"] == "natural_gas"
    await dialog.submit(name="Hill 3", gas="propane", lel=4.4)
    assert dialog.errors == {"lel": "lel_range"}
    result = await dialog.submit(name="Hill 3", gas="propane", address="Hill Street 3")
    assert result["reason"] == "reconfigure_successful"
    assert entry.title == "Hill 3"
    assert dict(entry.data) == before | {
        "name": "Hill 3",
        "gas": "propane",
        "lel": 1.7,
        "address": "Hill Street 3",
    }


async def test_a_home_is_enrolled_later_with_the_key_that_it_has(
    hass: HomeAssistant, desk: Desk
) -> None:
    entry = home_entry(hass)
    before = dict(entry.data)
    dialog = await reconfigure(hass, entry)
    assert dialog.result["menu_options"] == [
        "home",
        "find",
        "import_configuration",
        "plans",
        "ladder",
        "panel",
        "enrol",
    ]
    await dialog.choose("enrol")
    assert dialog.filled_in == {"allow_http": False} | CHOSEN
    desk.refuse(Reason.BAD_CODE)
    await dialog.submit(**desk.ticket)
    assert dialog.errors == {"code": "bad_code"}
    assert dict(entry.data) == before
    desk.welcome()
    result = await dialog.submit(**desk.ticket)
    assert result["reason"] == "reconfigure_successful"
    assert dict(entry.data) == before | {"station": desk.enrolled}
    public = Key.from_base64(entry.data["private_key"]).public
    assert desk.requests[0]["public_key"] == public


async def test_of_what_a_station_hands_over_only_the_usable_is_kept(
    hass: HomeAssistant, desk: Desk
) -> None:
    """In the station's order; its key only if it is one."""
    entry = home_entry(hass)
    near, far = "http://192.168.1.9:8123", "https://station.example.org"
    desk.body = ANSWER | {
        "addresses": [near, desk.url, "station", f"{near}/", far],
        "public_key": "no key",
    }
    dialog = await reconfigure(hass, entry)
    await dialog.choose("enrol")
    await dialog.submit(**desk.ticket)
    station = HomeOptions.from_mapping(entry.data).station
    assert station is not None
    assert station.addresses == (near, desk.url, far)
    assert station.proven == desk.url
    assert station.identity is None


async def test_an_enrolment_left_empty_changes_nothing(hass: HomeAssistant) -> None:
    entry = home_entry(hass, station=STATION)
    before = dict(entry.data)
    dialog = await reconfigure(hass, entry)
    await dialog.choose("enrol")
    assert dialog.filled_in == {"url": STATION["url"], "allow_http": False} | CHOSEN
    await dialog.submit(allow_http=False)
    assert dialog.errors == {"url": "leave_by_menu"}, "it is not left by the way"
    assert dict(entry.data) == before


async def test_without_a_station_an_enrolment_left_empty_is_no_error(
    hass: HomeAssistant,
) -> None:
    entry = home_entry(hass)
    before = dict(entry.data)
    dialog = await reconfigure(hass, entry)
    await dialog.choose("enrol")
    result = await dialog.submit(allow_http=False)
    assert result["reason"] == "reconfigure_successful"
    assert dict(entry.data) == before


async def test_a_home_leaves_its_station(hass: HomeAssistant) -> None:
    entry = home_entry(hass, station=STATION)
    dialog = await reconfigure(hass, entry)
    await dialog.choose("leave_station")
    assert entry.data["station"] == STATION, "not before it is confirmed"
    result = await dialog.submit()
    assert result["reason"] == "withdrawn"
    assert entry.data["station"] is None


async def test_how_long_people_may_take_is_chosen(hass: HomeAssistant) -> None:
    """And what was chosen is what the form shows the next time."""
    entry = home_entry(hass)
    dialog = await reconfigure(hass, entry)
    await dialog.choose("ladder")
    chosen = {"resident": 60, "relative": 120, "neighbour": 120, "repeat": 300}
    assert dialog.filled_in == chosen
    result = await dialog.submit(**chosen | {"resident": 30})
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["ladder"]["resident"] == 30
    dialog = await reconfigure(hass, entry)
    await dialog.choose("ladder")
    assert dialog.filled_in == chosen | {"resident": 30}


async def test_only_what_no_life_hangs_on_can_be_kept_from_the_station(
    hass: HomeAssistant,
) -> None:
    entry = home_entry(hass, station=STATION)
    dialog = await reconfigure(hass, entry)
    await dialog.choose("report_delay")
    usual = {"water": 0.0, "intrusion": 0.0}
    assert dialog.filled_in == usual
    result = await dialog.submit(**usual | {"intrusion": 30})
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["report_after"] == {"intrusion": 30.0}
    dialog = await reconfigure(hass, entry)
    await dialog.choose("report_delay")
    assert dialog.filled_in == usual | {"intrusion": 30.0}
