"""Whom every action, command and path obeys. What is not in the tables must not exist.

That a person at home is asked for, and a token, tests/home/test_requests.py and
tests/home/test_people.py prove; that a signature is, tests/station/test_api.py.
"""

from enum import Enum
from typing import Any

from homeassistant.auth.const import GROUP_ID_READ_ONLY, GROUP_ID_USER
from homeassistant.components.websocket_api.const import DOMAIN as WEBSOCKET_API
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import Unauthorized
from homeassistant.setup import async_setup_component

import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.zhian.const import DOMAIN


class Who(Enum):
    """Who is obeyed."""

    ANYBODY = "anybody who is logged in: it can only make the home safer"
    TOKEN = "whoever holds the unguessable answer of one message"
    ON_SITE = "a person in the home's own network"
    OPERATOR = "who may control entities, at the desk"
    READER = "anybody who is logged in may look at the desk"
    ADMIN = "an administrator"
    SIGNED = "a household, by its signature"
    CODE = "a household that brings a pairing code, once"
    PUBLIC = "anybody at all: it says nothing of anybody"


ACTIONS: dict[str, tuple[Who, dict[str, Any]]] = {
    "acknowledge": (Who.ANYBODY, {}),
    "answer": (Who.TOKEN, {"token": "guessed"}),
    "answer_station": (Who.ANYBODY, {"text": "Flat 502"}),
    "renew_key": (Who.ADMIN, {}),
    "call_for_help": (Who.ANYBODY, {}),
    "reset": (Who.ON_SITE, {}),
    "open_valve": (Who.ON_SITE, {"entity_id": "valve.gas", "confirmation": "Gas"}),
    "arm": (Who.ANYBODY, {"mode": "night"}),
    "witness": (Who.ANYBODY, {"evidence": "break_in"}),
    "start_drill": (Who.ANYBODY, {}),
    "end_drill": (Who.ANYBODY, {}),
    "exercise_valve": (Who.ON_SITE, {"entity_id": "valve.gas"}),
    "get_incidents": (Who.ADMIN, {}),
    "export_timeline": (Who.ADMIN, {}),
    "export_configuration": (Who.ADMIN, {}),
    "export_device_status": (Who.ADMIN, {}),
    "verify_timeline": (Who.ADMIN, {}),
    "pairing_code": (Who.ADMIN, {}),
    "revoke_household": (Who.ADMIN, {"household": "1"}),
    "announce": (Who.OPERATOR, {"text": "No power at 9."}),
    "desk_ask": (Who.OPERATOR, {"incident": "1", "text": "Who holds a key?"}),
    "desk_acknowledge": (Who.OPERATOR, {"incident": "1"}),
    "desk_dispatch": (Who.OPERATOR, {"incident": "1", "unit": "Car 2"}),
    "desk_arrive": (Who.OPERATOR, {"incident": "1"}),
    "desk_close": (Who.OPERATOR, {"incident": "1", "disposition": "resolved"}),
    "order_station": (Who.OPERATOR, {"text": "Take them over."}),
    "sign_order": (Who.OPERATOR, {"order": "1"}),
    "renew_station_key": (Who.ADMIN, {}),
    "delete_household": (Who.ADMIN, {"household": "1"}),
    "get_households": (Who.ADMIN, {}),
    "get_reads": (Who.ADMIN, {}),
    "preview_report": (Who.ADMIN, {}),
    "get_consents": (Who.ADMIN, {}),
    "withdraw_consent": (Who.ADMIN, {"receiver": "station"}),
}
COMMANDS: dict[str, tuple[Who, dict[str, Any]]] = {
    "zhian/home/incidents": (Who.ADMIN, {}),
    "zhian/station/incidents": (Who.READER, {}),
    "zhian/station/subscribe": (Who.READER, {}),
    "zhian/station/acknowledge": (Who.OPERATOR, {"incident": "1"}),
    "zhian/station/dispatch": (Who.OPERATOR, {"incident": "1", "unit": "Car 2"}),
    "zhian/station/arrive": (Who.OPERATOR, {"incident": "1"}),
    "zhian/station/ask": (Who.OPERATOR, {"incident": "1", "text": "Key?"}),
    "zhian/station/close": (Who.OPERATOR, {"incident": "1", "disposition": "resolved"}),
    "zhian/station/stations": (Who.READER, {}),
    "zhian/station/orders": (Who.READER, {}),
    "zhian/station/order": (Who.OPERATOR, {"text": "Take them over."}),
    "zhian/station/sign_order": (Who.OPERATOR, {"order": "1"}),
    "zhian/station/households": (Who.ADMIN, {}),
    "zhian/station/reads": (Who.ADMIN, {}),
}
PATHS: dict[tuple[str, str], Who] = {
    ("POST", "/api/zhian/v1/enrolments"): Who.CODE,
    ("POST", "/api/zhian/v1/heartbeats"): Who.SIGNED,
    ("GET", "/api/zhian/v1/incidents/{incident}"): Who.SIGNED,
    ("PUT", "/api/zhian/v1/incidents/{incident}"): Who.SIGNED,
    ("PUT", "/api/zhian/v1/incidents/{incident}/withdrawal"): Who.SIGNED,
    ("PUT", "/api/zhian/v1/key"): Who.SIGNED,
    ("GET", "/api/zhian/v1/stream"): Who.SIGNED,
    ("PUT", "/api/zhian/v1/household"): Who.SIGNED,
    ("DELETE", "/api/zhian/v1/household"): Who.SIGNED,
    ("PUT", "/api/zhian/v1/orders/{order}"): Who.SIGNED,
    ("GET", "/api/zhian/v1/identity"): Who.PUBLIC,
    ("GET", "/api/zhian/v1/openapi.{form}"): Who.PUBLIC,
}


def of(table: dict[str, tuple[Who, dict[str, Any]]], *who: Who) -> list[Any]:
    """Return the rows of a table that obey somebody."""
    return [
        pytest.param(name, data, id=name)
        for name, (obeys, data) in table.items()
        if obeys in who
    ]


@pytest.fixture(autouse=True)
async def _set_up(hass: HomeAssistant) -> None:
    """Everything is registered once, before there is any entry."""
    assert await async_setup_component(hass, DOMAIN, {})


def test_every_action_is_in_the_table(hass: HomeAssistant) -> None:
    assert set(hass.services.async_services()[DOMAIN]) == set(ACTIONS)


def test_every_command_is_in_the_table(hass: HomeAssistant) -> None:
    registered = {
        command
        for command in hass.data[WEBSOCKET_API]
        if command.startswith(f"{DOMAIN}/")
    }
    assert registered == set(COMMANDS)


def test_every_path_is_in_the_table(hass: HomeAssistant) -> None:
    assert hass.http is not None
    routes = {
        (route.method, route.resource.canonical)
        for route in hass.http.app.router.routes()
        if route.resource is not None and DOMAIN in route.resource.canonical
    }
    assert {r for r in routes if r[0] not in ("HEAD", "OPTIONS")} == set(PATHS)


@pytest.mark.parametrize(("action", "data"), of(ACTIONS, Who.ADMIN, Who.OPERATOR))
async def test_an_action_that_is_not_for_everybody_refuses_a_guest(
    hass: HomeAssistant,
    hass_read_only_user: MockUser,
    action: str,
    data: dict[str, Any],
) -> None:
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN,
            action,
            data,
            blocking=True,
            context=Context(user_id=hass_read_only_user.id),
            return_response=hass.services.supports_response(DOMAIN, action).value
            == "only",
        )


@pytest.mark.parametrize(
    ("group", "refused"),
    [
        (None, (Who.ADMIN, Who.OPERATOR)),
        (GROUP_ID_READ_ONLY, (Who.ADMIN, Who.OPERATOR)),
        (GROUP_ID_USER, (Who.ADMIN,)),
    ],
)
async def test_a_command_obeys_only_whom_the_table_names(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    hass_admin_user: MockUser,
    group: str | None,
    refused: tuple[Who, ...],
) -> None:
    client = await hass_ws_client(hass)
    found = await hass.auth.async_get_group(group) if group else None
    hass_admin_user.groups = [found] if found else []
    hass_admin_user.invalidate_cache()
    for command, (who, data) in COMMANDS.items():
        await client.send_json_auto_id({"type": command, **data})
        answer = await client.receive_json()
        code = answer.get("error", {}).get("code")
        assert (code == "unauthorized") is (who in refused), command
