"""Adding and changing the people who are told."""

from collections.abc import Iterator
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.zhian.home.contact_flow import contact_name, targets
from custom_components.zhian.home.contact_options import (
    ChannelKind,
    ChannelOptions,
    ContactOptions,
    WebhookProof,
)
from custom_components.zhian.safety.vocabulary import ContactRole

from .flows import Dialog, add, change, home_entry, nothing_is_set_up, only, register

PHONE = "notify.mobile_app_anna_phone"


@pytest.fixture(autouse=True)
def _flows_alone(hass: HomeAssistant) -> Iterator[None]:
    async_mock_service(hass, "notify", "mobile_app_anna_phone")
    with nothing_is_set_up():
        yield


def phone(critical: bool = True, target: str = PHONE) -> dict[str, Any]:
    """Return a phone's channel as the entry keeps it."""
    return {"kind": "mobile_app", "target": target, "critical": critical}


async def person(dialog: Dialog, name: str = "Anna", **changes: Any) -> None:
    """Fill in who it is."""
    await dialog.submit(**{"name": name, "role": "resident", "order": 1} | changes)
    assert dialog.step == "channels"


async def reach(dialog: Dialog, target: str = PHONE, *, critical: bool = True) -> None:
    """Add a notification."""
    await dialog.choose("notify")
    await dialog.submit(target=target, critical=critical)


async def test_a_contact_is_added(hass: HomeAssistant) -> None:
    entry = home_entry(hass)
    dialog = await add(hass, entry, "contact")
    assert dialog.filled_in == {"role": "resident", "order": 1, "confidant": False}
    await person(dialog, " Anna ")
    await dialog.choose("notify")
    assert dialog.filled_in == {"critical": True}
    await dialog.submit(target=PHONE, critical=True)
    result = await dialog.choose("finish")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Anna"
    assert only(entry, "contact") == {
        "name": "Anna",
        "role": "resident",
        "order": 1,
        "channels": [phone()],
    }


async def test_a_contact_without_a_channel_cannot_be_saved(hass: HomeAssistant) -> None:
    dialog = await add(hass, home_entry(hass), "contact")
    await person(dialog)
    assert dialog.result["menu_options"] == ["notify", "speaker", "webhook"]
    await reach(dialog)
    assert dialog.result["menu_options"][-2:] == ["arrange", "finish"]


async def test_a_target_that_does_not_exist_is_told_and_nothing_is_lost(
    hass: HomeAssistant,
) -> None:
    entry = home_entry(hass)
    dialog = await add(hass, entry, "contact")
    await person(dialog)
    await dialog.choose("notify")
    for target in ("notify.nobody", "light.kitchen", "nonsense"):
        await dialog.submit(target=target, critical=False)
        assert dialog.errors == {"target": "target_not_found"}
        assert dialog.filled_in == {"target": target, "critical": False}
    await dialog.submit(target=PHONE, critical=False)
    await dialog.choose("finish")
    assert only(entry, "contact")["channels"] == [phone(critical=False)]


async def test_what_is_empty_is_told_at_its_field(hass: HomeAssistant) -> None:
    dialog = await add(hass, home_entry(hass), "contact")
    await dialog.submit(name=" ", role="resident", order=1)
    assert dialog.errors == {"name": "name_missing"}
    await person(dialog)
    await dialog.choose("notify")
    await dialog.submit(target=" ", critical=True)
    assert dialog.errors == {"target": "target_missing"}


async def test_nobody_is_told_twice_by_the_same_phone(hass: HomeAssistant) -> None:
    entry = home_entry(hass)
    dialog = await add(hass, entry, "contact")
    await person(dialog)
    await reach(dialog)
    await reach(dialog)
    assert dialog.errors == {"target": "target_already_bound"}
    register(hass, "notify.wall", "unknown")
    await dialog.submit(target="notify.wall", critical=True)
    await dialog.choose("finish")
    dialog = await add(hass, entry, "contact")
    await person(dialog, "Mother")
    await reach(dialog)
    assert dialog.errors == {"target": "target_already_bound"}
    register(hass, "notify.ben", "unknown")
    await dialog.submit(target="notify.ben", critical=True)
    result = await dialog.choose("finish")
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_contact_is_changed_in_place(hass: HomeAssistant) -> None:
    entry = home_entry(hass)
    dialog = await add(hass, entry, "contact")
    await person(dialog)
    await reach(dialog)
    await dialog.choose("finish")
    dialog = await change(hass, entry, "contact")
    assert dialog.filled_in == {
        "name": "Anna",
        "role": "resident",
        "order": 1,
        "confidant": False,
    }
    await person(dialog, "Anna L.", role="neighbour", order=2)
    result = await dialog.choose("finish")
    assert result["reason"] == "reconfigure_successful"
    assert only(entry, "contact") == {
        "name": "Anna L.",
        "role": "neighbour",
        "order": 2,
        "channels": [phone()],
    }
    assert next(iter(entry.subentries.values())).title == "Anna L."


async def test_a_voice_on_a_speaker_is_a_channel(hass: HomeAssistant) -> None:
    entry = home_entry(hass)
    register(hass, "tts.voice", "unknown")
    register(hass, "media_player.hall", "idle")
    dialog = await add(hass, entry, "contact")
    await person(dialog)
    await dialog.choose("speaker")
    assert dialog.filled_in == {"ignition_safe": False}
    typed = {"voice": "tts.voice", "player": "media_player.gone"}
    await dialog.submit(**typed, ignition_safe=False)
    assert dialog.errors == {"player": "entity_not_found"}
    typed["player"] = "media_player.hall"
    await dialog.submit(**typed, ignition_safe=False)
    await dialog.choose("finish")
    assert only(entry, "contact")["channels"] == [
        {
            "kind": "tts",
            "target": "tts.voice",
            "player": "media_player.hall",
            "ignition_safe": False,
        }
    ]


@pytest.mark.parametrize(
    ("url", "error"),
    [
        (" ", "url_missing"),
        ("gateway", "url_invalid"),
        ("ftp://sms.example.org", "url_invalid"),
        ("http://sms.example.org/send", "http_to_public"),
    ],
)
async def test_a_gateway_needs_an_address_that_can_be_trusted(
    hass: HomeAssistant, url: str, error: str
) -> None:
    dialog = await add(hass, home_entry(hass), "contact")
    await person(dialog)
    await dialog.choose("webhook")
    await dialog.submit(url=url, proof="bearer", secret="s")
    assert dialog.errors == {"url": error}
    assert dialog.filled_in["secret"] == "s"


async def test_a_gateway_is_a_channel_for_several_people(hass: HomeAssistant) -> None:
    entry = home_entry(hass)
    gateway = {"url": "http://192.168.1.5:8080/send", "proof": "signature"}
    for name in ("Anna", "Ben"):
        dialog = await add(hass, entry, "contact")
        await person(dialog, name)
        await dialog.choose("webhook")
        await dialog.submit(**gateway, secret=" ")
        assert dialog.errors == {"secret": "secret_missing"}
        await dialog.submit(**gateway, secret="0123456789")
        await dialog.choose("webhook")
        await dialog.submit(**gateway, secret="0123456789")
        assert dialog.errors == {"url": "target_already_bound"}
        await dialog.submit(**gateway | {"url": "https://b.example.org"}, secret="1")
        result = await dialog.choose("finish")
        assert result["type"] is FlowResultType.CREATE_ENTRY
    first = next(iter(entry.subentries.values()))
    assert first.data["channels"][0] == {
        "kind": "webhook",
        "target": "http://192.168.1.5:8080/send",
        "secret": "0123456789",
        "proof": "signature",
    }


async def test_channels_are_put_in_order_and_removed(hass: HomeAssistant) -> None:
    entry = home_entry(hass)
    for name in ("a", "b", "c"):
        register(hass, f"notify.{name}", "unknown")
    dialog = await add(hass, entry, "contact")
    await person(dialog)
    for name in ("a", "b", "c"):
        await reach(dialog, f"notify.{name}")
    await dialog.choose("arrange")
    assert dialog.filled_in == {"channels": ["notify.a", "notify.b", "notify.c"]}
    await dialog.submit(channels=[])
    assert dialog.errors == {"channels": "channels_missing"}
    await dialog.submit(channels=["notify.c", "notify.a"])
    placeholders = dialog.result["description_placeholders"]
    assert placeholders["channels"] == "1. c (notify.c)\n2. a (notify.a)"
    await dialog.choose("finish")
    channels = only(entry, "contact")["channels"]
    assert [c["target"] for c in channels] == ["notify.c", "notify.a"]


async def test_a_notify_entity_whose_integration_still_starts_is_known(
    hass: HomeAssistant,
) -> None:
    register(hass, "notify.ben", "unknown")
    hass.states.async_remove("notify.ben")
    dialog = await add(hass, home_entry(hass), "contact")
    await person(dialog)
    await reach(dialog, "notify.ben")
    result = await dialog.choose("finish")
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_only_what_reaches_a_person_is_offered(hass: HomeAssistant) -> None:
    async_mock_service(hass, "notify", "send_message")
    async_mock_service(hass, "notify", "persistent_notification")
    register(hass, "notify.ben", "unknown", {"friendly_name": "Ben's phone"})
    assert targets(hass) == {PHONE: PHONE, "notify.ben": "Ben's phone (notify.ben)"}


async def test_a_contact_gets_a_first_name(hass: HomeAssistant) -> None:
    register(hass, "notify.ben", "unknown", {"friendly_name": "Ben's phone"})
    assert contact_name(hass, "notify.ben") == "Ben's phone"
    assert contact_name(hass, PHONE) == "Anna phone"
    assert contact_name(hass, "notify.mobile_app_") == "notify.mobile_app_"


def test_options_read_what_they_wrote() -> None:
    contact = ContactOptions(
        "Anna",
        (
            ChannelOptions.notify(PHONE, critical=False),
            ChannelOptions.notify("notify.telegram"),
            ChannelOptions(ChannelKind.TTS, "tts.voice", player="media_player.hall"),
            ChannelOptions(
                ChannelKind.WEBHOOK,
                "https://sms.example.org/?key=1",
                secret="s",
                proof=WebhookProof.BEARER,
            ),
        ),
        ContactRole.NEIGHBOUR,
        3,
    )
    assert ContactOptions.from_mapping(contact.as_data()) == contact
    assert "secret" not in repr(contact)
    assert contact.channels[-1].label == "https://sms.example.org/"


def test_the_timeline_calls_channels_by_their_kind() -> None:
    contact = ContactOptions(
        "Anna",
        tuple(ChannelOptions.notify(t) for t in (PHONE, "notify.a", "notify.b")),
    )
    names = [name for name, _ in contact.named_channels()]
    assert names == ["mobile_app", "notify", "notify_2"]
