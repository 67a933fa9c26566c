"""States of Home Assistant as the kernel's words."""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import State

from hypothesis import given, strategies as st
import pytest

from custom_components.zhian.home.bindings import (
    ActuatorBinding,
    DetectorBinding,
    States,
)
from custom_components.zhian.home.options import ActuatorOptions, DetectorOptions
from custom_components.zhian.safety.vocabulary import Level, Position

ENTITY = "sensor.gas"
NATURAL_GAS = 4.4


def detector(**options: Any) -> DetectorBinding:
    """Return a binding as the entry's data describe it."""
    entity_id = options.setdefault("entity_id", ENTITY)
    return DetectorBinding(
        "d",
        DetectorOptions.from_mapping({"hazard": "gas", "name": "Gas"} | options),
        entity_id,
        NATURAL_GAS,
    )


def actuator(**options: Any) -> ActuatorBinding:
    """Return a binding as the entry's data describe it."""
    entity_id = options.setdefault("entity_id", "switch.gas")
    return ActuatorBinding(
        "a",
        ActuatorOptions.from_mapping({"role": "gas_valve", "name": "Gas"} | options),
        entity_id,
    )


def states(**found: str) -> States:
    """Return a state machine with one entity per domain, called gas."""
    known = {f"{domain}.gas": State(f"{domain}.gas", s) for domain, s in found.items()}
    return known.get


def level(binding: DetectorBinding, state: str, before: Level = Level.NORMAL) -> Level:
    """Return the level of a binding whose own entity is in a state."""
    state_object = State(binding.entity_id, state)
    return binding.read({binding.entity_id: state_object}.get, before)[0]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("on", Level.ALARM),
        ("off", Level.NORMAL),
        ("unknown", Level.LOST),
        ("unavailable", Level.LOST),
        ("maybe", Level.FAULT),
    ],
)
def test_a_binary_detector_says_alarm_or_normal(state: str, expected: Level) -> None:
    """What is neither on nor off does not pass for clear."""
    assert level(detector(entity_id="binary_sensor.gas"), state) is expected


@given(
    domain=st.sampled_from(["binary_sensor", "alarm_control_panel", "event", "sensor"]),
    options=st.sampled_from(
        [
            {},
            {"unit": "%LEL", "fault_entity": "binary_sensor.fault"},
            {"state_map": {"leak": "alarm", "ok": "normal", "unknown": "alarm"}},
            {"hazard": "sos"},
        ]
    ),
    word=st.sampled_from(["on", "off", "triggered", "leak", "ok", "unknown", "50", ""]),
    before=st.sampled_from(Level),
)
def test_a_word_of_alarm_is_one_whatever_was_before(
    domain: str, options: dict[str, Any], word: str, before: Level
) -> None:
    """What acts on the word alone does what the whole reading would do."""
    binding = detector(entity_id=f"{domain}.gas", **options)
    if word in binding.alarm_words:
        assert binding.read(states(**{domain: word}), before) == (Level.ALARM, None)
    elif "unit" not in options and domain != "event":
        assert level(binding, word, before) is not Level.ALARM


@pytest.mark.parametrize("domain", ["event", "button", "input_button"])
def test_a_press_is_no_word_of_alarm(domain: str) -> None:
    """The state of a button is when it was last pressed, which may be long ago."""
    pressed = detector(
        entity_id=f"{domain}.gas", hazard="sos", state_map={"on": "alarm"}
    )
    assert pressed.alarm_words == frozenset()


def test_a_detector_without_a_state_is_lost() -> None:
    """An entity that does not exist protects nobody."""
    assert detector().read(states(), Level.NORMAL) == (Level.LOST, None)


@pytest.mark.parametrize(
    ("state", "before", "expected"),
    [
        ("0", Level.NORMAL, Level.NORMAL),
        ("4.9", Level.NORMAL, Level.NORMAL),
        ("5", Level.NORMAL, Level.PRE_ALARM),
        ("10", Level.NORMAL, Level.ALARM),
        ("9", Level.ALARM, Level.ALARM),
        ("7.9", Level.ALARM, Level.PRE_ALARM),
        ("4", Level.PRE_ALARM, Level.PRE_ALARM),
        ("2.9", Level.PRE_ALARM, Level.NORMAL),
    ],
)
def test_a_number_is_judged_with_hysteresis(
    state: str, before: Level, expected: Level
) -> None:
    """Pre-alarm from 5, alarm from 10, back 2 below."""
    assert level(detector(unit="%LEL"), state, before) is expected


@pytest.mark.parametrize("garbage", ["nan", "inf", "-inf", "-1", "error", "", "1,5"])
def test_a_number_that_is_none_is_a_fault(garbage: str) -> None:
    """Garbage is never clear."""
    assert level(detector(unit="%LEL"), garbage) is Level.FAULT


@given(st.text())
def test_no_text_at_all_passes_for_clear_by_mistake(text: str) -> None:
    """Only a number below the limits is clear."""
    text = text[:255]
    if level(detector(unit="%LEL"), text) is Level.NORMAL:
        assert 0 <= float(text) < 5


def test_ppm_of_gas_become_percent_of_its_lower_explosive_limit() -> None:
    """In natural gas 1 %LEL is 440 ppm; the thresholds are in %LEL."""
    binding = detector(unit="ppm")
    read = binding.read(states(sensor="4400"), Level.NORMAL)
    assert read == (Level.ALARM, pytest.approx(10.0))
    assert not binding.is_ppm


def test_ppm_of_carbon_monoxide_stay_ppm() -> None:
    """Carbon monoxide poisons long before it burns."""
    dose = detector(unit="ppm", hazard="carbon_monoxide")
    assert dose.read(states(sensor="300"), Level.NORMAL) == (Level.NORMAL, 300.0)
    binding = detector(unit="ppm", hazard="carbon_monoxide", alarm=30)
    assert binding.read(states(sensor="30"), Level.NORMAL) == (Level.ALARM, 30.0)
    assert binding.is_ppm


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("leak", Level.ALARM),
        ("clear", Level.NORMAL),
        ("heating", Level.WARMING_UP),
        ("something new", Level.FAULT),
        ("unavailable", Level.LOST),
    ],
)
def test_a_state_map_says_what_words_mean(state: str, expected: Level) -> None:
    """A word that is not in the map is a fault."""
    words = {"leak": "alarm", "clear": "normal", "heating": "warming_up"}
    assert level(detector(state_map=words), state) is expected


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"event_type": "leak"}, Level.ALARM),
        ({"event_type": "clear"}, Level.NORMAL),
        ({"event_type": None}, Level.FAULT),
        ({}, Level.FAULT),
    ],
)
def test_an_event_entity_speaks_in_event_types(
    attributes: Mapping[str, Any], expected: Level
) -> None:
    """Its state is only the time of the event."""
    binding = detector(
        entity_id="event.gas", state_map={"leak": "alarm", "clear": "normal"}
    )
    state = State("event.gas", "2026-11-22T08:00:00+00:00", attributes)
    assert binding.read({"event.gas": state}.get, Level.NORMAL)[0] is expected


@pytest.mark.parametrize("about", ["warm_up_entity", "fault_entity"])
def test_an_alarm_outranks_what_else_the_device_says(about: str) -> None:
    """A detector that alarms while it warms up or has a fault is believed."""
    binding = detector(entity_id="binary_sensor.gas", **{about: "sensor.gas"})
    read = binding.read(states(binary_sensor="on", sensor="on"), Level.NORMAL)
    assert read[0] is Level.ALARM


@pytest.mark.parametrize(
    ("about", "expected"),
    [("warm_up_entity", Level.WARMING_UP), ("fault_entity", Level.FAULT)],
)
def test_a_detector_that_is_not_ready_is_not_clear(about: str, expected: Level) -> None:
    """Silence during warm-up or with a fault means nothing."""
    binding = detector(entity_id="binary_sensor.gas", **{about: "sensor.gas"})
    assert set(binding.entity_ids) == {"binary_sensor.gas", "sensor.gas"}
    off = binding.read(states(binary_sensor="off", sensor="on"), Level.NORMAL)
    assert off[0] is expected
    well = binding.read(states(binary_sensor="off", sensor="off"), Level.NORMAL)
    assert well[0] is Level.NORMAL
    silent = binding.read(states(binary_sensor="off"), Level.NORMAL)
    assert silent[0] is Level.NORMAL


def test_a_lost_detector_is_lost_whatever_else_it_says() -> None:
    """A warm-up entity does not speak for an entity that is gone."""
    binding = detector(entity_id="binary_sensor.gas", warm_up_entity="sensor.gas")
    read = binding.read(states(binary_sensor="unavailable", sensor="on"), Level.NORMAL)
    assert read[0] is Level.LOST


@pytest.mark.parametrize(
    ("state", "options", "expected"),
    [
        ("on", {}, Position.OPEN),
        ("off", {}, Position.CLOSED),
        ("on", {"inverted": True}, Position.CLOSED),
        ("off", {"inverted": True}, Position.OPEN),
        ("open", {"entity_id": "valve.gas"}, Position.OPEN),
        ("closed", {"entity_id": "valve.gas", "inverted": True}, Position.CLOSED),
        ("opening", {"entity_id": "valve.gas"}, Position.MOVING),
        ("closing", {"entity_id": "valve.gas"}, Position.MOVING),
        ("stuck", {}, Position.UNKNOWN),
        ("unknown", {}, Position.UNKNOWN),
        ("unavailable", {}, Position.UNKNOWN),
        ("on", {"role": "siren"}, Position.ON),
        ("off", {"role": "siren"}, Position.OFF),
    ],
)
def test_an_actuator_says_where_it_is(
    state: str, options: dict[str, Any], expected: Position
) -> None:
    """In the words of valves, covers and switches."""
    binding = actuator(**options)
    found = {binding.entity_id: State(binding.entity_id, state)}
    assert binding.position(found.get) is expected


def test_an_assumed_state_proves_nothing() -> None:
    """Home Assistant only supposes it."""
    state = State("switch.gas", "off", {"assumed_state": True})
    assert actuator().position({"switch.gas": state}.get) is Position.UNKNOWN


@pytest.mark.parametrize(
    ("witness", "state", "expected"),
    [
        ("sensor.gas", "0", Position.CLOSED),
        ("sensor.gas", "0.3", Position.OPEN),
        ("sensor.gas", "nan", Position.UNKNOWN),
        ("sensor.gas", "inf", Position.UNKNOWN),
        ("sensor.gas", "no flow", Position.UNKNOWN),
        ("sensor.gas", "unavailable", Position.UNKNOWN),
        ("binary_sensor.gas", "off", Position.CLOSED),
        ("binary_sensor.gas", "on", Position.OPEN),
    ],
)
def test_a_witness_speaks_for_the_actuator(
    witness: str, state: str, expected: Position
) -> None:
    """Its own entity is not asked, and being inverted is no matter of the witness."""
    binding = actuator(witness="entity", witness_entity=witness, inverted=True)
    assert set(binding.entity_ids) == {"switch.gas", witness}
    found = {
        witness: State(witness, state),
        "switch.gas": State("switch.gas", "off"),
    }
    assert binding.position(found.get) is expected


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("none", Level.NORMAL),
        ("unknown", Level.NORMAL),
        ("sensor_fault", Level.FAULT),
        ("preheating", Level.WARMING_UP),
    ],
)
def test_faults_and_warm_up_may_be_told_in_words(word: str, level: Level) -> None:
    """An enum beside a detector, as some Tuya detectors have it."""
    told = "sensor.gas_condition"
    binding = detector(
        entity_id="binary_sensor.gas", fault_entity=told, warm_up_entity=told
    )
    states = {
        "binary_sensor.gas": State("binary_sensor.gas", "off"),
        told: State(told, word),
    }
    assert binding.read(states.get, Level.NORMAL) == (level, None)
