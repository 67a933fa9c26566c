"""What boards, maps and counts are shown of a burst."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
import json
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid7

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.util import dt as dt_util

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.zhian.station import Station, show
from custom_components.zhian.station.cases import Case
from custom_components.zhian.station.const import SIGNAL_CASE, SIGNAL_CASES
from custom_components.zhian.station.show import LONGEST_PAUSE

from .conftest import Act, Home, all_shown, incident


async def test_an_answer_does_not_wait_for_the_map(
    hass: HomeAssistant, station: Station, home: Home
) -> None:
    """And what was shown first is the newest picture."""
    seen: list[int] = []
    bursts: list[int] = []

    @callback
    def on_case(case: Case) -> None:
        seen.append(case.document.revision)

    @callback
    def on_cases(cases: Sequence[Case]) -> None:
        bursts.append(len(cases))

    async_dispatcher_connect(hass, SIGNAL_CASE, on_case)
    async_dispatcher_connect(hass, SIGNAL_CASES, on_cases)
    id_ = str(uuid7())
    for revision in (2, 5):
        document = incident(revision, id=id_)
        assert (await home.put(document)).body["status"] == "accepted"
    await all_shown(station)
    assert seen[-1] == 5
    assert sum(bursts) == len(seen) <= 2


async def test_more_than_one_turn_may_show_is_shown_in_several(
    hass: HomeAssistant, station: Station, home: Home
) -> None:
    """No turn of the event loop is long, and nothing is left out."""
    await home.put(incident())
    await all_shown(station)
    (case,) = station.cases.open
    bursts: list[int] = []
    counts: list[str] = []
    async_dispatcher_connect(
        hass, SIGNAL_CASES, callback(lambda cases: bursts.append(len(cases)))
    )
    async_track_state_change_event(
        hass,
        "sensor.riverside_station_open_incidents",
        callback(lambda event: counts.append(event.data["new_state"].state)),
    )
    household = station.registry.get(case.household)
    assert household is not None
    await asyncio.gather(
        *(
            station.intake.put_incident(
                household, document["id"], json.dumps(document).encode()
            )
            for document in (incident() for _ in range(50))
        )
    )
    await all_shown(station)
    assert sum(bursts) == 50
    assert max(bursts) <= 20
    assert len(counts) < len(bursts)
    assert counts[-1] == "51"
    assert len(hass.states.async_all("geo_location")) == 51


async def test_what_the_desk_does_is_shown_at_once(
    hass: HomeAssistant, station: Station, home: Home, act: Act
) -> None:
    """In place of what the home's report would have shown."""
    seen: list[str] = []
    async_dispatcher_connect(
        hass, SIGNAL_CASE, callback(lambda case: seen.append(case.handling.status))
    )
    number = (await home.put(incident())).body["number"]
    await act("desk_acknowledge", incident=number)
    assert seen[-1] == "acknowledged"


async def test_a_clock_that_stands_still_holds_nobody_up(
    hass: HomeAssistant, station: Station, home: Home, freezer: FrozenDateTimeFactory
) -> None:
    """The pause between two pictures is a timer; nothing waits for it but the picture."""
    document = incident()
    assert (await home.put(document)).body["status"] == "accepted"
    await hass.async_block_till_done()
    (state,) = hass.states.async_all("geo_location")
    assert state.attributes["phase"] == "alarm"
    await home.put({**incident(2, id=document["id"]), "phase": "clearing"})
    await hass.async_block_till_done()
    assert station.has_unseen
    freezer.tick(LONGEST_PAUSE)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert not station.has_unseen
    (state,) = hass.states.async_all("geo_location")
    assert state.attributes["phase"] == "clearing"


async def test_the_end_of_a_station_ends_the_wait(
    hass: HomeAssistant, station: Station, home: Home
) -> None:
    """No timer is left that would show something of a station that has gone."""
    for _ in range(2):
        await home.put(incident())
    await hass.async_block_till_done()
    assert station.has_unseen
    seen: list[Case] = []
    async_dispatcher_connect(
        hass, SIGNAL_CASE, callback(lambda case: seen.append(case))
    )
    await hass.config_entries.async_unload(station.entry.entry_id)
    assert not station.has_unseen
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=LONGEST_PAUSE))
    await hass.async_block_till_done()
    assert not seen


async def test_pictures_leave_the_event_loop_to_the_reports(
    station: Station, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What takes long to show is shown less often, but never out of sight for long."""
    await home.put(incident())
    (case,) = station.cases.open
    cost, now = 0.0, 1000.0
    pauses: list[float] = []
    jobs: list[Callable[[datetime], None]] = []

    def send(*_: object) -> None:
        nonlocal now
        now += cost

    def soon(job: Callable[[], None]) -> SimpleNamespace:
        jobs.append(lambda _: job())
        return SimpleNamespace(cancel=jobs.clear)

    def later(_: object, seconds: float, job: Any) -> Callable[[], None]:
        pauses.append(seconds)
        jobs.append(job.target)
        return jobs.clear

    monkeypatch.setattr(show, "async_dispatcher_send", send)
    monkeypatch.setattr(show, "async_call_later", later)
    loop = SimpleNamespace(time=lambda: now, call_soon=soon)
    pictures = show.Show(cast("HomeAssistant", SimpleNamespace(loop=loop)))
    for each in (0.0, 0.02, 5.0):
        cost = each
        pictures.later(case)
        jobs.pop()(dt_util.utcnow())
    pictures.later(case)
    three_signals = 3 * 0.02
    assert pauses == pytest.approx(
        [show.PAUSE, show.REST * three_signals, show.LONGEST_PAUSE]
    )
    pictures.close()
    pictures.later(case)
    assert not jobs
