"""What reaches the station, and when: at once, cancelled, or after an hour without it."""

from collections.abc import AsyncGenerator

import pytest

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home import station_link
from custom_components.zhian.home.report_delay_flow import report_after_of
from custom_components.zhian.safety.vocabulary import Hazard, Level

from .house import (
    DETECTOR,
    KITCHEN_TABLET,
    VALVE,
    WATER,
    WATER_DETECTOR,
    HomeUnderTest,
    request_from,
)
from .stations import PlayedStation, played_station


@pytest.fixture
async def station(
    home: HomeUnderTest, socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[PlayedStation]:
    """A station, and a home whose water report can be cancelled for 30 s."""
    monkeypatch.setattr(station_link, "ASK_EVERY", 0.02)
    home.add("detector", WATER_DETECTOR)
    home.state(DETECTOR, "off")
    home.state(WATER, "off")
    home.data = {"report_after": {"water": 30.0, "gas": 30.0}}
    async with played_station() as played:
        home.station = played.options
        yield played
        if home.entry is not None:
            await home.stop()


def test_a_hazard_that_may_not_wait_does_not_whatever_the_entry_says() -> None:
    assert report_after_of(None) == {}
    assert report_after_of(dict.fromkeys(Hazard, 30.0)) == {
        Hazard.WATER: 30.0,
        Hazard.INTRUSION: 30.0,
    }


async def test_people_read_how_long_they_can_cancel(
    home: HomeUnderTest, station: PlayedStation
) -> None:
    """Of water; the report of gas leaves at once and nothing is said."""
    await home.start()
    await home.report(WATER, "on")
    said = home.recorded[-1].data["message"]
    assert "The station is told in 30 s unless somebody takes the alarm" in said
    await home.report(DETECTOR, "on")
    gas = next(
        call.data["message"]
        for call in home.recorded
        if call.data.get("title") == "Gas alarm at Home"
    )
    assert "The station is told in" not in gas
    await home.until(lambda: station.documents)
    assert {d["hazard"] for d in station.documents} == {"gas"}


async def test_without_a_station_nothing_is_promised(home: HomeUnderTest) -> None:
    home.add("detector", WATER_DETECTOR)
    home.state(WATER, "off")
    home.data = {"report_after": {"water": 30.0}}
    await home.start()
    await home.report(WATER, "on")
    assert "The station is told" not in home.recorded[-1].data["message"]


async def test_who_takes_the_alarm_in_time_keeps_it_from_the_station(
    home: HomeUnderTest, station: PlayedStation
) -> None:
    await home.start()
    await home.report(WATER, "on")
    await home.do(DOMAIN, "acknowledge", await home.person())
    await home.pass_time(40, step=5)
    await home.report(DETECTOR, "on")
    await home.until(lambda: station.documents)
    assert {d["hazard"] for d in station.documents} == {"gas"}


async def test_a_report_that_nobody_cancels_arrives_whole(
    home: HomeUnderTest, station: PlayedStation
) -> None:
    """With everything that happened before it was released."""
    await home.start()
    await home.report(WATER, "on")
    incident = home.incident.id
    await home.pass_time(30, step=5)
    await home.until(lambda: station.documents)
    document = station.documents[-1]
    assert document["id"] == incident
    kinds = [entry["kind"] for entry in document["entries"]]
    assert kinds[0] == "opened"
    assert "released" in kinds


async def test_a_station_that_was_down_for_an_hour_gets_one_incident_in_order(
    home: HomeUnderTest, station: PlayedStation
) -> None:
    """Its revisions never fall and its entries have no gap, whatever was sent again."""
    await home.start()
    await home.until(lambda: home.shown("sensor.home_station").state == "connected")
    station.status = 503
    await home.report(DETECTOR, "on")
    await home.report(VALVE, "closed")
    await home.pass_time(3600, step=60)
    assert station.documents == []
    await home.report(DETECTOR, "off")
    incident = home.incident
    timeline = home.home.guard.timelines.get(incident.id)
    assert timeline is not None
    station.status = None
    line = home.home.link
    assert line is not None
    await line._pulse()

    def is_whole() -> bool:
        line._sender.restored()  # a try that was on its way may fail once more
        return bool(station.documents) and not timeline.is_owed

    await home.until(is_whole)
    assert {d["id"] for d in station.documents} == {incident.id}
    revisions = [d["revision"] for d in station.documents]
    assert revisions == sorted(revisions)
    seen = [entry["seq"] for d in station.documents for entry in d["entries"]]
    assert not timeline.is_owed
    assert sorted(set(seen)) == list(range(1, revisions[-1] + 1))
    assert home.home.guard.state.readings
    assert all(s.level is Level.NORMAL for s in home.home.guard.state.readings.values())
    with request_from(KITCHEN_TABLET):
        await home.do(DOMAIN, "reset", await home.person())
    await home.until(lambda: station.documents[-1]["phase"] == "closed")
