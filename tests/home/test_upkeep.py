"""The upkeep: what wears out, falls silent or is due is found, told once, and repaired."""

from datetime import timedelta
from typing import Any

from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.util import dt as dt_util

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.safety.condition import DETECTOR_COST
from custom_components.zhian.safety.vocabulary import Lack, Level

from .house import (
    DETECTOR,
    GAS_DETECTOR,
    GAS_VALVE,
    KITCHEN_TABLET,
    VALVE,
    WATER,
    WATER_DETECTOR,
    WATER_MAIN,
    WATER_VALVE,
    HomeUnderTest,
    request_from,
)

PROTECTION = "sensor.home_protection"
BATTERY = "sensor.kitchen_gas_battery"
LOW = "binary_sensor.kitchen_gas_battery_low"
TAMPER = "binary_sensor.kitchen_gas_tamper"
SEEN = "sensor.kitchen_gas_last_seen"


def repairs(home: HomeUnderTest) -> list[str]:
    """Return which repairs of the upkeep are open."""
    registry = ir.async_get(home.hass)
    return sorted(
        (issue.translation_key or "").removeprefix("upkeep_")
        for (domain, issue_id), issue in registry.issues.items()
        if domain == DOMAIN and issue_id.startswith("upkeep")
    )


def reasons(home: HomeUnderTest) -> dict[str, float]:
    """Return the reasons that the protection sensor gives, with their points."""
    listed = home.shown(PROTECTION).attributes["reasons"]
    return {
        item["reason"]: item["points"]
        for item in listed
        if item["reason"] != Lack.NO_INSTALL_DATE
    }


def replace_detector(home: HomeUnderTest, **options: Any) -> None:
    """Bind the kitchen's detector with other options."""
    home.subentries[:] = [s for s in home.subentries if s["title"] != "Kitchen gas"]
    home.add("detector", GAS_DETECTOR | options)


@pytest.fixture
def device(home: HomeUnderTest, entity_registry: er.EntityRegistry) -> HomeUnderTest:
    """A home whose detector is a device with a battery and a tamper switch."""
    registry = dr.async_get(home.hass)
    entry = MockConfigEntry(domain="test")
    entry.add_to_hass(home.hass)
    made = registry.async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={("test", "1")}
    )
    for entity_id, device_class in (
        (DETECTOR, "gas"),
        (BATTERY, "battery"),
        (LOW, "battery"),
        (TAMPER, "tamper"),
        (SEEN, "timestamp"),
    ):
        domain, name = entity_id.split(".")
        entity_registry.async_get_or_create(
            domain,
            "test",
            name,
            suggested_object_id=name,
            original_device_class=device_class,
            device_id=made.id,
            config_entry=entry,
        )
    home.state(DETECTOR, "off")
    home.state(BATTERY, "80")
    home.state(LOW, "off")
    home.state(TAMPER, "off")
    return home


def group(home: HomeUnderTest, entity: str, members: list[Any]) -> None:
    """Let a group hold members."""
    home.hass.states.async_set(entity, "off", {"entity_id": members})


async def jump(home: HomeUnderTest, **delta: float) -> None:
    """Let much time pass at once."""
    home.freezer.tick(timedelta(**delta))
    async_fire_time_changed(home.hass)
    await home.hass.async_block_till_done()
    await home.pass_time(61, step=61)


# --- lost ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("with_battery", "minutes"), [(True, 6 * 60), (False, 10)], ids=["battery", "mains"]
)
async def test_the_grace_fits_what_feeds_the_device(
    device: HomeUnderTest,
    entity_registry: er.EntityRegistry,
    with_battery: bool,
    minutes: int,
) -> None:
    """Six hours for a battery, ten minutes for the mains."""
    replace_detector(device, lost_after=None)
    if not with_battery:
        entity_registry.async_remove(BATTERY)
        entity_registry.async_remove(LOW)
    await device.start()
    await device.report(DETECTOR, "unavailable")
    assert reasons(device) == {"lost": 100.0}
    await device.pass_time(minutes * 60 - 60, step=300)
    assert repairs(device) == []
    await device.pass_time(120, step=30)
    assert repairs(device) == ["lost"]
    assert device.messages() == ["Kitchen gas does not protect Home"]
    await device.report(DETECTOR, "off")
    assert repairs(device) == []


async def test_the_option_is_the_grace_of_what_nobody_knows(
    home: HomeUnderTest,
) -> None:
    """A helper has no device: six hours, unless a person says otherwise."""
    home.state(DETECTOR, "off")
    replace_detector(home, lost_after=None)
    home.add("detector", WATER_DETECTOR | {"lost_after": 30})
    await home.start()
    found = home.home.guard.state.household.detectors.values()
    assert [detector.lost_after for detector in found] == [6 * 3600, 1800]


async def test_what_is_removed_is_one_repair_and_is_told(home: HomeUnderTest) -> None:
    """That it is missing says all; a second repair would only be noise."""
    home.state(DETECTOR, "off")
    await home.start()
    for entity in (DETECTOR, VALVE):
        home.hass.states.async_remove(entity)
    await home.settle()
    await home.pass_time(1_300, step=60)
    assert repairs(home) == []
    missing = [i for d, i in ir.async_get(home.hass).issues if d == DOMAIN]
    assert len(missing) == 2
    assert set(home.messages()) == {
        "Kitchen gas does not protect Home",
        "Gas supply at Home cannot be reached",
    }
    assert reasons(home) == {"lost": 100.0, "unreachable": 20.0}


async def test_a_fault_is_a_repair_within_100_seconds(home: HomeUnderTest) -> None:
    """And looks different from an alarm and from silence."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "broken")
    assert reasons(home) == {"fault": 100.0}
    await home.pass_time(100, step=20)
    assert repairs(home) == ["fault"]
    await home.report(DETECTOR, "off")
    assert repairs(home) == []


async def test_a_warm_up_is_shown_and_a_long_one_is_a_repair(
    home: HomeUnderTest,
) -> None:
    """It protects nobody meanwhile."""
    home.state("binary_sensor.warm", "on")
    home.state(DETECTOR, "off")
    replace_detector(home, warm_up_entity="binary_sensor.warm")
    await home.start()
    assert reasons(home) == {"warming_up": 100.0}
    assert home.shown(PROTECTION).state == "0"
    assert repairs(home) == []
    await home.pass_time(660, step=60)
    assert repairs(home) == ["warming_up"]
    await home.report("binary_sensor.warm", "off")
    assert repairs(home) == []
    assert home.shown(PROTECTION).state == "100"


async def test_many_lost_at_once_are_one_repair_and_one_message(
    home: HomeUnderTest,
) -> None:
    """A hub that is down, or somebody who jams the radio."""
    rooms = [f"binary_sensor.room_{n}" for n in range(3)]
    for room in rooms:
        home.add("detector", GAS_DETECTOR | {"entity_id": room, "name": room[14:]})
        home.state(room, "off")
    home.state(DETECTOR, "off")
    await home.start()
    for room in rooms:
        await home.report(room, "unavailable")
    await home.pass_time(330, step=30)
    assert home.messages() == ["3 detectors were lost at once at Home"]
    assert "room_0, room_1, room_2" in home.recorded[-1].data["message"]
    assert repairs(home) == ["many_lost"]
    await home.pass_time(900, step=60)
    assert repairs(home) == ["many_lost"]
    for room in rooms:
        await home.report(room, "off")
    assert home.messages()[1:] == ["The detectors at Home can be heard again"]
    assert repairs(home) == []


async def test_a_valve_that_goes_with_the_detectors_has_the_same_cause(
    home: HomeUnderTest,
) -> None:
    """One message; its own only if it stays away when they are back."""
    rooms = [f"binary_sensor.room_{n}" for n in range(3)]
    for room in rooms:
        home.add("detector", GAS_DETECTOR | {"entity_id": room, "name": room[14:]})
        home.state(room, "off")
    home.state(DETECTOR, "off")
    await home.start()
    for entity in (*rooms, VALVE):
        await home.report(entity, "unavailable")
    await home.pass_time(1_200, step=60)
    assert home.messages() == ["3 detectors were lost at once at Home"]
    assert repairs(home) == ["many_lost"]
    for room in rooms:
        await home.report(room, "off")
    assert set(home.messages()[1:]) == {
        "The detectors at Home can be heard again",
        "Gas supply at Home cannot be reached",
    }
    assert repairs(home) == ["unreachable"]
    await home.report(VALVE, "open")
    assert repairs(home) == []


async def test_a_device_that_reported_and_falls_silent_is_lost(
    device: HomeUnderTest,
) -> None:
    """Its own rhythm counts, learnt from every entity of the device."""
    await device.start()
    for n in range(30):
        await jump(device, minutes=59)
        await device.report(SEEN, str(n))
    assert device.shown(PROTECTION).state == "100"
    await jump(device, hours=3)
    assert device.shown(PROTECTION).state == "100"
    await jump(device, hours=2)
    assert reasons(device) == {"lost": 100.0}
    assert repairs(device) == ["lost"]
    assert device.messages() == ["Kitchen gas does not protect Home"]

    # It stays silent over a restart, and nobody is told twice.
    await device.reload()
    await jump(device, minutes=30)
    assert repairs(device) == ["lost"]
    assert len(device.messages()) == 1

    # The first word brings it back, even the same again.
    device.freezer.tick(1)
    device.state(SEEN, "29")
    await device.turns()
    await device.hass.async_block_till_done()
    assert device.messages()[1:] == ["Kitchen gas protects Home again"]
    assert repairs(device) == []
    assert device.shown(PROTECTION).state == "100"


async def test_silence_never_hides_an_alarm(device: HomeUnderTest) -> None:
    """What a given-up detector says of danger is believed at once."""
    await device.start()
    for n in range(30):
        await jump(device, minutes=59)
        await device.report(SEEN, str(n))
    await jump(device, hours=9)
    assert repairs(device) == ["lost"]
    await device.report(DETECTOR, "on")
    assert device.calls("valve", "close_valve") == [VALVE]


async def test_what_is_known_is_not_told_again_after_a_restart(
    home: HomeUnderTest,
) -> None:
    """Told once, also when Home Assistant restarts every night."""
    home.state(DETECTOR, "unavailable")
    await home.start()
    await home.pass_time(660, step=60)
    assert len(home.messages()) == 1
    await home.reload()
    await home.pass_time(900, step=60)
    assert len(home.messages()) == 1
    assert repairs(home) == ["lost"]


# --- devices -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entity", "low", "still_low", "well"),
    [(BATTERY, "19", "24", "25"), (LOW, "on", "on", "off")],
)
async def test_a_low_battery_is_told_once_and_mended_by_a_new_one(
    device: HomeUnderTest, entity: str, low: str, still_low: str, well: str
) -> None:
    """Found through the registry; what says nothing changes nothing."""
    await device.start()
    await device.report(entity, low)
    assert repairs(device) == ["battery_low"]
    assert device.messages() == ["The battery of Kitchen gas at Home is low"]
    assert device.shown(PROTECTION).state == "80"
    for state in ("unavailable", still_low, "unknown", "rubbish"):
        if (entity, state) != (LOW, "rubbish"):
            await device.report(entity, state)
            assert repairs(device) == ["battery_low"], state
    await device.report(entity, still_low)
    await device.reload()
    assert len(device.messages()) == 1
    await device.report(entity, well)
    assert repairs(device) == []
    await device.report(entity, low)
    assert len(device.messages()) == 2


async def test_a_tampered_detector_is_told_and_still_believed(
    device: HomeUnderTest,
) -> None:
    """Half of its share is gone; its alarm is not."""
    await device.start()
    await device.report(TAMPER, "on")
    assert repairs(device) == ["tampered"]
    assert device.messages() == ["Kitchen gas at Home was opened or moved"]
    assert device.shown(PROTECTION).state == "50"
    await device.report(TAMPER, "unavailable")
    assert repairs(device) == ["tampered"]
    await device.report(DETECTOR, "on")
    assert device.calls("valve", "close_valve") == [VALVE]
    await device.report(TAMPER, "off")
    assert repairs(device) == []


async def test_an_entity_that_a_device_gets_later_is_found(
    device: HomeUnderTest, entity_registry: er.EntityRegistry
) -> None:
    """Also while the home runs."""
    for entity_id in (LOW, BATTERY):
        entity_registry.async_remove(entity_id)
    await device.start()
    entry = entity_registry.async_get(DETECTOR)
    assert entry is not None
    entity_registry.async_get_or_create(
        "sensor",
        "test",
        "new",
        suggested_object_id="new_battery",
        original_device_class="battery",
        device_id=entry.device_id,
    )
    await device.report("sensor.new_battery", "5")
    assert repairs(device) == ["battery_low"]


async def test_a_dead_member_of_a_group_is_named(home: HomeUnderTest) -> None:
    """A group hides it; its silence proves nothing until the member is back."""
    members = ["binary_sensor.hall", "binary_sensor.attic"]
    home.state(members[0], "off", friendly_name="Hall")
    home.state(members[1], "off", friendly_name="Attic")
    group(home, DETECTOR, members)
    await home.start()
    await home.pass_time(120, step=60)
    await home.report(members[1], "unknown", friendly_name="Attic")
    assert reasons(home) == {"member_lost": 50.0}
    sensed = next(iter(home.home.guard.state.readings.values()))
    assert (sensed.level, sensed.clear_since) == (Level.NORMAL, None)
    await home.pass_time(500, step=60)
    assert (repairs(home), home.messages()) == ([], [])
    await home.pass_time(180, step=60)
    assert repairs(home) == ["member_lost"]
    assert home.messages() == ["Part of Kitchen gas does not protect Home"]
    assert "Attic" in home.recorded[-1].data["message"]
    await home.report(members[1], "off", friendly_name="Attic")
    assert repairs(home) == []
    assert home.shown(PROTECTION).state == "100"


async def test_groups_in_groups_are_taken_apart(home: HomeUnderTest) -> None:
    """Also when they hold each other."""
    inner = "binary_sensor.inner"
    group(home, inner, [DETECTOR, "binary_sensor.gone", 3])
    group(home, DETECTOR, [inner])
    await home.start()
    assert reasons(home) == {"member_lost": 50.0}


async def test_a_valve_out_of_reach_is_told_after_ten_minutes(
    home: HomeUnderTest,
) -> None:
    """In an alarm it could not be closed."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(VALVE, "unavailable")
    await home.pass_time(500, step=60)
    assert repairs(home) == []
    await home.pass_time(240, step=60)
    assert repairs(home) == ["unreachable"]
    assert home.messages() == ["Gas supply at Home cannot be reached"]
    assert home.shown(PROTECTION).state == "80"
    await home.reload()
    assert repairs(home) == ["unreachable"]
    assert len(home.messages()) == 1
    await home.report(VALVE, "open")
    assert repairs(home) == []


# --- life ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "years"),
    [
        ({}, 5),
        ({"hazard": "smoke"}, 10),
        ({"hazard": "carbon_monoxide"}, 10),
        ({"life_years": 7}, 7),
    ],
)
async def test_the_end_of_life_is_warned_of_and_then_a_fault(
    home: HomeUnderTest, options: dict[str, Any], years: int
) -> None:
    """Sixty days before; afterwards its silence proves nothing."""
    today = dt_util.now().date()
    installed = today.replace(year=today.year - years) + timedelta(days=61)
    replace_detector(home, installed=installed.isoformat(), **options)
    home.state(DETECTOR, "off")
    await home.start()
    assert repairs(home) == []
    await jump(home, days=1)
    assert repairs(home) == ["life_ending"]
    assert home.messages() == ["Kitchen gas at Home is to be replaced soon"]
    home.home.upkeep.memory.tested_at = home.home.clock.now() + timedelta(days=60)
    await jump(home, days=60)
    assert repairs(home) == ["life_over"]
    assert home.messages()[1:] == [
        "Kitchen gas at Home has reached the end of its life"
    ]
    assert home.shown(PROTECTION).state == "0"
    sensed = next(iter(home.home.guard.state.readings.values()))
    assert (sensed.level, sensed.clear_since) == (Level.NORMAL, None)


async def test_a_valve_grows_old_too(home: HomeUnderTest) -> None:
    """After the years that were said for it."""
    today = dt_util.now().date()
    installed = today.replace(year=today.year - 3) + timedelta(days=1)
    home.subentries[:] = [s for s in home.subentries if s["title"] != "Gas supply"]
    home.add(
        "actuator", GAS_VALVE | {"installed": installed.isoformat(), "life_years": 3}
    )
    home.state(DETECTOR, "off")
    await home.start()
    assert repairs(home) == ["life_ending"]
    await jump(home, days=1)
    assert repairs(home) == ["life_over"]


async def test_an_unknown_date_is_said_and_costs_nothing(home: HomeUnderTest) -> None:
    """The supervision is incomplete, not the protection."""
    home.state(DETECTOR, "off")
    await home.start()
    listed = home.shown(PROTECTION).attributes["reasons"]
    assert listed == [
        {"name": "Kitchen gas", "reason": "no_install_date", "points": 0.0},
        {"name": "Gas supply", "reason": "no_install_date", "points": 0.0},
    ]
    assert home.shown(PROTECTION).state == "100"
    assert DETECTOR_COST[Lack.NO_INSTALL_DATE] == 0


# --- tests and exercises ---------------------------------------------------------------------


async def test_a_month_without_a_test_is_a_reminder(home: HomeUnderTest) -> None:
    """Told once; a detector's alarm resets it."""
    home.state(DETECTOR, "off")
    await home.start()
    await jump(home, days=29)
    assert repairs(home) == []
    await jump(home, days=1)
    assert repairs(home) == ["test_due"]
    assert home.messages() == ["It is time for a test at Home"]
    await jump(home, days=1)
    assert len(home.messages()) == 1
    await home.report(DETECTOR, "on")
    assert repairs(home) == []
    last = home.shown(PROTECTION).attributes["last_test"]
    assert dt_util.parse_datetime(last) == home.incident.opened_at


async def test_a_drill_resets_the_reminder(home: HomeUnderTest) -> None:
    """When it is over."""
    home.state(DETECTOR, "off")
    await home.start()
    await jump(home, days=31)
    await home.do(DOMAIN, "start_drill")
    assert repairs(home) == ["test_due"]
    await home.do(DOMAIN, "end_drill")
    assert repairs(home) == []


async def test_a_home_without_detectors_needs_no_test(bare_home: HomeUnderTest) -> None:
    """There is nothing to test."""
    await bare_home.start()
    await jump(bare_home, days=40)
    assert repairs(bare_home) == []
    await bare_home.stop()


@pytest.fixture
async def water_home(home: HomeUnderTest) -> HomeUnderTest:
    """A home whose water valve is to be exercised; it is morning."""
    await home.hass.config.async_set_time_zone("UTC")
    home.freezer.move_to("2026-11-22 07:00:00+00:00")
    home.add("detector", WATER_DETECTOR)
    home.add("actuator", WATER_MAIN | {"exercise": True})
    home.state(DETECTOR, "off")
    home.state(WATER, "off")
    home.state(WATER_VALVE, "on")
    await home.start()
    home.home.upkeep.memory.tested_at = home.home.clock.now() + timedelta(days=900)
    return home


EXERCISED = "sensor.water_main_last_exercised"


async def test_a_water_valve_is_moved_once_a_month_by_day(
    water_home: HomeUnderTest,
) -> None:
    """Closed, proved, opened, proved, and the time is kept and shown."""
    home = water_home
    assert home.shown(EXERCISED).state == "unknown"
    await home.report(WATER_VALVE, "on")
    await jump(home, days=29, hours=23)
    assert home.calls("switch", "turn_off") == []
    await jump(home, hours=2)
    assert home.calls("switch", "turn_off") == [], "not before ten o'clock"
    home.freezer.tick(timedelta(hours=2))
    async_fire_time_changed(home.hass)
    await home.hass.async_block_till_done()
    assert home.calls("switch", "turn_off") == [WATER_VALVE]
    await home.report(WATER_VALVE, "off")
    assert home.calls("switch", "turn_on") == [WATER_VALVE]
    await home.report(WATER_VALVE, "on")
    shown = home.shown(EXERCISED)
    assert shown.attributes["confirmed"] is True
    at = dt_util.parse_datetime(shown.state)
    assert at is not None
    assert (at.day, at.hour) == (22, 10)
    await home.reload()
    assert home.shown(EXERCISED).state == shown.state
    await jump(home, days=1)
    assert home.calls("switch", "turn_off") == [WATER_VALVE], "once"
    assert home.messages() == []


async def test_an_exercise_that_fails_is_told_and_a_repair_until_one_works(
    water_home: HomeUnderTest,
) -> None:
    """Before the day on which it matters."""
    home = water_home
    await jump(home, days=30, hours=4)
    await home.pass_time(40, step=4)
    assert home.messages() == ["Water main at Home did not move as it should"]
    assert repairs(home) == ["exercise_failed"]
    assert home.shown(EXERCISED).attributes["confirmed"] is False
    assert home.shown(PROTECTION).state == "80"
    await home.do(DOMAIN, "exercise_valve", entity_id="valve.water_main")
    await home.report(WATER_VALVE, "off")
    await home.report(WATER_VALVE, "on")
    assert repairs(home) == []


async def test_an_alarm_that_closes_a_valve_has_exercised_it(
    water_home: HomeUnderTest,
) -> None:
    """It need not be moved again this month."""
    home = water_home
    await home.report(WATER, "on")
    await home.report(WATER_VALVE, "off")
    assert home.shown(EXERCISED).attributes["confirmed"] is True


async def test_a_water_valve_out_of_reach_or_shut_is_left_alone(
    water_home: HomeUnderTest,
) -> None:
    """What a person has closed stays closed."""
    home = water_home
    await home.report(WATER_VALVE, "off")
    await jump(home, days=30, hours=4)
    await home.report(WATER_VALVE, "unavailable")
    await jump(home, minutes=5)
    assert home.calls("switch", "turn_off") == []
    assert home.calls("switch", "turn_on") == []


async def test_no_valve_is_moved_without_being_asked_for(home: HomeUnderTest) -> None:
    """Off by default."""
    home.add("actuator", WATER_MAIN)
    home.state(DETECTOR, "off")
    home.state(WATER_VALVE, "on")
    await home.start()
    await jump(home, days=40)
    assert [c for c in home.recorded if c.domain in ("valve", "switch")] == []
    assert home.hass.states.get(EXERCISED) is None


@pytest.fixture
async def gas_home(home: HomeUnderTest) -> HomeUnderTest:
    """A home whose gas valve is due for its exercise."""
    home.subentries[:] = [s for s in home.subentries if s["title"] != "Gas supply"]
    home.add("actuator", GAS_VALVE | {"exercise": True})
    home.state(DETECTOR, "off")
    await home.start()
    home.home.upkeep.memory.tested_at = home.home.clock.now() + timedelta(days=900)
    await jump(home, days=31)
    return home


async def test_a_gas_valve_is_a_reminder_and_is_moved_by_nobody(
    gas_home: HomeUnderTest,
) -> None:
    """No machine could open it again."""
    assert repairs(gas_home) == ["exercise_due"]
    assert gas_home.messages() == ["It is time to move Gas supply at Home"]
    await jump(gas_home, days=2)
    assert [c for c in gas_home.recorded if c.domain == "valve"] == []


async def test_a_person_at_home_exercises_a_gas_valve_and_opens_it_again(
    gas_home: HomeUnderTest,
) -> None:
    """By the action, in the home's own network; an automation may not."""
    home = gas_home
    for context in (None, await home.person()):
        with pytest.raises(ServiceValidationError) as caught:
            await home.do(
                DOMAIN, "exercise_valve", context, entity_id="valve.gas_supply_2"
            )
        assert caught.value.translation_key == "refused_not_on_site"
    with request_from(KITCHEN_TABLET):
        await home.do(
            DOMAIN,
            "exercise_valve",
            await home.person("Bo"),
            entity_id="valve.gas_supply_2",
        )
    assert home.calls("valve", "close_valve") == [VALVE]
    await home.report(VALVE, "closed")
    assert home.calls("valve", "open_valve") == []
    assert repairs(home) == []
    assert home.shown("sensor.gas_supply_last_exercised").attributes["confirmed"]


async def test_only_valves_of_the_home_are_exercised(home: HomeUnderTest) -> None:
    """Anything else is refused in words."""
    home.state(DETECTOR, "off")
    await home.start()
    with pytest.raises(ServiceValidationError) as caught:
        await home.do(DOMAIN, "exercise_valve", entity_id=DETECTOR)
    assert caught.value.translation_key == "refused_no_such_actuator"


async def test_the_memory_goes_with_the_home(
    home: HomeUnderTest, hass_storage: dict[str, Any]
) -> None:
    """Nothing is left behind."""
    home.state(DETECTOR, "off")
    await home.start()
    assert home.entry is not None
    await home.stop()
    key = f"zhian.upkeep_{home.entry.entry_id}"
    assert key in hass_storage
    await home.hass.config_entries.async_remove(home.entry.entry_id)
    await home.hass.async_block_till_done()
    assert key not in hass_storage
    home.entry = None


async def test_repairs_link_to_the_guide(home: HomeUnderTest) -> None:
    """With a place for each kind."""
    home.state(DETECTOR, "broken")
    await home.start()
    await home.pass_time(90, step=30)
    issue = next(
        i
        for (_, key), i in ir.async_get(home.hass).issues.items()
        if key.startswith("upkeep")
    )
    assert issue.learn_more_url is not None
    assert issue.learn_more_url.endswith("docs/upkeep.md#fault")
