"""Adding and changing the people who are told."""

from collections.abc import Iterator

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.zhian.home.contact_flow import contact_name, targets
from custom_components.zhian.home.options import ContactOptions

from .flows import add, change, home_entry, nothing_is_set_up, only, register

PHONE = "notify.mobile_app_anna_phone"


@pytest.fixture(autouse=True)
def _flows_alone(hass: HomeAssistant) -> Iterator[None]:
    async_mock_service(hass, "notify", "mobile_app_anna_phone")
    with nothing_is_set_up():
        yield


async def test_a_contact_is_added(hass: HomeAssistant) -> None:
    entry = home_entry(hass)
    dialog = await add(hass, entry, "contact")
    assert dialog.filled_in == {"critical": True}
    result = await dialog.submit(name=" Anna ", target=PHONE, critical=True)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Anna"
    assert only(entry, "contact") == {
        "name": "Anna",
        "target": PHONE,
        "critical": True,
    }


async def test_a_target_that_does_not_exist_is_told_and_nothing_is_lost(
    hass: HomeAssistant,
) -> None:
    entry = home_entry(hass)
    dialog = await add(hass, entry, "contact")
    typed = {"name": "Anna", "target": "notify.nobody", "critical": False}
    for target in ("notify.nobody", "light.kitchen", "nonsense"):
        await dialog.submit(**typed | {"target": target})
        assert dialog.errors == {"target": "target_not_found"}
        assert dialog.filled_in == typed | {"target": target}
    assert not entry.subentries
    result = await dialog.submit(**typed | {"target": PHONE})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert only(entry, "contact")["critical"] is False


async def test_what_is_empty_is_told_at_its_field(hass: HomeAssistant) -> None:
    entry = home_entry(hass)
    dialog = await add(hass, entry, "contact")
    await dialog.submit(name=" ", target=" ", critical=True)
    assert dialog.errors == {"name": "name_missing", "target": "target_missing"}
    await dialog.submit(name="Anna", target=PHONE, critical=True)
    assert only(entry, "contact")["name"] == "Anna"


async def test_nobody_is_told_twice_by_the_same_phone(hass: HomeAssistant) -> None:
    entry = home_entry(hass)
    await (await add(hass, entry, "contact")).submit(
        name="Anna", target=PHONE, critical=True
    )
    dialog = await add(hass, entry, "contact")
    await dialog.submit(name="Mother", target=PHONE, critical=True)
    assert dialog.errors == {"target": "target_already_bound"}
    register(hass, "notify.ben", "unknown")
    result = await dialog.submit(name="Ben", target="notify.ben", critical=True)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_contact_is_changed_in_place(hass: HomeAssistant) -> None:
    entry = home_entry(hass)
    await (await add(hass, entry, "contact")).submit(
        name="Anna", target=PHONE, critical=True
    )
    dialog = await change(hass, entry, "contact")
    assert dialog.filled_in == {"name": "Anna", "target": PHONE, "critical": True}
    result = await dialog.submit(name="Anna L.", target=PHONE, critical=False)
    assert result["reason"] == "reconfigure_successful"
    assert only(entry, "contact") == {
        "name": "Anna L.",
        "target": PHONE,
        "critical": False,
    }
    assert next(iter(entry.subentries.values())).title == "Anna L."


async def test_a_notify_entity_whose_integration_still_starts_is_known(
    hass: HomeAssistant,
) -> None:
    register(hass, "notify.ben", "unknown")
    hass.states.async_remove("notify.ben")
    dialog = await add(hass, home_entry(hass), "contact")
    result = await dialog.submit(name="Ben", target="notify.ben", critical=True)
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
    contact = ContactOptions("Anna", PHONE, critical=False)
    assert ContactOptions.from_mapping(contact.as_data()) == contact
    assert ContactOptions.from_mapping({"target": PHONE}) == ContactOptions(
        PHONE, PHONE, critical=True
    )
