"""The repair that exercises a gas valve with a person at home."""

from datetime import timedelta
from typing import Any

from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir

import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.repairs import ExerciseGasValve, async_create_fix_flow

from .house import (
    DETECTOR,
    FAR_AWAY,
    GAS_VALVE,
    KITCHEN_TABLET,
    VALVE,
    HomeUnderTest,
    request_from,
)


@pytest.fixture
async def due(home: HomeUnderTest) -> HomeUnderTest:
    """A home whose gas valve has not moved for a month."""
    home.subentries[:] = [s for s in home.subentries if s["title"] != "Gas supply"]
    home.add("actuator", GAS_VALVE | {"exercise": True})
    home.state(DETECTOR, "off")
    await home.start()
    home.freezer.tick(timedelta(days=31))
    async_fire_time_changed(home.hass)
    await home.hass.async_block_till_done()
    return home


def issue(home: HomeUnderTest) -> ir.IssueEntry | None:
    """Return the repair that is due."""
    for (domain, issue_id), found in ir.async_get(home.hass).issues.items():
        if domain == DOMAIN and "exercise_due" in issue_id:
            return found
    return None


async def open_dialog(home: HomeUnderTest) -> ExerciseGasValve:
    """Open the dialog of the repair."""
    found = issue(home)
    assert found is not None
    assert found.is_fixable
    flow = await async_create_fix_flow(home.hass, found.issue_id, found.data)
    assert isinstance(flow, ExerciseGasValve)
    flow.hass = home.hass
    return flow


async def test_a_person_at_home_is_led_through(due: HomeUnderTest) -> None:
    """It says what to do, closes the valve, and is done when that is proved."""
    flow = await open_dialog(due)
    with request_from(KITCHEN_TABLET):
        shown: Any = await flow.async_step_init()
        assert shown["type"] is FlowResultType.FORM
        assert shown["description_placeholders"] == {"name": "Gas supply"}
        assert due.calls("valve", "close_valve") == []
        done: Any = await flow.async_step_confirm({})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert due.calls("valve", "close_valve") == [VALVE]
    await due.report(VALVE, "closed")
    assert issue(due) is None
    assert due.calls("valve", "open_valve") == []


async def test_nobody_far_away_closes_what_nobody_could_open(
    due: HomeUnderTest,
) -> None:
    """The house would be without gas until somebody comes."""
    flow = await open_dialog(due)
    with request_from(FAR_AWAY):
        result: Any = await flow.async_step_confirm({})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "not_on_site")
    assert due.calls("valve", "close_valve") == []


async def test_what_cannot_be_done_now_is_said(due: HomeUnderTest) -> None:
    """An incident, or a valve out of reach."""
    await due.report(VALVE, "unavailable")
    flow = await open_dialog(due)
    with request_from(KITCHEN_TABLET):
        result: Any = await flow.async_step_confirm({})
    assert result["reason"] == "not_now"


async def test_a_valve_that_was_removed_meanwhile_is_left_alone(
    due: HomeUnderTest,
) -> None:
    """The dialog may have stood open for a day."""
    found = issue(due)
    assert found is not None
    flow = await async_create_fix_flow(due.hass, found.issue_id, {"subject": "gone"})
    assert isinstance(flow, ExerciseGasValve)
    flow.hass = due.hass
    result: Any = await flow.async_step_init()
    assert result["reason"] == "gone"
