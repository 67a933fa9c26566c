"""Automations that say what they heard."""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import Event, HomeAssistant
from homeassistant.setup import async_setup_component

from pytest_homeassistant_custom_component.common import async_capture_events

HEARD = "test_heard"


async def listen(
    hass: HomeAssistant, trigger: str, options: Mapping[str, Any] | None = None
) -> list[Event[dict[str, Any]]]:
    """Set an automation up that hands on what its trigger says."""
    heard = async_capture_events(hass, HEARD)
    config = {
        "alias": trigger,
        "triggers": [
            {"trigger": trigger, **({"options": dict(options)} if options else {})}
        ],
        "actions": [
            {
                "event": HEARD,
                "event_data": {
                    key: f"{{{{ trigger.{key} }}}}"
                    for key in ("hazard", "drill", "incident", "phase", "name")
                }
                | {"by": "{{ trigger.by }}", "ending": "{{ trigger.ending }}"},
            }
        ],
    }
    assert await async_setup_component(hass, "automation", {"automation": [config]})
    await hass.async_block_till_done()
    return heard


async def answers(
    hass: HomeAssistant, condition: str, options: Mapping[str, Any] | None = None
) -> bool:
    """Ask a condition, as an automation does."""
    from homeassistant.helpers import condition as conditions

    config = await conditions.async_validate_condition_config(
        hass,
        {"condition": condition, **({"options": dict(options)} if options else {})},
    )
    checker = await conditions.async_from_config(hass, config)
    try:
        return bool(checker.async_check())
    finally:
        checker.async_unload()
