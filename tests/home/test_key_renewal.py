"""A new key for the home: at no moment does the station know neither."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir

import pytest

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home import key_renewal
from custom_components.zhian.home.key_renewal import NEXT_KEY, PRIVATE_KEY
from custom_components.zhian.link.problems import Reason
from custom_components.zhian.link.signatures import Key

from .house import DETECTOR, HomeUnderTest
from .stations import PlayedStation, played_station
from .test_station_link import LINK


@pytest.fixture
async def station(
    home: HomeUnderTest, socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[PlayedStation]:
    """A station at which the home is enrolled."""
    monkeypatch.setattr(key_renewal, "TRY_EVERY", 0.02)
    home.state(DETECTOR, "off")
    async with played_station() as played:
        home.station = played.options
        yield played
        if home.entry is not None:
            await home.stop()


def kept(home: HomeUnderTest) -> tuple[Any, Any]:
    """Return the keys that the entry holds."""
    assert home.entry is not None
    return home.entry.data[PRIVATE_KEY], home.entry.data.get(NEXT_KEY)


async def test_the_next_key_is_kept_until_the_station_has_it(
    home: HomeUnderTest, station: PlayedStation
) -> None:
    """Then it is the home's key; the former one is forgotten."""
    station.key_refusals = [Reason.NOT_READY, Reason.RATE_LIMITED]
    await home.start()
    before, _ = kept(home)
    await home.do(DOMAIN, "renew_key")
    _, next_key = kept(home)
    assert next_key is not None
    await home.until(lambda: kept(home) == (next_key, None), "the new key")
    assert station.keys == [Key.from_base64(next_key).public]
    assert before != next_key
    await home.until(lambda: home.shown(LINK).state == "connected")


async def test_a_crash_after_the_stations_answer_loses_nothing(
    home: HomeUnderTest, station: PlayedStation
) -> None:
    """The station takes only the new key by then; the home finds out."""
    station.key_refusals = [Reason.BAD_SIGNATURE]
    home.data = {NEXT_KEY: Key.generate().private}
    next_key = home.data[NEXT_KEY]
    await home.start()
    await home.until(lambda: kept(home) == (next_key, None), "the new key")
    await home.settle()
    await home.until(lambda: home.shown(LINK).state == "connected")


async def test_the_key_stays_while_an_incident_is_open(
    home: HomeUnderTest, station: PlayedStation
) -> None:
    """The buttons of its messages are signed with it."""
    await home.start()
    await home.report(DETECTOR, "on")
    with pytest.raises(ServiceValidationError) as caught:
        await home.do(DOMAIN, "renew_key")
    assert caught.value.translation_key == "no_new_key_now"
    assert kept(home)[1] is None


async def test_without_a_station_there_is_nobody_to_bring_a_key_to(
    home: HomeUnderTest,
) -> None:
    home.state(DETECTOR, "off")
    await home.start()
    with pytest.raises(ServiceValidationError) as caught:
        await home.do(DOMAIN, "renew_key")
    assert caught.value.translation_key == "not_enrolled"


async def test_a_home_that_was_revoked_says_so(
    home: HomeUnderTest, station: PlayedStation, issue_registry: ir.IssueRegistry
) -> None:
    """A repair that names the way back; it goes when the station takes the home."""
    await home.start()
    await home.until(lambda: home.shown(LINK).state == "connected")
    line = home.home.link
    assert line is not None
    station.refusal = Reason.REVOKED
    await line._pulse()
    assert home.shown(LINK).state == "refused"
    assert issue_registry.async_get_issue(DOMAIN, "station_revoked") is not None
    assert issue_registry.async_get_issue(DOMAIN, "station_refused") is None
    station.refusal = None
    await line._pulse()
    assert issue_registry.async_get_issue(DOMAIN, "station_revoked") is None
