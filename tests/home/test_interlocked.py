"""Valves and windows of the home: the real ones behind the interlock."""

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

import pytest

from custom_components.zhian.safety.vocabulary import Outcome, Reason

from .house import (
    DETECTOR,
    GAS_LEVEL,
    LEVEL,
    SAFE_WINDOW,
    VALVE,
    WATER,
    WATER_DETECTOR,
    WATER_MAIN,
    WATER_VALVE,
    WINDOW,
    HomeUnderTest,
)

GAS_PROXY = "valve.supply"
WATER_PROXY = "valve.water_main"
WINDOW_PROXY = "cover.bedroom"
MAIN = "switch.gas"


@pytest.fixture
async def flat(home: HomeUnderTest) -> HomeUnderTest:
    """A home with stand-ins whose names are not those of the devices."""
    home.subentries[:] = [s for s in home.subentries if s["title"] != "Gas supply"]
    home.add(
        "actuator",
        {"entity_id": MAIN, "role": "gas_valve", "name": "Supply", "travel_time": 2},
        WATER_MAIN,
        SAFE_WINDOW | {"name": "Bedroom", "ignition_safe": False, "open_on_gas": False},
    )
    home.add("detector", WATER_DETECTOR)
    home.state(DETECTOR, "off")
    home.state(WATER, "off")
    home.state(MAIN, "on")
    home.state(WATER_VALVE, "on")
    home.state(WINDOW, "closed")
    await home.start()
    # The stand-ins' own actions must be the real ones here.
    return home


async def act(home: HomeUnderTest, entity_id: str, what: str) -> None:
    """Perform an action of a stand-in as its platform does."""
    domain = entity_id.split(".", maxsplit=1)[0]
    entity = home.hass.data[domain].get_entity(entity_id)
    assert entity is not None
    await getattr(entity, what)()
    await home.settle()


async def test_a_stand_in_shows_what_the_device_reports(flat: HomeUnderTest) -> None:
    """Never what was commanded."""
    assert flat.shown(GAS_PROXY).state == "open"
    assert flat.shown(WATER_PROXY).state == "open"
    assert flat.shown(WINDOW_PROXY).state == "closed"
    await act(flat, GAS_PROXY, "async_close_valve")
    assert flat.calls("switch", "turn_off") == [MAIN]
    assert flat.shown(GAS_PROXY).state == "open"
    await flat.report(MAIN, "off")
    assert flat.shown(GAS_PROXY).state == "closed"
    await flat.report(MAIN, "unavailable")
    assert flat.shown(GAS_PROXY).state == "unknown"


async def test_a_valve_on_its_way_is_closing(flat: HomeUnderTest) -> None:
    """Until it has proved that it is closed, or failed."""
    await flat.report(DETECTOR, "on")
    assert flat.shown(GAS_PROXY).state == "closing"
    await flat.pass_time(16)
    assert flat.shown(GAS_PROXY).state == "open"
    await flat.report(MAIN, "off")
    assert flat.shown(GAS_PROXY).state == "closed"


@pytest.mark.parametrize(
    ("entity_id", "device", "what"),
    [
        (GAS_PROXY, MAIN, "async_close_valve"),
        (WATER_PROXY, WATER_VALVE, "async_close_valve"),
        (WATER_PROXY, WATER_VALVE, "async_open_valve"),
        (WINDOW_PROXY, WINDOW, "async_open_cover"),
        (WINDOW_PROXY, WINDOW, "async_close_cover"),
    ],
)
async def test_a_device_out_of_reach_is_told_to_who_moves_it(
    flat: HomeUnderTest, entity_id: str, device: str, what: str
) -> None:
    """The stand-in stays available so that nobody is left with silence."""
    await flat.report(device, "unavailable")
    assert flat.shown(entity_id).state == "unknown"
    with pytest.raises(HomeAssistantError) as caught:
        await act(flat, entity_id, what)
    assert caught.value.translation_key == "not_reachable"
    placeholders = caught.value.translation_placeholders
    assert placeholders is not None
    assert placeholders["name"] in ("Supply", "Water main", "Bedroom")


async def test_water_opens_again_unless_it_leaks(flat: HomeUnderTest) -> None:
    """The lock lasts as long as the incident."""
    await flat.report(WATER, "on")
    await flat.report(WATER_VALVE, "off")
    with pytest.raises(ServiceValidationError) as caught:
        await act(flat, WATER_PROXY, "async_open_valve")
    assert caught.value.translation_key == "refused_incident_open"
    assert flat.calls("switch", "turn_on") == []


async def test_water_opens_when_nothing_is_wrong(flat: HomeUnderTest) -> None:
    """Without a person on site: water does not explode."""
    await flat.report(WATER_VALVE, "off")
    await act(flat, WATER_PROXY, "async_open_valve")
    assert flat.calls("switch", "turn_on") == [WATER_VALVE]


async def test_a_gas_valve_refuses_also_behind_its_features(
    flat: HomeUnderTest,
) -> None:
    """If anybody calls it all the same."""
    with pytest.raises(ServiceValidationError):
        await act(flat, GAS_PROXY, "async_open_valve")
    assert flat.calls("switch", "turn_on") == []


@pytest.mark.parametrize("what", ["async_open_cover", "async_close_cover"])
async def test_a_window_that_could_spark_stands_still_in_gas(
    flat: HomeUnderTest, what: str
) -> None:
    """Neither opened nor closed, whoever wants it; free again afterwards."""
    await flat.report(DETECTOR, "on")
    with pytest.raises(ServiceValidationError) as caught:
        await act(flat, WINDOW_PROXY, what)
    assert caught.value.translation_key == "refused_not_ignition_safe"
    assert flat.calls("cover", "open_cover") == []
    assert flat.calls("cover", "close_cover") == []


async def test_a_window_moves_when_nothing_is_wrong(flat: HomeUnderTest) -> None:
    """Both ways; while it moves it is neither open nor closed."""
    await act(flat, WINDOW_PROXY, "async_open_cover")
    assert flat.calls("cover", "open_cover") == [WINDOW]
    await flat.report(WINDOW, "opening")
    assert flat.shown(WINDOW_PROXY).state != "closed"
    await flat.report(WINDOW, "open")
    assert flat.shown(WINDOW_PROXY).state == "open"
    await act(flat, WINDOW_PROXY, "async_close_cover")
    assert flat.calls("cover", "close_cover") == [WINDOW]


async def test_a_valve_opened_past_the_lock_is_closed_once(flat: HomeUnderTest) -> None:
    """Each time it is told; the second time it is left to the person."""
    await flat.report(DETECTOR, "on")
    await flat.report(MAIN, "off")
    flat.recorded.clear()
    await flat.report(MAIN, "on")
    assert flat.calls("switch", "turn_off") == [MAIN]
    assert flat.messages()[-1] == "Supply was opened during the alarm at Home"
    await flat.report(MAIN, "off")
    flat.recorded.clear()
    await flat.report(MAIN, "on")
    assert flat.calls("switch", "turn_off") == []
    assert flat.messages()[-1] == "Supply was opened during the alarm at Home"


# --- windows in a gas alarm ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "later", "opens"),
    [("30", 0, True), ("30", 70, False), ("20", 70, True)],
)
async def test_windows_open_early_or_at_a_low_level_only(
    home: HomeUnderTest, level: str, later: float, opens: bool
) -> None:
    """In the first minute, or below 25 %LEL; a window that comes back late is left."""
    home.subentries.clear()
    home.add("detector", GAS_LEVEL)
    home.add("actuator", SAFE_WINDOW)
    home.state(LEVEL, "0")
    home.state(WINDOW, "unavailable" if later else "closed")
    await home.start()
    await home.report(LEVEL, level)
    if later:
        await home.pass_time(later, step=2)
        await home.report(WINDOW, "closed")
    assert (WINDOW in home.calls("cover", "open_cover")) is opens
    if not opens:
        step = home.step("Kitchen window")
        assert (step.outcome, step.reason) == (Outcome.SKIPPED, Reason.LEVEL_TOO_HIGH)


async def test_a_window_is_opened_only_if_its_owner_asked_for_it(
    home: HomeUnderTest,
) -> None:
    """Ignition-safe alone is no wish."""
    home.add("actuator", SAFE_WINDOW | {"open_on_gas": False})
    home.state(DETECTOR, "off")
    home.state(WINDOW, "closed")
    await home.start()
    await home.report(DETECTOR, "on")
    assert home.calls("cover", "open_cover") == []
    assert home.calls("valve", "close_valve") == [VALVE]
