"""Selects and numbers as actuators."""

import pytest

from custom_components.zhian.home.targets import ends_of, guess_option, position_among
from custom_components.zhian.safety.vocabulary import ActuatorRole, Position

from .house import DETECTOR, GAS_DETECTOR, HomeUnderTest
from .test_bindings import actuator, states

OPTIONS = {Position.OPEN: "OPEN", Position.CLOSED: "CLOSE"}
PERCENT = {Position.OPEN: 100.0, Position.CLOSED: 0.0}


@pytest.mark.parametrize(
    ("state", "position"),
    [("OPEN", Position.OPEN), ("CLOSE", Position.CLOSED), ("0", Position.UNKNOWN)],
)
def test_an_option_that_means_nothing_is_no_position(
    state: str, position: Position
) -> None:
    assert position_among(OPTIONS, state) is position


@pytest.mark.parametrize(
    ("state", "position"),
    [
        ("100", Position.OPEN),
        ("0.0", Position.CLOSED),
        ("0.005", Position.CLOSED),
        ("1", Position.OPEN),
        ("50", Position.OPEN),
        ("nan", Position.UNKNOWN),
        ("open", Position.UNKNOWN),
    ],
)
def test_a_number_is_closed_at_its_closed_end_only(
    state: str, position: Position
) -> None:
    assert position_among(PERCENT, state) is position


def test_the_ends_of_a_number_may_be_the_other_way_round() -> None:
    turned = {Position.UNLOCKED: 0.0, Position.LOCKED: 1.0}
    assert position_among(turned, "0.4") is Position.UNLOCKED
    assert position_among(turned, "1") is Position.LOCKED


@pytest.mark.parametrize(
    ("position", "options", "guess"),
    [
        (Position.CLOSED, ("open", "close", "stop"), "close"),
        (Position.OPEN, ("开阀", "关阀"), "开阀"),
        (Position.OPEN, ("open", "opened"), None),
        (Position.CLOSED, ("auto", "manual"), None),
        (Position.ON, ("OFF", "ON"), "ON"),
        (Position.LOCKED, ("Lock", "Unlock"), "Lock"),
    ],
)
def test_an_option_is_guessed_only_where_it_is_plain(
    position: Position, options: tuple[str, ...], guess: str | None
) -> None:
    assert guess_option(position, options) == guess


@pytest.mark.parametrize("role", ActuatorRole)
def test_every_role_has_two_ends(role: ActuatorRole) -> None:
    acting, resting = ends_of(role)
    assert acting is not resting


def test_a_witness_of_a_select_speaks_for_itself() -> None:
    binding = actuator(
        entity_id="select.gas",
        targets={"open": "OPEN", "closed": "CLOSE"},
        witness="entity",
        witness_entity="binary_sensor.gas",
    )
    assert binding.position(states(binary_sensor="off")) is Position.CLOSED
    plain = actuator(
        entity_id="select.gas", targets={"open": "OPEN", "closed": "CLOSE"}
    )
    assert plain.position(states(select="OPEN")) is Position.OPEN


@pytest.mark.parametrize(
    ("entity_id", "targets", "before", "after", "call"),
    [
        (
            "select.gas",
            {"open": "OPEN", "closed": "CLOSE"},
            "OPEN",
            "CLOSE",
            ("select", "select_option", "option", "CLOSE"),
        ),
        (
            "number.gas",
            {"open": 100.0, "closed": 0.0},
            "100",
            "0",
            ("number", "set_value", "value", 0.0),
        ),
    ],
)
async def test_a_gas_valve_that_is_an_option_or_a_number_is_closed_and_proved(
    bare_home: HomeUnderTest,
    entity_id: str,
    targets: dict[str, str | float],
    before: str,
    after: str,
    call: tuple[str, str, str, str | float],
) -> None:
    home = bare_home
    home.add("detector", GAS_DETECTOR)
    home.add(
        "actuator",
        {
            "entity_id": entity_id,
            "role": "gas_valve",
            "name": "Gas",
            "targets": targets,
            "travel_time": 2,
        },
    )
    home.state(DETECTOR, "off")
    home.state(entity_id, before)
    await home.start()
    assert home.shown("valve.gas").state == "open"
    await home.report(DETECTOR, "on")
    domain, service, key, value = call
    assert home.calls(domain, service) == [entity_id]
    (moved,) = (c for c in home.recorded if c.service == service)
    assert moved.data[key] == value
    await home.report(entity_id, after)
    assert home.step("Gas").outcome == "confirmed"
    assert home.shown("valve.gas").state == "closed"
    await home.stop()
