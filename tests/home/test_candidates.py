"""What is known about an entity before it is bound."""

from homeassistant.core import HomeAssistant

import pytest

from custom_components.zhian.home.candidates import find, guess_level

from .flows import register


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("alarm", "alarm"),
        ("Gas Alarm", "alarm"),
        ("gas_detected", "alarm"),
        ("warning_alarm", "alarm"),
        ("critical_alarm", "alarm"),
        ("leakage", "alarm"),
        ("on", "alarm"),
        ("燃气泄漏", "alarm"),
        ("pre-alarm", "pre_alarm"),
        ("prealarm", "pre_alarm"),
        ("预报警", "pre_alarm"),
        ("warning", "pre_alarm"),
        ("normal", "normal"),
        ("No alarm", "normal"),
        ("not_detected", "normal"),
        ("clear", "normal"),
        ("正常", "normal"),
        ("未检测到", "normal"),
        ("preheating", "warming_up"),
        ("warming_up", "warming_up"),
        ("预热中", "warming_up"),
        ("self_test", "warming_up"),
        ("Self-checking", "warming_up"),
        ("自检", "warming_up"),
        ("alarm_fault", "fault"),
        ("Fault", "fault"),
        ("end of life", "fault"),
        ("EOL", "fault"),
        ("low_battery", "fault"),
        ("传感器故障", "fault"),
        ("0", "normal"),
        ("1", "alarm"),
        ("3", "warming_up"),
    ],
)
def test_a_word_is_guessed(word: str, level: str) -> None:
    assert guess_level(word) == level


@pytest.mark.parametrize(
    "word",
    [
        "abnormal",
        "unsafe",
        "不正常",
        "不安全",
        "no_signal",
        "not_connected",
        "no_power",
        "normal_alarm",
        "self_test_ok",
        "muted",
        "5",
        "",
    ],
)
def test_what_is_not_surely_well_is_never_guessed_to_be_normal(word: str) -> None:
    assert guess_level(word) != "normal"


@pytest.mark.parametrize("word", ["alarm_silenced", "self_test_success", "消音"])
def test_a_silenced_or_tested_alarm_is_left_to_the_person(word: str) -> None:
    assert guess_level(word) is None


def test_a_detector_that_will_expire_still_works() -> None:
    assert guess_level("expires_soon") is None
    assert guess_level("expired") == "fault"


@pytest.mark.parametrize(
    ("state", "attributes", "is_number"),
    [
        ("3.5", {}, True),
        ("7", {}, True),
        ("3", {}, False),
        ("unknown", {}, False),
        ("normal", {}, False),
        ("unavailable", {"unit_of_measurement": "ppm"}, True),
        ("3", {"options": ["1", "2", "3"]}, False),
        ("unavailable", {"state_class": "measurement"}, True),
    ],
)
async def test_a_number_is_told_from_a_word(
    hass: HomeAssistant, state: str, attributes: dict[str, str], is_number: bool
) -> None:
    hass.states.async_set("sensor.gas", state, attributes)
    candidate = find(hass, "sensor.gas")
    assert candidate
    assert candidate.is_number is is_number


async def test_words_come_from_the_state_where_the_device_names_none(
    hass: HomeAssistant,
) -> None:
    hass.states.async_set("sensor.gas", "all_well")
    assert (known := find(hass, "sensor.gas"))
    assert known.vocabulary == ("all_well",)
    hass.states.async_set("sensor.gas", "unknown")
    assert (unknown := find(hass, "sensor.gas"))
    assert unknown.vocabulary == ()


async def test_an_entity_without_a_state_is_known_from_the_registry(
    hass: HomeAssistant,
) -> None:
    register(
        hass,
        "sensor.gas",
        unit_of_measurement="%LEL",
        original_device_class="gas",
        original_name="Gas density",
        capabilities={"state_class": "measurement"},
    )
    hass.states.async_remove("sensor.gas")
    candidate = find(hass, "sensor.gas")
    assert candidate
    assert candidate.name == "Gas density"
    assert candidate.unit == "%LEL"
    assert candidate.hazard == "gas"
    assert candidate.is_number
    assert candidate.state is None
