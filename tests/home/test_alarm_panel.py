"""The panel as people see it: arming, coming home, alarms, what is in the way."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from homeassistant.exceptions import ServiceValidationError

import pytest

from custom_components.zhian.home import panel_memory
from custom_components.zhian.safety.vocabulary import Ending, Phase

from .house import PHONE, SIREN, HomeUnderTest
from .intrusion import (
    ARMS_ONLY,
    EVENT,
    FRONT,
    HALL,
    LAMP,
    OWN,
    PANEL,
    READY,
    WINDOW,
    arm,
    code,
    disarm,
    guarded,
    intrusion,
    shown,
)

MODES = ["home", "away", "night", "vacation", "custom_bypass"]


@pytest.fixture
def page(hass_storage: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    """Return what reads the panel as a power cut would leave it."""

    def read() -> dict[str, Any]:
        data: dict[str, Any] = hass_storage[panel_memory.STORAGE_KEY]["data"]
        return data

    return read


@contextmanager
def refused(key: str) -> Iterator[None]:
    """Expect an error in the user's language."""
    with pytest.raises(ServiceValidationError) as refusal:
        yield
    assert refusal.value.translation_key == key


@pytest.mark.parametrize("mode", MODES)
async def test_home_is_armed_in_every_mode(home: HomeUnderTest, mode: str) -> None:
    await guarded(home)
    await arm(home, mode)
    if shown(home) == "arming":
        assert home.shown(PANEL).attributes["until"]
        await home.pass_time(61, step=5)
    assert shown(home) == f"armed_{mode}"
    assert home.shown(PANEL).attributes["changed_by"] == "Anna"
    await disarm(home)
    assert shown(home) == "disarmed"


async def test_window_of_an_armed_home_sounds_lights_and_tells(
    home: HomeUnderTest,
) -> None:
    await guarded(home)
    await arm(home)
    await home.report(WINDOW, "on")
    assert shown(home) == "triggered"
    assert home.calls("siren", "turn_on") == [SIREN]
    assert home.calls("light", "turn_on") == [LAMP]
    assert home.messages() == ["Intrusion alarm at Home"]
    text = next(c for c in home.recorded if c.service == "mobile_app_phone")
    assert text.data["message"].startswith("Do not confront anybody.")
    assert home.shown("binary_sensor.home_intrusion").state == "on"
    found = intrusion(home)
    assert found is not None
    await disarm(home)
    assert shown(home) == "disarmed"
    assert home.home.guard.state.incidents == {}
    assert home.calls("siren", "turn_off") == [SIREN]
    timeline = home.home.guard.timelines.get(found.id)
    assert timeline is not None
    assert timeline.incident.ending is Ending.DISARMED
    assert home.messages()[-1] == "Home was disarmed, the Intrusion alarm is over"


async def test_nothing_of_it_happens_in_a_disarmed_home(home: HomeUnderTest) -> None:
    await guarded(home)
    for entity_id in (FRONT, WINDOW, HALL):
        await home.report(entity_id, "on")
    assert home.home.guard.state.incidents == {}
    assert home.shown("binary_sensor.home_intrusion").state == "off"
    assert shown(home) == "disarmed"
    assert home.shown(PANEL).attributes["open"] == [
        "Bedroom window",
        "Front door",
        "Hall",
    ]


async def test_who_comes_home_has_time_to_disarm(home: HomeUnderTest) -> None:
    await guarded(home)
    await arm(home, "away")
    await home.pass_time(61, step=5)
    await home.report(FRONT, "on")
    await home.report(HALL, "on")
    assert shown(home) == "pending"
    await home.pass_time(20, step=5)
    await disarm(home)
    await home.pass_time(60, step=5)
    assert home.home.guard.state.incidents == {}
    assert home.calls("siren", "turn_on") == []


async def test_who_does_not_disarm_in_time_is_a_burglar(home: HomeUnderTest) -> None:
    await guarded(home)
    await arm(home, "away")
    await home.pass_time(61, step=5)
    await home.report(FRONT, "on")
    await home.report(FRONT, "off")
    await home.pass_time(31, step=1)
    assert shown(home) == "triggered"
    assert home.calls("siren", "turn_on") == [SIREN]
    found = intrusion(home)
    assert found is not None
    assert found.phase is Phase.CLEARING


async def test_open_window_is_named_when_arming_is_refused(home: HomeUnderTest) -> None:
    await guarded(home)
    await home.report(WINDOW, "on")
    await home.report(HALL, "unavailable")
    ready = home.shown(READY)
    assert ready.state == "off"
    assert ready.attributes["open"] == ["Bedroom window"]
    assert ready.attributes["night"] == ["Bedroom window"]
    assert ready.attributes["away"] == ["Bedroom window", "Hall"]
    with pytest.raises(ServiceValidationError) as refusal:
        await arm(home, "away")
    assert refusal.value.translation_key == "panel_not_ready"
    assert refusal.value.translation_placeholders == {"names": "Bedroom window, Hall"}
    assert shown(home) == "disarmed"
    assert home.shown(EVENT).attributes["event_type"] == "not_ready"
    await home.report(WINDOW, "off")
    await home.report(HALL, "off")
    assert home.shown(READY).state == "on"


async def test_what_is_open_is_left_out_by_choice(home: HomeUnderTest) -> None:
    await guarded(home)
    await home.report(WINDOW, "on")
    await home.do("zhian", "arm", await home.person(), mode="night", bypass_open=True)
    assert shown(home) == "armed_night"
    assert home.shown(PANEL).attributes["bypassed"] == ["Bedroom window"]
    assert home.messages() == ["Home is armed without Bedroom window"]
    await home.report(WINDOW, "off")
    await home.report(WINDOW, "on")
    assert home.home.guard.state.incidents == {}


async def test_custom_bypass_leaves_out_what_is_open(home: HomeUnderTest) -> None:
    await guarded(home)
    await home.report(WINDOW, "on")
    await arm(home, "custom_bypass")
    await home.pass_time(61, step=5)
    assert shown(home) == "armed_custom_bypass"
    await home.report(HALL, "on")
    assert shown(home) == "triggered"


async def test_contact_that_falls_silent_while_armed_is_told(
    home: HomeUnderTest,
) -> None:
    await guarded(home)
    await arm(home)
    await home.report(WINDOW, "unavailable")
    await home.pass_time(61, step=5)
    assert home.messages() == ["Bedroom window fell silent while Home is armed"]
    assert home.home.guard.state.incidents == {}


async def test_door_that_stands_open_is_told_once(home: HomeUnderTest) -> None:
    await guarded(home)
    await home.report(FRONT, "on")
    await home.clear_for(590)
    assert home.messages() == []
    await home.clear_for(1_800)
    assert home.messages() == ["Front door is still open at Home"]


async def test_home_stays_as_it_was_armed_over_a_restart(
    home: HomeUnderTest, page: Callable[[], dict[str, Any]]
) -> None:
    """What the action has said is on the disk when it returns."""
    await guarded(home)
    await home.report(WINDOW, "on")
    await arm(home, "custom_bypass")
    written = page()
    assert written["mode"] == "custom_bypass"
    assert written["exit_until"] is not None
    await home.reload()
    assert shown(home) == "arming"
    await home.pass_time(61, step=5)
    assert shown(home) == "armed_custom_bypass"
    assert page()["exit_until"] is None
    assert home.shown(PANEL).attributes["bypassed"] == ["Bedroom window"]
    await home.report(FRONT, "on")
    entering = page()["entry_until"]
    await home.reload()
    assert shown(home) == "pending"
    assert page()["entry_until"] == entering
    await home.pass_time(31, step=1)
    assert shown(home) == "triggered"
    await home.reload()
    assert shown(home) == "triggered"
    await disarm(home)
    assert page()["mode"] == "disarmed"


@pytest.mark.parametrize(
    "damage", [{"mode": "sideways"}, {"since": "yesterday"}, {"home_id": "another"}]
)
async def test_page_that_cannot_be_read_leaves_the_home_disarmed(
    home: HomeUnderTest,
    page: Callable[[], dict[str, Any]],
    damage: dict[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """And guarded all the same."""
    await guarded(home)
    await arm(home)
    page().update(damage)
    await home.reload()
    assert shown(home) == "disarmed"
    is_said = "How the home was armed cannot be read" in caplog.text
    assert is_said is ("home_id" not in damage)


async def test_disk_that_refuses_does_not_keep_a_home_from_being_armed(
    home: HomeUnderTest,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await guarded(home)

    def refuse(*_: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr(panel_memory, "_data", refuse)
    await arm(home)
    assert shown(home) == "armed_night"
    assert "cannot be written" in caplog.text


async def test_page_of_the_panel_goes_with_the_home(
    home: HomeUnderTest, hass_storage: dict[str, Any]
) -> None:
    await guarded(home)
    await arm(home)
    assert panel_memory.STORAGE_KEY in hass_storage
    assert home.entry is not None
    await home.hass.config_entries.async_remove(home.entry.entry_id)
    assert panel_memory.STORAGE_KEY not in hass_storage
    home.entry = None


async def test_panel_tells_what_happens_to_it_as_events(home: HomeUnderTest) -> None:
    await guarded(home)
    seen: list[str] = []
    home.hass.bus.async_listen(
        "state_changed",
        lambda event: (
            seen.append(event.data["new_state"].attributes.get("event_type"))
            if event.data["entity_id"] == EVENT
            else None
        ),
    )
    await arm(home, "away")
    await home.pass_time(61, step=5)
    await home.report(FRONT, "on")
    await home.report(HALL, "on")
    await disarm(home)
    await disarm(home)
    await home.report(FRONT, "off")
    await home.report(HALL, "off")
    await arm(home, "night")
    assert seen == ["arming", "armed", "entry", "disarmed", "armed"]
    assert home.shown(EVENT).attributes["mode"] == "night"


async def test_home_without_contacts_has_no_panel(home: HomeUnderTest) -> None:
    home.state("binary_sensor.kitchen_gas", "off")
    await home.start()
    assert home.hass.states.get(PANEL) is None
    assert home.hass.states.get(READY) is None


# --- codes ---------------------------------------------------------------------------


async def test_code_disarms_and_says_who_it_was(home: HomeUnderTest) -> None:
    await guarded(home, code("Bo", OWN))
    assert home.shown(PANEL).attributes["code_format"] == "number"
    assert home.shown(PANEL).attributes["code_arm_required"] is False
    await arm(home)
    assert shown(home) == "armed_night"
    await disarm(home, code=OWN)
    assert shown(home) == "disarmed"
    assert home.shown(PANEL).attributes["changed_by"] == "Bo"


@pytest.mark.parametrize(
    ("typed", "error"), [(None, "code_missing"), ("0000", "code_wrong")]
)
async def test_without_the_right_code_nothing_is_disarmed(
    home: HomeUnderTest, typed: str | None, error: str
) -> None:
    await guarded(home, code("Bo", OWN))
    await arm(home)
    await home.report(WINDOW, "on")
    with pytest.raises(ServiceValidationError) as refusal:
        await disarm(home, **({"code": typed} if typed else {}))
    assert refusal.value.translation_key == error
    assert shown(home) == "triggered"


async def test_right_is_needed_for_what_is_done(home: HomeUnderTest) -> None:
    await guarded(
        home,
        code("Bo", OWN, can_arm=False),
        code("Cleaner", ARMS_ONLY, can_disarm=False),
    )
    with refused("code_without_right"):
        await arm(home, code=OWN)
    await arm(home, code=ARMS_ONLY)
    for action in (disarm(home, code=ARMS_ONLY), arm(home, "home", code=ARMS_ONLY)):
        with refused("code_without_right"):
            await action
    assert shown(home) == "armed_night"
    await disarm(home, code=OWN)
    assert shown(home) == "disarmed"


async def test_mode_of_an_armed_home_is_changed_with_a_code_only(
    home: HomeUnderTest,
) -> None:
    """Or a burglar would arm the home for those who stay in."""
    await guarded(home, code("Bo", OWN))
    await arm(home, "night")
    with refused("code_missing"):
        await arm(home, "home")
    await arm(home, "home", code=OWN)
    assert shown(home) == "armed_home"


async def test_arming_asks_for_a_code_where_that_was_chosen(
    home: HomeUnderTest,
) -> None:
    await guarded(home, code("Bo", OWN))
    assert home.entry is not None
    home.hass.config_entries.async_update_entry(
        home.entry, data={**home.entry.data, "panel": {"code_arm_required": True}}
    )
    await home.reload()
    assert home.shown(PANEL).attributes["code_arm_required"] is True
    with pytest.raises(ServiceValidationError):
        await arm(home)
    await arm(home, code=OWN)
    assert shown(home) == "armed_night"


async def test_arming_does_not_end_an_entry_delay(home: HomeUnderTest) -> None:
    await guarded(home)
    await arm(home, "night")
    await home.report(FRONT, "on")
    with refused("refused_disarm_first"):
        await arm(home, "home")
    assert shown(home) == "pending"


async def test_too_many_wrong_codes_lock_the_keypad_and_tell(
    home: HomeUnderTest,
) -> None:
    await guarded(home, code("Bo", OWN))
    await arm(home)
    for _ in range(5):
        with refused("code_wrong"):
            await disarm(home, code="0000")
    await home.settle()
    assert home.shown(EVENT).attributes["event_type"] == "code_locked"
    assert home.messages() == ["Several wrong codes at Home"]
    with pytest.raises(ServiceValidationError) as refusal:
        await disarm(home, code=OWN)
    assert refusal.value.translation_key == "code_locked"
    assert refusal.value.translation_placeholders == {"seconds": "60"}
    await home.pass_time(60, step=20)
    await disarm(home, code=OWN)
    assert shown(home) == "disarmed"


async def test_person_says_what_they_have_seen(home: HomeUnderTest) -> None:
    await guarded(home)
    who = await home.person()
    with refused("refused_no_such_incident"):
        await home.do("zhian", "witness", who, evidence="break_in")
    await arm(home)
    await home.report(WINDOW, "on")
    await home.do("zhian", "witness", who, evidence="break_in")
    found = intrusion(home)
    assert found is not None
    assert found.score == 3


async def test_second_contact_is_told(home: HomeUnderTest) -> None:
    await guarded(home)
    await arm(home)
    await home.report(WINDOW, "on")
    await home.report(FRONT, "on")
    assert home.messages()[-1] == "More speaks for a break-in at Home: Front door"
    assert PHONE
