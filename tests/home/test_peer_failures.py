"""What the best known peers get wrong, turned round, for every hazard (P1 to P9).

A hazard whose plan moves nothing has no case that needs a device; docs/goals.md says
which ones these are, and why.
"""

from collections.abc import AsyncGenerator
from itertools import combinations, permutations

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir

from freezegun.api import FrozenDateTimeFactory
import pytest
from sqlalchemy import Connection

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.safety.plan import steps_for
from custom_components.zhian.safety.vocabulary import (
    Ending,
    Hazard,
    Outcome,
    Phase,
    Reason,
)

from .accidents import ACCIDENTS, GAS, WITH_PLAN, Accident, furnish_all
from .house import A_PHONE, HALL_SIREN, SIREN, HomeUnderTest

every_hazard = pytest.mark.parametrize("accident", ACCIDENTS, ids=str)
every_plan = pytest.mark.parametrize("accident", WITH_PLAN, ids=str)
every_pair = pytest.mark.parametrize(
    ("first", "second"), list(permutations(ACCIDENTS, 2)), ids=str
)


@pytest.fixture
async def home(
    hass: HomeAssistant, hass_tmp_config_dir: str, freezer: FrozenDateTimeFactory
) -> AsyncGenerator[HomeUnderTest]:
    """A home with a phone; each test furnishes it for its accident."""
    hass.config.config_dir = hass_tmp_config_dir
    home = HomeUnderTest(hass, freezer)
    home.add("contact", A_PHONE)
    yield home
    if home.entry is not None:
        await hass.config_entries.async_unload(home.entry.entry_id)


async def happens(home: HomeUnderTest, accident: Accident) -> None:
    """Let an accident happen in a home that runs quietly."""
    accident.furnish(home)
    await home.start()
    await home.report(accident.detector, "on")


def assert_ordered(home: HomeUnderTest, accident: Accident) -> None:
    """Every device of the plan has been told what it is to do."""
    for device in accident.devices:
        assert device.entity_id in home.calls(*device.action)


# --- P1: at the start ----------------------------------------------------------------


@every_hazard
@pytest.mark.parametrize("panel", [None, "disarmed", "armed_away"])
async def test_p1_a_hazard_present_at_boot_raises_the_alarm(
    home: HomeUnderTest, accident: Accident, panel: str | None
) -> None:
    """Whatever an alarm panel beside us says: armed, disarmed, or not there at all."""
    if panel is not None:
        home.state("alarm_control_panel.home", panel)
    accident.furnish(home)
    home.state(accident.detector, "on")
    await home.start()
    assert_ordered(home, accident)
    assert accident.incident(home).phase is Phase.ALARM
    assert home.messages() == [accident.title]


# --- P2: a second hazard -------------------------------------------------------------


@every_pair
async def test_p2_a_second_hazard_has_an_incident_and_a_plan_of_its_own(
    home: HomeUnderTest, first: Accident, second: Accident
) -> None:
    """In both orders, within one second; nothing of either plan is forgotten."""
    furnish_all(home, (first, second))
    await home.start()
    await home.report(first.detector, "on")
    await home.report(second.detector, "on")
    for accident in (first, second):
        incident = accident.incident(home)
        assert incident.phase is Phase.ALARM
        planned = steps_for(home.home.guard.state.household, accident.hazard)
        assert {step.id for step in incident.steps} >= {step.id for step in planned}
        for step in incident.steps:
            assert step.outcome is Outcome.ORDERED or step.reason in (
                Reason.FEEDS_FIRE,  # a fire gets no air from another plan
                Reason.SUPERSEDED,
            )
        assert accident.title in home.messages()
    if Hazard.SMOKE not in (first.hazard, second.hazard):
        assert_ordered(home, first)
        assert_ordered(home, second)


@pytest.mark.parametrize(("first", "second"), list(combinations(ACCIDENTS, 2)), ids=str)
async def test_p2_both_hazards_at_boot_are_both_acted_on(
    home: HomeUnderTest, first: Accident, second: Accident
) -> None:
    """The same when Home Assistant comes up in the middle of both."""
    furnish_all(home, (first, second))
    for accident in (first, second):
        home.state(accident.detector, "on")
    await home.start()
    for accident in (first, second):
        assert accident.incident(home).phase is Phase.ALARM
        if accident.devices:
            assert accident.device.entity_id in home.calls(*accident.device.action)


# --- P3: a restart in alarm ----------------------------------------------------------


@every_plan
async def test_p3_a_restart_in_alarm_runs_unfinished_steps(
    home: HomeUnderTest, accident: Accident
) -> None:
    """The device had not confirmed before the restart: it is told again."""
    await happens(home, accident)
    before = accident.incident(home).id
    home.recorded.clear()
    await home.reload()
    assert_ordered(home, accident)
    assert accident.incident(home).id == before
    assert accident.incident(home).phase is Phase.ALARM


@every_plan
async def test_p3_a_restart_in_alarm_leaves_finished_steps(
    home: HomeUnderTest, accident: Accident
) -> None:
    """The device had confirmed before the restart: it is left alone."""
    await happens(home, accident)
    device = accident.device
    await home.report(device.entity_id, device.obeyed)
    assert home.step(device.name).outcome is Outcome.CONFIRMED
    home.recorded.clear()
    await home.reload()
    assert device.entity_id not in home.calls(*device.action)
    assert home.step(device.name).outcome is Outcome.CONFIRMED


@every_hazard
async def test_p3_a_restart_in_alarm_keeps_the_incident_and_tells_it_once(
    home: HomeUnderTest, accident: Accident
) -> None:
    """Also where nothing is moved: the alarm stands, and is not told as a new one."""
    await happens(home, accident)
    before = accident.incident(home).id
    await home.reload()
    assert accident.incident(home).id == before
    assert accident.incident(home).phase is Phase.ALARM
    assert home.shown(accident.shown).state == "on"
    assert home.messages().count(accident.title) == 1


# --- P4: an actuator that raises -----------------------------------------------------


@every_plan
async def test_p4_a_device_that_raises_is_tried_again_and_told(
    home: HomeUnderTest, accident: Accident
) -> None:
    """One call is not enough, and people know within 15 seconds."""
    device = accident.device
    home.broken[device.entity_id] = RuntimeError("jammed")
    await happens(home, accident)
    await home.pass_time(15)
    assert home.calls(*device.action).count(device.entity_id) >= 4
    assert home.step(device.name).outcome is Outcome.FAILED
    assert f"{device.name} did not obey at Home" in home.messages()


@every_plan
async def test_p4_a_failed_device_that_obeys_at_last_is_told(
    home: HomeUnderTest, accident: Accident
) -> None:
    """Failed is not the end: the order is repeated until the device obeys."""
    device = accident.device
    home.broken[device.entity_id] = RuntimeError("jammed")
    await happens(home, accident)
    await home.pass_time(15)
    del home.broken[device.entity_id]
    tried = len(home.calls(*device.action))
    await home.pass_time(40)
    assert len(home.calls(*device.action)) > tried
    await home.report(device.entity_id, device.obeyed)
    assert home.step(device.name).outcome is Outcome.CONFIRMED
    assert f"{device.name} has obeyed now at Home" in home.messages()


# --- P5: a detector that dies --------------------------------------------------------


@every_hazard
@pytest.mark.parametrize("gone", ["unavailable", "unknown"])
async def test_p5_a_detector_that_dies_is_told(
    home: HomeUnderTest, accident: Accident, gone: str
) -> None:
    """Silence is not safety: people are told after its grace, and when it is back."""
    accident.furnish(home)
    await home.start()
    await home.report(accident.detector, gone)
    assert home.shown("sensor.home_protection").state == "0"
    assert home.shown(accident.shown).state == "unknown"
    await home.pass_time(_grace(home) + 1, step=30)
    assert home.messages() == [f"{accident.name} does not protect Home"]
    await home.report(accident.detector, "off")
    assert home.messages()[-1] == f"{accident.name} protects Home again"


@every_hazard
async def test_p5b_a_detector_that_is_removed_is_told(
    home: HomeUnderTest,
    accident: Accident,
    entity_registry: er.EntityRegistry,
    issue_registry: ir.IssueRegistry,
) -> None:
    """A bound entity that is gone is a repair and a message."""
    domain, object_id = accident.detector.split(".")
    entity_registry.async_get_or_create(
        domain, "test", "1", suggested_object_id=object_id
    )
    accident.furnish(home)
    await home.start()
    entity_registry.async_remove(accident.detector)
    home.hass.states.async_remove(accident.detector)
    await home.settle()
    issues = [issue for domain, issue in issue_registry.issues if domain == DOMAIN]
    assert any(issue.startswith("entity_missing") for issue in issues)
    await home.pass_time(_grace(home) + 1, step=30)
    assert f"{accident.name} does not protect Home" in home.messages()


def _grace(home: HomeUnderTest) -> float:
    """Return after how many seconds a dead detector is told."""
    (detector,) = home.home.guard.state.household.detectors.values()
    return detector.lost_after


# --- P6: time ------------------------------------------------------------------------


@every_hazard
async def test_p6_no_timer_ends_an_alarm(
    home: HomeUnderTest, accident: Accident
) -> None:
    """With the hazard still there the alarm is as it was, two hours later."""
    await happens(home, accident)
    for device in accident.devices:
        await home.report(device.entity_id, device.obeyed)
    await home.pass_time(7200, step=60)
    assert accident.incident(home).phase is Phase.ALARM
    assert home.shown(accident.shown).state == "on"


# --- P7: from nowhere to alarm -------------------------------------------------------


@every_hazard
@pytest.mark.parametrize("before", ["unknown", "unavailable", None])
async def test_p7_an_alarm_from_an_unknown_state_counts(
    home: HomeUnderTest, accident: Accident, before: str | None
) -> None:
    """A detector whose first word is an alarm raises it."""
    home.add("detector", accident.data)
    accident.place_devices(home)
    if before is not None:
        home.state(accident.detector, before)
    await home.start()
    assert home.incident_of(accident.hazard) is None
    await home.report(accident.detector, "on")
    assert_ordered(home, accident)
    assert accident.incident(home).phase is Phase.ALARM


# --- P8, P9: one thing that fails stops no other ----------------------------------------


@every_plan
@pytest.mark.parametrize("error", [ValueError("?"), KeyError("?"), RuntimeError("?")])
async def test_p8_one_step_that_raises_never_stops_another(
    home: HomeUnderTest, accident: Accident, error: Exception
) -> None:
    """The second device obeys although the first one's action raised something odd."""
    broken, well = accident.devices
    home.broken[broken.entity_id] = error
    await happens(home, accident)
    assert well.entity_id in home.calls(*well.action)
    await home.report(well.entity_id, well.obeyed)
    assert home.step(well.name).outcome is Outcome.CONFIRMED
    assert home.messages()[0] == accident.title


@every_hazard
async def test_p9_a_missing_notify_action_stops_nothing(
    home: HomeUnderTest, accident: Accident
) -> None:
    """The phone cannot be told: the plan runs, and the timeline says so."""
    accident.furnish(home)
    await home.start()
    home.hass.services.async_remove("notify", "mobile_app_phone")
    await home.report(accident.detector, "on")
    assert_ordered(home, accident)
    assert accident.incident(home).phase is Phase.ALARM
    assert home.told()
    assert all(body["reason"] for body in home.told())


# --- the core probes -----------------------------------------------------------------


@every_hazard
async def test_probe_a_dead_detector_is_not_hidden_by_a_living_one(
    home: HomeUnderTest, accident: Accident
) -> None:
    """Two detectors of one hazard, one dies: that is told, and the other still counts.

    Home Assistant's own group shows off in the same case.
    """
    accident.furnish(home)
    second = f"{accident.detector}_2"
    home.add("detector", {**accident.data, "entity_id": second, "name": "The other"})
    home.state(second, "off")
    await home.start()
    await home.report(second, "unavailable")
    assert home.shown("sensor.home_protection").state == "50"
    detector = next(d for d in home.home.detectors if d.entity_id == second)
    lost_after = home.home.guard.state.household.detectors[detector.id].lost_after
    await home.pass_time(lost_after + 1, step=30)
    assert home.messages() == ["The other does not protect Home"]
    await home.report(accident.detector, "on")
    assert accident.incident(home).phase is Phase.ALARM


@every_plan
@pytest.mark.parametrize("gone", ["unavailable", None])
async def test_probe_a_device_that_cannot_be_reached_is_no_silent_success(
    home: HomeUnderTest, accident: Accident, gone: str | None
) -> None:
    """It is looked at before the call, told within 15 s, and driven on its return."""
    device = accident.device
    accident.furnish(home)
    if gone is None:
        home.hass.states.async_remove(device.entity_id)
    else:
        home.state(device.entity_id, gone)
    await home.start()
    await home.report(accident.detector, "on")
    assert device.entity_id not in home.calls(*device.action)
    await home.pass_time(15)
    step = home.step(device.name)
    assert (step.outcome, step.reason) == (
        Outcome.FAILED,
        Reason.MISSING if gone is None else Reason.UNAVAILABLE,
    )
    assert f"{device.name} did not obey at Home" in home.messages()
    await home.report(device.entity_id, device.at_rest)
    assert device.entity_id in home.calls(*device.action)
    await home.report(device.entity_id, device.obeyed)
    assert home.step(device.name).outcome is Outcome.CONFIRMED


@every_hazard
async def test_probe_who_has_taken_an_alarm_has_it_also_after_the_detector_was_away(
    home: HomeUnderTest, accident: Accident
) -> None:
    """Away and back in alarm is the same alarm: not told anew, still taken."""
    await happens(home, accident)
    await home.do(DOMAIN, "acknowledge", await home.person("Anna"))
    told = len(home.messages())
    await home.report(accident.detector, "unavailable")
    assert accident.incident(home).phase is Phase.ALARM
    await home.report(accident.detector, "on")
    incident = accident.incident(home)
    assert incident.is_answered
    assert incident.acknowledged is not None
    assert incident.acknowledged.by == "Anna"
    assert accident.title not in home.messages()[told:]


@every_hazard
async def test_who_has_taken_an_alarm_has_it_also_after_a_reload(
    home: HomeUnderTest, accident: Accident
) -> None:
    """An answer is an entry of the timeline, and nobody is asked again."""
    await happens(home, accident)
    await home.do(DOMAIN, "acknowledge", await home.person("Anna"))
    told = len(home.messages())
    await home.reload()
    incident = accident.incident(home)
    assert incident.is_answered
    assert incident.acknowledged is not None
    assert incident.acknowledged.by == "Anna"
    assert home.messages()[told:] == []


# --- drills --------------------------------------------------------------------------


@every_hazard
async def test_a_real_alarm_ends_a_drill_and_its_plan_runs(
    home: HomeUnderTest, accident: Accident
) -> None:
    """Nothing is moved in the drill; everything is when it turns real."""
    furnish_all(home, (GAS, accident) if accident is not GAS else (GAS,))
    await home.start()
    entity = home.hass.data["switch"].get_entity("switch.home_drill")
    assert entity is not None
    await entity.async_turn_on()
    await home.settle()
    drill = home.home.guard.state.drill
    assert drill is not None
    assert not any(
        device.entity_id in home.calls(*device.action) for device in accident.devices
    )
    await home.report(accident.detector, "on")
    incident = accident.incident(home)
    assert not incident.drill
    assert home.home.guard.state.drill is None
    over = home.home.guard.timelines.get(drill.id)
    assert over is not None
    assert over.incident.ending is Ending.REAL_ALARM
    assert_ordered(home, accident)
    assert accident.title in home.messages()


# --- and what else belongs here ------------------------------------------------------


async def test_a_siren_that_could_spark_stays_silent(home: HomeUnderTest) -> None:
    """In a gas alarm nothing that is not declared safe is switched on."""
    home.add("actuator", HALL_SIREN)
    home.state(SIREN, "off")
    await happens(home, GAS)
    assert home.calls("siren", "turn_on") == []
    assert home.step("Hall siren").reason is Reason.NOT_IGNITION_SAFE


async def test_a_damaged_timeline_costs_no_other_memory(
    home: HomeUnderTest, issue_registry: ir.IssueRegistry
) -> None:
    """An incident that cannot be read is a repair; the others go on."""
    water = next(a for a in ACCIDENTS if a.hazard is Hazard.WATER)
    furnish_all(home, (GAS, water))
    await home.start()
    await home.report(water.detector, "on")
    await home.report(GAS.detector, "on")
    lost, kept = water.incident(home), GAS.incident(home)
    await home.home.database.submit(lambda connection: _damage(connection, lost.id))
    await home.reload()
    assert GAS.incident(home).id == kept.id
    assert (DOMAIN, "timeline_unreadable") in issue_registry.issues


def _damage(connection: Connection, incident: str) -> None:
    """Do what only a broken disk does: the journal itself refuses changes."""
    triggers = connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'journal'"
    ).scalars()
    for name in list(triggers):
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    connection.exec_driver_sql(
        "UPDATE journal SET kind = 'of the future' WHERE incident = ? AND seq = 2",
        (incident,),
    )
