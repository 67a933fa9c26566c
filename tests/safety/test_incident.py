"""What an incident says of itself."""

import pytest

from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.vocabulary import Hazard, Phase

from .homes import NOON, Home, detector, gas, valve


@pytest.mark.parametrize(
    ("hazard", "priority"),
    [
        (Hazard.GAS, 1),
        (Hazard.SMOKE, 1),
        (Hazard.SOS, 1),
        (Hazard.INTRUSION, 2),
        (Hazard.INACTIVITY, 2),
        (Hazard.WATER, 3),
    ],
)
def test_priority_follows_the_hazard(hazard: Hazard, priority: int) -> None:
    assert Incident("i", hazard, NOON, Phase.ALARM).priority == priority


def test_step_is_found_by_its_id() -> None:
    home = Home(gas(), valve(), detector("d", Hazard.SOS))
    incident = home.alarm()
    assert incident.step("closed:valve") is not None
    assert incident.step("open:valve") is None
