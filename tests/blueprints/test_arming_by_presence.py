"""Arming by presence: leaving arms, a restart does not, nothing disarms."""

from typing import Any

from homeassistant.core import CoreState, ServiceCall
from homeassistant.exceptions import ServiceValidationError

import pytest

from .conftest import Home, load

PATH = "zhian/arming_by_presence.yaml"
PANEL = "alarm_control_panel.home"
ANNA, BEN = "person.anna", "person.ben"
INPUTS: dict[str, Any] = {
    "people": [ANNA, BEN],
    "panel": PANEL,
    "away_for": 1,
    "phones": ["notify.mobile_app_anna"],
}


class Panel:
    """A panel that arms, or says why not."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.asked: list[dict[str, Any]] = []
        self.refuses = False
        home.hass.services.async_register("zhian", "arm", self._arm)

    async def _arm(self, call: ServiceCall) -> None:
        self.asked.append(dict(call.data))
        if self.refuses:
            raise ServiceValidationError("Not armed: Window")
        self.home.state(PANEL, "arming")


@pytest.fixture
def panel(home: Home) -> Panel:
    """A disarmed home with two people in it."""
    for person in (ANNA, BEN):
        home.state(person, "home")
    home.state(PANEL, "disarmed", open=[])
    return Panel(home)


async def leave(home: Home) -> None:
    """Both leave, one after the other, and it lasts."""
    await home.report(ANNA, "not_home")
    await home.wait(70)
    await home.report(BEN, "Work")
    await home.wait(59)


async def test_last_one_to_leave_arms(home: Home, panel: Panel) -> None:
    await home.guard(PATH, **INPUTS)
    await leave(home)
    assert panel.asked == []
    await home.wait(2)
    assert panel.asked == [{"mode": "away", "code": "", "bypass_open": False}]
    assert home.messages == []


async def test_code_and_choice_go_with_it(home: Home, panel: Panel) -> None:
    chosen = {"mode": "vacation", "code": "0815", "bypass_open": True}
    await home.guard(PATH, **INPUTS, **chosen)
    await leave(home)
    await home.wait(2)
    assert [str(asked["code"]).zfill(4) for asked in panel.asked] == ["0815"]
    assert panel.asked[0]["mode"] == "vacation"
    assert panel.asked[0]["bypass_open"] is True


async def test_who_comes_back_in_time_keeps_it_disarmed(
    home: Home, panel: Panel
) -> None:
    await home.guard(PATH, **INPUTS)
    await leave(home)
    await home.report(BEN, "home")
    await home.wait(120)
    assert panel.asked == []


@pytest.mark.parametrize("state", ["unknown", "unavailable"])
async def test_unknown_person_counts_as_being_at_home(
    home: Home, panel: Panel, state: str
) -> None:
    await home.guard(PATH, **INPUTS)
    await home.report(ANNA, "not_home")
    await home.report(BEN, state)
    await home.wait(120)
    assert panel.asked == []
    await home.report(BEN, "not_home")
    await home.wait(62)
    assert panel.asked == [], "nobody was seen to leave"
    assert home.told("notify.mobile_app_anna") == [
        "Nobody is at home, and the alarm is not armed"
    ]


async def test_restart_of_an_empty_home_tells_and_arms_nothing(
    home: Home, panel: Panel
) -> None:
    """Alarmo #1238: whoever has disarmed may be in."""
    home.hass.set_state(CoreState.not_running)
    for person in (ANNA, BEN):
        home.state(person, "not_home")
    await home.guard(PATH, **INPUTS)
    await home.start()
    await home.wait(120)
    assert panel.asked == []
    assert "did not see anybody leave" in home.last_message


async def test_what_is_open_is_told(home: Home, panel: Panel) -> None:
    panel.refuses = True
    home.state(PANEL, "disarmed", open=["Bedroom window"])
    await home.guard(PATH, **INPUTS)
    await leave(home)
    await home.wait(2)
    assert "Open: Bedroom window." in home.last_message
    assert len(home.messages) == 2


async def test_armed_home_is_left_as_it_is(home: Home, panel: Panel) -> None:
    home.state(PANEL, "armed_night")
    await home.guard(PATH, **INPUTS)
    await leave(home)
    await home.wait(2)
    assert panel.asked == []
    assert home.messages == []


def test_nothing_in_it_can_disarm() -> None:
    source = str(load(PATH).data["actions"])
    assert "disarm" not in source.replace("disarmed", "")
