"""A home with doors, a hall and a panel, for the tests of intrusion."""

from typing import Any, Final

from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.core import Context

from custom_components.zhian.home.codes import digest
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.vocabulary import Hazard

from .house import HALL_SIREN, SIREN, HomeUnderTest

FRONT: Final = "binary_sensor.front_door"
WINDOW: Final = "binary_sensor.bedroom_window"
HALL: Final = "binary_sensor.hall_motion"
LAMP: Final = "light.hall"
PANEL: Final = "alarm_control_panel.home_alarm_panel"
READY: Final = "binary_sensor.home_ready_to_arm"
EVENT: Final = "event.home_alarm_panel"

SALT: Final = "00" * 16
OWN, FORCED, ARMS_ONLY = "1234", "9876", "5555"

FRONT_DOOR: Final = {
    "entity_id": FRONT,
    "hazard": "intrusion",
    "name": "Front door",
    "watch": {"sense": "opening", "delayed": True, "left_open": 10},
}
BEDROOM_WINDOW: Final = {
    "entity_id": WINDOW,
    "hazard": "intrusion",
    "name": "Bedroom window",
    "watch": {"sense": "opening"},
}
HALL_MOTION: Final = {
    "entity_id": HALL,
    "hazard": "intrusion",
    "name": "Hall",
    "watch": {"sense": "motion"},
}
HALL_LAMP: Final = {"entity_id": LAMP, "role": "light", "name": "Hall lamp"}


def code(
    name: str, typed: str, duress: str | None = None, **rights: bool
) -> dict[str, Any]:
    """Return the data of a code as the flow would have made it."""
    return {
        "name": name,
        "salt": SALT,
        "digest": digest(typed, SALT),
        "duress_digest": digest(duress, SALT) if duress else None,
        **rights,
    }


async def guarded(home: HomeUnderTest, *codes: dict[str, Any]) -> None:
    """Start a home in which everything is closed."""
    home.add("detector", FRONT_DOOR, BEDROOM_WINDOW, HALL_MOTION)
    home.add("actuator", HALL_SIREN, HALL_LAMP)
    home.add("code", *codes)
    for entity_id in (FRONT, WINDOW, HALL, SIREN, LAMP):
        home.state(entity_id, "off")
    home.state("binary_sensor.kitchen_gas", "off")
    await home.start()
    await home.clear_for(90)


async def member(home: HomeUnderTest, name: str = "Anna") -> Context:
    """Return the context of somebody who may use the home's entities."""
    user = await home.hass.auth.async_create_user(name, group_ids=[GROUP_ID_USER])
    return Context(user_id=user.id)


async def arm(home: HomeUnderTest, mode: str = "night", **data: Any) -> None:
    """Arm from the panel, as a person does."""
    await home.do(
        "alarm_control_panel",
        f"alarm_arm_{mode}",
        await member(home),
        entity_id=PANEL,
        **data,
    )


async def disarm(home: HomeUnderTest, **data: Any) -> None:
    """Disarm from the panel."""
    await home.do(
        "alarm_control_panel",
        "alarm_disarm",
        await member(home),
        entity_id=PANEL,
        **data,
    )


def shown(home: HomeUnderTest) -> str:
    """Return what the panel shows."""
    return home.shown(PANEL).state


def intrusion(home: HomeUnderTest) -> Incident | None:
    """Return the open intrusion."""
    return home.incident_of(Hazard.INTRUSION)
