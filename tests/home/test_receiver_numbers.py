"""Numbers of frames: never one twice, whatever happens to the program."""

from typing import Any

from homeassistant.core import HomeAssistant

from custom_components.zhian.home.receiver_numbers import (
    AHEAD,
    KEPT,
    KEY,
    KEY_GIVEN,
    Numbers,
)


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


async def test_an_event_keeps_its_number_over_a_crash(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """It may have arrived without an answer: a second number were a second alarm."""
    numbers = Numbers(hass, ["a", "b"])
    first = await numbers.next("a", "fire-1-FA")
    assert first == await numbers.next("a", "fire-1-FA")
    assert await numbers.next("a", "fire-2-FH") == first + 1
    assert await numbers.next("b", "fire-1-FA") == 1
    after = Numbers(hass, ["a"])
    assert await after.next("a", "fire-1-FA") == first
    assert await after.next("a", "fire-3-FA") == AHEAD + 1
    # A receiver that is gone is forgotten.
    assert hass_storage[KEY_GIVEN]["data"].keys() == {"a"}


async def test_what_nobody_can_be_owed_any_more_is_forgotten(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    given = {str(at): at for at in range(1, KEPT + 1)}
    hass_storage[KEY_GIVEN] = {"version": 1, "key": KEY_GIVEN, "data": {"a": given}}
    numbers = Numbers(hass, ["a"])
    await numbers.next("a", "new")
    kept = hass_storage[KEY_GIVEN]["data"]["a"]
    assert len(kept) == KEPT
    assert "1" not in kept
    assert "new" in kept


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
    await Numbers(hass, ["a"]).next("a", "fire-1-FA")
    await Numbers(hass).remove()
    assert not hass_storage.keys() & {KEY, KEY_GIVEN}
