"""What boards, maps and counts are shown of a burst."""

import asyncio
from collections.abc import Sequence
import json
from uuid import uuid7

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from custom_components.zhian.station import Station
from custom_components.zhian.station.cases import Case
from custom_components.zhian.station.const import SIGNAL_CASE, SIGNAL_CASES

from .conftest import Act, Home, incident


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
    await hass.async_block_till_done()
    assert seen[-1] == 5
    assert sum(bursts) == len(seen) <= 2


async def test_more_than_one_turn_may_show_is_shown_in_several(
    hass: HomeAssistant, station: Station, home: Home
) -> None:
    """No turn of the event loop is long, and nothing is left out."""
    await home.put(incident())
    await hass.async_block_till_done()
    (case,) = station.cases.open
    bursts: list[int] = []
    async_dispatcher_connect(
        hass, SIGNAL_CASES, callback(lambda cases: bursts.append(len(cases)))
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
    await hass.async_block_till_done()
    assert sum(bursts) == 50
    assert max(bursts) <= 20
    assert len(hass.states.async_all("geo_location")) == 51


async def test_what_the_desk_does_is_shown_at_once(
    hass: HomeAssistant, station: Station, home: Home, act: Act
) -> None:
    """With all that came before it."""
    seen: list[str] = []
    async_dispatcher_connect(
        hass, SIGNAL_CASE, callback(lambda case: seen.append(case.handling.status))
    )
    number = (await home.put(incident())).body["number"]
    await act("desk_acknowledge", incident=number)
    assert seen[-1] == "acknowledged"
