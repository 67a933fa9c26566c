"""Repairs that a person can have made with one press."""

from http import HTTPStatus

from homeassistant.components.repairs import DOMAIN as REPAIRS, ConfirmRepairFlow
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component

import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.repairs import async_create_fix_flow

from .home.conftest import bare_home, home  # noqa: F401  fixtures
from .home.house import DETECTOR, GAS_DETECTOR, HomeUnderTest

NEW_NAME = "binary_sensor.kitchen_gas_detector"


@pytest.fixture
async def renamed(
    home: HomeUnderTest,  # noqa: F811
    entity_registry: er.EntityRegistry,
) -> HomeUnderTest:
    """A home whose detector has a new name."""
    assert await async_setup_component(home.hass, REPAIRS, {})
    entry = entity_registry.async_get_or_create(
        "binary_sensor", "test", "1", suggested_object_id="kitchen_gas"
    )
    home.subentries[:] = [s for s in home.subentries if s["title"] != "Kitchen gas"]
    home.add("detector", GAS_DETECTOR | {"registry_id": entry.id})
    entity_registry.async_update_entity(DETECTOR, new_entity_id=NEW_NAME)
    home.state(NEW_NAME, "off")
    await home.start()
    return home


async def test_the_new_name_is_kept_with_one_press(
    renamed: HomeUnderTest,
    issue_registry: ir.IssueRegistry,
    hass_client: ClientSessionGenerator,
) -> None:
    """Through the dialog that the frontend shows."""
    ((_, issue_id),) = [key for key in issue_registry.issues if key[0] == DOMAIN]
    client = await hass_client()
    response = await client.post(
        "/api/repairs/issues/fix", json={"handler": DOMAIN, "issue_id": issue_id}
    )
    assert response.status == HTTPStatus.OK
    form = await response.json()
    assert form["step_id"] == "confirm"
    assert form["description_placeholders"] == {
        "name": "Kitchen gas",
        "entity_id": NEW_NAME,
        "old_entity_id": DETECTOR,
    }
    response = await client.post(f"/api/repairs/issues/fix/{form['flow_id']}", json={})
    assert (await response.json())["type"] == "create_entry"
    await renamed.settle()
    assert renamed.entry is not None
    names = {
        s.data["entity_id"] for s in renamed.entry.get_subentries_of_type("detector")
    }
    assert names == {NEW_NAME}
    assert [key for key in issue_registry.issues if key[0] == DOMAIN] == []
    assert renamed.home.detectors[0].entity_id == NEW_NAME


async def test_what_is_gone_cannot_be_mended(
    renamed: HomeUnderTest, issue_registry: ir.IssueRegistry
) -> None:
    """The detector was removed while the dialog was open."""
    ((_, issue_id),) = [key for key in issue_registry.issues if key[0] == DOMAIN]
    issue = issue_registry.async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    assert issue.data is not None
    for data in (
        {**issue.data, "subentry_id": "gone"},
        {**issue.data, "entry_id": "gone"},
    ):
        flow = await async_create_fix_flow(renamed.hass, issue_id, data)
        flow.hass = renamed.hass
        result = await flow.async_step_init()
        assert (result["type"], result["reason"]) == ("abort", "gone")


async def test_other_issues_are_only_confirmed(hass: HomeAssistant) -> None:
    """There is nothing that a press could mend."""
    flow = await async_create_fix_flow(hass, "journal_unavailable", None)
    assert isinstance(flow, ConfirmRepairFlow)
