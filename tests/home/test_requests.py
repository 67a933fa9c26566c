"""What a person may ask of the home, and what a machine or somebody far away may not."""

import asyncio
from typing import Any

from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.http import current_request
from homeassistant.helpers.script import Script

import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home.on_site import is_on_site, person
from custom_components.zhian.safety.vocabulary import Phase

from .house import (
    DETECTOR,
    FAR_AWAY,
    GAS_LEVEL,
    KITCHEN_TABLET,
    LEVEL,
    SAFE_WINDOW,
    VALVE,
    WINDOW,
    HomeUnderTest,
    request_from,
)

PROXY = "valve.gas_supply_2"


async def a_closed_valve(home: HomeUnderTest) -> Context:
    """Bring the home to where a person may open the valve; return the person."""
    home.state(DETECTOR, "off")
    home.state(VALVE, "closed")
    await home.start()
    await home.clear_for(400)
    return await home.person()


async def open_it(
    home: HomeUnderTest, context: Context | None, confirmation: str = "Gas supply"
) -> None:
    """Ask for gas."""
    await home.do(
        DOMAIN, "open_valve", context, entity_id=PROXY, confirmation=confirmation
    )


async def refusal(home: HomeUnderTest, *args: Any, **kwargs: Any) -> str:
    """Return the key of the refusal of a wish for gas, and prove that it was one."""
    with pytest.raises(ServiceValidationError) as caught:
        await open_it(home, *args, **kwargs)
    assert home.calls("valve", "open_valve") == []
    assert caught.value.translation_domain == DOMAIN
    assert caught.value.translation_key is not None
    return caught.value.translation_key


# --- opening a gas valve -----------------------------------------------------------------


@pytest.mark.parametrize("typed", ["Gas supply", "  gas SUPPLY "])
async def test_a_person_at_home_opens_the_valve(
    home: HomeUnderTest, typed: str
) -> None:
    """Who typed its name, five minutes after the last gas."""
    anna = await a_closed_valve(home)
    with request_from(KITCHEN_TABLET):
        await open_it(home, anna, typed)
    assert home.calls("valve", "open_valve") == [VALVE]


async def test_no_automation_opens_the_valve(home: HomeUnderTest) -> None:
    """It has no user, or acts on behalf of something else."""
    anna = await a_closed_valve(home)
    with request_from(KITCHEN_TABLET):
        for context in (
            Context(),
            Context(user_id=anna.user_id, parent_id="01ARZ3NDEKTSV4RRFFQ69G5FAV"),
        ):
            assert await refusal(home, context) == "refused_not_on_site"


async def test_no_script_opens_the_valve_for_who_started_it(
    home: HomeUnderTest,
) -> None:
    """A confirmation that was written beforehand confirms nothing (I1)."""
    context = await a_closed_valve(home)
    sequence = [
        {
            "action": "zhian.open_valve",
            "data": {"entity_id": PROXY, "confirmation": "Gas supply"},
        }
    ]
    script = Script(home.hass, cv.SCRIPT_SCHEMA(sequence), "Open the gas", "test")
    with request_from(KITCHEN_TABLET), pytest.raises(HomeAssistantError) as caught:
        await script.async_run(context=context)
    assert caught.value.translation_key == "refused_not_on_site"
    assert home.calls("valve", "open_valve") == []


async def test_a_user_that_is_a_program_opens_nothing(home: HomeUnderTest) -> None:
    """Home Assistant's own users are machines, and unknown ones are nobody."""
    await a_closed_valve(home)
    machine = await home.hass.auth.async_create_system_user("Supervisor")
    with request_from(KITCHEN_TABLET):
        for user_id in (machine.id, "nobody"):
            key = await refusal(home, Context(user_id=user_id))
            assert key == "refused_not_on_site"


@pytest.mark.parametrize("address", [FAR_AWAY, None, "not an address"])
async def test_nobody_far_away_opens_the_valve(
    home: HomeUnderTest, address: str | None
) -> None:
    """Who is not in the home's own network cannot smell the gas."""
    anna = await a_closed_valve(home)
    with request_from(address):
        assert await refusal(home, anna) == "refused_not_on_site"


async def test_without_a_request_nobody_is_on_site(home: HomeUnderTest) -> None:
    """A wish that comes from no connection at all comes from a machine."""
    anna = await a_closed_valve(home)
    assert current_request.get() is None
    assert await refusal(home, anna) == "refused_not_on_site"


@pytest.mark.parametrize("typed", ["", "yes", "Gas"])
async def test_the_valve_wants_its_name_typed(home: HomeUnderTest, typed: str) -> None:
    """So that gas never flows by a slip of the finger."""
    anna = await a_closed_valve(home)
    with request_from(KITCHEN_TABLET):
        key = await refusal(home, anna, typed)
    assert key == "refused_not_confirmed_by_person"


async def test_the_valve_wants_five_clear_minutes(home: HomeUnderTest) -> None:
    """A detector that has just come back has seen nothing yet."""
    home.state(DETECTOR, "off")
    home.state(VALVE, "closed")
    await home.start()
    anna = await home.person()
    with request_from(KITCHEN_TABLET):
        assert await refusal(home, anna) == "refused_detector_unknown"
        await home.clear_for(120)
        assert await refusal(home, anna) == "refused_not_clear_long_enough"
        await home.clear_for(250)
        await open_it(home, anna)
    assert home.calls("valve", "open_valve") == [VALVE]


async def test_the_valve_wants_every_detector(home: HomeUnderTest) -> None:
    """One that cannot be heard may be the one in the gas."""
    home.add("detector", GAS_LEVEL)
    home.state(LEVEL, "unavailable")
    anna = await a_closed_valve(home)
    with request_from(KITCHEN_TABLET):
        assert await refusal(home, anna) == "refused_detector_unknown"


async def test_the_valve_stays_shut_while_an_incident_is_open(
    home: HomeUnderTest,
) -> None:
    """Clear is not reset."""
    anna = await a_closed_valve(home)
    await home.report(DETECTOR, "on")
    await home.report(DETECTOR, "off")
    await home.clear_for(400)
    assert home.incident.phase is Phase.CLEARING
    with request_from(KITCHEN_TABLET):
        assert await refusal(home, anna) == "refused_incident_open"
        await home.do(DOMAIN, "reset", anna)
        await open_it(home, anna)
    assert home.calls("valve", "open_valve") == [VALVE]


async def test_a_valve_that_cannot_be_reached_is_said_so(home: HomeUnderTest) -> None:
    """An action on it would succeed silently."""
    anna = await a_closed_valve(home)
    await home.report(VALVE, "unavailable")
    with request_from(KITCHEN_TABLET), pytest.raises(HomeAssistantError) as caught:
        await open_it(home, anna)
    assert caught.value.translation_key == "not_reachable"
    assert caught.value.translation_placeholders == {"name": "Gas supply"}


@pytest.mark.parametrize("entity_id", ["valve.nowhere", "binary_sensor.home_gas"])
async def test_what_is_no_valve_of_the_home_is_not_opened(
    home: HomeUnderTest, entity_id: str
) -> None:
    """Neither another's valve nor another entity of ours."""
    anna = await a_closed_valve(home)
    with (
        request_from(KITCHEN_TABLET),
        pytest.raises(ServiceValidationError) as caught,
    ):
        await home.do(
            DOMAIN, "open_valve", anna, entity_id=entity_id, confirmation="Gas supply"
        )
    assert caught.value.translation_key == "refused_no_such_actuator"


async def test_an_actuator_that_was_removed_is_not_opened(
    home: HomeUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the page and the press it may have gone."""
    anna = await a_closed_valve(home)
    monkeypatch.setattr(home.home.guard, "actuators", {})
    with request_from(KITCHEN_TABLET):
        assert await refusal(home, anna) == "refused_no_such_actuator"


async def test_a_page_at_home_opens_the_valve_over_its_socket(
    home: HomeUnderTest, hass_ws_client: WebSocketGenerator
) -> None:
    """The way that the frontend goes, with everything that Home Assistant puts in it."""
    await a_closed_valve(home)
    client = await hass_ws_client(home.hass)
    call = {
        "type": "call_service",
        "domain": DOMAIN,
        "service": "open_valve",
        "service_data": {"entity_id": PROXY, "confirmation": "gas supply"},
    }
    await client.send_json_auto_id(call)
    answer = await client.receive_json()
    assert answer["success"], answer
    assert home.calls("valve", "open_valve") == [VALVE]
    call["service_data"] = {"entity_id": PROXY, "confirmation": "please"}
    await client.send_json_auto_id(call)
    answer = await client.receive_json()
    assert answer["error"]["translation_key"] == "refused_not_confirmed_by_person"


# --- reset -------------------------------------------------------------------------------


async def test_a_person_at_home_resets_a_clear_incident(home: HomeUnderTest) -> None:
    """By the action or by the button."""
    anna = await a_closed_valve(home)
    for domain, service, data in (
        (DOMAIN, "reset", {}),
        ("button", "press", {"entity_id": "button.home_reset"}),
    ):
        await home.report(DETECTOR, "on")
        await home.report(DETECTOR, "off")
        with request_from(KITCHEN_TABLET):
            await home.do(domain, service, anna, **data)
        assert home.home.guard.state.incidents == {}
        assert home.messages()[-1] == "Gas alarm at Home has been reset"


@pytest.mark.parametrize(
    ("state", "address", "key"),
    [
        ("on", KITCHEN_TABLET, "refused_hazard_present"),
        ("unavailable", KITCHEN_TABLET, "refused_detector_unknown"),
        ("off", FAR_AWAY, "refused_not_on_site"),
    ],
)
async def test_a_reset_is_refused_while_it_is_not_safe(
    home: HomeUnderTest, state: str, address: str, key: str
) -> None:
    """While there is gas, while nobody knows, and from far away."""
    anna = await a_closed_valve(home)
    await home.report(DETECTOR, "on")
    await home.report(DETECTOR, state)
    with request_from(address), pytest.raises(ServiceValidationError) as caught:
        await home.do("button", "press", anna, entity_id="button.home_reset")
    assert caught.value.translation_key == key
    assert home.incident.is_open


async def test_no_automation_resets(home: HomeUnderTest) -> None:
    """Not even from within the home."""
    await a_closed_valve(home)
    await home.report(DETECTOR, "on")
    await home.report(DETECTOR, "off")
    with (
        request_from(KITCHEN_TABLET),
        pytest.raises(ServiceValidationError) as caught,
    ):
        await home.do(DOMAIN, "reset")
    assert caught.value.translation_key == "refused_not_on_site"


async def test_there_has_to_be_something_to_reset(home: HomeUnderTest) -> None:
    """A wrong or no incident is said so."""
    anna = await a_closed_valve(home)
    with (
        request_from(KITCHEN_TABLET),
        pytest.raises(ServiceValidationError) as caught,
    ):
        await home.do(DOMAIN, "reset", anna, incident="unknown")
    assert caught.value.translation_key == "refused_no_such_incident"


# --- acknowledge ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("domain", "service", "data", "via"),
    [
        (DOMAIN, "acknowledge", {}, "action"),
        ("button", "press", {"entity_id": "button.home_acknowledge"}, "button"),
    ],
)
async def test_anybody_takes_an_incident(
    home: HomeUnderTest, domain: str, service: str, data: dict[str, str], via: str
) -> None:
    """From anywhere; the timeline says who and how."""
    anna = await a_closed_valve(home)
    await home.report(DETECTOR, "on")
    await home.do(domain, service, anna, **data)
    taken = home.incident.acknowledged
    assert taken is not None
    assert (taken.by, taken.via) == ("Anna", via)
    assert home.messages()[-1] == "Anna has taken the Gas alarm at Home"
    assert home.incident.phase is Phase.ALARM


async def test_an_automation_takes_an_incident_for_nobody(home: HomeUnderTest) -> None:
    """The message does not invent a person."""
    await a_closed_valve(home)
    await home.report(DETECTOR, "on")
    await home.do(DOMAIN, "acknowledge", incident=home.incident.id)
    assert home.incident.acknowledged is not None
    title = home.messages()[-1]
    assert "Gas alarm at Home" in title
    assert not title.startswith(("-", " "))


async def test_there_has_to_be_something_to_take(home: HomeUnderTest) -> None:
    """Nothing is open."""
    await a_closed_valve(home)
    with pytest.raises(ServiceValidationError) as caught:
        await home.do(DOMAIN, "acknowledge")
    assert caught.value.translation_key == "refused_no_such_incident"


async def test_without_a_home_the_actions_say_so(home: HomeUnderTest) -> None:
    """They are registered once and for all."""
    await home.start()
    await home.stop()
    for service, data in (
        ("acknowledge", {}),
        ("reset", {}),
        ("open_valve", {"entity_id": PROXY, "confirmation": "Gas supply"}),
    ):
        with pytest.raises(ServiceValidationError) as caught:
            await home.do(DOMAIN, service, **data)
        assert caught.value.translation_key == "no_home"


# --- the stand-ins -------------------------------------------------------------------------


async def test_closing_is_never_refused(home: HomeUnderTest) -> None:
    """By anybody, from anywhere, at any time."""
    home.state(DETECTOR, "on")
    await home.start()
    await home.report(VALVE, "closed")
    await home.report(VALVE, "open")
    await home.report(VALVE, "closed")
    await home.report(VALVE, "open")  # by a person, twice: the home lets it be
    home.recorded.clear()
    entity = home.hass.data["valve"].get_entity(PROXY)
    assert entity is not None
    await entity.async_close_valve()
    assert home.calls("valve", "close_valve") == [VALVE]


async def test_gas_is_not_opened_by_the_stand_in(home: HomeUnderTest) -> None:
    """Its features do not even name it: no scene, no voice, no group opens gas."""
    home.state(DETECTOR, "off")
    home.state(VALVE, "closed")
    await home.start()
    proxy = home.shown(PROXY)
    assert proxy.attributes["supported_features"] == 2  # close only
    assert proxy.attributes["device_class"] == "gas"


async def test_who_asks_is_known_by_name(hass: HomeAssistant) -> None:
    """A person without a name is known by the id."""
    user = await hass.auth.async_create_user("Anna")
    assert await person(hass, Context(user_id=user.id)) == "Anna"
    nameless: User = await hass.auth.async_create_user("")
    assert await person(hass, Context(user_id=nameless.id)) == nameless.id
    assert await person(hass, Context()) is None


async def test_the_cloud_is_far_away(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Remote access over the cloud comes from this machine, as it seems."""
    monkeypatch.setattr(
        "custom_components.zhian.home.on_site.is_cloud_connection", lambda _: True
    )
    with request_from("127.0.0.1"):
        assert not is_on_site(hass)
    monkeypatch.undo()
    with request_from("127.0.0.1"):
        assert is_on_site(hass)


async def test_a_hanging_close_is_told_to_who_pressed(home: HomeUnderTest) -> None:
    """Not as a bare time-out."""
    home.state(DETECTOR, "off")
    await home.start()
    home.hanging[VALVE] = asyncio.Event()
    entity = home.hass.data["valve"].get_entity(PROXY)
    assert entity is not None
    task = asyncio.create_task(entity.async_close_valve())
    await home.pass_time(12, wait=False)
    with pytest.raises(HomeAssistantError) as caught:
        await task
    assert caught.value.translation_key == "not_reachable"


async def test_a_window_is_no_gas_valve(home: HomeUnderTest) -> None:
    """The action for valves does not move a window."""
    home.add("actuator", SAFE_WINDOW)
    home.state(WINDOW, "closed")
    anna = await a_closed_valve(home)
    with (
        request_from(KITCHEN_TABLET),
        pytest.raises(ServiceValidationError) as caught,
    ):
        await home.do(
            DOMAIN,
            "open_valve",
            anna,
            entity_id="cover.kitchen_window_2",
            confirmation="Kitchen window",
        )
    assert caught.value.translation_key == "refused_no_such_actuator"
