"""Numbers of frames: never one twice, whatever happens to the program."""

from typing import Any

from homeassistant.core import HomeAssistant

from custom_components.zhian.home.receiver_numbers import AHEAD, KEY, Numbers


async def test_they_count_on(hass: HomeAssistant, hass_storage: dict[str, Any]) -> None:
    """For each receiver on its own, and with few writes."""
    numbers = Numbers(hass, ["a", "b"])
    assert [await numbers.next("a") for _ in range(3)] == [1, 2, 3]
    assert await numbers.next("b") == 1
    assert hass_storage[KEY]["data"] == {"a": AHEAD, "b": AHEAD}


async def test_after_a_crash_none_comes_again(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """What was set aside before the crash is left out."""
    used = [await Numbers(hass, ["a"]).next("a") for _ in range(3)]
    assert used == [1, AHEAD + 1, 2 * AHEAD + 1]


async def test_after_the_last_comes_the_first(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    hass_storage[KEY] = {"version": 1, "key": KEY, "data": {"a": 9998, "gone": 3}}
    numbers = Numbers(hass, ["a"])
    assert [await numbers.next("a") for _ in range(3)] == [9999, 1, 2]
    assert hass_storage[KEY]["data"] == {"a": 9998 + AHEAD - 9999}


async def test_they_are_forgotten_with_the_home(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    await Numbers(hass, ["a"]).next("a")
    await Numbers(hass).remove()
    assert KEY not in hass_storage
