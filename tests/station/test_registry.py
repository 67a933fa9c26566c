"""Households: who is heard, who is lost, and what the disk keeps of it."""

from datetime import timedelta

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from freezegun.api import FrozenDateTimeFactory
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from sqlalchemy import select

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.link.signatures import Key
from custom_components.zhian.station import Station
from custom_components.zhian.station.pairing import (
    ALPHABET,
    PairingCode,
    WrongAttempts,
    hash_code,
)
from custom_components.zhian.store.schema import households, pairing_codes

from .conftest import Home


async def wait(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, seconds: float
) -> None:
    """Let time pass, and the station look."""
    freezer.tick(seconds)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()


def lost(hass: HomeAssistant) -> str:
    """Return the sensor's count of lost households."""
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    entity_id = er.async_get(hass).async_get_entity_id(
        "sensor", DOMAIN, f"{entry.entry_id}_households_lost"
    )
    assert entity_id is not None
    state = hass.states.get(entity_id)
    assert state is not None
    return state.state


async def test_a_household_is_lost_after_three_missed_heartbeats_and_found_again(
    hass: HomeAssistant, station: Station, home: Home, freezer: FrozenDateTimeFactory
) -> None:
    """Its silence shows, and its next word ends it."""
    await wait(hass, freezer, 60)
    await home.heartbeat()
    await wait(hass, freezer, 178)
    assert lost(hass) == "0"
    await wait(hass, freezer, 2)
    assert lost(hass) == "1"
    assert station.registry.lost == {home.household}
    await home.heartbeat()
    await hass.async_block_till_done()
    assert lost(hass) == "0"


async def test_a_forged_heartbeat_keeps_nobody_alive(
    hass: HomeAssistant, station: Station, home: Home, freezer: FrozenDateTimeFactory
) -> None:
    """Only a proven signature is a sign of life."""
    await wait(hass, freezer, 175)
    await home.send("POST", "/heartbeats", {}, key=Key.generate())
    await wait(hass, freezer, 20)
    assert lost(hass) == "1"


async def test_heartbeats_are_written_at_most_once_a_minute(
    freezer: FrozenDateTimeFactory, station: Station, home: Home
) -> None:
    """In memory at once, on disk when it is worth it."""
    enrolled = dt_util.utcnow()

    async def on_disk() -> object:
        return await station.database.submit(
            lambda connection: connection.scalar(select(households.c.last_seen))
        )

    freezer.tick(59)
    await home.heartbeat()
    assert station.registry.last_seen(str(home.household)) == dt_util.utcnow()
    assert await on_disk() == enrolled
    freezer.tick(1)
    await home.heartbeat()
    assert await on_disk() == dt_util.utcnow()


async def test_households_survive_a_restart(
    hass: HomeAssistant,
    station: Station,
    home: Home,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """And a station that was down does not call them all lost."""
    freezer.tick(timedelta(hours=1))
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    await wait(hass, freezer, 30)
    assert lost(hass) == "0"
    assert (await home.heartbeat()).status == 200
    await wait(hass, freezer, 200)
    assert lost(hass) == "1"


async def test_only_the_hash_of_a_code_is_stored(
    hass: HomeAssistant, station: Station
) -> None:
    """Whoever reads the file cannot enrol."""
    code = await station.registry.new_code()
    letters = code.text.replace("-", "")
    stored = await station.database.submit(
        lambda connection: connection.execute(select(pairing_codes)).one()
    )
    assert stored.code_hash == hash_code(letters.lower())
    assert letters not in str(stored) and letters not in repr(code)
    assert set(letters) <= set(ALPHABET)
    assert len(letters) == 8


async def test_dead_codes_are_cleared_away(
    station: Station, freezer: FrozenDateTimeFactory
) -> None:
    """A day after they expired."""
    await station.registry.new_code()
    freezer.tick(timedelta(days=1, minutes=11))
    await station.registry.new_code()
    codes = await station.database.submit(
        lambda connection: connection.execute(select(pairing_codes)).all()
    )
    assert len(codes) == 1


def test_codes_do_not_repeat() -> None:
    """Thirty letters to the power of eight."""
    at = dt_util.utcnow()
    assert len({PairingCode.generate(at).text for _ in range(1000)}) == 1000


def test_attempts_are_counted_for_each_address_and_forgotten_in_time() -> None:
    """A neighbour's mistakes are not mine, and the memory is bounded."""
    attempts = WrongAttempts(limit=2, addresses=2)
    at = dt_util.utcnow()
    for _ in range(2):
        attempts.count("10.0.0.1", at)
    assert attempts.is_exhausted("10.0.0.1", at)
    assert not attempts.is_exhausted("10.0.0.2", at)
    assert not attempts.is_exhausted("10.0.0.1", at + timedelta(minutes=1))
    attempts.count("10.0.0.1", at)
    attempts.count("10.0.0.1", at)
    attempts.count("10.0.0.2", at)
    attempts.count("10.0.0.3", at)
    assert not attempts.is_exhausted("10.0.0.1", at)
