"""A real home and a real station, with two ways between them, and what ways do."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from yarl import URL

from custom_components.zhian.link import endpoints, stream
from custom_components.zhian.link.endpoints import EndpointState

from .house import DETECTOR
from .proxies import Proxy, proxies
from .test_real_station import LINK, Pair, pair

__all__ = ["pair"]


@asynccontextmanager
async def ways(pair: Pair, count: int) -> AsyncGenerator[list[Proxy]]:
    """Lead the home to its station over so many proxies, the first preferred."""
    assert pair.home.station is not None
    hass = pair.home.hass
    async with proxies(URL(pair.home.station["url"]).port or 0, count) as found:
        urls = [proxy.url for proxy in found]
        hass.config_entries.async_update_entry(
            pair.entry, data={**pair.entry.data, "addresses": urls}
        )
        await hass.async_block_till_done()
        first, *others = urls
        moved = {"url": first, "others": others, "proven": first}
        pair.home.station = pair.home.station | moved
        assert pair.home.entry is not None
        hass.config_entries.async_update_entry(
            pair.home.entry,
            data={**pair.home.entry.data, "station": pair.home.station},
        )
        await pair.home.settle()
        await pair.home.until(lambda: shown(pair, "address") == first, "the new way")
        await pair.connected()
        yield found
        await pair.home.stop()


def shown(pair: Pair, attribute: str) -> Any:
    return pair.home.shown(LINK).attributes[attribute]


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "RETURN_EVERY", 0.1)
    monkeypatch.setattr(endpoints, "HURRY", 1.0)


@pytest.mark.parametrize("fault", ["gone", "hanging"])
async def test_the_home_goes_another_way_and_comes_back(pair: Pair, fault: str) -> None:
    """An alarm meanwhile arrives once; what the station does comes down as ever."""
    async with ways(pair, 2) as (lan, public):
        until = pair.home.until
        await until(
            lambda: shown(pair, "addresses").get(public.url) == EndpointState.ANSWERS,
            "the proof",
        )
        assert shown(pair, "address") == lan.url
        assert shown(pair, "preferred_address") is True
        await lan.close()
        if fault == "hanging":
            lan.is_hanging = True
            await lan.open()
        await pair.accepted()
        assert shown(pair, "address") == public.url
        assert shown(pair, "preferred_address") is False
        assert pair.home.shown(LINK).state == "connected"
        diagnosed = pair.home.home.diagnostics()["station_addresses"]
        assert [d["in_use"] for d in diagnosed] == [False, True]
        assert lan.url not in str(diagnosed)

        if fault == "hanging":
            await lan.close()
        lan.is_hanging = False
        before = lan.opened
        await lan.open()
        await until(lambda: shown(pair, "preferred_address"), "the way back")
        await until(lambda: lan.opened > before + 1, "a stream the same way")
        await pair.connected()
        (case,) = pair.station.cases.open
        await pair.act("desk_acknowledge", incident=case.number)
        await until(
            lambda: pair.home.incident.station.status == "acknowledged", "the word"
        )
        assert len(pair.station.cases.open) == 1


async def alarms(pair: Pair, proxy: Proxy, cuts: int) -> None:
    """Let alarms come and go while the proxy cuts, so many times."""
    guard = pair.home.home.guard
    wanted = proxy.cut + cuts
    while proxy.cut < wanted:
        before = proxy.cut
        await pair.home.report(DETECTOR, "on")
        await pair.home.until(
            lambda: guard.state.incidents and not guard.timelines.owed(), "its report"
        )
        await pair.home.report(DETECTOR, "off")
        await pair.home.until(
            lambda before=before: proxy.cut > before and not guard.timelines.owed(),
            "a cut",
        )


def same_books(pair: Pair) -> bool:
    """Whether each incident is at the station once, as new as at home."""
    there = {c.document.id: c.document.revision for c in pair.station.cases.open}
    here = {
        t.incident.id: t.settled
        for t in pair.home.home.guard.timelines.all().values()
        if t.incident.is_open
    }
    return bool(here) and there == here


async def test_a_proxy_that_cuts_every_line_loses_nothing(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Sixty seconds, scaled to a half: the stream comes back each time, nobody is lost."""
    monkeypatch.setattr(stream, "STEADY_SECONDS", 0.25)
    async with ways(pair, 1) as (proxy,):
        proxy.lifetime = 0.5
        await pair.restart_station()  # the line that there was had a longer life
        await pair.connected()
        lost = []
        pair.home.home.link.subscribe(  # type: ignore[union-attr]
            lambda: lost.append(pair.home.home.link.status)  # type: ignore[union-attr]
        )
        await alarms(pair, proxy, cuts=4)
        await pair.connected()
        await pair.home.until(lambda: same_books(pair), "the same books")
        assert "lost" not in lost
        assert pair.station.registry.lost == frozenset()


async def test_a_line_that_was_dropped_for_its_silence_comes_back(pair: Pair) -> None:
    """Without a ping: the station's timer is frozen here. What it says arrives."""
    async with ways(pair, 1) as (proxy,):
        proxy.idle = 0.3
        await pair.restart_station()
        await pair.connected()
        await pair.home.until(lambda: proxy.cut > 1, "two cuts")
        number = await pair.accepted()
        await pair.act("desk_acknowledge", incident=number)
        await pair.home.until(
            lambda: pair.home.incident.station.status == "acknowledged", "the word"
        )
        await pair.home.until(lambda: same_books(pair), "the same books")
        assert pair.station.registry.lost == frozenset()


async def test_a_proxy_that_drops_silent_lines_finds_none(pair: Pair) -> None:
    """The station pings before a proxy loses patience: the stream outlives it."""
    async with ways(pair, 1) as (proxy,):
        proxy.idle = 1.0
        await pair.restart_station()
        await pair.connected()
        first = pair.station.lines
        opened = proxy.opened
        loop = asyncio.get_running_loop()
        for _ in range(25):
            await first.look()  # the timer that looks is frozen here
            later = loop.time() + 0.1
            await pair.home.until(lambda later=later: loop.time() >= later)
        assert pair.household in pair.station.lines
        assert proxy.opened == opened
