"""One field takes a typed code and what a station's QR code says."""

import pytest

from custom_components.zhian.link.pairing_text import BadPairingText, PairingText

STATION = "0123456789abcdef" * 2
URLS = ("http://192.168.1.9:8123", "https://station.example.org/?a=b&c#d")


def test_what_a_station_shows_is_what_a_home_reads() -> None:
    shown = PairingText.of("7KQ4-MZ2P", URLS, STATION)
    assert PairingText.read(f"  {shown.text}\n") == shown
    assert PairingText.read("zhian:" + shown.text.partition("#")[2]) == shown


def test_nothing_of_it_is_sent_to_whoever_opens_the_link() -> None:
    """Address and code stand behind the #."""
    link, _, facts = PairingText.of("7KQ4-MZ2P", URLS, STATION).text.partition("#")
    assert (
        link == "https://my.home-assistant.io/redirect/config_flow_start/?domain=zhian"
    )
    assert "7KQ4" in facts
    assert "7KQ4" not in repr(PairingText("7KQ4-MZ2P"))


def test_a_code_that_was_typed_is_a_code() -> None:
    assert PairingText.read(" 7kq4 mz2p ") == PairingText("7kq4 mz2p")


def test_a_code_that_is_scanned_holds_no_more_than_three_addresses() -> None:
    many = [f"https://{n}.example.org" for n in range(5)]
    shown = PairingText.of("7KQ4-MZ2P", many, STATION)
    assert PairingText.read(shown.text).addresses == tuple(many[:3])
    assert len(shown.text) < 400


SOUND = f"https://my.home-assistant.io/#zhian=1&code=7KQ4-MZ2P&station={STATION}&url=x"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Please come to our station and bring this code",
        "https://station.example.org",
        "https://station.example.org/#",
        SOUND.replace("zhian=1", "zhian=2"),
        SOUND.replace("code=", "cod="),
        SOUND.replace("code=", "code=" + "A" * 40),
        SOUND.replace("&url=x", ""),
        SOUND.replace(STATION, "me"),
        SOUND.replace("&station=", "&other="),
        SOUND + "&code=AAAA-BBBB",
        "zhian:7KQ4-MZ2P",
        "A" * 3000,
    ],
)
def test_anything_else_is_told(text: str) -> None:
    with pytest.raises(BadPairingText):
        PairingText.read(text)


def test_the_sound_one_is_sound() -> None:
    assert PairingText.read(SOUND) == PairingText("7KQ4-MZ2P", ("x",), STATION)
