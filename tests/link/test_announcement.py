"""What a station announces and what a home makes of what anybody announces."""

from ipaddress import ip_address
from typing import Any

import pytest
from yarl import URL

from custom_components.zhian.link.announcement import Announcement, facts, fitting_name
from custom_components.zhian.link.client import API
from custom_components.zhian.link.identity import check_letters, station_id
from custom_components.zhian.link.signatures import Key

STATION = station_id(Key.generate().public)
OWN = URL("http://192.168.1.9:8123")
NEAR = [ip_address("192.168.1.9")]


def read(properties: dict[str, Any], addresses: Any = NEAR, port: Any = 8123) -> Any:
    return Announcement.read(properties, addresses, port)


def test_a_station_is_read_as_it_announces_itself() -> None:
    said = facts("Riverside", STATION, OWN, is_https=False)
    assert said == {
        "v": "1",
        "id": STATION,
        "name": "Riverside",
        "path": API,
        "https": "0",
    }
    found = read(said)
    assert found == Announcement("Riverside", STATION, "http://192.168.1.9:8123")
    assert found.check == check_letters(STATION)


def test_a_certificate_is_made_out_to_a_name() -> None:
    named = URL("https://station.lan:8123")
    said = facts("Riverside", STATION, named, is_https=True)
    assert read(said).url == "https://station.lan:8123"
    assert read(said | {"host": "a b"}).url == "https://192.168.1.9:8123"
    assert "host" not in facts("Riverside", STATION, OWN, is_https=True)


def test_the_near_address_is_taken_and_no_public_one() -> None:
    said = facts("Riverside", STATION, OWN, is_https=False)
    several = [ip_address(a) for a in ("203.0.113.9", "fd00::9", "192.168.1.9")]
    assert read(said, several).url == "http://192.168.1.9:8123"
    assert read(said, [ip_address("fd00::9")]).url == "http://[fd00::9]:8123"
    assert read(said, several[:1]) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"v": "2"},
        {"v": None},
        {"id": "me"},
        {"id": None},
        {"https": "yes"},
        {"https": None},
        {"path": "/elsewhere"},
    ],
)
def test_what_is_not_understood_is_no_station(wrong: dict[str, Any]) -> None:
    said = facts("Riverside", STATION, OWN, is_https=False)
    assert read(said | wrong) is None
    assert read(said, port=None) is None


def test_a_name_is_printable_and_short() -> None:
    assert fitting_name("River\nside\x00") == "River side"
    assert fitting_name("") == "Zhi'an"
    long = fitting_name("警务站" * 30)
    assert len(long.encode()) <= 60
    assert "警务站".startswith(long[-1]) or long[-1] in "警务站"
