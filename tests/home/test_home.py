"""The home as a whole: its journal, its start, its end."""

from collections.abc import Callable
from pathlib import Path
import sqlite3
import threading
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home import async_find_home, async_get_home
from custom_components.zhian.home.health import DISK, UNREADABLE
from custom_components.zhian.home.journal import DATABASE
from custom_components.zhian.home.places import zone_of
from custom_components.zhian.safety.vocabulary import Outcome, Phase, Reason
from custom_components.zhian.store.errors import Trouble, WriteFailed

from .house import (
    DETECTOR,
    GAS_DETECTOR,
    GAS_VALVE,
    HALL_SIREN,
    KITCHEN_TABLET,
    SIREN,
    VALVE,
    HomeUnderTest,
    request_from,
)


def database(home: HomeUnderTest) -> Path:
    """Return where the journal lives."""
    return Path(home.hass.config.path(*DATABASE))


def has_issue(registry: ir.IssueRegistry, key: str) -> bool:
    """Whether a repair of ours is open."""
    return registry.async_get_issue(DOMAIN, key) is not None


# --- the journal ---------------------------------------------------------------------------


async def test_an_incident_survives_a_restart_as_it_stood(home: HomeUnderTest) -> None:
    """With its steps, its acknowledgement, its phase and every entry."""
    home.add("actuator", HALL_SIREN)
    home.state(SIREN, "off")
    home.state(DETECTOR, "off")
    await home.start()
    await home.clear_for(90)
    await home.report(DETECTOR, "on")
    await home.report(VALVE, "closed")
    await home.do(DOMAIN, "acknowledge", await home.person())
    await home.report(DETECTOR, "off")
    before = home.incident
    assert before.phase is Phase.CLEARING
    await home.reload()
    after = home.incident
    assert after.id == before.id
    assert after.acknowledged == before.acknowledged
    assert after.steps == before.steps
    assert after.told == before.told
    assert after.opened_at == before.opened_at
    seqs = [r.seq for t in home.home.guard.timelines.all().values() for r in t.records]
    assert seqs == list(range(1, after.seq + 1))


async def test_a_step_that_failed_goes_on_after_a_restart(home: HomeUnderTest) -> None:
    """And is not forgotten because people were told."""
    home.state(DETECTOR, "off")
    home.broken[VALVE] = RuntimeError("jammed")
    await home.start()
    await home.report(DETECTOR, "on")
    await home.pass_time(16)
    assert home.step("Gas supply").outcome is Outcome.FAILED
    home.broken.clear()
    home.recorded.clear()
    await home.reload()
    assert home.calls("valve", "close_valve") == [VALVE]
    await home.report(VALVE, "closed")
    assert home.step("Gas supply").outcome is Outcome.CONFIRMED
    assert home.messages()[-1] == "Gas supply has obeyed now at Home"


async def test_a_report_from_before_the_restart_proves_nothing(
    home: HomeUnderTest,
) -> None:
    """What the device said before the order is not said again by a reload."""
    home.state(VALVE, "closed")
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    await home.reload()
    assert home.step("Gas supply").outcome is not Outcome.CONFIRMED
    await home.report(VALVE, "closed")
    assert home.step("Gas supply").outcome is Outcome.CONFIRMED


async def test_what_nobody_was_told_is_told_after_a_restart(
    home: HomeUnderTest,
) -> None:
    """The alarm had reached no channel when the home went down."""
    home.state(DETECTOR, "off")
    await home.start()
    home.hass.services.async_remove("notify", "mobile_app_phone")
    await home.report(DETECTOR, "on")
    assert home.messages() == []
    home.play_devices()
    await home.reload()
    assert "Gas alarm at Home" in home.messages()


async def test_a_closed_incident_stays_closed(home: HomeUnderTest) -> None:
    """After a restart nothing is open, locked or told."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.clear_for(90)
    await home.report(DETECTOR, "on")
    await home.report(VALVE, "closed")
    await home.report(DETECTOR, "off")
    with request_from(KITCHEN_TABLET):
        await home.do(DOMAIN, "reset", await home.person())
    home.recorded.clear()
    await home.reload()
    assert home.home.guard.state.incidents == {}
    assert home.recorded == []


async def test_an_actuator_that_was_removed_in_the_alarm_is_no_open_step(
    home: HomeUnderTest,
) -> None:
    """The step ends with its reason; the incident goes on."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    assert home.entry is not None
    (valve,) = home.entry.get_subentries_of_type("actuator")
    home.hass.config_entries.async_remove_subentry(home.entry, valve.subentry_id)
    await home.settle()
    await home.pass_time(16)
    (step,) = home.incident.steps
    assert (step.outcome, step.reason) == (Outcome.SKIPPED, Reason.REMOVED)
    assert home.incident.phase is Phase.ALARM


async def test_a_valve_added_in_the_alarm_is_closed(home: HomeUnderTest) -> None:
    """The plan of an open incident grows with the home."""
    home.subentries[:] = [s for s in home.subentries if s["title"] != "Gas supply"]
    home.state(DETECTOR, "on")
    await home.start()
    assert home.incident.steps == ()
    assert home.entry is not None
    home.hass.config_entries.async_add_subentry(
        home.entry,
        ConfigSubentry(
            data=MappingProxyType(GAS_VALVE),
            subentry_type="actuator",
            title="Gas supply",
            unique_id="Gas supply",
        ),
    )
    await home.settle()
    assert home.calls("valve", "close_valve") == [VALVE]


# --- the disk --------------------------------------------------------------------------------


def a_directory(path: Path) -> None:
    """Put a directory in the place of the journal."""
    path.mkdir(parents=True)


def another_file(path: Path) -> None:
    """Put something else in the place of the journal."""
    path.parent.mkdir(parents=True)
    path.write_bytes(b"This is no database at all, whatever its name says." * 100)


@pytest.mark.parametrize("spoil", [a_directory, another_file])
async def test_without_a_disk_the_home_is_guarded_all_the_same(
    home: HomeUnderTest,
    issue_registry: ir.IssueRegistry,
    spoil: Callable[[Path], None],
) -> None:
    """A repair says that nothing is remembered; it goes when the disk is well."""
    spoil(database(home))
    home.state(DETECTOR, "off")
    await home.start()
    assert has_issue(issue_registry, DISK)
    assert home.home.diagnostics()["disk_healthy"] is False
    await home.report(DETECTOR, "on")
    assert home.calls("valve", "close_valve") == [VALVE]
    await home.report(VALVE, "closed")
    assert home.step("Gas supply").outcome is Outcome.CONFIRMED
    assert home.messages() == ["Gas alarm at Home"]
    path = database(home)
    if path.is_dir():
        path.rmdir()
    else:
        path.unlink()
    await home.reload()
    assert not has_issue(issue_registry, DISK)
    assert home.incident.phase is Phase.ALARM


async def test_a_disk_that_fills_up_is_a_repair_and_no_end(
    home: HomeUnderTest, issue_registry: ir.IssueRegistry
) -> None:
    """The home goes on; the repair goes when the disk takes a write again."""
    home.state(DETECTOR, "off")
    await home.start()
    store = home.home.database
    assert store is not None
    store._on_health(WriteFailed(Trouble.FULL))
    assert has_issue(issue_registry, DISK)
    await home.report(DETECTOR, "on")
    assert home.calls("valve", "close_valve") == [VALVE]
    store._on_health(None)
    assert not has_issue(issue_registry, DISK)


async def test_a_write_that_the_disk_refuses_holds_up_nothing(
    home: HomeUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry stays in memory, is told, and would be reported."""
    home.state(DETECTOR, "off")
    await home.start()
    timelines = home.home.guard.timelines

    def refuse(*_: Any) -> Any:
        future = home.hass.loop.create_future()
        future.set_exception(WriteFailed(Trouble.FULL))
        return future

    assert timelines._journal is not None
    monkeypatch.setattr(timelines._journal, "append", refuse)
    await home.report(DETECTOR, "on")
    assert home.calls("valve", "close_valve") == [VALVE]
    assert home.messages() == ["Gas alarm at Home"]
    (timeline,) = timelines.all().values()
    assert timeline.settled == timeline.incident.seq
    assert "on_disk" not in timeline.stamps


async def test_one_damaged_timeline_costs_no_other(
    home: HomeUnderTest, issue_registry: ir.IssueRegistry
) -> None:
    """It is named in a repair; the home starts with the rest."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    await home.stop()
    with sqlite3.connect(database(home)) as store:
        for (name,) in store.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
        ).fetchall():
            store.execute(f"DROP TRIGGER {name}")
        store.execute('UPDATE journal SET body = \'{"hazard": "?"}\' WHERE seq = 1')
    store.close()
    await home.start()
    assert has_issue(issue_registry, UNREADABLE)
    # The gas is still there: it has its incident.
    assert home.incident.phase is Phase.ALARM


async def test_sqlite_is_never_touched_in_the_event_loop(
    home: HomeUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Home Assistant would not notice it."""
    seen: set[str] = set()
    connect = sqlite3.connect

    def noted(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        seen.add(threading.current_thread().name)
        return connect(*args, **kwargs)

    monkeypatch.setattr(sqlite3, "connect", noted)
    monkeypatch.setattr(sqlite3.dbapi2, "connect", noted)
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    await home.reload()
    assert seen == {"zhian_db"}


# --- the end ---------------------------------------------------------------------------------


def our_threads() -> list[str]:
    """Return the threads of ours that run."""
    return [t.name for t in threading.enumerate() if t.name.startswith("zhian")]


async def test_an_unload_leaves_nothing_behind(home: HomeUnderTest) -> None:
    """No thread, no listener, no timer: the test's own clean-up looks for the last."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.stop()
    before = dict(home.hass.bus.async_listeners())
    await home.start()
    await home.report(DETECTOR, "on")
    assert our_threads() == ["zhian_db"]
    await home.stop()
    assert our_threads() == []
    assert dict(home.hass.bus.async_listeners()) == before
    home.recorded.clear()
    await home.report(DETECTOR, "off")
    await home.report(DETECTOR, "on")
    await home.pass_time(20)
    assert home.recorded == []


async def test_the_journal_is_closed_when_home_assistant_stops(
    home: HomeUnderTest,
) -> None:
    """Entries are not unloaded then; what was handed in is on the disk."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    entries = home.incident.seq
    home.hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await home.settle()
    assert our_threads() == []
    with sqlite3.connect(database(home)) as store:
        (kept,) = store.execute("SELECT count(*) FROM journal").fetchone()
    store.close()
    assert kept == entries
    # Gas does not wait for the restart.
    home.recorded.clear()
    await home.report(VALVE, "closed")
    await home.report(VALVE, "open")
    assert home.calls("valve", "close_valve") == [VALVE]


async def test_a_start_that_fails_leaves_no_thread(
    home: HomeUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or the next start would find the database taken."""

    def fail(*_: object) -> None:
        raise RuntimeError("bug")

    monkeypatch.setattr("custom_components.zhian.home.guard.Guard.start", fail)
    with pytest.raises(AssertionError):
        await home.start()
    assert our_threads() == []


# --- the start -------------------------------------------------------------------------------


async def test_a_detector_has_until_the_start_to_appear(
    home: HomeUnderTest, hass: HomeAssistant
) -> None:
    """Before everything has started its silence is no loss."""
    hass.set_state(CoreState.starting)
    await home.start()
    assert home.home.guard.state.readings == {}
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done()
    (sensed,) = home.home.guard.state.readings.values()
    assert not sensed.level.is_protecting


async def test_gas_before_the_start_is_acted_on(
    home: HomeUnderTest, hass: HomeAssistant
) -> None:
    """Nobody waits for the last integration."""
    hass.set_state(CoreState.starting)
    home.state(DETECTOR, "on")
    await home.start()
    assert home.calls("valve", "close_valve") == [VALVE]
    hass.set_state(CoreState.running)


async def test_the_running_home_is_found(
    home: HomeUnderTest, hass: HomeAssistant
) -> None:
    """And only while it runs."""
    MockConfigEntry(domain=DOMAIN, data={"role": "station"}).add_to_hass(hass)
    assert async_find_home(hass) is None
    home.state(DETECTOR, "off")
    await home.start()
    assert async_get_home(hass) is home.home
    await home.stop()
    with pytest.raises(ServiceValidationError):
        async_get_home(hass)


# --- places ----------------------------------------------------------------------------------


async def test_a_place_is_chosen_or_the_entitys_or_its_devices(
    hass: HomeAssistant,
    area_registry: ar.AreaRegistry,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
) -> None:
    """In this order; nowhere if nobody knows."""
    kitchen = area_registry.async_create("Kitchen").id
    hall = area_registry.async_create("Hall").id
    entry = MockConfigEntry(domain="test")
    entry.add_to_hass(hass)
    device = device_registry.async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={("test", "1")}
    )
    device_registry.async_update_device(device.id, area_id=hall)
    bound = entity_registry.async_get_or_create(
        "binary_sensor",
        "test",
        "1",
        device_id=device.id,
        config_entry=entry,
        has_entity_name=True,
        original_name="Gas",
    )
    loose = entity_registry.async_get_or_create("binary_sensor", "test", "2")
    assert zone_of(hass, bound.entity_id, "attic") == "attic"
    assert zone_of(hass, bound.entity_id, None) == hall
    entity_registry.async_update_entity(bound.entity_id, area_id=kitchen)
    assert zone_of(hass, bound.entity_id, None) == kitchen
    assert zone_of(hass, loose.entity_id, None) is None
    assert zone_of(hass, "binary_sensor.unknown", None) is None


async def test_the_zone_of_an_incident_is_where_its_detector_is(
    home: HomeUnderTest, area_registry: ar.AreaRegistry
) -> None:
    """The document names it as people do; an area that is gone keeps its id."""
    kitchen = area_registry.async_create("Kitchen")
    home.subentries[:] = [s for s in home.subentries if s["title"] != "Kitchen gas"]
    home.add("detector", GAS_DETECTOR | {"area": kitchen.id})
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    (timeline,) = home.home.guard.timelines.all().values()
    await home.until(lambda: timeline.settled, "the disk")
    assert home.home.documents.document(timeline).zones == ("Kitchen",)
    area_registry.async_delete(kitchen.id)
    assert home.home.documents.document(timeline).zones == (kitchen.id,)
