"""What a home knows after `kill -9`: that it is armed, what is open, whom it asks.

One real Home Assistant; each test kills it in another situation and starts it again.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
import json
from typing import Any

import pytest

from demo.ha_api import HomeAssistantApi
from demo.node import Node, seed
from demo.processes import free_port

LIMIT = 60.0

CONFIGURATION = """\
input_boolean:
  gas: {name: Gas}
  door: {name: Door}
  motion: {name: Motion}
  valve: {name: Valve}
template:
  - binary_sensor:
      - name: Kitchen gas
        unique_id: kitchen_gas
        device_class: gas
        state: "{{ is_state('input_boolean.gas', 'on') }}"
      - name: Front door
        unique_id: front_door
        device_class: door
        state: "{{ is_state('input_boolean.door', 'on') }}"
      - name: Hall motion
        unique_id: hall_motion
        device_class: motion
        state: "{{ is_state('input_boolean.motion', 'on') }}"
  - switch:
      - name: Gas valve
        unique_id: gas_valve
        state: "{{ is_state('input_boolean.valve', 'on') }}"
        turn_on:
          action: input_boolean.turn_on
          target: {entity_id: input_boolean.valve}
        turn_off:
          action: input_boolean.turn_off
          target: {entity_id: input_boolean.valve}
"""

SUBENTRIES: tuple[tuple[str, tuple[dict[str, object], ...]], ...] = (
    ("detector", ({"entity_id": "binary_sensor.kitchen_gas"}, {})),
    ("detector", ({"entity_id": "binary_sensor.front_door"}, {}, {})),
    (
        "actuator",
        ({"entity_id": "switch.gas_valve", "role": "gas_valve"}, {}),
    ),
    ("code", ({"name": "Anna", "code": "2468"},)),
    (
        "routine",
        (
            {"name": "Mother", "sources": ["binary_sensor.hall_motion"]},
            {"in_all": 1},
            {},
            {},
            {},  # nobody will be asked aloud: that is known
        ),
    ),
)


@pytest.fixture(scope="module")
async def node(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Node]:
    """A home with gas, a door, a code and somebody who is watched over."""
    folder = tmp_path_factory.mktemp("killed")
    node = Node(
        "home",
        "Home",
        free_port(),
        folder,
        place=(31.2, 121.4),
        configuration=CONFIGURATION,
    )
    await seed(folder, node)
    await node.start()
    try:
        entry = await node.api.create_entry(
            "zhian",
            {"next_step_id": "home"},
            {"name": "Home", "gas": "natural_gas"},
            {"contacts": []},
            {},
        )
        # Her phone's gateway is Home Assistant itself: it takes what nobody waits for.
        phone = {"url": f"{node.url}/api/webhook/phone", "secret": "of her gateway"}
        await node.api.create_subentry(
            entry,
            "contact",
            {"name": "Mother", "role": "resident"},
            {"next_step_id": "webhook"},
            phone,
            {"next_step_id": "finish"},
        )
        for kind, steps in SUBENTRIES:
            await node.api.create_subentry(entry, kind, *steps)
        await until(lambda: has_state(node.api, PANEL, "disarmed"), "the panel")
        # Home Assistant itself writes some seconds later what was just set up.
        await node.process.stop()
        await node.start()
        await until(lambda: has_state(node.api, PANEL, "disarmed"), "the panel")
        yield node
        # That a phone is not reached while everything comes up is a warning.
        assert [line for line in node.complaints() if " ERROR " in line] == []
    finally:
        await node.stop()


PANEL = "alarm_control_panel.home_alarm_panel"
DRILL = "switch.home_drill"
type Incident = dict[str, Any]


async def until[T](ask: Callable[[], Awaitable[T]], what: str) -> T:
    """Return the first answer that is not empty."""
    try:
        async with asyncio.timeout(LIMIT):
            while not (answer := await ask()):
                await asyncio.sleep(0.1)
            return answer
    except TimeoutError as error:
        raise AssertionError(f"{what} did not come within {LIMIT:.0f} s") from error


async def has_state(api: HomeAssistantApi, entity_id: str, wanted: str) -> bool:
    state = await api.state(entity_id)
    return state is not None and state["state"] == wanted


async def open_incidents(api: HomeAssistantApi) -> list[Incident]:
    answer = await api.ask("zhian.get_incidents", open_only=True)
    found: list[Incident] = answer["incidents"]
    return found


async def opened(api: HomeAssistantApi, hazard: str) -> Incident:
    """Wait for the open incident of a hazard."""

    async def ask() -> Incident | None:
        found = await open_incidents(api)
        return next((i for i in found if i["hazard"] == hazard), None)

    return await until(ask, f"an incident of {hazard}")


async def none_is_open(api: HomeAssistantApi) -> bool:
    return not await open_incidents(api)


async def kill_and_start(node: Node) -> None:
    await node.process.kill()
    await node.start()


async def turn(api: HomeAssistantApi, name: str, to: str) -> None:
    await api.action(f"input_boolean.turn_{to}", entity_id=f"input_boolean.{name}")


async def test_an_armed_home_stays_armed_and_alarms(node: Node) -> None:
    api = node.api
    # At night everybody is in: it is guarded at once, without time to leave.
    await api.action("alarm_control_panel.alarm_arm_night", entity_id=PANEL)
    await until(lambda: has_state(api, PANEL, "armed_night"), "the armed home")
    await kill_and_start(node)
    await until(lambda: has_state(api, PANEL, "armed_night"), "the home armed again")
    await turn(api, "door", "on")
    assert (await opened(api, "intrusion"))["phase"] == "alarm"
    await until(lambda: has_state(api, PANEL, "triggered"), "the alarm of the panel")
    await kill_and_start(node)
    assert (await opened(api, "intrusion"))["phase"] in ("alarm", "clearing")
    await turn(api, "door", "off")
    await api.action("alarm_control_panel.alarm_disarm", entity_id=PANEL, code="2468")
    await until(lambda: has_state(api, PANEL, "disarmed"), "the disarmed home")
    await until(lambda: none_is_open(api), "the end of the incident")


async def test_an_open_incident_is_open_again_and_its_valve_closed(node: Node) -> None:
    api = node.api
    await turn(api, "valve", "on")
    await turn(api, "gas", "on")
    before = await opened(api, "gas")
    await kill_and_start(node)
    # The helpers have forgotten where they were, as a device does that lost its power.
    await turn(api, "valve", "on")
    await turn(api, "gas", "on")
    after = await opened(api, "gas")
    assert after["id"] == before["id"]
    await until(lambda: has_state(api, "switch.gas_valve", "off"), "the closed valve")
    await turn(api, "gas", "off")

    async def is_clear() -> bool:
        return (await opened(api, "gas"))["phase"] == "clearing"

    await until(is_clear, "the clear air")
    await api.action("zhian.reset")
    assert await none_is_open(api)
    assert (await api.ask("zhian.verify_timeline"))["ok"] is True


async def test_a_drill_goes_on_and_ends_with_its_result(node: Node) -> None:
    api = node.api
    await turn(api, "valve", "on")
    await api.ask("zhian.start_drill", hazard="gas", minutes=30)
    (before,) = await open_incidents(api)
    assert before["drill"] is True
    await kill_and_start(node)
    await until(lambda: has_state(api, DRILL, "on"), "the drill")
    (after,) = await open_incidents(api)
    assert (after["id"], after["drill"]) == (before["id"], True)
    await turn(api, "valve", "on")
    result = await api.ask("zhian.end_drill")
    assert result["ending"] == "drill_over", result
    await until(lambda: none_is_open(api), "the end of the drill")
    assert await has_state(api, "input_boolean.valve", "on")  # it moved nothing


async def test_a_person_is_asked_on_until_there_is_a_sign_of_life(node: Node) -> None:
    api = node.api
    await node.process.stop()
    _backdate(node, timedelta(hours=2))
    await node.start()
    before = await opened(api, "inactivity")
    assert before["phase"] == "pre_alarm"  # asked; nobody else has been told
    await kill_and_start(node)
    after = await opened(api, "inactivity")
    assert (after["id"], after["phase"]) == (before["id"], "pre_alarm")
    await turn(api, "motion", "on")
    await until(lambda: none_is_open(api), "the end of the question")


def _backdate(node: Node, by: timedelta) -> None:
    """Let the last sign of life be so long ago; the home has watched since then."""
    (file,) = (node.config / ".storage").glob("zhian.*routines*")
    kept = json.loads(file.read_text())
    ago = (datetime.now(UTC) - by).isoformat()
    for person in kept["data"].values():
        person["routine"] |= {"since": ago, "last": ago}
    file.write_text(json.dumps(kept))
