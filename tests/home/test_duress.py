"""A code under duress: every entity shows what it shows of any disarm."""

from typing import Any

from homeassistant.components import persistent_notification
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event

import pytest

from custom_components.zhian.diagnostics import async_get_config_entry_diagnostics
from custom_components.zhian.home.records import Records
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.signals import Acknowledge
from custom_components.zhian.system_health import _home as home_health

from .house import HomeUnderTest
from .intrusion import FORCED, OWN, PANEL, WINDOW, arm, code, disarm, guarded, shown

AUNT = {
    "name": "Aunt",
    "role": "relative",
    "order": 1,
    "confidant": True,
    "channels": [
        {"kind": "notify", "target": "notify.aunt"},
        {"kind": "notify", "target": "notify.entity_that_shows"},
        {"kind": "tts", "target": "tts.voice", "player": "media_player.hall"},
    ],
}


def silent(home: HomeUnderTest) -> Incident:
    """Return the silent call."""
    (incident,) = (i for i in home.home.guard.state.incidents.values() if i.silent)
    return incident


@pytest.fixture
async def forced(home: HomeUnderTest) -> HomeUnderTest:
    """An armed home with somebody who is broken in on, and an aunt elsewhere."""
    home.add("contact", AUNT)
    home.hass.services.async_register("notify", "aunt", home._on_call)
    home.hass.services.async_register("notify", "send_message", home._on_call)
    home.hass.services.async_register("tts", "speak", home._on_call)
    for entity_id in (
        "notify.entity_that_shows",
        "tts.voice",
        "media_player.hall",
    ):
        home.state(entity_id, "unknown")
    await guarded(home, code("Bo", OWN, FORCED))
    await arm(home)
    return home


_COUNTS = ("sensor.home_last_incident", "sensor.home_incidents_this_year")
"""What tells the first break-in of a test from the second."""


@pytest.mark.parametrize("is_broken_in", [False, True])
async def test_every_entity_shows_a_disarm_like_any_other(
    forced: HomeUnderTest, is_broken_in: bool
) -> None:
    """The same states and the same actions, whichever the code."""
    home = forced
    seen: list[tuple[str, object, dict[str, Any]]] = []

    def note(event: Event[Any]) -> None:
        new = event.data["new_state"]
        if is_broken_in and new.entity_id in _COUNTS:
            return
        told = {k: v for k, v in new.attributes.items() if k not in ("until", "since")}
        for once in ("incident", "seconds"):
            told.pop(once, None)
        is_event = new.entity_id.startswith("event.")
        seen.append((new.entity_id, None if is_event else new.state, told))

    home.hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    found = []
    for typed in (OWN, FORCED):
        if is_broken_in:
            await home.report(WINDOW, "on")
        seen.clear()
        home.recorded.clear()
        await disarm(home, code=typed)
        await home.pass_time(5)
        assert shown(home) == "disarmed"
        calls = [
            (c.domain, c.service, c.data.get("entity_id"), c.data.get("title"))
            for c in home.recorded
            if c.service != "aunt"
        ]
        found.append((sorted(seen, key=str), calls))
        await home.report(WINDOW, "off")
        if typed == OWN:
            await home.pass_time(120, step=20)
            await arm(home)
    assert found[0] == found[1]
    assert PANEL in {entity_id for entity_id, _, _ in found[0][0]}


async def test_silent_call_reaches_the_confidant_and_nobody_else(
    forced: HomeUnderTest,
) -> None:
    await disarm(forced, code=FORCED)
    await forced.pass_time(200, step=20)
    told = [c for c in forced.recorded if c.domain in ("notify", "tts")]
    assert [(c.service, c.data["title"]) for c in told] == [
        ("aunt", "Silent call for help from Home")
    ]
    assert "Do not phone them" in told[0].data["message"]
    notices = persistent_notification._async_get_or_create_notifications(forced.hass)
    assert not [n for n in notices.values() if "help" in n["title"].lower()]
    call = silent(forced)
    assert call.priority == 1
    assert call.score == 4


async def test_station_is_told_that_nobody_may_ring(forced: HomeUnderTest) -> None:
    await forced.report(WINDOW, "on")
    timelines = forced.home.guard.timelines
    intrusion = forced.incident
    await disarm(forced, code=FORCED)
    for incident, is_silent, score in (
        (intrusion.id, False, 0),
        (silent(forced).id, True, 4),
    ):
        timeline = timelines.get(incident)
        assert timeline is not None
        said = forced.home.documents.document(timeline).as_json()
        assert (said["silent"], said["score"]) == (is_silent, score)


async def test_channel_that_fails_in_silence_raises_no_repair(
    forced: HomeUnderTest,
) -> None:
    forced.broken["notify.aunt"] = OSError("no line")
    await disarm(forced, code=FORCED)
    await forced.pass_time(30, step=5)
    assert forced.home.people.failures == {}
    assert len([c for c in forced.recorded if c.service == "aunt"]) > 1


async def test_silent_call_is_on_no_page_and_in_no_number(
    forced: HomeUnderTest, hass_ws_client: Any
) -> None:
    home = forced
    await disarm(home, code=FORCED)
    call = silent(home)
    client = await hass_ws_client(home.hass)
    await client.send_json_auto_id({"type": "zhian/home/incidents"})
    assert (await client.receive_json())["result"]["incidents"] == []
    records = Records(home.home.guard, home.home.database)
    assert [t async for t in records.find()] == []
    assert home.entry is not None
    shown_to_admin = await async_get_config_entry_diagnostics(home.hass, home.entry)
    assert call.id not in str(shown_to_admin)
    for secret in (
        OWN,
        FORCED,
        code("Bo", OWN)["digest"],
        code("Bo", FORCED)["digest"],
    ):
        assert secret not in str(shown_to_admin)
    assert home_health(home.home)["home_incidents"] == 0
    assert home.shown("sensor.home_incident").state == "idle"
    assert home.shown("binary_sensor.home_intrusion").state == "off"
    assert home.home.guard.timelines.get(call.id) is not None


async def test_silent_call_survives_a_restart_and_ends_in_silence(
    forced: HomeUnderTest,
) -> None:
    home = forced
    await disarm(home, code=FORCED)
    call = silent(home).id
    await home.reload()
    assert silent(home).id == call
    assert home.shown("sensor.home_incident").state == "idle"
    count = "sensor.home_incidents_this_year"
    await home.until(lambda: home.shown(count).state != "unknown", "the count")
    assert home.shown(count).state == "0"
    guard = home.home.guard
    guard.handle(Acknowledge("Aunt", "notification", guard.clock.now(), call))
    await disarm(home, code=OWN)
    assert guard.state.incidents == {}
    records = Records(guard, home.home.database)
    assert [t.incident.id async for t in records.find()] == [call]
