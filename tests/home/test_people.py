"""Reaching the people of the home, and hearing their answers."""

import asyncio
import logging
from typing import Any

from homeassistant.components import persistent_notification
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError

import pytest

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home.answers import EVENT_NOTIFICATION_ACTION
from custom_components.zhian.safety.vocabulary import Outcome

from .house import (
    A_PHONE,
    DETECTOR,
    GAS_DETECTOR,
    HALL_SIREN,
    KITCHEN_TABLET,
    PHONE,
    SIREN,
    VALVE,
    HomeUnderTest,
    request_from,
)

GAS_FIRST = "Leave now. No switches, no flame. Phone from outside."


def notifications(home: HomeUnderTest) -> dict[str, tuple[str, str]]:
    """Return title and message of the frontend's notifications."""
    found = persistent_notification._async_get_or_create_notifications(home.hass)
    return {key: (str(n["title"]), n["message"]) for key, n in found.items()}


def sent(home: HomeUnderTest, service: str = "mobile_app_phone") -> list[Any]:
    """Return what a notify action got."""
    return [
        c.data for c in home.recorded if (c.domain, c.service) == ("notify", service)
    ]


async def answer(home: HomeUnderTest, action: object, user_id: str | None) -> None:
    """Press a button of a notification."""
    home.hass.bus.async_fire(
        EVENT_NOTIFICATION_ACTION,
        {"action": action},
        context=Context(user_id=user_id),
    )
    await home.settle()


async def alarm(home: HomeUnderTest) -> None:
    """Start the home and let gas into it."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")


@pytest.mark.parametrize(
    ("language", "title", "first"),
    [
        ("en", "Gas alarm at Home", GAS_FIRST),
        (
            "zh-Hans",
            "Home燃气报警",
            "立即离开。不要碰任何开关，不要用明火。到室外再打电话。",
        ),
    ],
)
async def test_an_alarm_is_always_shown_in_the_frontend(
    home: HomeUnderTest, language: str, title: str, first: str
) -> None:
    """In the language of Home Assistant; its first line says what to do."""
    home.subentries[:] = [s for s in home.subentries if s["title"] != "Phone"]
    home.hass.config.language = language
    await alarm(home)
    shown = notifications(home)[f"zhian_{home.incident.id}"]
    assert shown[0] == title
    assert shown[1].splitlines()[0] == first


async def test_a_phone_rings_through_silence_and_can_answer(
    home: HomeUnderTest,
) -> None:
    """With what both kinds of phone need."""
    await alarm(home)
    (message,) = sent(home)
    assert message["message"].startswith(GAS_FIRST)
    data = message["data"]
    assert (data["ttl"], data["priority"], data["channel"]) == (
        0,
        "high",
        "alarm_stream",
    )
    assert data["push"]["sound"]["critical"] == 1
    titles = [button["title"] for button in data["actions"]]
    assert titles == ["I am taking this", "I am safe", "Send help"]
    tokens = {button["action"] for button in data["actions"]}
    assert len(tokens) == 3
    assert not any(home.incident.id in token for token in tokens)


async def test_who_wants_no_critical_alert_gets_none(home: HomeUnderTest) -> None:
    """It is each contact's choice."""
    home.subentries[:] = [s for s in home.subentries if s["title"] != "Phone"]
    home.add("contact", A_PHONE | {"critical": False})
    await alarm(home)
    (message,) = sent(home)
    assert "push" not in message["data"]
    assert "actions" in message["data"]


async def test_another_notify_action_gets_words_only(home: HomeUnderTest) -> None:
    """It may not know what a phone knows."""
    home.hass.services.async_register("notify", "telegram", home._on_call)
    home.add("contact", {"name": "Telegram", "target": "notify.telegram"})
    await alarm(home)
    (message,) = sent(home, "telegram")
    assert set(message) == {"title", "message"}


async def test_a_notify_entity_is_reached_by_its_action(home: HomeUnderTest) -> None:
    """It takes a title and a message."""
    home.hass.services.async_register("notify", "send_message", home._on_call)
    home.add("contact", {"name": "Wall", "target": "notify.wall"})
    home.state("notify.wall", "unknown")
    await alarm(home)
    (message,) = sent(home, "send_message")
    assert message["entity_id"] == "notify.wall"
    assert message["title"] == "Gas alarm at Home"


async def test_an_unavailable_notify_entity_reaches_nobody(
    home: HomeUnderTest,
) -> None:
    """The action would succeed; the timeline must not say that it did."""
    home.hass.services.async_register("notify", "send_message", home._on_call)
    home.subentries[:] = [s for s in home.subentries if s["title"] != "Phone"]
    home.add("contact", {"name": "Wall", "target": "notify.wall"})
    home.state("notify.wall", "unavailable")
    await alarm(home)
    assert home.told()[0]["reason"] == "unavailable"
    home.state("notify.wall", "unknown")
    await home.pass_time(5)
    assert sent(home, "send_message")
    assert "reason" not in home.told()[-1]


@pytest.mark.parametrize("error", [HomeAssistantError("no"), KeyError("odd")])
async def test_a_contact_that_raises_is_in_the_timeline_and_stops_nobody(
    home: HomeUnderTest, error: Exception
) -> None:
    """The next contact is told all the same, and the first is tried again."""
    home.hass.services.async_register("notify", "other", home._on_call)
    home.add("contact", {"name": "Other", "target": "notify.other"})
    home.broken[PHONE] = error
    await alarm(home)
    assert sent(home, "other")
    reasons = {body.get("reason") for body in home.told()}
    assert reasons == {"error", None}
    del home.broken[PHONE]
    home.recorded.clear()
    await home.pass_time(5)
    assert "Gas alarm at Home" in home.messages()


def complaints(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """Return what the log says of contacts that were not told."""
    return [r for r in caplog.records if "could not be told" in r.getMessage()]


async def test_a_channel_that_says_no_is_one_line_in_the_log(
    home: HomeUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    """Not one for every try; another one when it has worked meanwhile."""
    home.broken[PHONE] = HomeAssistantError("no network")
    await alarm(home)
    await home.pass_time(60, step=2)
    (line,) = complaints(caplog)
    assert "HomeAssistantError" in line.getMessage()
    assert line.exc_info is None
    home.broken.clear()
    await home.pass_time(120, step=2)
    home.broken[PHONE] = HomeAssistantError("no network")
    await home.report(VALVE, "closed")
    assert len(complaints(caplog)) == 2


async def test_what_nobody_expects_of_a_channel_is_logged_whole(
    home: HomeUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody has to find it."""
    home.broken[PHONE] = KeyError("odd")
    await alarm(home)
    assert complaints(caplog)[0].exc_info


async def test_a_contact_that_hangs_is_in_the_timeline(home: HomeUnderTest) -> None:
    """After ten seconds, while everything else went on."""
    home.hass.services.async_register("notify", "other", home._on_call)
    home.add("contact", {"name": "Other", "target": "notify.other"})
    home.hanging[PHONE] = asyncio.Event()
    home.state(DETECTOR, "off")
    await home.start()
    home.state(DETECTOR, "on")
    await home.turns()
    assert sent(home, "other")
    await home.pass_time(12, wait=False)
    assert "timeout" in {body.get("reason") for body in home.told()}
    home.hanging.pop(PHONE).set()
    await home.settle()


async def test_the_button_of_a_notification_takes_the_incident(
    home: HomeUnderTest,
) -> None:
    """With the name of the phone's user."""
    anna = await home.person()
    home.add("actuator", HALL_SIREN | {"ignition_safe": True})
    home.state(SIREN, "off")
    await alarm(home)
    assert home.calls("siren", "turn_on") == [SIREN]
    button = sent(home)[0]["data"]["actions"][0]
    await answer(home, button["action"], anna.user_id)
    taken = home.incident.acknowledged
    assert taken is not None
    assert (taken.by, taken.via) == ("Anna", "notification")
    assert home.calls("siren", "turn_off") == [SIREN]
    assert home.messages()[-1] == "Anna has taken the Gas alarm at Home"
    (button,) = sent(home)[-1]["data"]["actions"]
    assert button["title"] == "Send help"


async def test_an_old_notification_answers_after_a_reload(home: HomeUnderTest) -> None:
    """Its button stays the same as long as the incident is open."""
    anna = await home.person()
    await alarm(home)
    button = sent(home)[0]["data"]["actions"][0]
    await home.reload()
    await answer(home, button["action"], anna.user_id)
    assert home.incident.acknowledged is not None
    await home.reload()
    assert home.incident.acknowledged is not None
    assert home.incident.acknowledged.by == "Anna"


@pytest.mark.parametrize(
    "guess",
    [
        "ZHIAN_ACK_" + "0" * 32,
        "ZHIAN_ACK_",
        "ZHIAN_ACK_é",
        "ACK",
        None,
        7,
        ["ZHIAN_ACK_"],
    ],
)
async def test_a_guessed_button_does_nothing(
    home: HomeUnderTest, guess: object, caplog: pytest.LogCaptureFixture
) -> None:
    """Any phone can fire any event."""
    await alarm(home)
    caplog.clear()
    await answer(home, guess, None)
    assert home.incident.acknowledged is None
    assert "Traceback" not in caplog.text


async def test_the_incidents_id_is_no_button(home: HomeUnderTest) -> None:
    """It is no secret: the event entity and the station know it."""
    await alarm(home)
    await answer(home, f"ZHIAN_ACK_{home.incident.id}", None)
    assert home.incident.acknowledged is None


async def test_a_phone_without_a_user_is_the_contact_it_belongs_to(
    home: HomeUnderTest,
) -> None:
    """Its token is theirs alone."""
    await alarm(home)
    button = sent(home)[0]["data"]["actions"][0]
    await answer(home, button["action"], None)
    assert home.incident.acknowledged is not None
    assert home.messages()[-1] == "Phone has taken the Gas alarm at Home"


async def test_the_test_button_reaches_every_contact(home: HomeUnderTest) -> None:
    """And is no incident."""
    home.state(DETECTOR, "off")
    await home.start()
    entity = home.hass.data["button"].get_entity("button.home_send_test_message")
    assert entity is not None
    await entity.async_press()
    await home.settle()
    assert home.messages() == ["Test message from Home"]
    assert "push" not in sent(home)[0]["data"]
    assert home.home.guard.state.incidents == {}


async def test_two_dead_detectors_are_two_messages_on_the_phone(
    home: HomeUnderTest,
) -> None:
    """The second does not take the place of the first; the first's end is its own."""
    second = "binary_sensor.cellar_gas"
    home.add("detector", GAS_DETECTOR | {"entity_id": second, "name": "Cellar"})
    home.state(DETECTOR, "off")
    home.state(second, "off")
    await home.start()
    await home.report(DETECTOR, "unavailable")
    await home.pass_time(90, step=30)  # together they would be one message
    await home.report(second, "unavailable")
    await home.pass_time(620, step=30)
    tags = [message["data"]["tag"] for message in sent(home)]
    assert len(set(tags)) == 2
    assert len(notifications(home)) == 2
    await home.report(DETECTOR, "off")
    titles = [title for title, _ in notifications(home).values()]
    assert sorted(titles) == [
        "Cellar does not protect Home",
        "Kitchen gas protects Home again",
    ]
    # On the phone, too, the good news take the place of the bad.
    assert sent(home)[-1]["data"]["tag"] == tags[0]


async def test_a_message_says_what_every_step_has_come_to(home: HomeUnderTest) -> None:
    """The newest message of an incident is the whole picture."""
    await alarm(home)
    await home.pass_time(16)
    assert home.step("Gas supply").outcome is Outcome.FAILED
    assert "Gas supply: NOT closed" in sent(home)[-1]["message"]
    assert sent(home)[-1]["data"]["tag"] == sent(home)[0]["data"]["tag"]
    await home.report(VALVE, "closed")
    assert "Gas supply: closed" in sent(home)[-1]["message"]


# --- again and again -----------------------------------------------------------------------


async def test_what_does_not_matter_any_more_is_not_sent_again(
    home: HomeUnderTest,
) -> None:
    """An alarm that was reset meanwhile frightens nobody."""
    home.broken[PHONE] = HomeAssistantError("no network")
    home.state(DETECTOR, "off")
    await home.start()
    await home.clear_for(90)
    await home.report(DETECTOR, "on")
    await home.report(VALVE, "closed")
    await home.report(DETECTOR, "off")
    with request_from(KITCHEN_TABLET):
        await home.do(DOMAIN, "reset", await home.person())
    home.broken.clear()
    home.recorded.clear()
    await home.pass_time(120, step=2)
    assert home.messages() == []


async def test_a_dead_detector_is_told_again_while_it_is_dead(
    home: HomeUnderTest,
) -> None:
    """And no longer."""
    home.broken[PHONE] = HomeAssistantError("no network")
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "unavailable")
    await home.pass_time(620, step=30)
    home.broken.clear()
    home.recorded.clear()
    await home.pass_time(90, step=2)
    assert "Kitchen gas does not protect Home" in home.messages()


async def test_a_detector_that_is_well_again_is_not_called_dead(
    home: HomeUnderTest,
) -> None:
    """The message that could not be sent is out of date."""
    home.broken[PHONE] = HomeAssistantError("no network")
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "unavailable")
    await home.pass_time(602, step=30)
    await home.report(DETECTOR, "off")
    home.broken.clear()
    home.recorded.clear()
    await home.pass_time(120, step=2)
    assert "Kitchen gas does not protect Home" not in home.messages()


async def test_an_unload_ends_the_tries(home: HomeUnderTest) -> None:
    """Nobody is told by a home that is not there any more."""
    home.broken[PHONE] = HomeAssistantError("no network")
    await alarm(home)
    await home.stop()
    home.broken.clear()
    home.recorded.clear()
    await home.pass_time(60, step=2)
    assert home.messages() == []
