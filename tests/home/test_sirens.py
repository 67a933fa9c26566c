"""How a siren sounds for which hazard."""

from typing import Any

import pytest

from custom_components.zhian.home.sirens import guess_tone

from .house import SIREN, HomeUnderTest

SMOKE = "binary_sensor.hall_smoke"
CO = "binary_sensor.hall_co"
LOUD_SIREN: dict[str, Any] = {
    "entity_id": SIREN,
    "role": "siren",
    "name": "Hall siren",
    "tones": {
        "smoke": "temporal 3",
        "carbon_monoxide": "temporal 4",
        "other": "continuous",
    },
    "duration": 600,
}


@pytest.mark.parametrize(
    ("purpose", "tones", "guess"),
    [
        ("smoke", ["burglar", "Temporal-3", "T4"], "Temporal-3"),
        ("smoke", ["burglar", "fire"], "fire"),
        ("smoke", ["盗警", "火警"], "火警"),
        ("carbon_monoxide", ["T3", "T4"], "T4"),
        ("carbon_monoxide", ["fire_alarm", "co_alarm"], "co_alarm"),
        ("carbon_monoxide", ["continuous", "doorbell"], None),
        ("other", ["fire", "emergency"], "emergency"),
    ],
)
def test_a_tone_is_guessed_by_its_name(
    purpose: str, tones: list[str], guess: str | None
) -> None:
    """The continuous tone is none for carbon monoxide, though it begins with "co"."""
    assert guess_tone(purpose, tones) == guess


@pytest.fixture
async def loud(bare_home: HomeUnderTest) -> HomeUnderTest:
    """A home with a siren that knows signals, away from any gas."""
    home = bare_home
    for entity_id, hazard in (
        (SMOKE, "smoke"),
        (CO, "carbon_monoxide"),
        ("binary_sensor.kitchen_gas", "gas"),
    ):
        home.add(
            "detector",
            {
                "entity_id": entity_id,
                "hazard": hazard,
                "name": hazard,
                "area": "kitchen" if hazard == "gas" else "hall",
            },
        )
        home.state(entity_id, "off")
    home.state(SIREN, "off")
    return home


def sounds(home: HomeUnderTest) -> list[tuple[Any, Any]]:
    return [
        (call.data.get("tone"), call.data.get("duration"))
        for call in home.recorded
        if (call.domain, call.service) == ("siren", "turn_on")
    ]


@pytest.mark.parametrize(
    ("detector", "tone"),
    [
        (SMOKE, "temporal 3"),
        (CO, "temporal 4"),
        ("binary_sensor.kitchen_gas", "continuous"),
    ],
)
async def test_each_hazard_has_its_signal(
    loud: HomeUnderTest, detector: str, tone: str
) -> None:
    loud.add("actuator", LOUD_SIREN | {"area": "hall"})
    await loud.start()
    await loud.report(detector, "on")
    assert sounds(loud) == [(tone, 600)]
    await loud.stop()


async def test_who_hears_two_hazards_gets_out_of_the_fire(loud: HomeUnderTest) -> None:
    loud.add("actuator", LOUD_SIREN | {"area": "hall"})
    await loud.start()
    await loud.report(SMOKE, "on")
    await loud.report(SIREN, "on")
    await loud.report(CO, "on")
    assert {tone for tone, _ in sounds(loud)} == {"temporal 3"}
    await loud.stop()


async def test_a_siren_without_tones_is_switched_on(loud: HomeUnderTest) -> None:
    """No pulses: one that gets stuck would be silence."""
    loud.add("actuator", LOUD_SIREN | {"area": "hall", "tones": None, "duration": None})
    await loud.start()
    await loud.report(SMOKE, "on")
    assert sounds(loud) == [(None, None)]
    await loud.stop()


async def test_a_siren_that_does_not_take_a_tone_sounds_without(
    loud: HomeUnderTest,
) -> None:
    loud.add("actuator", LOUD_SIREN | {"area": "hall"})

    def refuse(call: Any) -> None:
        if "tone" in call.data:
            raise ValueError("no such tone")

    loud.obedient[SIREN] = refuse
    await loud.start()
    await loud.report(SMOKE, "on")
    assert sounds(loud) == [("temporal 3", 600), (None, None)]
    await loud.report(SIREN, "on")
    assert loud.step("Hall siren").outcome == "confirmed"
    await loud.stop()


async def test_only_sounding_has_a_tone(loud: HomeUnderTest) -> None:
    loud.add("actuator", LOUD_SIREN | {"area": "hall"})
    await loud.start()
    await loud.report(SMOKE, "on")
    await loud.report(SIREN, "on")
    await loud.do("zhian", "acknowledge", await loud.person())
    off = [call for call in loud.recorded if call.service == "turn_off"]
    assert off
    assert all(set(call.data) == {"entity_id"} for call in off)
    await loud.stop()
