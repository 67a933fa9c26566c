"""The configuration as a file: what goes out, and all or nothing that comes in."""

from collections.abc import Iterator
from contextlib import contextmanager
import json
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import area_registry as ar

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)

from custom_components.zhian.home.configuration import as_yaml, configuration_of
from custom_components.zhian.home.configuration_reader import MOST_CHARACTERS, read

from .flows import (
    PRIVATE_KEY,
    STATION,
    Dialog,
    home_entry,
    nothing_is_set_up,
    reconfigure,
    register,
)
from .house import HomeUnderTest

PHONE = "notify.mobile_app_anna"
GATEWAY = {
    "kind": "webhook",
    "target": "https://sms.example.org/send?key=very-secret",
    "secret": "hush",
    "proof": "bearer",
}
DETECTOR = {
    "entity_id": "binary_sensor.gas",
    "registry_id": "a1",
    "hazard": "gas",
    "name": "Kitchen gas",
    "area": "kitchen",
}
VALVE = {
    "entity_id": "valve.gas",
    "role": "gas_valve",
    "name": "Gas valve",
    "installed": "2024-05-01",
}
SELECT = {
    "entity_id": "select.window",
    "role": "window",
    "name": "Window",
    "targets": {"open": "on", "closed": "off"},
}
ANNA = {
    "name": "Anna",
    "role": "relative",
    "order": 2,
    "confidant": True,
    "channels": [
        {"kind": "mobile_app", "target": PHONE, "critical": True},
        GATEWAY,
    ],
}


@pytest.fixture
def _flows_alone(hass: HomeAssistant) -> Iterator[None]:
    async_mock_service(hass, "notify", "mobile_app_anna")
    for entity_id in ("binary_sensor.gas", "valve.gas", "siren.hall", "switch.other"):
        register(hass, entity_id, "off")
    register(hass, "select.window", "on", {"options": ["on", "off"]})
    register(hass, "sensor.lel", "0", {"unit_of_measurement": "%LEL"})
    register(hass, "sensor.words", "ok", {"options": ["ok", "alarm"]})
    ar.async_get(hass).async_create("Kitchen")
    with nothing_is_set_up():
        yield


def put(
    hass: HomeAssistant, entry: MockConfigEntry, kind: str, data: dict[str, Any]
) -> None:
    hass.config_entries.async_add_subentry(
        entry,
        ConfigSubentry(
            data=MappingProxyType(data),
            subentry_type=kind,
            title=data["name"],
            unique_id=None,
        ),
    )


def furnished(hass: HomeAssistant, **data: Any) -> MockConfigEntry:
    entry = home_entry(hass, **data)
    put(hass, entry, "detector", DETECTOR)
    put(hass, entry, "actuator", VALVE)
    put(hass, entry, "actuator", SELECT)
    put(hass, entry, "contact", ANNA)
    return entry


def data_of(entry: MockConfigEntry) -> dict[str, Any]:
    return {s.title: dict(s.data) for s in entry.subentries.values()}


async def import_into(hass: HomeAssistant, entry: MockConfigEntry, text: str) -> Dialog:
    dialog = await reconfigure(hass, entry)
    await dialog.choose("import_configuration")
    await dialog.submit(configuration=text)
    return dialog


def told(dialog: Dialog) -> list[str]:
    """The wrong lines that the page shows."""
    assert dialog.errors == {"configuration": "import_wrong_lines"}
    text = dialog.result["description_placeholders"]["problems"]
    lines = [line.removeprefix("- ") for line in text.splitlines()]
    assert dialog.result["description_placeholders"]["count"] == str(len(lines))
    return lines


# --- out -----------------------------------------------------------------------------


async def test_what_proves_who_this_home_is_never_goes_out(
    hass: HomeAssistant,
) -> None:
    entry = furnished(hass, station=STATION)
    text = as_yaml(configuration_of(entry)) + json.dumps(configuration_of(entry))
    for secret in (
        PRIVATE_KEY,
        "hush",
        "very-secret",
        STATION["household"],
        entry.data["home_id"],
        "registry_id",
    ):
        assert str(secret) not in text
    assert "Riverside 12" in text
    assert "https://sms.example.org/send" in text


async def test_the_action_is_for_administrators(home: HomeUnderTest) -> None:
    await home.start()
    await home.person("The owner")
    response = await home.hass.services.async_call(
        "zhian", "export_configuration", blocking=True, return_response=True
    )
    assert response is not None
    configuration: Any = response["configuration"]
    assert [d["name"] for d in configuration["detectors"]] == ["Kitchen gas"]
    assert str(response["yaml"]).startswith("zhian: 1\n")
    with pytest.raises(Unauthorized):
        await home.hass.services.async_call(
            "zhian",
            "export_configuration",
            blocking=True,
            return_response=True,
            context=await home.person("Ben"),
        )


# --- in ------------------------------------------------------------------------------


@pytest.mark.usefixtures("_flows_alone")
async def test_what_came_in_is_known_also_after_a_rename(hass: HomeAssistant) -> None:
    register(hass, "binary_sensor.gas", "off", {"device_class": "gas"})
    fault = register(hass, "binary_sensor.fault", "off", {"device_class": "problem"})
    entry = home_entry(hass)
    file = {
        "zhian": 1,
        "detectors": [
            {
                "entity_id": "binary_sensor.gas",
                "hazard": "gas",
                "fault_entity": "binary_sensor.fault",
            }
        ],
    }
    await import_into(hass, entry, json.dumps(file))
    (subentry,) = entry.subentries.values()
    assert subentry.data["registry_ids"] == {"fault_entity": fault.id}


@pytest.mark.usefixtures("_flows_alone")
@pytest.mark.parametrize("write", [as_yaml, json.dumps])
async def test_what_went_out_comes_in_again(hass: HomeAssistant, write: Any) -> None:
    """Into another home, as YAML and as JSON; only the gateway's secret is asked."""
    entry = furnished(hass)
    configuration = configuration_of(entry)
    first = data_of(entry)
    await hass.config_entries.async_remove(entry.entry_id)
    other = home_entry(hass, name="Elsewhere", gas="propane", lel=1.7)
    dialog = await import_into(hass, other, write(configuration))
    assert [line.partition(": ")[2] for line in told(dialog)] == ["Enter the secret."]
    assert not other.subentries
    configuration["contacts"][0]["channels"][1]["secret"] = "hush"
    result = await dialog.submit(configuration=write(configuration))
    assert result["reason"] == "imported"
    assert result["description_placeholders"] == {"added": "4", "changed": "0"}
    second = data_of(other)
    for title, data in second.items():
        same = {
            key: value
            for key, value in data.items()
            if key in first[title] and key not in ("registry_id", "channels")
        }
        assert same == {
            key: value
            for key, value in first[title].items()
            if key not in ("registry_id", "channels")
        }
    assert second["Window"]["targets"] == {"open": "on", "closed": "off"}
    assert second["Anna"]["channels"][1]["target"] == "https://sms.example.org/send"
    assert (other.title, other.data["gas"], other.data["lel"]) == (
        "Riverside 12",
        "natural_gas",
        4.4,
    )
    assert other.data["private_key"] == PRIVATE_KEY


@pytest.mark.usefixtures("_flows_alone")
async def test_what_is_there_is_changed_and_nothing_is_removed(
    hass: HomeAssistant,
) -> None:
    entry = furnished(hass)
    ids = {s.title: s.subentry_id for s in entry.subentries.values()}
    dialog = await import_into(
        hass,
        entry,
        """
zhian: 1
home:
  name: New name
  gas: natural_gas
  address: Street 1
  ladder: {resident: 60}
detectors:
  - entity_id: binary_sensor.gas
    hazard: gas
    name: Renamed
  - entity_id: sensor.lel
    hazard: gas
    alarm: 12
  - entity_id: sensor.words
    hazard: smoke
    state_map: {ok: normal, alarm: alarm}
actuators:
contacts:
  - name: Anna
    role: resident
    channels:
      - kind: webhook
        target: https://sms.example.org/send
""",
    )
    assert dialog.result["reason"] == "imported"
    assert dialog.result["description_placeholders"] == {"added": "2", "changed": "2"}
    now = {s.title: s.subentry_id for s in entry.subentries.values()}
    assert now["Renamed"] == ids["Kitchen gas"]
    assert now["Gas valve"] == ids["Gas valve"]
    data = data_of(entry)
    assert data["lel"]["alarm"] == 12
    assert data["lel"]["unit"] == "%LEL"
    assert data["words"]["state_map"] == {"ok": "normal", "alarm": "alarm"}
    # The secret, and the key in the address, stayed at home.
    assert data["Anna"]["channels"] == [GATEWAY]
    assert entry.title == "New name"
    assert entry.data["address"] == "Street 1"
    assert entry.data["ladder"] == {"resident": 60}


WRONG = """\
zhian: 1
home:
  name: Home
  gas: coal
  lel: nine
detectors:
  - entity_id: binary_sensor.gone
    hazard: gas
  - entity_id: binary_sensor.gas
    hazard: ghosts
  - entity_id: sensor.lel
    hazard: gas
    alarm: 90
    colour: red
  - entity_id: sensor.words
    hazard: smoke
actuators:
  - entity_id: binary_sensor.gas
    role: gas_valve
  - entity_id: valve.gas
    role: gas_valve
    travel_time: 900
    ignition_safe: perhaps
  - entity_id: valve.gas
    role: gas_valve
    life_years: 99
    installed: 2999-01-01
  - entity_id: siren.hall
    role: siren
    tones: {smoke: loud}
    area: nowhere
contacts:
  - name: Anna
    order: 77
    channels:
      - kind: mobile_app
        target: notify.nobody
      - kind: tts
        target: tts.voice
        player: media_player.hall
      - kind: webhook
        target: http://sms.example.org
        secret: x
  - name: Ben
    channels: []
  - role: resident
pets: []
"""


@pytest.mark.usefixtures("_flows_alone")
async def test_each_wrong_line_is_told_with_its_reason_and_nothing_is_changed(
    hass: HomeAssistant,
) -> None:
    entry = home_entry(hass)
    before = dict(entry.data)
    lines = told(await import_into(hass, entry, WRONG))
    numbers = [int(line.removeprefix("Line ").partition(":")[0]) for line in lines]
    assert numbers == [
        *(4, 5, 7, 10, 13, 14, 15, 18, 22, 23, 24, 26, 27, 30, 31, 34, 37, 39, 40),
        *(42, 45, 46, 46, 47),
    ]
    numbered = dict(zip(numbers, lines, strict=True))
    assert "natural_gas" in numbered[4]
    assert "“nine” is not a number" in numbered[5]
    assert "does not exist" in numbered[7]
    assert "“colour” is not known here" in numbered[14]
    assert not entry.subentries
    assert dict(entry.data) == before


HEAD = "zhian: 1\n"


@pytest.mark.usefixtures("_flows_alone")
@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("just a word", ["Line 1: Pairs of a name"]),
        ("home: {name: A, gas: propane}", ["Line 1: The file has to say `zhian: 1`"]),
        ("zhian: 2", ["Line 1: The file has to say `zhian: 1`"]),
        ("zhian: 1\nzhian: 1", ["Line 2: “zhian” stands here twice"]),
        (f"{HEAD}? [a]\n: 1", ["Line 2: A single value belongs here"]),
        (f"{HEAD}home: [1]", ["Line 2: Pairs of a name and a value belong here"]),
        (f"{HEAD}home:\n  name:", ["Line 3: “name” is missing", "Line 3: “gas” is"]),
        (f"{HEAD}detectors: {{}}", ["Line 2: A list belongs here"]),
        (f"{HEAD}detectors:\n  - 12", ["Line 3: Pairs of a name"]),
        (f"{HEAD}detectors:\n  - hazard: gas", ["Line 3: “entity_id” is missing"]),
        (f"{HEAD}a: [1\nb: 2", ["Line 3: This is neither YAML nor JSON"]),
        (f"{HEAD}a: \x00", ["Line 2: This is neither YAML nor JSON"]),
        (f"{HEAD}a: &x 1\nb: *x", ["Line 3: References (*) are not taken"]),
        pytest.param("[" * 5000, ["Line 1: This is nested too deeply"], id="deep"),
        pytest.param(
            "#" * (MOST_CHARACTERS + 1), ["Line 1: This is too long"], id="long"
        ),
        ("# nothing", ["Line 1: There is nothing to import"]),
        (
            f"{HEAD}home:\n  name: A\n  gas: town_gas",
            ["Line 4: Town gas differs"],
        ),
        (
            f"{HEAD}home:\n  name: A\n  gas: propane\n  lel: 9",
            ["Line 5: For this gas the value lies between 1.5 and 2.1"],
        ),
        (
            f"{HEAD}home:\n  name: A\n  gas: propane\n  ladder: {{resident: 1, cat: 9}}",
            ["Line 5: From 5 to 1800", "Line 5: “cat” is not known"],
        ),
        (
            f"{HEAD}home:\n  name: A\n  gas: propane\n  ladder: {{resident: }}",
            ["Line 5: From 5 to 1800"],
        ),
        (
            (
                f"{HEAD}actuators:\n  - entity_id: valve.gas\n    role: gas_valve\n"
                "    installed: soon\n    inverted: 1\n    travel_time: true\n"
                "    duration: .inf\n    targets: {ajar: 1}\n    tones: {a: b, a: c}\n"
                "    name: [a]"
            ),
            [
                "Line 5: “soon” is not a day",
                "Line 6: “1” is neither true nor false",
                "Line 7: “true” is not a number",
                "Line 8: “.inf” is not a number",
                "Line 9: “ajar” is not one of",
                "Line 10: “a” stands here twice",
                "Line 11: A single value belongs here",
            ],
        ),
        (
            (
                f"{HEAD}actuators:\n  - entity_id: valve.gas\n    role: gas_valve\n"
                "    installed: 2024-13-45\n    tones: [a]"
            ),
            ["Line 5: “2024-13-45” cannot", "Line 6: Pairs of a name"],
        ),
        (
            f"{HEAD}actuators:\n  - entity_id: valve.gas\n    role: lock",
            ["Line 3: This kind of entity cannot do that"],
        ),
        (
            f"{HEAD}actuators:\n  - entity_id: select.window\n    role: window",
            ["Line 3: The device does not offer this option"],
        ),
        (
            f"{HEAD}detectors:\n  - entity_id: binary_sensor.ours\n    hazard: gas",
            ["Line 3: Zhi'an made this entity itself"],
        ),
        (
            (
                f"{HEAD}detectors:\n  - entity_id: sensor.words\n    hazard: smoke\n"
                "    state_map: {ok: normal}"
            ),
            ["Line 5: A detector without an alarm"],
        ),
        (
            (
                f"{HEAD}detectors:\n  - entity_id: sensor.words\n    hazard: smoke\n"
                "    state_map: {alarm: alarm}"
            ),
            ["Line 5: Choose at least one state that means that all is well"],
        ),
        (
            f"{HEAD}detectors:\n  - entity_id: sensor.lel\n    hazard: smoke",
            ["Line 3: For this hazard a measured value"],
        ),
        (
            (
                f"{HEAD}detectors:\n  - entity_id: binary_sensor.gas\n    hazard: gas\n"
                "    warm_up_entity: binary_sensor.gas\n    fault_entity: sensor.gone"
            ),
            ["Line 5: This is the detector itself", "Line 6: This entity does not"],
        ),
        (
            f"{HEAD}contacts:\n  - name: A\n    channels: soon",
            ["Line 4: A list belongs here"],
        ),
        (
            f"{HEAD}contacts:\n"
            + f"  - name: A\n    channels: [{{kind: mobile_app, target: {PHONE}}}]\n"
            * 2,
            ["Line 5: “A” stands here twice"],
        ),
        (
            (
                f"{HEAD}actuators:\n  - entity_id: siren.hall\n    role: siren\n"
                "detectors:\n  - entity_id: binary_sensor.gas\n    hazard: gas"
            ),
            ["Line 3: The plan for gas would switch this siren"],
        ),
    ],
)
async def test_a_wrong_line_says_what_belongs_there(
    hass: HomeAssistant, text: str, lines: list[str]
) -> None:
    register(hass, "binary_sensor.ours", platform="zhian", unique_id="ours")
    entry = home_entry(hass)
    dialog = await import_into(hass, entry, text)
    found = told(dialog)
    assert len(found) == len(lines), found
    for line, start in zip(found, lines, strict=True):
        assert line.startswith(start), found
    assert not entry.subentries


@pytest.mark.usefixtures("_flows_alone")
async def test_an_intruding_hazard_without_a_plan_is_no_detector(
    hass: HomeAssistant,
) -> None:
    text = f"{HEAD}detectors:\n  - entity_id: binary_sensor.gas\n"
    (line,) = told(await import_into(hass, home_entry(hass), text))
    assert line == ("Line 3: The device does not say what it warns of. Choose it here.")


@pytest.mark.usefixtures("_flows_alone")
async def test_the_reasons_are_told_in_chinese(hass: HomeAssistant) -> None:
    hass.config.language = "zh-Hans"
    (line,) = told(await import_into(hass, home_entry(hass), "zhian: 3"))
    assert line == "第 1 行：文件中必须注明格式版本：`zhian: 1`。"


@pytest.mark.usefixtures("_flows_alone")
async def test_an_empty_page_is_told(hass: HomeAssistant) -> None:
    dialog = await import_into(hass, home_entry(hass), "  ")
    assert dialog.errors == {"configuration": "import_empty"}


@pytest.mark.usefixtures("_flows_alone")
@pytest.mark.parametrize(
    ("content", "errors"),
    [
        (b"\xff\xfe\x00", {"file": "import_not_a_text"}),
        ("﻿zhian: 3".encode(), {"configuration": "import_wrong_lines"}),
        (b"zhian: 1\nhome: {name: From a file, gas: propane}", {}),
    ],
)
async def test_a_file_is_taken_like_a_pasted_text(
    hass: HomeAssistant, tmp_path: Path, content: bytes, errors: dict[str, str]
) -> None:
    hass.config.components.add("file_upload")
    path = tmp_path / "home.yaml"
    path.write_bytes(content)

    @contextmanager
    def uploaded(_: HomeAssistant, file_id: str) -> Iterator[Path]:
        if file_id != "1" * 32:
            raise ValueError("no such file")
        yield path

    entry = home_entry(hass)
    dialog = await reconfigure(hass, entry)
    await dialog.choose("import_configuration")
    with patch(
        "custom_components.zhian.home.import_flow.process_uploaded_file", uploaded
    ):
        await dialog.submit(file="2" * 32)
        assert dialog.errors == {"file": "import_not_a_text"}
        result = await dialog.submit(file="1" * 32)
    if errors:
        assert dialog.errors == errors
    else:
        assert result["type"] is FlowResultType.ABORT
        assert entry.title == "From a file"
        assert entry.data["lel"] == 1.7


def test_an_option_that_is_newer_than_the_reader_is_read_plainly() -> None:
    """Other parts of the home add options: what they export comes in again."""
    import yaml

    from custom_components.zhian.home.configuration_values import as_plain

    text = "{a: [1, {b: true}], c: x}"
    assert as_plain(yaml.compose(text, yaml.SafeLoader)) == yaml.safe_load(text)


def test_a_long_file_is_not_even_read() -> None:
    assert [p.key for p in read("a" * (MOST_CHARACTERS + 1)).problems] == [
        "import_too_long"
    ]


@pytest.mark.usefixtures("_flows_alone")
async def test_how_many_have_to_agree_lies_in_its_range(hass: HomeAssistant) -> None:
    """One gas detector is always enough."""
    text = (
        f"{HEAD}detectors:\n  - entity_id: binary_sensor.gas\n    hazard: gas\n"
        "    quorum: 2\n    quorum_window: 1\n    lost_after: 0\n"
    )
    lines = told(await import_into(hass, home_entry(hass), text))
    assert [line[:20] for line in lines] == [
        "Line 5: From 1 to 1.",
        "Line 6: From 5 to 12",
        lines[2][:20],
    ]
    assert lines[2].startswith("Line 7: ")
