"""What holds for the blueprint files, whatever is made of them."""

from collections.abc import Iterator
from typing import Any

from homeassistant.components.blueprint.models import Blueprint
from homeassistant.helpers import selector

import pytest

from custom_components.zhian.blueprints import PACKAGED

from .conftest import BLUEPRINTS, load

SKELETONS = ["gas_leak_shutoff.yaml", "water_leak_shutoff.yaml"]
"""Those that shut something off by themselves, without the integration."""
OURS = [
    "arming_by_presence.yaml",
    "carbon_monoxide_ventilate.yaml",
    "nobody_answered.yaml",
    "sensor_lost.yaml",
    "valve_not_closed.yaml",
    "weekly_test.yaml",
]
"""Those that build on the integration's triggers and actions."""
NAMES = sorted(SKELETONS + OURS)


def walk(node: Any) -> Iterator[dict[str, Any]]:
    """Yield each mapping in a tree."""
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from walk(item)


@pytest.fixture(params=NAMES)
def blueprint(request: pytest.FixtureRequest) -> Blueprint:
    """Return each of the blueprints; loading validates it as Home Assistant does."""
    return load(f"zhian/{request.param}")


def test_the_packaged_copies_are_the_blueprints() -> None:
    """Edit those in blueprints/, then copy."""
    originals = {
        path.name: path.read_bytes() for path in (BLUEPRINTS / "zhian").iterdir()
    }
    assert sorted(originals) == NAMES
    assert {path.name: path.read_bytes() for path in PACKAGED.iterdir()} == originals


def test_it_runs_on_the_oldest_home_assistant_supported(blueprint: Blueprint) -> None:
    """2026.10 knows every key and selector used."""
    assert blueprint.validate() is None
    assert blueprint.metadata["homeassistant"]["min_version"] == "2026.10.0"
    for mapping in walk(blueprint.metadata["input"]):
        assert "visible" not in mapping


def test_every_input_explains_itself(blueprint: Blueprint) -> None:
    """A homeowner fills this in; nothing is obligatory, since any part may be absent."""
    for name, field in blueprint.inputs.items():
        assert field["name"], name
        assert field["description"].endswith((".", ")")), name
        assert "default" in field, name
        selector.validate_selector(field["selector"])


def test_it_was_made_by_us_and_can_be_imported_again(blueprint: Blueprint) -> None:
    """The source is the file in the repository."""
    assert blueprint.metadata["author"] == "Zhi'an"
    assert blueprint.metadata["source_url"].startswith(
        "https://github.com/zhian-home/zhian/blob/main/blueprints/automation/zhian/"
    )


@pytest.mark.parametrize("name", OURS)
def test_ours_open_no_valve_and_lead_to_the_integration(name: str) -> None:
    """The whole list of what they can call; each waits for, or asks, Zhi'an."""
    data = load(f"zhian/{name}").data
    actions = {m["action"] for m in walk(data["actions"]) if "action" in m}
    assert actions <= {
        "button.press",
        "cover.open_cover",
        "fan.turn_on",
        "notify.{{ repeat.item | replace('notify.', '') }}",
        "persistent_notification.create",
        "switch.turn_off",
        "switch.turn_on",
        "zhian.arm",
        "zhian.get_incidents",
        "zhian.start_drill",
    }
    ours = {
        value
        for mapping in (*walk(data["triggers"]), *walk(data["actions"]))
        for key, value in mapping.items()
        if key in ("trigger", "condition", "action") and str(value).startswith("zhian.")
    }
    assert ours


@pytest.mark.parametrize("name", SKELETONS)
def test_no_action_can_open_a_valve(name: str) -> None:
    """The whole list of what the file can call."""
    blueprint = load(f"zhian/{name}")
    actions = {
        mapping["action"]
        for mapping in walk(blueprint.data["actions"])
        if "action" in mapping
    }
    assert actions - {"cover.open_cover"} == {
        "valve.close_valve",
        "switch.turn_off",
        "switch.turn_on",
        "notify.send_message",
        "notify.{{ to | replace('notify.', '') }}",
        "persistent_notification.create",
    }


@pytest.mark.parametrize("name", SKELETONS)
def test_switching_on_is_only_for_switches_that_close(name: str) -> None:
    """And only for those that were listed as such."""
    blueprint = load(f"zhian/{name}")
    tasks = blueprint.data["actions"][0]["choose"]
    [task] = [
        task
        for task in tasks
        if any(
            step.get("action") == "switch.turn_on" for step in walk(task["sequence"])
        )
    ]
    assert task["conditions"] == "{{ what == 'close' and to in inverted_switches }}"


@pytest.mark.parametrize("name", SKELETONS)
def test_closing_is_the_first_step_of_an_incident(name: str) -> None:
    """Nothing stands before it that could fail or wait."""
    blueprint = load(f"zhian/{name}")
    [step] = blueprint.data["actions"]
    incident = step["choose"][-1]
    assert incident["conditions"] == "{{ what == 'incident' }}"
    first = incident["sequence"][0]["repeat"]
    assert first["for_each"] == "{{ to_close }}"
    assert first["sequence"][0]["event_data"]["what"] == "close"


def test_both_blueprints_have_one_skeleton() -> None:
    """What is mended in one is mended in the other."""

    def without_windows(name: str) -> list[Any]:
        steps = load(f"zhian/{name}").data["actions"][0]["choose"][-1]["sequence"]
        for mapping in walk(steps):
            mapping.pop("windows_ordered", None)
        return [
            {key: value for key, value in step.items() if key != "alias"}
            for step in steps
            if step.get("repeat", {}).get("for_each") != "{{ windows_ordered }}"
        ]

    gas, water = map(without_windows, SKELETONS)
    assert gas == water
