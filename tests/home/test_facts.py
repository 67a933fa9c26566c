"""A station that can be reached elsewhere tells its homes, and they look there, too."""

from typing import Any, cast

import pytest

from custom_components.zhian.home import facts
from custom_components.zhian.home.facts import _take_up
from custom_components.zhian.home.options import StationOptions
from custom_components.zhian.link.faults import (
    StationError,
    StationRefused,
    StationUnreachable,
    Trouble,
)
from custom_components.zhian.link.messages import FactsKept, HouseholdFacts
from custom_components.zhian.link.problems import Reason

from .house import HomeUnderTest
from .test_privacy import agree
from .test_real_station import Pair, pair  # noqa: F401

NEAR, FAR, THIRD = (
    "http://192.168.7.7:8123",
    "https://station.example.org",
    "https://other.example.org",
)


def station_of(home: HomeUnderTest) -> StationOptions:
    """Return what the entry knows of the station."""
    assert home.entry is not None
    return StationOptions.from_mapping(home.entry.data["station"])


async def move(pair: Pair, *addresses: str) -> None:  # noqa: F811
    """Let the staff of the station say where it can be reached."""
    hass = pair.home.hass
    hass.config_entries.async_update_entry(
        pair.entry, data={**pair.entry.data, "addresses": [*addresses]}
    )
    await pair.restart_station()
    await pair.connected()


async def test_new_addresses_of_the_station_are_taken_up_at_the_next_start(
    pair: Pair,  # noqa: F811
) -> None:
    """Behind those that are known; one that a person has removed stays away."""
    first = station_of(pair.home).url
    await move(pair, NEAR, first, "no address")
    await agree(pair)
    await pair.home.until(
        lambda: station_of(pair.home).addresses == (first, NEAR), "the address"
    )
    await pair.home.settle()
    await pair.connected()
    assert pair.home.entry is not None
    without = {**pair.home.entry.data["station"], "others": []}
    pair.home.hass.config_entries.async_update_entry(
        pair.home.entry, data={**pair.home.entry.data, "station": without}
    )
    await pair.home.settle()
    await move(pair, NEAR, FAR)
    await pair.home.reload()
    await pair.home.until(
        lambda: station_of(pair.home).addresses == (first, FAR), "the other one"
    )
    await pair.home.settle()
    await pair.connected()


@pytest.mark.parametrize(
    ("known", "has_incident"),
    [
        ({"identity": None}, False),
        ({}, True),
        ({"others": (NEAR, FAR, THIRD, "https://a.example.org")}, False),
        ({"offered": (NEAR, FAR)}, False),
    ],
    ids=["no key", "an incident", "no room", "heard of"],
)
async def test_nothing_is_taken_up_that_could_not_be_proved_or_would_disturb(
    pair: Pair,  # noqa: F811
    known: dict[str, Any],
    has_incident: bool,
) -> None:
    home = pair.home
    if has_incident:
        await pair.accepted()
    assert home.entry is not None
    before = dict(home.entry.data)
    station = StationOptions.from_mapping({**before["station"], **known})
    _take_up(home.home, station, (NEAR, FAR))
    assert dict(home.entry.data) == before


class Deaf:
    """A station that takes what is said at the third time, or never."""

    def __init__(self, *errors: StationError) -> None:
        self.errors = [*errors]
        self.asked = 0

    async def tell_facts(self, facts: HouseholdFacts) -> FactsKept:
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        return FactsKept(consents=facts.consents)


async def test_it_is_said_until_it_is_heard_or_will_never_be(
    pair: Pair,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(facts, "TRY_EVERY", 0)
    await agree(pair)
    away = StationUnreachable(Trouble.CONNECT)
    later = StationRefused(Reason.NOT_READY)
    station = Deaf(away, later)
    await facts.tell(pair.home.home, cast("Any", station))
    assert station.asked == 3
    never = Deaf(StationRefused(Reason.BAD_DOCUMENT), away)
    await facts.tell(pair.home.home, cast("Any", never))
    assert never.asked == 1
    assert "does not take what is agreed" in caplog.text
