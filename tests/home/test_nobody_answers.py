"""The 2018 Miaojia case in one home: two channels, contacts, neighbour, station."""

from datetime import timedelta
from typing import Any

from homeassistant.exceptions import HomeAssistantError

import pytest

from custom_components.zhian.home.answers import EVENT_NOTIFICATION_ACTION

from .house import DETECTOR, PHONE, HomeUnderTest

PEOPLE = ("owner", "son", "neighbour")


def contact(
    name: str, role: str, *targets: str, order: int = 1, **more: Any
) -> dict[str, Any]:
    """Return a contact of the new form."""
    channels = [{"kind": "notify", "target": f"notify.{t}"} for t in targets]
    return {"name": name, "role": role, "order": order, "channels": channels, **more}


@pytest.fixture
async def family(home: HomeUnderTest) -> HomeUnderTest:
    """Return a running home with a family, everybody on two channels."""
    home.subentries[:] = [s for s in home.subentries if s["title"] != "Phone"]
    for name in PEOPLE:
        for kind in ("push", "sms"):
            home.hass.services.async_register("notify", f"{name}_{kind}", home._on_call)
    home.add("contact", contact("Owner", "resident", "owner_push", "owner_sms"))
    home.add("contact", contact("Son", "relative", "son_push", "son_sms"))
    home.add("contact", contact("Wu", "neighbour", "neighbour_push", "neighbour_sms"))
    home.state(DETECTOR, "off")
    await home.start()
    return home


def reached(home: HomeUnderTest) -> set[str]:
    """Return the channels that carried something since the last look."""
    names = {call.service for call in home.recorded if call.domain == "notify"}
    home.recorded.clear()
    return names


async def test_nobody_at_home_answers(family: HomeUnderTest) -> None:
    """The owner at once and twice; then the son; then the neighbour; all written."""
    await family.report(DETECTOR, "on")
    assert reached(family) == {"owner_push", "owner_sms"}
    await family.pass_time(58)
    assert not reached(family) & {"son_push", "neighbour_push"}
    await family.pass_time(4)
    assert {"son_push", "son_sms"} <= reached(family)
    assert family.incident.unanswered_at is not None
    document = family.home.documents.document(
        family.home.guard.timelines.all()[family.incident.id]
    ).as_json()
    assert document["unanswered_at"] is not None
    await family.pass_time(120)
    assert {"neighbour_push", "neighbour_sms"} <= reached(family)
    kinds = family.kinds()
    assert kinds.count("unanswered") == 1
    assert kinds.count("rung") == 3
    told = {(b["message"], b["channel"]) for b in family.told()}
    assert {("alarm", "notify"), ("alarm", "notify_2")} <= told
    assert {("unanswered", "notify"), ("unanswered", "notify_2")} <= told


async def test_the_ladder_survives_a_restart(family: HomeUnderTest) -> None:
    """It goes on where the timeline ends; nobody is told twice."""
    await family.report(DETECTOR, "on")
    await family.pass_time(62)
    reached(family)
    await family.reload()
    assert not reached(family) & {"son_push", "neighbour_push"}
    await family.pass_time(122)
    assert {"neighbour_push", "neighbour_sms"} <= reached(family)


async def test_a_button_for_help_reaches_everybody_at_once(
    family: HomeUnderTest,
) -> None:
    """Each answer of each contact has a token of its own."""
    await family.report(DETECTOR, "on")
    reached(family)
    answers = family.home.people.answers
    owner, son, _ = (c.id for c in family.home.people.contacts)
    buttons = answers.buttons(family.incident, owner, "en")
    others = answers.buttons(family.incident, son, "en")
    assert not {b.token for b in buttons} & {b.token for b in others}
    help_ = next(b for b in buttons if b.what == "help")
    family.hass.bus.async_fire(EVENT_NOTIFICATION_ACTION, {"action": help_.token})
    await family.settle()
    assert reached(family) == {f"{n}_{k}" for n in PEOPLE for k in ("push", "sms")}
    wanted = family.incident.help
    assert wanted is not None
    assert (wanted.by, wanted.via) == ("Owner", "notification")


async def test_one_who_is_safe_is_recorded_by_name(family: HomeUnderTest) -> None:
    """And then nobody else is woken: all who live there are safe."""
    await family.report(DETECTOR, "on")
    (owner, *_) = (c.id for c in family.home.people.contacts)
    buttons = family.home.people.answers.buttons(family.incident, owner, "en")
    safe = next(b for b in buttons if b.what == "safe")
    family.hass.bus.async_fire(EVENT_NOTIFICATION_ACTION, {"action": safe.token})
    await family.settle()
    titles = [c.data["title"] for c in family.recorded if c.domain == "notify"]
    assert titles[-1] == "Owner is safe (Home)"
    reached(family)
    await family.pass_time(300, step=5)
    assert not reached(family) & {"son_push", "neighbour_push"}


async def test_a_channel_that_fails_is_followed_by_the_next(
    home: HomeUnderTest,
) -> None:
    """Both outcomes are in the timeline, each with its channel."""
    home.hass.services.async_register("notify", "sms", home._on_call)
    home.hass.services.async_register("notify", "mail", home._on_call)
    home.subentries[:] = [s for s in home.subentries if s["title"] != "Phone"]
    home.add("contact", contact("Anna", "resident", "mobile_app_phone", "sms", "mail"))
    home.broken[PHONE] = HomeAssistantError("no")
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    assert reached(home) >= {"mobile_app_phone", "sms", "mail"}
    outcomes = {b["channel"]: b.get("reason") for b in home.told()}
    assert outcomes == {"notify": "error", "notify_2": None, "notify_3": None}


@pytest.mark.parametrize(("is_safe", "speaks"), [(True, True), (False, False)])
async def test_a_speaker_that_could_spark_is_silent_in_gas(
    home: HomeUnderTest, is_safe: bool, speaks: bool
) -> None:
    """Waking up is switching. What it cannot say the next channel says."""
    home.hass.services.async_register("tts", "speak", home._on_call)
    home.hass.services.async_register("notify", "sms", home._on_call)
    home.state("tts.voice", "unknown")
    home.state("media_player.hall", "idle")
    speaker = {
        "kind": "tts",
        "target": "tts.voice",
        "player": "media_player.hall",
        "ignition_safe": is_safe,
    }
    anna = contact("Anna", "resident", "sms")
    anna["channels"].insert(0, speaker)
    home.add("contact", anna)
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    spoken = [c.data for c in home.recorded if c.domain == "tts"]
    assert bool(spoken) is speaks
    if speaks:
        assert spoken[0]["media_player_entity_id"] == "media_player.hall"
        assert "Leave now" in spoken[0]["message"]
    else:
        reasons = {b["channel"]: b.get("reason") for b in home.told()}
        assert reasons["tts"] == "not_ignition_safe"
    assert "sms" in reached(home)


async def test_time_outs_come_from_the_entry(home: HomeUnderTest) -> None:
    """As a person has chosen them."""
    home.state(DETECTOR, "off")
    await home.start()
    assert home.entry is not None
    chosen = {"resident": 5.0, "relative": 6.0, "neighbour": 7.0, "repeat": 8.0}
    home.hass.config_entries.async_update_entry(
        home.entry, data={**home.entry.data, "ladder": chosen}
    )
    await home.settle()
    ladder = home.home.guard.state.household.ladder
    assert [p.total_seconds() for p in ladder.patience.values()] == [5, 6, 7]
    assert ladder.repeat == timedelta(seconds=8)
