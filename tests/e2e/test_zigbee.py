"""Zigbee gas detectors and valves, on the released Zigbee2MQTT.

Only the radio is simulated. What counts is what happens there: a command that the valve
got, and where it really is.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.zigbee.house import House, wait_until
from tests.e2e.zigbee.models import DETECTORS, VALVES, Model, Sense, senses
from tests.e2e.zigbee.network import modules
from tests.e2e.zigbee.table import DOCUMENT, tables

pytestmark = pytest.mark.skipif(
    not modules().exists(),
    reason="Zigbee2MQTT is not installed: scripts/setup --zigbee",
)

GAS_VALVES = [m for m in VALVES if m.valve and m.valve.role == "gas_valve"]
WATER_VALVES = [m for m in VALVES if m.valve and m.valve.role == "water_valve"]
ZN231392 = VALVES[0]

GAS = (DETECTORS[0], DETECTORS[0].senses[0])
LEAK = (DETECTORS[-1], DETECTORS[-1].senses[0])


def moved_by(sense: Sense) -> list[Model]:
    """Return the valves that an alarm closes."""
    return WATER_VALVES if sense is LEAK[1] else GAS_VALVES


def entities(models: list[Model]) -> set[str]:
    return {m.valve.entity for m in models if m.valve}


@pytest.fixture(scope="module", name="running_house")
async def _running_house(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[House]:
    folder: Path = tmp_path_factory.mktemp("zigbee")
    house = House(folder)
    try:
        await house.start()
        yield house
    finally:
        await house.stop()


@pytest.fixture
async def house(running_house: House) -> AsyncIterator[House]:
    """The house, in which every incident ends with its test."""
    yield running_house
    await running_house.end()


async def alarm(house: House, model: Model, sense: Sense) -> None:
    await house.network.forget_commands()
    await house.network.play(model, *sense.alarm)


async def test_a_late_report_never_comes_through_mqtt(house: House) -> None:
    """Why a switch of Zigbee2MQTT is asked where it is.

    The valve closes and reports it. But Zigbee2MQTT has said so before, as the echo of
    the command, and Home Assistant writes no state for the same message again.
    """
    await house.bind_sense(GAS[1])
    await house.bind_valve(ZN231392, witness="late_report")
    await alarm(house, *GAS)
    await wait_until(lambda: house.are_closed([ZN231392]), 10, "the valve to be closed")
    await house.wait_for_steps([ZN231392], "failed", 20)
    await house.end()
    await house.unbind(ZN231392.valve.entity)
    await house.unbind(GAS[1].entity)


async def test_every_model_is_bound_through_the_flows(house: House) -> None:
    await house.open_all(VALVES)
    for model in VALVES:
        await house.bind_valve(model)
    for _, sense in senses():
        await house.bind_sense(sense)
    proofs = {m.valve.entity: m.valve.proof for m in VALVES if m.valve}
    assert house.proofs == proofs
    for _, sense in senses():
        await house.wait_for_level(sense, "normal")


@pytest.mark.parametrize(
    ("model", "sense"),
    [pytest.param(m, s, id=f"{m.model} {s.entity}") for m, s in senses()],
)
async def test_an_alarm_closes_every_valve_and_each_proves_it(
    house: House, model: Model, sense: Sense
) -> None:
    valves = moved_by(sense)
    others = [valve for valve in VALVES if valve not in valves]
    await house.open_all(VALVES)
    await alarm(house, model, sense)
    await wait_until(lambda: house.are_closed(valves), 10, "the valves to be closed")
    await house.wait_for_steps(valves, "confirmed", 10)
    assert (await house.steps()).keys() == entities(valves)
    (incident,) = (await house.diagnosis())["incidents"]
    assert incident["phase"] == "alarm"
    for valve in valves:
        assert await house.network.commands(valve), valve.model
    for valve in others:
        assert await house.network.is_open(valve), valve.model


@pytest.mark.parametrize(
    ("model", "sense"),
    [pytest.param(m, s, id=f"{m.model} {s.entity}") for m, s in senses() if s.also],
)
async def test_what_a_detector_says_of_itself_is_understood(
    house: House, model: Model, sense: Sense
) -> None:
    await house.open_all(GAS_VALVES)
    for level, said in sense.also.items():
        await house.network.play(model, *said)
        await house.wait_for_level(sense, level)
        await house.network.play(model, *sense.quiet)
        await house.wait_for_level(sense, "normal")
    for valve in GAS_VALVES:
        assert await house.network.is_open(valve), valve.model


@pytest.mark.parametrize("fault", ["stuck", "refuse", "offline"])
async def test_a_valve_that_did_not_close_is_a_failure_that_people_are_told(
    house: House, fault: str
) -> None:
    """Whatever Zigbee2MQTT said meanwhile: each of these valves is still open."""
    await house.open_all(VALVES)
    for valve in VALVES:
        await house.network.play(valve, f"fault?mode={fault}")
    house.messages.clear()
    await alarm(house, *GAS)
    await house.network.play(LEAK[0], *LEAK[1].alarm)
    await house.wait_for_steps(VALVES, "failed", 20)
    assert not any([await house.are_closed([valve]) for valve in VALVES])

    async def is_told() -> bool:
        failed = [text for text in house.messages if "did not" in text]
        return all(any(v.name in text for text in failed) for v in VALVES)

    await wait_until(is_told, 5, "a message for each valve")


async def test_a_valve_that_was_turned_back_is_closed_again(house: House) -> None:
    await house.open_all(VALVES)
    await alarm(house, *GAS)
    await house.wait_for_steps(GAS_VALVES, "confirmed", 10)
    await house.network.play(ZN231392, "valve?open=1")
    await wait_until(lambda: house.are_closed([ZN231392]), 10, "the valve to be closed")


async def test_nothing_of_ours_complained(house: House) -> None:
    assert house.node.complaints() == []


def test_the_documented_models_are_the_ones_that_were_tried() -> None:
    text = DOCUMENT.read_text()
    assert all(table in text for table in tables())
