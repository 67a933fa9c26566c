"""When the station is told, and what can still be cancelled."""

import pytest

from custom_components.zhian.safety.arming import PanelSettings, Sense
from custom_components.zhian.safety.household import Detector, Household
from custom_components.zhian.safety.orders import Report
from custom_components.zhian.safety.replacing import replace
from custom_components.zhian.safety.reporting import NEVER, PRIORITIES, priority_of
from custom_components.zhian.safety.vocabulary import Hazard, Level, Message, Response

from .homes import Home, contact, detector, door, gas, household

WAIT = 30.0
WATER = detector("water", Hazard.WATER)


def waiting(home: Household) -> Household:
    """Return the home with a time to cancel every report that has one, and others."""
    return replace(home, report_after=dict.fromkeys(Hazard, WAIT))


def _detector(hazard: Hazard) -> Detector:
    # What has been opened by force counts in a disarmed home, too.
    if hazard is Hazard.INTRUSION:
        return door(hazard.value, Sense.TAMPER)
    return detector(hazard.value, hazard)


def home_of(*hazards: Hazard) -> Home:
    panel = PanelSettings(report_from=1)
    home = Home(*map(_detector, hazards), contact("anna"), panel)
    home.state = replace(home.state, household=waiting(home.state.household))
    return home


def reported(home: Home) -> set[str]:
    """Return what the station was told of since the beginning."""
    return {o.incident for o in home.all_orders if isinstance(o, Report)}


CANCELLABLE = pytest.mark.parametrize("hazard", [Hazard.WATER, Hazard.INTRUSION])
AT_ONCE = pytest.mark.parametrize(
    "hazard", [Hazard.GAS, Hazard.CARBON_MONOXIDE, Hazard.SMOKE, Hazard.SOS]
)


@AT_ONCE
def test_hazard_that_kills_is_reported_at_once_whatever_was_chosen(
    hazard: Hazard,
) -> None:
    home = home_of(hazard)
    incident = home.alarm(hazard.value)
    assert home.reports == [incident.id]


@AT_ONCE
def test_report_of_a_hazard_that_kills_cannot_be_taken_back(hazard: Hazard) -> None:
    home = home_of(hazard)
    incident = home.alarm(hazard.value)
    home.later(1).acknowledge()
    assert home.reports == [incident.id]


def test_without_a_choice_every_hazard_is_reported_at_once() -> None:
    home = Home(WATER)
    incident = home.alarm("water")
    assert home.reports == [incident.id]


@CANCELLABLE
def test_report_that_nobody_cancels_leaves_when_its_time_is_up(hazard: Hazard) -> None:
    home = home_of(hazard)
    incident = home.alarm(hazard.value)
    assert home.reports == []
    home.wait(WAIT - 0.1)
    assert home.reports == []
    home.wait(0.1)
    assert home.reports == [incident.id]
    assert "released" in home.kinds


@CANCELLABLE
def test_report_is_cancelled_by_who_takes_the_alarm_in_time(hazard: Hazard) -> None:
    home = home_of(hazard)
    home.alarm(hazard.value)
    home.later(WAIT - 1).acknowledge()
    home.wait(3600)
    assert not reported(home)


def test_taking_it_too_late_cancels_nothing() -> None:
    home = home_of(Hazard.WATER)
    incident = home.alarm("water")
    home.wait(WAIT)
    home.later(1).acknowledge()
    assert home.reports == [incident.id]


def test_incident_that_is_over_in_time_is_not_reported() -> None:
    home = home_of(Hazard.WATER)
    home.reads("water", Level.NORMAL)
    home.wait(120)
    home.alarm("water")
    home.later(5).reads("water", Level.NORMAL)
    home.later(5).reset()
    assert home.state.incidents == {}
    assert not reported(home)


def test_call_for_help_is_reported_at_once_also_in_what_was_cancelled() -> None:
    home = home_of(Hazard.WATER)
    incident = home.alarm("water")
    home.later(5).answers("anna", Response.HELP)
    assert home.reports == [incident.id]


def test_alarm_that_comes_up_anew_after_it_was_cancelled_is_reported() -> None:
    home = home_of(Hazard.WATER)
    home.reads("water", Level.NORMAL)
    home.wait(120)
    incident = home.alarm("water")
    home.later(5).acknowledge()
    home.later(60).reads("water", Level.NORMAL)
    home.wait(300)
    assert not reported(home)
    home.alarm("water")
    home.wait(1)
    assert reported(home) == {incident.id}


def test_what_was_reported_is_kept_up_to_date() -> None:
    home = home_of(Hazard.WATER)
    incident = home.alarm("water")
    home.wait(WAIT)
    home.later(5).reads("water", Level.NORMAL)
    assert home.reports == [incident.id]


def test_restart_neither_shortens_nor_forgets_the_time() -> None:
    home = home_of(Hazard.WATER)
    incident = home.alarm("water")
    home.later(10).crash()
    home.reads("water", Level.ALARM)
    home.start()
    assert home.reports == []
    home.wait(WAIT - 10)
    assert home.reports == [incident.id]


def test_restart_after_the_time_reports_at_once() -> None:
    home = home_of(Hazard.WATER)
    incident = home.alarm("water")
    home.later(WAIT + 10).crash()
    home.reads("water", Level.ALARM)
    home.start()
    assert home.reports == [incident.id]


def test_clock_that_is_turned_back_does_not_put_a_report_off() -> None:
    home = home_of(Hazard.WATER)
    incident = home.alarm("water")
    home.later(-3600).tick()
    assert home.reports == [incident.id]


def test_drill_is_reported_at_once() -> None:
    home = Home(gas())
    home.state = replace(home.state, household=waiting(household(gas())))
    home.drill()
    assert len(home.reports) == 1


# --- what a person has chosen ----------------------------------------------------------


def chosen(hazard: Hazard, priority: int) -> Home:
    home = Home(_detector(hazard), contact("anna"), PanelSettings(report_from=1))
    priorities = {hazard: priority}
    home.state = replace(
        home.state, household=replace(home.state.household, priorities=priorities)
    )
    return home


def test_water_stays_at_home_if_that_was_chosen_and_people_are_told() -> None:
    home = chosen(Hazard.WATER, NEVER)
    home.alarm("water")
    assert Message.ALARM in home.tells
    home.wait(7200)
    home.acknowledge()
    assert reported(home) == set()


def test_what_stays_at_home_is_not_released_in_time() -> None:
    home = chosen(Hazard.WATER, NEVER)
    home.state = replace(home.state, household=waiting(home.state.household))
    home.alarm("water")
    home.wait(2 * WAIT)
    assert not home.incident.is_released
    assert reported(home) == set()


def test_call_for_help_is_heard_whatever_was_chosen() -> None:
    home = chosen(Hazard.WATER, NEVER)
    home.alarm("water")
    home.answers("anna", Response.HELP)
    assert home.reports == [home.incident.id]
    assert priority_of(home.state.household, home.incident) == 1


@pytest.mark.parametrize("hazard", [h for h in Hazard if h is not Hazard.INACTIVITY])
@pytest.mark.parametrize("priority", range(6))
def test_nobody_makes_little_of_what_kills(hazard: Hazard, priority: int) -> None:
    home = chosen(hazard, priority)
    incident = home.alarm(hazard.value)
    allowed = PRIORITIES.get(hazard, ())
    if priority not in allowed:
        assert priority_of(home.state.household, incident) == incident.priority
        assert home.reports == [incident.id]
    elif priority != NEVER:
        assert priority_of(home.state.household, incident) == priority
    if hazard not in PRIORITIES:
        assert incident.priority == 1
