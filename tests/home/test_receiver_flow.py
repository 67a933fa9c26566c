"""Adding and changing a receiver: nothing is kept that could not be used."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from aiohttp import web
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.zhian.home.receiver_flow import ReceiverFlow
from custom_components.zhian.home.receiver_forms import FORMS
from custom_components.zhian.home.receiver_options import (
    DEFAULT_HAZARDS,
    HAZARDS,
    ReceiverKind,
    ReceiverOptions,
)
from custom_components.zhian.link import noonlight
from custom_components.zhian.link.client import (
    StationRefused,
    StationUnreachable,
    Trouble,
)
from custom_components.zhian.link.receivers.dc09 import Dc09Receiver
from custom_components.zhian.safety.vocabulary import Hazard

from ..link.takers import Taker, taker
from .centres import KEY, AlarmCentre, alarm_centre
from .flows import Dialog, add, change, home_entry, nothing_is_set_up, only, reconfigure

RECEIVER = "receiver"


@pytest.fixture
async def centre(socket_enabled: None) -> AsyncGenerator[AlarmCentre]:
    async with alarm_centre() as found:
        yield found


@pytest.fixture
def entry(hass: HomeAssistant) -> MockConfigEntry:
    return home_entry(hass)


async def page(hass: HomeAssistant, entry: MockConfigEntry, kind: str) -> Dialog:
    """Open the page of a kind."""
    dialog = await add(hass, entry, RECEIVER)
    assert dialog.step == "user"
    await dialog.choose(kind)
    assert dialog.step == kind
    return dialog


async def test_a_receiver_that_answers_is_kept(
    hass: HomeAssistant, entry: MockConfigEntry, centre: AlarmCentre
) -> None:
    """With what was entered, and the key in one spelling."""
    with nothing_is_set_up():
        dialog = await page(hass, entry, "dc09")
        assert dialog.filled_in["hazards"] == [*DEFAULT_HAZARDS]
        assert Hazard.INACTIVITY not in DEFAULT_HAZARDS
        dialog.agrees = False
        await dialog.submit(**{k: v for k, v in centre.page.items() if k != "consent"})
        assert dialog.step == "agree"
        assert dialog.filled_in == {"consent": False}
        assert centre.codes == [], "no test before somebody agrees"
        await dialog.submit(consent=True)
        assert dialog.result["type"] is FlowResultType.CREATE_ENTRY
    assert centre.codes == ["RX"]
    kept = only(entry, RECEIVER)
    assert datetime.fromisoformat(kept.pop("consented_at")).tzinfo is not None
    agreement = kept.pop("agreement")
    assert agreement["purposes"] == ["readings"]
    assert datetime.fromisoformat(agreement["at"]).tzinfo is not None
    given = {"consented_at", "agreement"}
    assert kept == {k: v for k, v in centre.options.items() if k not in given}
    options = ReceiverOptions.from_mapping(centre.options)
    assert options.as_data() == centre.options
    assert KEY.encode().hex() not in repr(options)


@pytest.mark.parametrize(
    ("wrong", "errors"),
    [
        ({"name": " "}, {"name": "name_missing"}),
        ({"host": "two words"}, {"host": "bad_host"}),
        ({"account": "12"}, {"account": "account_format"}),
        ({"account": "12345G"}, {"account": "account_format"}),
        ({"receiver": ""}, {"receiver": "prefix_format"}),
        ({"line": "1234567"}, {"line": "prefix_format"}),
        ({"key": "0123"}, {"key": "key_hex"}),
        ({"key": "no hexadecimal number"}, {"key": "key_hex"}),
        ({"key": KEY + "1", "key_format": "text"}, {"key": "key_text"}),
        ({"key": "密" * 16, "key_format": "text"}, {"key": "key_text"}),
        ({"key": "", "host": "192.168.1.9"}, {"allow_plain": "plain_not_allowed"}),
        (
            {"key": "", "host": "arc.example", "allow_plain": True},
            {"key": "plain_to_public"},
        ),
        ({"hazards": []}, {"hazards": "hazards_missing"}),
        ({"consent": False}, {"consent": "consent_missing"}),
    ],
)
async def test_what_cannot_work_is_told_where_it_was_entered(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    centre: AlarmCentre,
    wrong: dict[str, Any],
    errors: dict[str, str],
) -> None:
    """And nothing is sent before all is right."""
    with nothing_is_set_up():
        dialog = await page(hass, entry, "dc09")
        await dialog.submit(**centre.page | wrong)
        assert dialog.errors == errors
        assert "key" not in dialog.filled_in
        assert centre.events == []
        await dialog.submit(**centre.page)
        assert dialog.result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("trouble", "errors"),
    [
        (StationUnreachable(Trouble.CONNECT), {"host": "receiver_unreachable"}),
        (StationUnreachable(Trouble.TIMEOUT), {"host": "receiver_silent"}),
        (StationUnreachable(Trouble.TLS), {"host": "receiver_not_trusted"}),
        (StationUnreachable(Trouble.SERVER_ERROR), {"host": "receiver_not_ready"}),
        (StationUnreachable(Trouble.REDIRECTED), {"host": "receiver_redirects"}),
        (
            StationUnreachable(Trouble.NOT_A_STATION),
            {"host": "receiver_not_understood"},
        ),
        (StationRefused("nak"), {"account": "receiver_nak"}),
        (StationRefused("duh"), {"account": "receiver_duh"}),
        (StationRefused("else"), {"account": "receiver_refused"}),
    ],
)
async def test_a_test_that_fails_says_why(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    centre: AlarmCentre,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Exception,
    errors: dict[str, str],
) -> None:
    """It can be saved without one: a centre may not be ready yet."""

    async def test(_: Dc09Receiver) -> None:
        raise trouble

    monkeypatch.setattr(Dc09Receiver, "test", test)
    with nothing_is_set_up():
        dialog = await page(hass, entry, "dc09")
        await dialog.submit(**centre.page)
        assert dialog.errors == errors
        await dialog.submit(**centre.page | {"test": False})
        assert dialog.result["type"] is FlowResultType.CREATE_ENTRY


async def test_another_key_is_noticed_at_once(
    hass: HomeAssistant, entry: MockConfigEntry, centre: AlarmCentre
) -> None:
    """By the real receiver."""
    with nothing_is_set_up():
        dialog = await page(hass, entry, "dc09")
        await dialog.submit(**centre.page | {"key": "00" * 16})
        assert dialog.errors == {"account": "receiver_nak"}
        await centre.off()
        await dialog.submit(**centre.page)
        assert dialog.errors == {"host": "receiver_unreachable"}


async def test_a_change_keeps_the_key_unless_another_is_entered(
    hass: HomeAssistant, entry: MockConfigEntry, centre: AlarmCentre
) -> None:
    with nothing_is_set_up():
        dialog = await page(hass, entry, "dc09")
        await dialog.submit(**centre.page)
        dialog = await change(hass, entry, RECEIVER)
        assert dialog.step == "dc09"
        assert dialog.filled_in["account"] == "1234"
        assert "key" not in dialog.filled_in
        changed = centre.page | {"name": "ARC", "no_key": False}
        del changed["key"]
        await dialog.submit(**changed)
        assert dialog.result["reason"] == "reconfigure_successful"
        kept = only(entry, RECEIVER)
        assert (kept["name"], kept["settings"]) == ("ARC", centre.options["settings"])
        dialog = await change(hass, entry, RECEIVER)
        await dialog.submit(
            **changed | {"no_key": True, "allow_plain": True, "test": False}
        )
        assert only(entry, RECEIVER)["settings"]["key"] == ""
        dialog = await change(hass, entry, RECEIVER)
        assert "no_key" not in dialog.filled_in
        await dialog.submit(**centre.page | {"key": KEY, "key_format": "text"})
        assert only(entry, RECEIVER)["settings"]["key"] == KEY.encode().hex()


async def test_a_key_that_was_entered_once_is_not_forgotten_over_an_error(
    hass: HomeAssistant, entry: MockConfigEntry, centre: AlarmCentre
) -> None:
    """The field is empty again; without it messages would go in the clear."""
    with nothing_is_set_up():
        dialog = await page(hass, entry, "dc09")
        entered = centre.page | {"allow_plain": True}
        await dialog.submit(**entered | {"account": "?"})
        assert dialog.errors == {"account": "account_format"}
        del entered["key"]
        await dialog.submit(**entered)
        assert dialog.result["type"] is FlowResultType.CREATE_ENTRY
    assert only(entry, RECEIVER)["settings"]["key"] == KEY.encode().hex()
    assert all(event.encrypted for event in centre.events)


async def test_who_has_only_receivers_may_cancel_reports_too(
    hass: HomeAssistant, entry: MockConfigEntry, centre: AlarmCentre
) -> None:
    with nothing_is_set_up():
        dialog = await reconfigure(hass, entry)
        assert "report_delay" not in dialog.result["menu_options"]
        dialog = await page(hass, entry, "dc09")
        await dialog.submit(**centre.page)
        dialog = await reconfigure(hass, entry)
        assert "report_delay" in dialog.result["menu_options"]
        assert "leave_station" not in dialog.result["menu_options"]


def test_every_kind_has_a_step() -> None:
    assert set(FORMS) == set(ReceiverKind)
    for kind in ReceiverKind:
        assert hasattr(ReceiverFlow, f"async_step_{kind}")


# --- receivers that speak HTTP ---------------------------------------------------------

COMMON: dict[str, Any] = {
    "name": "County",
    "hazards": ["gas", "smoke"],
    "drills": True,
    "consent": True,
    "test": True,
}
PAGES: dict[str, dict[str, Any]] = {
    "cap": {
        "allow_http": True,
        "sender": "home-7@example.org",
        "language": "zh-CN",
        "token": "t-1",
        "success": "status",
    },
    "webhook": {
        "allow_http": True,
        "proof": "hmac",
        "secret": "0123456789abcdef",
        "success": "status",
        "heartbeat_seconds": 60,
    },
    "noonlight": {
        "environment": "sandbox",
        "token": "t-1",
        "person": "Ann Example",
        "phone": "(555) 444-0003",
        "pin": "1234",
        "line1": "123 Some Street",
        "line2": "",
        "city": "St. Louis",
        "state": "mo",
        "zip": "63101-1234",
        "cancels": False,
    },
}
SECRETS = {"cap": ["token"], "webhook": ["secret"], "noonlight": ["token", "pin"]}


@pytest.fixture
async def server(
    socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Taker]:
    """An address that answers, also in Noonlight's place."""
    async with taker() as found:
        base = str(found.url.with_path("/dispatch/v1").with_query(None))
        monkeypatch.setitem(noonlight.BASES, noonlight.Environment.SANDBOX, base)
        found.answer = lambda taken: web.Response(
            status=404 if "alarms" in taken.path else 200
        )
        yield found


def filled(kind: str, server: Taker) -> dict[str, Any]:
    """Return what a person enters."""
    page = COMMON | PAGES[kind]
    return page if kind == "noonlight" else page | {"url": str(server.url)}


@pytest.mark.parametrize("kind", PAGES)
async def test_every_kind_is_tried_and_kept(
    hass: HomeAssistant, entry: MockConfigEntry, server: Taker, kind: str
) -> None:
    """The secrets are not shown again, and stay when they are not entered anew."""
    with nothing_is_set_up():
        dialog = await page(hass, entry, kind)
        await dialog.submit(**filled(kind, server))
        assert dialog.result["type"] is FlowResultType.CREATE_ENTRY
        assert len(server.requests) == 1
        kept = only(entry, RECEIVER)
        assert kept["kind"] == kind
        assert kept["hazards"] == ["gas", "smoke"]
        dialog = await change(hass, entry, RECEIVER)
        assert dialog.step == kind
        for secret in SECRETS[kind]:
            assert secret not in dialog.filled_in
        again = filled(kind, server) | {"test": False}
        for secret in SECRETS[kind]:
            del again[secret]
        await dialog.submit(**again)
        assert dialog.result["reason"] == "reconfigure_successful"
        assert only(entry, RECEIVER)["settings"] == kept["settings"]
        for secret in SECRETS[kind]:
            assert kept["settings"][secret] == PAGES[kind][secret]


def test_what_noonlight_cannot_do_cannot_be_chosen() -> None:
    assert Hazard.WATER not in HAZARDS[ReceiverKind.NOONLIGHT]


async def test_noonlight_gets_what_its_api_takes(
    hass: HomeAssistant, entry: MockConfigEntry, server: Taker
) -> None:
    """Digits without a plus, two letters, five digits."""
    with nothing_is_set_up():
        dialog = await page(hass, entry, "noonlight")
        assert Hazard.WATER not in dialog.filled_in["hazards"]
        assert dialog.filled_in["environment"] == "sandbox"
        await dialog.submit(**filled("noonlight", server))
    settings = only(entry, RECEIVER)["settings"]
    assert settings["phone"] == "15554440003"
    assert settings["state"] == "MO"
    assert settings["zip"] == "63101"


@pytest.mark.parametrize(
    ("kind", "wrong", "errors"),
    [
        ("cap", {"url": "county"}, {"url": "not_an_address"}),
        ("cap", {"url": "http://a.example"}, {"url": "http_to_public"}),
        ("cap", {"allow_http": False}, {"allow_http": "http_not_allowed"}),
        ("cap", {"sender": "a b"}, {"sender": "bad_sender"}),
        ("cap", {"sender": "a,b"}, {"sender": "bad_sender"}),
        ("cap", {"token": "a\u00a0b"}, {"token": "bad_token"}),
        ("webhook", {"secret": "short"}, {"secret": "secret_short"}),
        ("webhook", {"secret": ""}, {"secret": "secret_short"}),
        ("noonlight", {"token": "two words"}, {"token": "bad_token"}),
        ("noonlight", {"token": " "}, {"token": "bad_token"}),
        ("noonlight", {"phone": "12345"}, {"phone": "bad_phone"}),
        ("noonlight", {"state": "Missouri"}, {"state": "bad_state"}),
        ("noonlight", {"zip": "6310"}, {"zip": "bad_zip"}),
        ("noonlight", {"pin": "12345"}, {"pin": "bad_pin"}),
        (
            "noonlight",
            {"person": " ", "line1": " ", "city": " "},
            {
                "person": "person_missing",
                "line1": "line1_missing",
                "city": "city_missing",
            },
        ),
    ],
)
async def test_what_a_kind_cannot_take_is_told_where_it_was_entered(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    server: Taker,
    kind: str,
    wrong: dict[str, Any],
    errors: dict[str, str],
) -> None:
    with nothing_is_set_up():
        dialog = await page(hass, entry, kind)
        await dialog.submit(**filled(kind, server) | wrong)
        assert dialog.errors == errors
        assert server.requests == []
        await dialog.submit(**filled(kind, server))
        assert dialog.result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("kind", "field"), [("cap", "token"), ("webhook", "proof"), ("noonlight", "token")]
)
async def test_a_token_that_is_not_taken_is_told_at_once(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    server: Taker,
    kind: str,
    field: str,
) -> None:
    server.answer = lambda _: web.Response(status=401)
    with nothing_is_set_up():
        dialog = await page(hass, entry, kind)
        await dialog.submit(**filled(kind, server))
        assert dialog.errors == {field: "receiver_unauthorized"}


async def test_the_homes_key_proves_a_webhook(
    hass: HomeAssistant, entry: MockConfigEntry, server: Taker
) -> None:
    """Its public half is on the page, so that the receiver can be told."""
    with nothing_is_set_up():
        dialog = await page(hass, entry, "webhook")
        public = dialog.result["description_placeholders"]["public_key"]
        await dialog.submit(**filled("webhook", server) | {"proof": "ed25519"})
        assert dialog.result["type"] is FlowResultType.CREATE_ENTRY
    assert only(entry, RECEIVER)["settings"]["secret"] == ""
    assert f'keyid="{public}"' in server.requests[0].headers["Signature-Input"]
