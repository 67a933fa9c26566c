"""What the state says of itself."""

import pytest

from custom_components.zhian.safety.household import Actuator
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.plan import steps_for
from custom_components.zhian.safety.state import worst_incident
from custom_components.zhian.safety.vocabulary import (
    ActuatorRole,
    Hazard,
    Level,
    Phase,
    Presence,
)

from .homes import NOON, Home, detector, gas, household, siren, valve, window


def test_worst_incident_is_the_most_pressing() -> None:
    home = Home(gas(), detector("water", Hazard.WATER), detector("s", Hazard.SMOKE))

    def worst() -> Incident:
        incident = worst_incident(home.state)
        assert incident is not None
        return incident

    assert worst_incident(home.state) is None
    home.drill()
    assert worst().drill
    home.alarm("water")
    home.later(1).reads("water", Level.NORMAL)
    assert worst().phase is Phase.CLEARING
    home.reads("gas", Level.PRE_ALARM)
    assert worst().phase is Phase.PRE_ALARM
    home.alarm("s")
    assert worst().phase is Phase.ALARM


def test_presence_of_nothing_is_unknown() -> None:
    assert Home().state.presence((), NOON) is Presence.UNKNOWN


def test_one_alarm_outweighs_many_unknown() -> None:
    home = Home(gas(), gas("b"))
    home.reads("gas", Level.ALARM)
    assert home.state.presence(("gas", "b"), NOON) is Presence.YES
    assert home.state.presence(("b",), NOON) is Presence.UNKNOWN


@pytest.mark.parametrize(
    ("hazard", "steps"),
    [
        (Hazard.GAS, ["closed:valve", "open:window", "on:siren"]),
        (Hazard.CARBON_MONOXIDE, ["closed:valve", "open:window", "on:siren"]),
        (Hazard.SMOKE, ["closed:valve", "on:siren"]),
        (Hazard.WATER, ["closed:main"]),
        (Hazard.SOS, []),
        (Hazard.INTRUSION, ["on:siren"]),
        (Hazard.INACTIVITY, []),
    ],
)
def test_plan_of_a_hazard_names_the_most_urgent_first(
    hazard: Hazard, steps: list[str]
) -> None:
    home = household(
        siren(), window(), Actuator("main", ActuatorRole.WATER_VALVE), valve()
    )
    assert [step.id for step in steps_for(home, hazard)] == steps


@pytest.mark.parametrize("hazard", list(Hazard))
def test_no_plan_opens_a_gas_valve(hazard: Hazard) -> None:
    assert all(
        s.id.startswith("closed:") for s in steps_for(household(valve()), hazard)
    )
