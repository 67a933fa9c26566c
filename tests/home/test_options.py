"""What the runtime reads is what the flows have written."""

from datetime import date
import json
from math import inf

import pytest

from custom_components.zhian.home.options import (
    ActuatorOptions,
    DetectorOptions,
    HomeOptions,
    StationOptions,
)
from custom_components.zhian.home.ranges import LEL_RANGES, Unit
from custom_components.zhian.safety.thresholds import Thresholds
from custom_components.zhian.safety.vocabulary import (
    ActuatorRole,
    Gas,
    Hazard,
    Level,
    Witness,
)

STATION = StationOptions(
    "https://station.example.org", False, "household", "Riverside", "Station", 30
)
HOME = HomeOptions(
    "id", "Home", Gas.PROPANE, 1.7, "Riverside 12", "secret key", STATION
)
DETECTOR = DetectorOptions(
    entity_id="sensor.gas",
    registry_id="1",
    hazard=Hazard.GAS,
    name="Gas",
    unit=Unit.PPM,
    pre_alarm=4.0,
    alarm=8.0,
    hysteresis=1.0,
    state_map={"on": Level.ALARM},
    warm_up_entity="binary_sensor.a",
    fault_entity="binary_sensor.b",
    area="kitchen",
)
ACTUATOR = ActuatorOptions(
    entity_id="switch.valve",
    registry_id="2",
    role=ActuatorRole.WINDOW,
    name="Window",
    inverted=True,
    ignition_safe=True,
    open_on_gas=True,
    travel_time=12.5,
    witness=Witness.ENTITY,
    witness_entity="binary_sensor.c",
    rain_entity="binary_sensor.d",
    child_lock_entity="switch.e",
    lock_entity="lock.f",
    obstruction_entity="binary_sensor.g",
    area="kitchen",
    installed=date(2026, 11, 1),
    life_years=7,
)


@pytest.mark.parametrize("options", [STATION, HOME, DETECTOR, ACTUATOR])
def test_options_survive_the_disk(
    options: StationOptions | HomeOptions | DetectorOptions | ActuatorOptions,
) -> None:
    stored = json.loads(json.dumps(options.as_data()))
    assert type(options).from_mapping(stored) == options


def test_a_home_without_a_station_is_a_home() -> None:
    stored = HOME.as_data() | {"station": None}
    assert HomeOptions.from_mapping(stored).station is None


@pytest.mark.parametrize(
    ("gas", "lel"),
    [
        ("natural_gas", 4.4),
        ("propane", 1.7),
        ("butane", 1.4),
        ("hydrogen", 4.0),
        ("town_gas", 3.0),
    ],
)
def test_without_a_limit_the_safe_one_is_taken(gas: str, lel: float) -> None:
    stored = {"home_id": "1", "name": "Home", "gas": gas, "private_key": "secret"}
    assert HomeOptions.from_mapping(stored).lel == lel
    span = LEL_RANGES[Gas(gas)]
    assert span.lowest <= lel <= span.highest


def test_the_private_key_is_never_shown() -> None:
    assert "secret key" not in repr(HOME)


def test_a_detector_needs_only_its_entity_and_hazard() -> None:
    gas = DetectorOptions.from_mapping({"entity_id": "sensor.a", "hazard": "gas"})
    assert gas.thresholds == Thresholds(5.0, 10.0, 2.0)
    assert gas.name == "sensor.a"
    co = DetectorOptions.from_mapping(
        {"entity_id": "sensor.a", "hazard": "carbon_monoxide"}
    )
    assert co.thresholds == Thresholds(inf, inf, 5.0)
    smoke = DetectorOptions.from_mapping({"entity_id": "sensor.a", "hazard": "smoke"})
    assert smoke.thresholds == Thresholds()


def test_an_actuator_needs_only_its_entity_and_role() -> None:
    window = ActuatorOptions.from_mapping({"entity_id": "cover.a", "role": "window"})
    assert not window.ignition_safe
    assert not window.open_on_gas
    assert window.travel_time == 30.0
