"""Adding and changing a receiver: nothing is kept that could not be used."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.zhian.home.receiver_flow import ReceiverFlow
from custom_components.zhian.home.receiver_options import (
    DEFAULT_HAZARDS,
    ReceiverOptions,
)
from custom_components.zhian.link.client import (
    StationRefused,
    StationUnreachable,
    Trouble,
)
from custom_components.zhian.link.receivers.dc09 import Dc09Receiver
from custom_components.zhian.safety.vocabulary import Hazard

from .centres import KEY, AlarmCentre, alarm_centre
from .flows import Dialog, add, change, home_entry, nothing_is_set_up, only

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
        assert dialog.filled_in["consent"] is False
        await dialog.submit(**centre.page)
        assert dialog.result["type"] is FlowResultType.CREATE_ENTRY
    assert centre.codes == ["RX"]
    assert only(entry, RECEIVER) == centre.options
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
        assert only(entry, RECEIVER) == centre.options | {"name": "ARC"}
        dialog = await change(hass, entry, RECEIVER)
        await dialog.submit(
            **changed | {"no_key": True, "allow_plain": True, "test": False}
        )
        assert only(entry, RECEIVER)["settings"]["key"] == ""
        dialog = await change(hass, entry, RECEIVER)
        assert "no_key" not in dialog.filled_in
        await dialog.submit(**centre.page | {"key": KEY, "key_format": "text"})
        assert only(entry, RECEIVER)["settings"]["key"] == KEY.encode().hex()


def test_every_kind_has_a_step() -> None:
    from custom_components.zhian.home.receiver_forms import FORMS
    from custom_components.zhian.home.receiver_options import ReceiverKind

    assert set(FORMS) == set(ReceiverKind)
    for kind in ReceiverKind:
        assert hasattr(ReceiverFlow, f"async_step_{kind}")
