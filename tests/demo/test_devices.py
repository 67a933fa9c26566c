"""What the house says on MQTT, and what it understands."""

import json

import pytest

from demo.house import phone
from demo.house.devices import (
    CONTROLS,
    DEVICES,
    GAS_DETECTOR,
    GAS_VALVE,
    HUB_STATE,
    SIREN,
    WINDOWS,
    command,
    command_control,
)
from demo.house.physics import House, Leak

EVERYTHING = (*DEVICES, CONTROLS, phone.DEVICE)


def test_every_discovery_message_names_its_device_and_is_unique() -> None:
    topics: list[str] = []
    ids: list[str] = []
    for device in EVERYTHING:
        for topic, payload in device.discovery().items():
            message = json.loads(payload)
            topics.append(topic)
            ids.append(message["unique_id"])
            assert message["device"]["identifiers"]
            assert message["device"]["suggested_area"]
            assert message["availability_mode"] == "all"
    assert len(set(topics)) == len(topics)
    assert len(set(ids)) == len(ids)


def test_devices_behind_the_hub_go_with_its_last_will_and_the_controls_stay() -> None:
    def topics(device: object) -> set[str]:
        payload = next(iter(device.discovery().values()))  # type: ignore[attr-defined]
        return {item["topic"] for item in json.loads(payload)["availability"]}

    assert all(HUB_STATE in topics(device) for device in DEVICES)
    assert HUB_STATE not in topics(CONTROLS)
    assert HUB_STATE not in topics(phone.DEVICE)


def test_every_template_finds_its_part_in_the_report() -> None:
    house = House()
    for device in DEVICES:
        report = device.report(house)
        for topic, payload in device.discovery().items():
            template = json.loads(payload).get("value_template", "")
            part = template.removeprefix("{{ value_json.").removesuffix(" }}")
            if "/siren/" not in topic and "/cover/" not in topic:
                assert part in report, topic
    assert SIREN.report(house) == {"state": "OFF"}


def test_the_gas_level_has_the_unit_of_the_field() -> None:
    topic = "homeassistant/sensor/kitchen_gas/lel/config"
    assert json.loads(GAS_DETECTOR.discovery()[topic])["unit_of_measurement"] == "%LEL"


def test_a_valve_is_closed_only_when_it_has_arrived() -> None:
    house = House()
    command(house, "gas_valve", "OFF")
    assert GAS_VALVE.report(house) == {"state": "ON", "position": 100}
    house.advance(1)
    assert GAS_VALVE.report(house) == {"state": "ON", "position": 50}
    house.advance(1.1)
    assert GAS_VALVE.report(house) == {"state": "OFF", "position": 0}
    command(house, "gas_valve", "ON")
    house.advance(1)
    assert GAS_VALVE.report(house) == {"state": "ON", "position": 50}


def test_a_valve_stuck_half_way_is_open() -> None:
    house = House()
    command(house, "gas_valve", "OFF")
    house.advance(1)
    command_control(house, "jam_valve", "ON")
    house.advance(5)
    assert GAS_VALVE.report(house)["state"] == "ON"


@pytest.mark.parametrize(
    ("payload", "target"),
    [("OPEN", 1.0), ("CLOSE", 0.0), ('{"position": 40}', 0.4)],
)
def test_a_window_obeys(payload: str, target: float) -> None:
    house = House()
    house.windows[1].position = house.windows[1].target = 0.5
    command(house, "kitchen_window_right", payload)
    assert house.windows[1].target == target
    assert house.windows[0].target == 0
    assert WINDOWS[1].report(house)["state"] in ("opening", "closing")


def test_a_window_stops_where_it_is() -> None:
    house = House()
    command(house, "kitchen_window_left", "OPEN")
    house.advance(1.5)
    command(house, "kitchen_window_left", "STOP")
    house.advance(5)
    assert WINDOWS[0].report(house) == {"state": "open", "position": 50}


def test_nonsense_is_an_error_and_moves_nothing() -> None:
    house = House()
    with pytest.raises((ValueError, KeyError, TypeError)):
        command(house, "kitchen_window_left", "nonsense")
    assert house.windows[0].target == 0


@pytest.mark.parametrize("leak", list(Leak))
def test_the_buttons_choose_the_leak(leak: Leak) -> None:
    house = House(leak=Leak.SMALL)
    command_control(house, f"leak_{leak}", "PRESS")
    assert house.leak is leak
    assert CONTROLS.report(house)["leak"] == leak


def test_a_detector_that_comes_back_warms_up_first() -> None:
    house = House()
    house.advance(5)
    command_control(house, "kill_detector", "ON")
    assert house.detector.dead
    command_control(house, "kill_detector", "OFF")
    assert GAS_DETECTOR.report(house)["preheat"] is True


def test_the_phone_shows_a_long_message_within_a_state() -> None:
    screen = phone.Phone(["x" * 1000])
    assert len(str(screen.report()["last_message"])) == 255
    assert screen.report()["text"] == "x" * 1000
    assert screen.report()["count"] == 1
