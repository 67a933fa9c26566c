"""What the best known peers get wrong for gas, turned round (P1 to P9)."""

from homeassistant.helpers import entity_registry as er, issue_registry as ir

import pytest
from sqlalchemy import Connection

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.safety.vocabulary import Hazard, Outcome, Phase

from .house import (
    DETECTOR,
    HALL_SIREN,
    SAFE_WINDOW,
    SIREN,
    VALVE,
    WATER,
    WATER_DETECTOR,
    WATER_MAIN,
    WATER_VALVE,
    WINDOW,
    HomeUnderTest,
)


async def test_p1_gas_present_at_boot_raises_the_alarm(home: HomeUnderTest) -> None:
    """A detector that is already in alarm when Home Assistant starts is an incident."""
    home.state(DETECTOR, "on")
    await home.start()
    assert home.calls("valve", "close_valve") == [VALVE]
    assert home.incident.phase is Phase.ALARM


async def test_p2_a_second_hazard_gets_its_own_plan(home: HomeUnderTest) -> None:
    """Gas after water: both incidents are open, both valves are told to close."""
    home.add("detector", WATER_DETECTOR)
    home.add("actuator", WATER_MAIN)
    home.state(DETECTOR, "off")
    home.state(WATER, "off")
    home.state(WATER_VALVE, "on")
    await home.start()
    await home.report(WATER, "on")
    await home.report(DETECTOR, "on")
    assert home.calls("switch", "turn_off") == [WATER_VALVE]
    assert home.calls("valve", "close_valve") == [VALVE]
    assert home.incident_of(Hazard.GAS) is not None
    assert home.incident_of(Hazard.WATER) is not None


async def test_p3_a_restart_in_alarm_runs_unfinished_steps(home: HomeUnderTest) -> None:
    """The valve had not confirmed before the restart: it is told again."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    before = home.incident.id
    home.recorded.clear()
    await home.reload()
    assert home.calls("valve", "close_valve") == [VALVE]
    assert home.incident.id == before
    assert home.incident.phase is Phase.ALARM


async def test_p3_a_restart_in_alarm_leaves_finished_steps(home: HomeUnderTest) -> None:
    """The valve had confirmed before the restart: it is left alone."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    await home.report(VALVE, "closed")
    assert home.incident.steps[0].outcome is Outcome.CONFIRMED
    home.recorded.clear()
    await home.reload()
    assert home.calls("valve", "close_valve") == []
    assert home.incident.steps[0].outcome is Outcome.CONFIRMED


async def test_p4_a_valve_that_raises_is_tried_again_and_told(
    home: HomeUnderTest,
) -> None:
    """One call is not enough, and people know within 15 seconds."""
    home.state(DETECTOR, "off")
    home.broken[VALVE] = RuntimeError("jammed")
    await home.start()
    await home.report(DETECTOR, "on")
    await home.pass_time(15)
    assert len(home.calls("valve", "close_valve")) >= 4
    assert home.incident.steps[0].outcome is Outcome.FAILED
    assert "Gas supply did not obey at Home" in home.messages()


async def test_p4_a_failed_valve_that_closes_at_last_is_told(
    home: HomeUnderTest,
) -> None:
    """Failed is not the end: the order is repeated until the valve obeys."""
    home.state(DETECTOR, "off")
    home.broken[VALVE] = RuntimeError("jammed")
    await home.start()
    await home.report(DETECTOR, "on")
    await home.pass_time(15)
    del home.broken[VALVE]
    tried = len(home.calls("valve", "close_valve"))
    await home.pass_time(40)
    assert len(home.calls("valve", "close_valve")) > tried
    await home.report(VALVE, "closed")
    assert home.incident.steps[0].outcome is Outcome.CONFIRMED
    assert "Gas supply has obeyed now at Home" in home.messages()


@pytest.mark.parametrize("gone", ["unavailable", "unknown"])
async def test_p5_a_detector_that_dies_is_told(home: HomeUnderTest, gone: str) -> None:
    """Silence is not safety: people are told after ten minutes, and when it is back."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, gone)
    assert home.hass.states.get("sensor.home_protection").state == "0"
    assert home.hass.states.get("binary_sensor.home_gas").state == "unknown"
    await home.pass_time(601, step=30)
    assert home.messages() == ["Kitchen gas does not protect Home"]
    await home.report(DETECTOR, "off")
    assert home.messages()[-1] == "Kitchen gas protects Home again"


async def test_p5b_a_detector_that_is_removed_is_told(
    home: HomeUnderTest,
    entity_registry: er.EntityRegistry,
    issue_registry: ir.IssueRegistry,
) -> None:
    """A bound entity that is gone is a repair and a message."""
    entity_registry.async_get_or_create(
        "binary_sensor", "test", "1", suggested_object_id="kitchen_gas"
    )
    home.state(DETECTOR, "off")
    await home.start()
    entity_registry.async_remove(DETECTOR)
    home.hass.states.async_remove(DETECTOR)
    await home.settle()
    issues = [i for d, i in issue_registry.issues if d == DOMAIN]
    assert any(issue.startswith("entity_missing") for issue in issues)
    await home.pass_time(601, step=30)
    assert "Kitchen gas does not protect Home" in home.messages()


async def test_p6_no_timer_ends_an_alarm(home: HomeUnderTest) -> None:
    """With gas still there the alarm is as it was, two hours later."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    await home.report(VALVE, "closed")
    await home.pass_time(7200, step=60)
    assert home.incident.phase is Phase.ALARM
    assert home.hass.states.get("binary_sensor.home_gas").state == "on"


@pytest.mark.parametrize("before", ["unknown", "unavailable", None])
async def test_p7_an_alarm_from_an_unknown_state_counts(
    home: HomeUnderTest, before: str | None
) -> None:
    """A detector whose first word is an alarm raises it."""
    if before is not None:
        home.state(DETECTOR, before)
    await home.start()
    assert home.calls("valve", "close_valve") == []
    await home.report(DETECTOR, "on")
    assert home.calls("valve", "close_valve") == [VALVE]


@pytest.mark.parametrize("error", [ValueError("?"), KeyError("?"), RuntimeError("?")])
async def test_p8_one_step_that_raises_never_stops_another(
    home: HomeUnderTest, error: Exception
) -> None:
    """The window opens although the valve's action raised something odd."""
    home.add("actuator", SAFE_WINDOW)
    home.state(DETECTOR, "off")
    home.state(WINDOW, "closed")
    home.broken[VALVE] = error
    await home.start()
    await home.report(DETECTOR, "on")
    assert home.calls("cover", "open_cover") == [WINDOW]
    await home.report(WINDOW, "open")
    outcomes = {s.actuator: s.outcome for s in home.incident.steps}
    assert Outcome.CONFIRMED in outcomes.values()
    assert home.messages()[0] == "Gas alarm at Home"


async def test_p9_a_missing_notify_action_stops_nothing(home: HomeUnderTest) -> None:
    """The phone cannot be told: the valve closes, and the timeline says so."""
    home.state(DETECTOR, "off")
    await home.start()
    home.hass.services.async_remove("notify", "mobile_app_phone")
    await home.report(DETECTOR, "on")
    assert home.calls("valve", "close_valve") == [VALVE]
    timeline = home.home.guard.timelines.get(home.incident.id)
    told = [r.body for r in timeline.records if r.kind == "told"]
    assert told
    assert all("reason" in body for body in told)


async def test_a_siren_that_could_spark_stays_silent(home: HomeUnderTest) -> None:
    """In a gas alarm nothing that is not declared safe is switched on."""
    home.add("actuator", HALL_SIREN)
    home.state(DETECTOR, "off")
    home.state(SIREN, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    assert home.calls("siren", "turn_on") == []
    assert home.incident.steps[1].outcome is Outcome.SKIPPED


async def test_a_damaged_timeline_costs_no_other_memory(
    home: HomeUnderTest, issue_registry: ir.IssueRegistry
) -> None:
    """An incident that cannot be read is a repair; the others go on."""
    home.add("detector", WATER_DETECTOR)
    home.state(DETECTOR, "off")
    home.state(WATER, "off")
    await home.start()
    await home.report(WATER, "on")
    await home.report(DETECTOR, "on")
    water = home.incident_of(Hazard.WATER)
    gas = home.incident_of(Hazard.GAS)
    await home.home.database.submit(lambda connection: _damage(connection, water.id))
    await home.reload()
    assert home.incident_of(Hazard.GAS).id == gas.id
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
