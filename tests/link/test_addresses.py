"""Plain http only at home, and only by choice."""

import pytest

from custom_components.zhian.link.addresses import (
    AddressFault,
    BadAddress,
    is_private,
    station_origin,
)


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://station.example", "https://station.example"),
        (" https://Station.example/ ", "https://station.example"),
        ("https://station.example:443/", "https://station.example"),
        ("https://station.example:8123/zhian/0?a=b#c", "https://station.example:8123"),
        ("http://192.168.1.5:8123/lovelace", "http://192.168.1.5:8123"),
        ("http://[fd00::1]:8123", "http://[fd00::1]:8123"),
        ("http://homeassistant.local:8123", "http://homeassistant.local:8123"),
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123"),
    ],
)
def test_what_people_paste_becomes_an_origin(text: str, origin: str) -> None:
    assert str(station_origin(text, allow_http=True)) == origin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "station.example",
        "station.example:8123",
        "ftp://station.example",
        "https://",
        "https://[",
        "https://a:b@station.example",
        "http://a@192.168.1.5",
        "https://station.example:99999",
        "/api",
        "javascript:alert(1)",
        "https://exa mple",
    ],
)
def test_anything_else_is_not_an_address(text: str) -> None:
    with pytest.raises(BadAddress) as bad:
        station_origin(text, allow_http=True)
    assert bad.value.fault is AddressFault.NOT_AN_ADDRESS


def test_plain_http_is_a_choice() -> None:
    with pytest.raises(BadAddress) as bad:
        station_origin("http://192.168.1.5:8123", allow_http=False)
    assert bad.value.fault is AddressFault.HTTP_NOT_ALLOWED


@pytest.mark.parametrize(
    "host",
    [
        "station.example",
        "8.8.8.8",
        "100.64.0.1",
        "172.32.0.1",
        "0.0.0.0",
        "2001:db8::1",
        "::ffff:8.8.8.8",
        "station",
        "notlocal",
        "local.example",
    ],
)
def test_plain_http_to_the_public_is_refused(host: str) -> None:
    assert not is_private(host)
    with pytest.raises(BadAddress) as bad:
        station_origin(
            f"http://[{host}]" if ":" in host else f"http://{host}", allow_http=True
        )
    assert bad.value.fault is AddressFault.HTTP_TO_PUBLIC


@pytest.mark.parametrize(
    "host",
    [
        "10.1.2.3",
        "172.16.0.1",
        "192.168.255.1",
        "169.254.1.1",
        "127.0.0.53",
        "::1",
        "fd12::1",
        "fe80::1",
        "::ffff:10.0.0.1",
        "localhost",
        "Station.Local.",
        "station.home.arpa",
        "station.internal",
    ],
)
def test_these_are_the_home_s_own_network(host: str) -> None:
    assert is_private(host)
