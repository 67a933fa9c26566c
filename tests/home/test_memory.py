"""What the upkeep remembers, and what it forgets."""

from datetime import UTC, datetime
from typing import Any

from homeassistant.core import HomeAssistant

import pytest

from custom_components.zhian.home.memory import DRILLS_KEPT, Memory, Movement
from custom_components.zhian.safety.rhythm import Rhythm

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


async def test_everything_is_remembered(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """Word for word."""
    memory = Memory(hass, "home")
    await memory.load()
    memory.rhythms["sensor.a"] = Rhythm((60.0,), 60.0, 60.0)
    memory.silent["sensor.b"] = NOON
    memory.set_told({"x battery_low"})
    memory.set_lost(frozenset({"x"}))
    memory.tested_at = NOON
    memory.moved["valve"] = Movement(NOON, True)
    memory.watched_since["valve"] = NOON
    memory.exercising["valve"] = NOON
    memory.add_drill({"incident": "1"})
    await memory.save()

    again = Memory(hass, "home")
    await again.load()
    for name in (
        "rhythms",
        "silent",
        "told",
        "lost",
        "tested_at",
        "moved",
        "watched_since",
        "exercising",
        "drills",
    ):
        assert getattr(again, name) == getattr(memory, name), name


@pytest.mark.parametrize(
    "junk",
    [
        [],
        {},
        {
            "rhythms": {"a": 3},
            "silent": {"a": 3},
            "told": 3,
            "lost": {},
            "tested_at": 7,
            "moved": {"v": {"at": "then"}, "w": 4},
            "watched_since": {"v": None},
            "exercising": {"v": "then"},
            "drills": [3],
        },
    ],
)
async def test_what_cannot_be_understood_is_forgotten(
    hass: HomeAssistant, hass_storage: dict[str, Any], junk: Any
) -> None:
    """A broken memory must not keep the home from being guarded."""
    hass_storage["zhian.upkeep_home"] = {"version": 1, "key": "x", "data": junk}
    memory = Memory(hass, "home")
    await memory.load()
    assert not (memory.rhythms or memory.silent or memory.told or memory.lost)
    assert not (memory.moved or memory.watched_since or memory.drills)
    assert not memory.exercising
    assert memory.tested_at is None


async def test_a_memory_that_was_never_read_is_not_written_over(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """A start that failed before must cost nothing."""
    hass_storage["zhian.upkeep_home"] = {"version": 1, "key": "x", "data": {"a": 1}}
    await Memory(hass, "home").save()
    assert hass_storage["zhian.upkeep_home"]["data"] == {"a": 1}


async def test_only_the_last_drills_are_kept(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """A year of monthly ones."""
    memory = Memory(hass, "home")
    await memory.load()
    for n in range(20):
        memory.add_drill({"incident": str(n)})
    assert len(memory.drills) == DRILLS_KEPT == 12
    assert memory.drills[-1] == {"incident": "19"}
    await memory.save()
