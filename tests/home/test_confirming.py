"""Detectors that have to agree, in the home."""

import pytest

from custom_components.zhian.home.options import DetectorOptions
from custom_components.zhian.safety.confirming import CONFIRMABLE
from custom_components.zhian.safety.vocabulary import Hazard, Phase

from .house import VALVE, HomeUnderTest

HALL = "binary_sensor.hall_smoke"
ATTIC = "binary_sensor.attic_smoke"


def smoke(entity_id: str, name: str) -> dict[str, object]:
    return {"entity_id": entity_id, "hazard": "smoke", "name": name, "quorum": 2}


async def test_one_smoke_detector_warns_and_the_second_closes_the_gas(
    home: HomeUnderTest,
) -> None:
    """Its binary sensor stays off until then, so that no automation runs ahead."""
    home.add("detector", smoke(HALL, "Hall smoke"), smoke(ATTIC, "Attic smoke"))
    home.state(HALL, "off")
    home.state(ATTIC, "off")
    await home.start()
    await home.report(HALL, "on")
    assert home.calls("valve", "close_valve") == []
    assert home.incident.phase is Phase.PRE_ALARM
    assert home.messages() == ["Hall smoke alone reports Smoke at Home"]
    assert home.shown("binary_sensor.home_smoke").state == "off"
    await home.report(ATTIC, "on")
    assert home.calls("valve", "close_valve") == [VALVE]
    assert home.shown("binary_sensor.home_smoke").state == "on"


async def test_a_smoke_detector_that_insists_closes_the_gas(
    home: HomeUnderTest,
) -> None:
    home.add("detector", smoke(HALL, "Hall smoke"), smoke(ATTIC, "Attic smoke"))
    home.state(HALL, "off")
    home.state(ATTIC, "off")
    await home.start()
    await home.report(HALL, "on")
    await home.pass_time(61, step=5)
    assert home.calls("valve", "close_valve")[0] == VALVE
    assert home.incident.phase is Phase.ALARM


@pytest.mark.parametrize("hazard", [h for h in Hazard if h not in CONFIRMABLE])
def test_an_entry_cannot_make_what_kills_wait(hazard: Hazard) -> None:
    data = {"entity_id": "a.b", "hazard": hazard.value, "name": "x", "quorum": 3}
    assert DetectorOptions.from_mapping(data).quorum == 1
