"""Codes: hashed, compared in the same time, not to be guessed."""

import asyncio
from datetime import UTC, datetime, timedelta
import logging

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError

import pytest

from custom_components.zhian.home import codes as codes_module
from custom_components.zhian.home.codes import (
    FREE,
    Codes,
    Holder,
    digest,
    holder_of,
    is_well_formed,
    new_salt,
)
from custom_components.zhian.home.watch_options import CodeOptions

from .intrusion import ARMS_ONLY, FORCED, OWN, SALT, code

BO = CodeOptions.from_mapping(code("Bo", OWN, FORCED))
CLEANER = CodeOptions.from_mapping(code("Cleaner", ARMS_ONLY, can_disarm=False))


class Keys:
    """Codes with a clock that a test moves."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.now = datetime(2026, 11, 22, 12, tzinfo=UTC)
        self.codes = Codes(hass, (BO, CLEANER), lambda: self.now)
        self.wrong = self.locked = 0
        self.codes.on_wrong = self._wrong
        self.codes.on_locked = self._locked

    def _wrong(self) -> None:
        self.wrong += 1

    def _locked(self) -> None:
        self.locked += 1

    async def fails(self, typed: str = "0000") -> str:
        """Type a code that is refused; return why."""
        with pytest.raises(ServiceValidationError) as refusal:
            await self.codes.check(typed)
        return str(refusal.value.translation_key)


@pytest.fixture
def keys(hass: HomeAssistant) -> Keys:
    return Keys(hass)


def test_code_is_known_by_its_slow_hash_only() -> None:
    assert holder_of(OWN, (BO, CLEANER)) == Holder("Bo", True, True)
    assert holder_of(FORCED, (BO, CLEANER)) == Holder("Bo", True, True, duress=True)
    assert holder_of(ARMS_ONLY, (BO, CLEANER)) == Holder("Cleaner", True, False)
    assert holder_of("0000", (BO, CLEANER)) is None
    assert holder_of("", (CLEANER,)) is None
    assert digest(OWN, SALT) != digest(OWN, new_salt())
    assert OWN not in repr(BO)
    assert BO.digest not in repr(BO)


def test_every_code_costs_one_slow_hash_whoever_has_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []

    def count(typed: str, salt: str) -> str:
        made.append(salt)
        return digest(typed, salt)

    monkeypatch.setattr(codes_module, "digest", count)
    for typed in (OWN, FORCED, ARMS_ONLY, "0000"):
        holder_of(typed, (BO, CLEANER))
    assert made == [SALT] * 4


@pytest.mark.parametrize("typed", ["123", "12345678901", "12a4", "١٢٣٤", ""])
def test_code_is_made_of_digits_that_a_keypad_has(typed: str) -> None:
    assert not is_well_formed(typed)
    assert is_well_formed(OWN)


async def test_each_wrong_code_after_the_first_lock_locks_for_longer(
    keys: Keys,
) -> None:
    for _ in range(FREE):
        assert await keys.fails() == "code_wrong"
    assert (keys.wrong, keys.locked) == (FREE, 1)
    assert await keys.fails(OWN) == "code_locked"
    assert keys.wrong == FREE, "what is typed while it is locked is not even looked at"
    for pause in (60, 120, 240, 480, 900, 900):
        keys.now += timedelta(seconds=pause - 1)
        assert await keys.fails(OWN) == "code_locked"
        keys.now += timedelta(seconds=1)
        assert await keys.fails() == "code_wrong"
    keys.now += timedelta(seconds=900)
    assert (await keys.codes.check(OWN)).name == "Bo"
    assert await keys.fails() == "code_wrong"
    assert (await keys.codes.check(FORCED)).duress


async def test_wrong_codes_of_a_whole_day_do_not_add_up(keys: Keys) -> None:
    for _ in range(3 * FREE):
        assert await keys.fails() == "code_wrong"
        keys.now += timedelta(minutes=6)
    assert keys.locked == 0


async def test_many_guesses_at_once_are_counted_one_by_one(keys: Keys) -> None:
    results = await asyncio.gather(
        *(keys.fails(f"{guess:04}") for guess in range(2 * FREE))
    )
    assert results.count("code_wrong") == FREE
    assert results.count("code_locked") == FREE


async def test_no_code_is_ever_logged(
    keys: Keys, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await keys.codes.check(OWN)
    await keys.fails("4711")
    assert OWN not in caplog.text
    assert "4711" not in caplog.text
    assert BO.digest not in caplog.text
