"""Zigbee gas detectors and valves, on the released Zigbee2MQTT.

Only the radio is simulated. What counts is what happens there: a command that the valve
got, and where it really is.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.zigbee.house import House, wait_until
from tests.e2e.zigbee.models import DETECTORS, MODELS, VALVES, Model, Sense, senses
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
    match sense.notices:
        case "water":
            return WATER_VALVES
        case "sos":
            return []
        case _:
            return GAS_VALVES


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

    async def is_open() -> bool:
        return await house.incidents() == [(sense.notices, "alarm")]

    await wait_until(is_open, 5, f"an incident of {sense.notices}")
    await wait_until(lambda: house.are_closed(valves), 10, "the valves to be closed")
    await house.wait_for_steps(valves, "confirmed", 10)
    assert (await house.steps()).keys() == entities(valves)
    assert await is_open()
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
        await house.end()  # a pre-alarm is an incident
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


async def test_a_valve_that_was_turned_back_is_closed_once_and_then_believed_to_be_open(
    house: House,
) -> None:
    """Whatever Zigbee2MQTT says meanwhile: only the valve's own word closes it."""
    entity = ZN231392.valve.entity

    async def is_left_open() -> bool:
        return (await house.steps())[entity] == ("skipped", "reopened")

    await house.open_all(VALVES)
    await alarm(house, *GAS)
    await house.wait_for_steps(GAS_VALVES, "confirmed", 10)
    await house.network.play(ZN231392, "valve?open=1")
    await wait_until(lambda: house.are_closed([ZN231392]), 10, "the valve to be closed")
    await house.wait_for_steps([ZN231392], "confirmed", 10)
    await house.network.play(ZN231392, "valve?open=1")
    await wait_until(is_left_open, 5, "the valve to be left to who opened it")
    # It is told to close, acknowledges and does not move.
    await house.network.play(ZN231392, "fault?mode=stuck")
    await house.network.forget_commands()
    await house.api.action("switch.turn_off", entity_id=entity)

    async def has_answered() -> bool:
        return "read" in await house.network.commands(ZN231392)

    await wait_until(has_answered, 5, "the question where it is")
    await house.wait_for_state(entity, "on")
    assert await is_left_open()
    await house.network.play(ZN231392, "fault?mode=none", "valve?open=0")
    await house.wait_for_steps([ZN231392], "confirmed", 5)


async def test_nothing_of_ours_complained(house: House) -> None:
    assert house.node.complaints() == []


def test_every_model_alarms_or_is_driven() -> None:
    """And each enum, event and number that the flows are told of is one of a model."""
    assert all(model.senses for model in DETECTORS)
    assert all(model.valve for model in VALVES)
    assert len({model.address for model in MODELS}) == len(MODELS) >= 26
    bound = [sense.entity for _, sense in senses()]
    assert len(set(bound)) == len(bound)
    assert {entity.partition(".")[0] for entity in bound} == {
        "binary_sensor",
        "event",
        "sensor",
    }
    said = {level for _, sense in senses() for level in sense.also}
    assert said == {"pre_alarm", "warming_up", "fault"}


def test_the_documented_models_are_the_ones_that_were_tried() -> None:
    text = DOCUMENT.read_text()
    assert all(table in text for table in tables())
