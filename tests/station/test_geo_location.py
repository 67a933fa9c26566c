"""Open incidents on the map."""

from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.zhian.station import Station

from .conftest import Act, Home, all_shown, incident


def on_the_map(hass: HomeAssistant) -> list[State]:
    """Return what the map shows."""
    return hass.states.async_all("geo_location")


async def test_an_open_incident_is_on_the_map_until_it_is_closed(
    hass: HomeAssistant, station: Station, home: Home, act: Act
) -> None:
    """It comes, changes and goes, and the registry forgets it."""
    number = (await home.put(incident())).body["number"]
    await hass.async_block_till_done()
    (state,) = on_the_map(hass)
    assert state.attributes["source"] == "zhian"
    assert state.attributes["number"] == number
    assert state.attributes["hazard"] == "gas"
    assert state.attributes["status"] == "received"
    assert state.attributes["priority"] == 1
    assert state.attributes["drill"] is False
    assert state.attributes["household"] == "Flat 5"
    assert state.attributes["received_at"]
    await act("desk_acknowledge", incident=number)
    await hass.async_block_till_done()
    assert on_the_map(hass)[0].attributes["status"] == "acknowledged"
    await act("desk_close", incident=number, disposition="resolved")
    await hass.async_block_till_done()
    assert on_the_map(hass) == []
    assert not [
        entity
        for entity in er.async_get(hass).entities.values()
        if entity.domain == "geo_location"
    ]


async def test_the_map_says_that_nobody_may_ring(
    hass: HomeAssistant, station: Station, home: Home
) -> None:
    await home.put(incident(silent=True, score=2))
    await hass.async_block_till_done()
    (state,) = on_the_map(hass)
    assert (state.attributes["silent"], state.attributes["score"]) == (True, 2)


async def test_open_incidents_are_on_the_map_after_a_restart(
    hass: HomeAssistant, station: Station, home: Home, act: Act, entry: MockConfigEntry
) -> None:
    """And only those."""
    kept, closed = [(await home.put(incident())).body["number"] for _ in range(2)]
    await act("desk_close", incident=closed, disposition="resolved")
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert [state.attributes["number"] for state in on_the_map(hass)] == [kept]


async def test_an_incident_that_ended_while_it_was_being_added_leaves_no_ghost(
    hass: HomeAssistant, station: Station, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its end came before the entity could hear of it."""
    monkeypatch.setattr(station.cases, "is_open", lambda _: False)
    await home.put(incident())
    await hass.async_block_till_done()
    assert on_the_map(hass) == []


@pytest.mark.parametrize(
    "places",
    [
        ((30.1, 120.1), (30.2, 120.2), (30.1, 120.1)),
        ((None, None), (30.2, 120.2), (30.2, 120.2)),
        ((None, None), (None, None), (30.84, 120.92)),
    ],
)
async def test_an_incident_is_where_it_was_reported_enrolled_or_at_the_station(
    hass: HomeAssistant,
    station: Station,
    stranger: Home,
    places: tuple[tuple[float | None, float | None], ...],
) -> None:
    """In this order."""
    reported, enrolled, shown = places
    code = await station.registry.new_code()
    await stranger.enrol(code.text, latitude=enrolled[0], longitude=enrolled[1])
    place = {"latitude": reported[0], "longitude": reported[1]}
    await stranger.put(incident(home={**incident()["home"], **place}))
    await hass.async_block_till_done()
    (state,) = on_the_map(hass)
    assert (state.attributes["latitude"], state.attributes["longitude"]) == shown


async def test_no_personal_data_in_names_nor_in_the_log(
    hass: HomeAssistant,
    station: Station,
    home: Home,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A name is on every screen and in every backup."""
    await home.put(incident(hazard="Li Ming's kitchen"))
    await hass.async_block_till_done()
    (state,) = on_the_map(hass)
    for text in (state.entity_id, state.name):
        assert "flat" not in text.lower()
        assert "ming" not in text.lower()
    ours = [r.getMessage() for r in caplog.records if "zhian" in r.name]
    assert not [text for text in ours if "Flat 5" in text or "Ming" in text]


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", ("Gas leak {}", "Drill: gas leak {}", "Unknown hazard {}")),
        ("zh-Hans", ("燃气泄漏 {}", "演练：燃气泄漏 {}", "未知警情 {}")),
    ],
)
async def test_a_name_says_hazard_number_and_drill(
    hass: HomeAssistant,
    prepared: MockConfigEntry,
    stranger: Home,
    language: str,
    names: tuple[str, ...],
) -> None:
    """In the language of the house."""
    hass.config.language = language
    assert await hass.config_entries.async_setup(prepared.entry_id)
    await stranger.enrol((await prepared.runtime_data.registry.new_code()).text)
    numbers = [
        (await stranger.put(incident(**facts))).body["number"]
        for facts in ({}, {"drill": True}, {"hazard": "radiation"})
    ]
    await all_shown(prepared.runtime_data)
    shown = {state.attributes["number"]: state.name for state in on_the_map(hass)}
    assert [shown[number] for number in numbers] == [
        name.format(number) for name, number in zip(names, numbers, strict=True)
    ]
    await hass.config_entries.async_unload(prepared.entry_id)
