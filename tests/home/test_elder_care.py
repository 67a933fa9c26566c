"""Elder care in a running home: silence, the question, the answer, the contacts."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.storage import Store

import pytest

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home.answers import EVENT_NOTIFICATION_ACTION
from custom_components.zhian.safety.vocabulary import Hazard, Level, Phase

from .house import HomeUnderTest, request_from
from .test_nobody_answers import contact

MOTION = "binary_sensor.hall_motion"
DOOR = "binary_sensor.front_door"
KETTLE = "sensor.kettle_power"
SPEAKER = "media_player.kitchen"
VOICE = "tts.home"
SATELLITE = "assist_satellite.bedroom"
CALENDAR = "calendar.mother"
PERSON = "person.mother"
HOUR = 3600.0


def routine(**changes: Any) -> dict[str, Any]:
    """Return a routine that allows an hour of silence."""
    return {
        "name": "Mother",
        "sources": [{"entity_id": e} for e in (MOTION, DOOR, KETTLE)],
        "by_day": None,
        "in_all": 1,
        "learns": False,
        "away_entities": [CALENDAR],
        "persons": [PERSON],
        "voice": VOICE,
        "speakers": [SPEAKER],
        "satellites": [SATELLITE],
        **changes,
    }


@pytest.fixture
def mother(home: HomeUnderTest) -> HomeUnderTest:
    """Return a home in which mother lives; not started yet."""
    return let_mother_live_in(home)


def let_mother_live_in(home: HomeUnderTest) -> HomeUnderTest:
    """Put mother into a home, with what watches over her and whom she has."""
    home.subentries[:] = []
    services = home.hass.services
    for name in ("mother", "son", "wu"):
        services.async_register("notify", name, home._on_call)
    services.async_register("tts", "speak", home._on_call)
    services.async_register("assist_satellite", "announce", home._on_call)
    home.add("contact", contact("Mother's phone", "resident", "mother"))
    home.add("contact", contact("Son", "relative", "son"))
    home.add("contact", contact("Wu", "neighbour", "wu"))
    home.add("routine", routine())
    home.state(MOTION, "off", device_class="motion")
    home.state(DOOR, "off", device_class="door")
    home.state(KETTLE, "0", device_class="power", unit_of_measurement="W")
    home.state(VOICE, "unknown")
    home.state(SPEAKER, "idle")
    home.state(SATELLITE, "idle")
    home.state(CALENDAR, "off")
    home.state(PERSON, "home")
    return home


def asked(home: HomeUnderTest) -> list[str]:
    """Return what has asked since the last look."""
    said = [c.service for c in home.recorded if c.domain in ("tts", "assist_satellite")]
    said += [
        c.service
        for c in home.recorded
        if c.domain == "notify" and c.data.get("title") == "Mother, are you well?"
    ]
    home.recorded.clear()
    return said


def told(home: HomeUnderTest) -> set[str]:
    """Return who has got a message since the last look."""
    names = {c.service for c in home.recorded if c.domain == "notify"}
    home.recorded.clear()
    return names


async def silence(home: HomeUnderTest, seconds: float) -> None:
    """Let nothing happen, in long steps."""
    await home.pass_time(seconds, step=300)


async def answer(home: HomeUnderTest, title: str, notify: str = "mother") -> None:
    """Press a button of the last message on a phone."""
    call = [c for c in home.recorded if c.service == notify][-1]
    # A plain notify action has no buttons; the token is what a gateway would send.
    assert call.data["title"]
    contact_id = next(
        c.id
        for c in home.home.people.contacts
        if c.options.channels[0].target.endswith(notify)
    )
    buttons = home.home.people.answers.buttons(home.incident, contact_id, "en")
    (token,) = [b.token for b in buttons if b.title == title]
    home.hass.bus.async_fire(EVENT_NOTIFICATION_ACTION, {"action": token})
    await home.settle()


def level(home: HomeUnderTest) -> Level | None:
    """Return what the kernel knows of mother."""
    (activity,) = home.home.routines.activities
    sensed = home.home.guard.state.readings.get(activity.binding.id)
    return sensed.level if sensed else None


async def test_silence_is_asked_about_and_then_told_and_then_reported(
    mother: HomeUnderTest,
) -> None:
    """The whole way, with nobody answering."""
    home = mother
    await home.start()
    await silence(home, HOUR - 60)
    assert home.incident_of(Hazard.INACTIVITY) is None
    assert asked(home) == []
    await home.pass_time(61, step=10)
    assert home.incident.phase is Phase.PRE_ALARM
    assert sorted(asked(home)) == ["announce", "mother", "speak"]
    assert home.shown("sensor.home_incident").state == "pre_alarm"
    await home.pass_time(30, step=10)
    assert sorted(asked(home)) == ["announce", "mother", "speak"]
    assert not home.incident.is_reportable
    await home.pass_time(580, step=10)
    assert home.incident.phase is Phase.ALARM
    assert {"son", "mother"} <= told(home)
    assert home.shown("binary_sensor.home_inactivity").state == "on"
    assert not home.incident.is_reportable
    await home.pass_time(120, step=10)
    assert "wu" in told(home)
    await home.pass_time(130, step=10)
    assert home.incident.is_reportable
    timeline = home.home.guard.timelines.all()[home.incident.id]
    document = home.home.documents.document(timeline).as_json()
    assert document["hazard"] == "inactivity"
    assert document["priority"] == 2
    assert document["unanswered_at"] is not None
    ways = {b["channel"] for b in home.told() if b["message"] == "ask"}
    assert ways == {"notify", "tts", "satellite"}


@pytest.mark.parametrize(
    ("entity_id", "state"), [(MOTION, "on"), (DOOR, "on"), (KETTLE, "1800")]
)
async def test_sign_of_life_withdraws_the_question_and_is_a_false_alarm(
    mother: HomeUnderTest, entity_id: str, state: str
) -> None:
    home = mother
    await home.start()
    await silence(home, HOUR + 60)
    assert home.incident.phase is Phase.PRE_ALARM
    asked(home)
    attributes = home.shown(entity_id).attributes
    await home.report(entity_id, state, **attributes)
    assert not home.home.guard.state.incidents
    assert told(home) == {"mother"}
    await home.pass_time(120, step=30)
    assert asked(home) == []
    assert home.shown("sensor.mother_false_alarms_this_month").state == "1"
    assert level(home) is Level.NORMAL


async def test_person_answers_that_they_are_well(mother: HomeUnderTest) -> None:
    """It counts as a sign of life, and everything begins afresh."""
    home = mother
    await home.start()
    await silence(home, HOUR + 60)
    await answer(home, "I am well")
    assert not home.home.guard.state.incidents
    await silence(home, HOUR - 120)
    assert not home.home.guard.state.incidents
    await silence(home, 300)
    assert home.incident.phase is Phase.PRE_ALARM


async def test_person_answers_that_they_want_help(mother: HomeUnderTest) -> None:
    """Nobody waits for anything then."""
    home = mother
    await home.start()
    await silence(home, HOUR + 60)
    await answer(home, "Send help")
    assert home.incident.phase is Phase.ALARM
    assert home.incident.is_reportable
    assert {"son", "wu"} <= told(home)


async def test_what_comes_and_goes_is_no_sign_of_life(mother: HomeUnderTest) -> None:
    """A radio that drops out and comes back does not move."""
    home = mother
    await home.start()
    await silence(home, HOUR / 2)
    await home.report(MOTION, "unavailable", device_class="motion")
    await home.report(MOTION, "on", device_class="motion")
    await silence(home, HOUR / 2 + 60)
    assert home.incident.phase is Phase.PRE_ALARM


async def test_sources_that_are_all_lost_prove_nothing(mother: HomeUnderTest) -> None:
    """It is lost protection, and told as such."""
    home = mother
    await home.start()
    for source in (MOTION, DOOR, KETTLE):
        await home.report(source, "unavailable")
    assert level(home) is Level.LOST
    await silence(home, 3 * HOUR)
    assert not home.home.guard.state.incidents
    titles = [c.data["title"] for c in home.recorded if c.service == "mother"]
    assert "Mother does not protect Home" in titles
    assert "Mother" in home.shown("sensor.home_protection").attributes["unprotected"]
    assert home.shown("sensor.mother_last_activity").attributes["sources_lost"]
    await home.report(DOOR, "off", device_class="door")
    assert level(home) is Level.NORMAL
    await silence(home, HOUR - 300)
    assert not home.home.guard.state.incidents


@pytest.mark.parametrize("how", ["switch", "calendar", "person"])
async def test_nobody_is_asked_while_away(mother: HomeUnderTest, how: str) -> None:
    """By the switch, by the calendar, or because everybody is out."""
    home = mother

    async def leave(*, away: bool) -> None:
        match how:
            case "switch":
                entity = home.hass.data["switch"].get_entity("switch.mother_away")
                assert entity is not None
                await (entity.async_turn_on() if away else entity.async_turn_off())
                await home.settle()
            case "calendar":
                await home.report(CALENDAR, "on" if away else "off")
            case _:
                await home.report(PERSON, "not_home" if away else "home")

    await home.start()
    await silence(home, HOUR / 2)
    await leave(away=True)
    await silence(home, 5 * HOUR)
    assert not home.home.guard.state.incidents
    assert home.shown("sensor.mother_asked_at").state == "unknown"
    await leave(away=False)
    await silence(home, HOUR - 300)
    assert not home.home.guard.state.incidents
    await silence(home, 600)
    assert home.incident.phase is Phase.PRE_ALARM


async def test_calendar_does_not_withdraw_a_question(mother: HomeUnderTest) -> None:
    """An appointment is no sign of life; a phone that leaves the house is one."""
    home = mother
    await home.start()
    await silence(home, HOUR + 60)
    await home.report(CALENDAR, "on")
    assert home.incident.phase is Phase.PRE_ALARM
    await home.report(PERSON, "not_home")
    assert not home.home.guard.state.incidents


async def test_switch_of_a_person_is_kept_over_a_restart(
    mother: HomeUnderTest,
) -> None:
    home = mother
    await home.start()
    (activity,) = home.home.routines.activities
    activity.switch_away(is_away=True)
    await home.settle()
    await home.reload()
    assert home.shown("switch.mother_away").state == "on"
    await silence(home, 3 * HOUR)
    assert not home.home.guard.state.incidents


async def test_what_was_learnt_and_cannot_be_read_is_learnt_anew(
    mother: HomeUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    """The person is watched all the same."""
    home = mother
    await home.start()
    routines = home.home.routines
    (before,) = routines.activities
    bad = HomeAssistantError("not JSON")
    with patch.object(Store, "async_load", side_effect=bad):
        await routines.load(home.home.guard)
    assert "cannot be read" in caplog.text
    (activity,) = routines.activities
    assert activity.binding == before.binding


async def test_disk_that_refuses_costs_memory_and_not_protection(
    mother: HomeUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    home = mother
    await home.start()
    with patch.object(Store, "async_save", side_effect=OSError("full")):
        await home.home.routines.save()
    assert "cannot be kept" in caplog.text
    await silence(home, HOUR + 60)
    assert home.incident.phase is Phase.PRE_ALARM


async def test_silence_goes_on_over_a_restart(mother: HomeUnderTest) -> None:
    home = mother
    await home.start()
    await silence(home, HOUR / 2)
    await home.reload()
    await silence(home, HOUR / 2 + 60)
    assert home.incident.phase is Phase.PRE_ALARM


async def test_asking_goes_on_over_a_restart(mother: HomeUnderTest) -> None:
    home = mother
    await home.start()
    await silence(home, HOUR + 60)
    await home.pass_time(200, step=10)
    asked(home)
    before = home.incident.id
    await home.reload()
    await home.pass_time(60, step=10)
    assert "speak" in asked(home)
    assert home.incident.id == before
    await home.pass_time(400, step=10)
    assert home.incident.phase is Phase.ALARM


async def test_long_restart_does_not_make_anybody_well(mother: HomeUnderTest) -> None:
    """The question is not withdrawn because the program was off for hours."""
    home = mother
    await home.start()
    await silence(home, HOUR + 60)
    await home.pass_time(60, step=10)
    await home.stop()
    home.freezer.tick(timedelta(hours=5))
    assert home.entry is not None
    await home.hass.config_entries.async_setup(home.entry.entry_id)
    home.recorded.clear()
    await home.pass_time(90, step=10)
    assert home.incident.phase is Phase.ALARM
    assert level(home) is Level.PRE_ALARM


async def test_nothing_that_was_learnt_is_lost_by_a_file_that_is_damaged(
    mother: HomeUnderTest, hass_storage: dict[str, Any]
) -> None:
    """It begins anew, and guards."""
    home = mother
    await home.start()
    await home.stop()
    assert home.entry is not None
    key = f"zhian.routines.{home.entry.entry_id}"
    for damage in (
        "nonsense",
        {"routine": {"days": 7}},
        {"routine": 3, "false_alarms": 7},
    ):
        kept = hass_storage[key]["data"]
        hass_storage[key]["data"] = dict.fromkeys(kept, damage)
        await home.hass.config_entries.async_setup(home.entry.entry_id)
        home.play_devices()
        await home.settle()
        assert level(home) is Level.NORMAL
        await home.stop()
    await home.hass.config_entries.async_setup(home.entry.entry_id)


async def test_first_weeks_without_a_limit_are_for_learning(
    mother: HomeUnderTest,
) -> None:
    """It is shown as what it is: nobody is watched yet."""
    home = mother
    home.subentries[:] = [s for s in home.subentries if s["title"] != "Mother"]
    home.add("routine", routine(in_all=None, learns=True))
    await home.start()
    assert level(home) is Level.WARMING_UP
    await silence(home, 3 * HOUR)
    assert not home.home.guard.state.incidents
    assert told(home) == set()
    assert home.shown("binary_sensor.home_inactivity").state == "unknown"
    assert home.shown("sensor.mother_days_learnt").state == "0"


async def test_speaker_is_silent_in_the_gas(mother: HomeUnderTest) -> None:
    """A speaker that wakes up may spark; the phone asks."""
    home = mother
    home.add(
        "detector", {"entity_id": "binary_sensor.gas", "hazard": "gas", "name": "G"}
    )
    home.state("binary_sensor.gas", "off")
    await home.start()
    await home.report("binary_sensor.gas", "on")
    home.recorded.clear()
    await silence(home, HOUR + 60)
    assert set(asked(home)) == {"mother"}
    reasons = {
        (b["channel"], b.get("reason")) for b in home.told() if b["message"] == "ask"
    }
    assert ("tts", "not_ignition_safe") in reasons


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("gone", "unavailable"), ("raises", "error"), ("hangs", "timeout")],
)
async def test_voice_that_fails_is_written_and_stops_no_other(
    mother: HomeUnderTest, fault: str, reason: str
) -> None:
    import asyncio

    home = mother
    await home.start()
    match fault:
        case "gone":
            home.state(SPEAKER, "unavailable")
        case "raises":
            home.broken[VOICE] = RuntimeError("no")
        case _:
            home.hanging[VOICE] = asyncio.Event()
    await home.pass_time(HOUR - 30, step=300)
    await home.pass_time(120, step=10, wait=fault != "hangs")
    ways = {
        (b["channel"], b.get("reason")) for b in home.told() if b["message"] == "ask"
    }
    assert ("tts", reason) in ways
    assert ("satellite", None) in ways
    if fault == "hangs":
        home.hanging[VOICE].set()


async def test_reset_by_a_person_at_home_begins_afresh(mother: HomeUnderTest) -> None:
    home = mother
    await home.start()
    await silence(home, HOUR + 60)
    await home.pass_time(620, step=10)
    assert home.incident.phase is Phase.ALARM
    with request_from("192.168.1.20"):
        await home.do("zhian", "reset", await home.person())
    assert not home.home.guard.state.incidents
    assert level(home) is Level.NORMAL
    assert home.shown("sensor.mother_false_alarms_this_month").state == "0"


async def test_the_day_follows_the_time_zone_of_the_home(mother: HomeUnderTest) -> None:
    """Also when it is set only after the home was loaded."""
    home = mother
    await home.start()
    (activity,) = home.home.routines.activities
    for zone in ("Europe/Berlin", "Asia/Shanghai"):
        await home.hass.config.async_update(time_zone=zone)
        await home.settle()
        assert str(activity.routine.zone) == zone
    routine = activity.routine
    await home.hass.config.async_update(location_name="Elsewhere")
    await home.settle()
    assert activity.routine is routine
    await home.stop()


def issues(hass: HomeAssistant) -> set[str]:
    """Return the kinds of repairs."""
    return {
        str(issue.translation_key)
        for (domain, _), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN and issue.active
    }


async def test_person_whom_nothing_asks_is_a_repair(mother: HomeUnderTest) -> None:
    home = mother
    home.subentries[:] = [s for s in home.subentries if s["title"] != "Mother's phone"]
    await home.start()
    assert "routine_unheard" not in issues(home.hass)
    await home.report(SPEAKER, "unavailable")
    await home.report(SATELLITE, "unavailable")
    assert "routine_unheard" in issues(home.hass)
    await home.report(SATELLITE, "idle")
    assert "routine_unheard" not in issues(home.hass)


async def test_person_for_whom_nobody_can_answer_is_a_repair(
    mother: HomeUnderTest,
) -> None:
    """Without a resident and without anybody chosen only a voice asks."""
    home = mother
    await home.start()
    assert "routine_unasked" not in issues(home.hass)
    assert home.entry is not None
    for person in tuple(home.entry.get_subentries_of_type("contact")):
        home.hass.config_entries.async_remove_subentry(home.entry, person.subentry_id)
    await home.settle()
    assert issues(home.hass) & {"routine_unasked", "routine_unheard"} == {
        "routine_unasked"
    }
    await home.report(SPEAKER, "unavailable")
    await home.report(SATELLITE, "unavailable")
    assert issues(home.hass) & {"routine_unasked", "routine_unheard"} == {
        "routine_unheard"
    }
    await home.remove()
    assert not issues(home.hass) & {"routine_unasked", "routine_unheard"}


async def test_source_that_is_gone_is_a_repair(mother: HomeUnderTest) -> None:
    home = mother
    await home.start()
    home.hass.states.async_remove(DOOR)
    await home.settle()
    assert "routine_source_missing" in issues(home.hass)
    await home.report(DOOR, "off", device_class="door")
    assert "routine_source_missing" not in issues(home.hass)


async def test_lively_room_is_shown_once_a_minute(mother: HomeUnderTest) -> None:
    """Nothing is written for every step that somebody takes."""
    home = mother
    await home.start()
    seen: list[str] = []
    home.hass.bus.async_listen(
        "state_changed",
        lambda e: seen.append(e.data["entity_id"]),
    )
    for _ in range(20):
        await home.report(MOTION, "on", device_class="motion")
        await home.report(MOTION, "off", device_class="motion")
    assert seen.count("sensor.mother_last_activity") <= 1
    await home.pass_time(61, step=10)
    last = home.shown("sensor.mother_last_activity").state
    assert last != "unknown"
    assert home.shown("sensor.mother_asked_at").state > last
    assert timedelta(0) < home.home.routines.activities[0].routine.due() - (  # type: ignore[operator]
        home.home.guard.clock.now()
    )


async def test_a_removed_home_forgets_how_somebody_lives(
    mother: HomeUnderTest, hass_storage: dict[str, Any]
) -> None:
    home = mother
    await home.start()
    await home.home.routines.save()
    assert home.entry is not None
    key = f"{DOMAIN}.routines.{home.entry.entry_id}"
    assert key in hass_storage
    await home.hass.config_entries.async_remove(home.entry.entry_id)
    home.entry = None
    assert key not in hass_storage
