"""Answers aloud: who said what where is written down, and words call nothing off."""

from homeassistant.core import Context
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    intent,
)

import pytest

from custom_components.zhian.intent import async_setup_intents
from custom_components.zhian.safety.entries import Answered
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.vocabulary import Ending, Hazard, Phase

from .house import DETECTOR, HomeUnderTest
from .test_elder_care import HOUR, SATELLITE, let_mother_live_in, routine, silence
from .test_nobody_answers import contact
from .test_spoken import use

NEED = "ZhianNeedHelp"
SEND = "ZhianSendHelp"
SAFE = "ZhianIAmSafe"


async def say(
    home: HomeUnderTest,
    what: str,
    *,
    device: str | None = None,
    by: Context | None = None,
    language: str = "en",
) -> str:
    await async_setup_intents(home.hass)
    response = await intent.async_handle(
        home.hass, "test", what, device_id=device, context=by, language=language
    )
    await home.settle()
    return str(response.speech["plain"]["speech"])


def answers(home: HomeUnderTest) -> list[tuple[str, str, str, bool]]:
    """Return what was answered, by whom, how, and whether for a contact."""
    found: list[tuple[str, str, str, bool]] = []
    for timeline in home.home.guard.timelines.all().values():
        for record in timeline.records:
            if record.kind == Answered.kind:
                body = record.body
                found.append(
                    (
                        str(body["response"]),
                        str(body["by"]),
                        str(body["via"]),
                        body.get("contact") is not None,
                    )
                )
    return found


def satellite_in(home: HomeUnderTest, room: str, *entities: str) -> str:
    """Put a voice satellite in a room; return its device."""
    assert home.entry is not None
    area = ar.async_get(home.hass).async_get_or_create(room)
    devices = dr.async_get(home.hass)
    device = devices.async_get_or_create(
        config_entry_id=home.entry.entry_id, identifiers={("test", room)}
    )
    devices.async_update_device(device.id, area_id=area.id)
    for entity_id in entities:
        domain, object_id = entity_id.split(".")
        home.hass.states.async_remove(entity_id)
        er.async_get(home.hass).async_get_or_create(
            domain,
            "test",
            object_id,
            suggested_object_id=object_id,
            device_id=device.id,
        )
        home.state(entity_id, "idle")
    return device.id


def sos(home: HomeUnderTest) -> Incident | None:
    return home.incident_of(Hazard.SOS)


@pytest.mark.parametrize("what", [NEED, SEND])
async def test_who_needs_help_is_an_incident_and_hears_so(
    home: HomeUnderTest, what: str
) -> None:
    """Not an advice to phone: people are told, and it says from where."""
    home.state(DETECTOR, "off")
    await home.start()
    bathroom = satellite_in(home, "Bathroom")
    said = await say(home, what, device=bathroom)
    assert said.startswith("I am calling for help.")
    called = sos(home)
    assert called is not None
    assert called.phase is Phase.ALARM
    assert len(called.zones) == 1
    assert any("help" in title.lower() for title in home.messages())


async def test_who_is_safe_is_written_down_with_where_and_how(
    home: HomeUnderTest,
) -> None:
    """It ends neither the alarm nor, for a voice without a name, the ladder."""
    home.state(DETECTOR, "off")
    await home.start()
    kitchen = satellite_in(home, "Kitchen")
    await home.report(DETECTOR, "on")
    assert await say(home, SAFE, device=kitchen) == (
        "I have written down that you are safe."
    )
    assert answers(home) == [("safe", "Kitchen", "voice", False)]
    assert home.incident.phase is Phase.ALARM
    assert not home.incident.is_answered
    said = await say(home, SAFE, by=await home.person("phone"), language="zh-Hans")
    assert said == "已记录您平安。"
    assert answers(home)[1:] == [("safe", "phone", "voice", True)]


async def test_help_is_sent_to_the_alarm_that_is_on(home: HomeUnderTest) -> None:
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    said = await say(home, SEND, by=await home.person("Anna"))
    assert said.startswith("I am calling for help.")
    assert answers(home) == [("help", "Anna", "voice", False)]
    assert home.incident.help is not None
    assert home.incident.help.via == "voice"
    assert sos(home) is None


async def test_no_word_calls_a_call_for_help_off(home: HomeUnderTest) -> None:
    home.state(DETECTOR, "off")
    await home.start()
    await say(home, NEED)
    before = sos(home)
    assert before is not None
    stays = "The call for help stays until somebody has been with you."
    assert await say(home, SAFE, by=await home.person("Phone")) == stays
    refused = await use(home, "acknowledge", await home.person("Anna"))
    assert refused.error
    assert refused.data == {"error": stays}
    assert answers(home) == []
    after = sos(home)
    assert after is not None
    assert (after.phase, after.is_answered, after.safe) == (
        Phase.ALARM,
        False,
        frozenset(),
    )
    await home.report(DETECTOR, "on")
    taken = await use(home, "acknowledge", await home.person("Anna"))
    assert taken.data == {"acknowledged": True, "say": stays}
    gas, called = home.incident_of(Hazard.GAS), sos(home)
    assert gas is not None
    assert called is not None
    assert (gas.is_answered, called.is_answered) == (True, False)
    assert (await say(home, SAFE)).endswith(stays)


async def test_without_an_alarm_nothing_is_written(home: HomeUnderTest) -> None:
    home.state(DETECTOR, "off")
    await home.start()
    assert await say(home, SAFE) == "Good. There is no alarm."
    assert answers(home) == []


# --- the question whether somebody is well -------------------------------------------


@pytest.fixture
def mother(home: HomeUnderTest) -> HomeUnderTest:
    return let_mother_live_in(home)


async def asked(home: HomeUnderTest) -> Incident:
    await silence(home, HOUR + 60)
    incident = home.incident_of(Hazard.INACTIVITY)
    assert incident is not None
    assert incident.asking_since is not None
    return incident


def ending(home: HomeUnderTest, incident: Incident) -> Ending | None:
    timeline = home.home.guard.timelines.get(incident.id)
    assert timeline is not None
    return timeline.incident.ending


@pytest.mark.parametrize("with_contacts", [True, False])
async def test_who_is_asked_aloud_answers_aloud(
    mother: HomeUnderTest, with_contacts: bool
) -> None:
    """Also where only a voice asks."""
    home = mother
    if not with_contacts:
        home.subentries[:] = [
            s for s in home.subentries if s["subentry_type"] != "contact"
        ]
    await home.start()
    incident = await asked(home)
    assert await say(home, SAFE) == "I have written down that you are safe."
    assert ending(home, incident) is Ending.PERSON_WELL
    assert answers(home) == [("safe", "-", "voice", with_contacts)]
    await home.pass_time(120, step=10)
    assert home.incident_of(Hazard.INACTIVITY) is None, "the silence begins anew"


async def test_who_is_asked_and_needs_help_is_helped_at_once(
    mother: HomeUnderTest,
) -> None:
    home = mother
    await home.start()
    await asked(home)
    await say(home, NEED)
    incident = home.incident_of(Hazard.INACTIVITY)
    assert incident is not None
    assert incident.help is not None
    assert incident.asking_since is None
    assert sos(home) is not None
    reached = {c.service for c in home.recorded if c.domain == "notify"}
    assert {"mother", "son", "wu"} <= reached


async def test_the_satellite_that_heard_it_says_whose_answer_it_is(
    mother: HomeUnderTest,
) -> None:
    """Two people are asked at once; one of them is well."""
    home = mother
    father = "binary_sensor.shed_motion"
    home.state(father, "off", device_class="motion")
    home.state("assist_satellite.shed", "idle")
    home.hass.services.async_register("notify", "father", home._on_call)
    home.add("contact", contact("Father", "resident", "father"))
    home.add(
        "routine",
        routine(
            name="Father",
            sources=[{"entity_id": father}],
            satellites=["assist_satellite.shed"],
        ),
    )
    await home.start()
    assert home.entry is not None
    ids = {c.options.name: c.id for c in home.home.people.contacts}
    for subentry, name in (("Mother", "Mother's phone"), ("Father", "Father")):
        found = next(
            s
            for s in home.entry.get_subentries_of_type("routine")
            if s.title == subentry
        )
        home.hass.config_entries.async_update_subentry(
            home.entry, found, data={**found.data, "asks": [ids[name]]}
        )
    await home.settle()
    bedroom = satellite_in(home, "Bedroom", SATELLITE)
    shed = satellite_in(home, "Shed", "assist_satellite.shed")
    incident = await asked(home)
    await say(home, SAFE, device=shed)
    assert home.incident_of(Hazard.INACTIVITY) is not None, "mother has not answered"
    await say(home, SAFE, device=bedroom)
    assert home.incident_of(Hazard.INACTIVITY) is None
    assert ending(home, incident) is Ending.PERSON_WELL
    assert [by for _, by, _, _ in answers(home)] == ["Shed", "Bedroom"]
