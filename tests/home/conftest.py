"""Homes for the tests of the home's shell."""

from collections.abc import AsyncGenerator
from contextlib import suppress

from homeassistant.config_entries import UnknownEntry
from homeassistant.core import HomeAssistant

from freezegun.api import FrozenDateTimeFactory
import pytest

from .house import A_PHONE, GAS_DETECTOR, GAS_VALVE, HomeUnderTest


@pytest.fixture
def bare_home(
    hass: HomeAssistant,
    hass_tmp_config_dir: str,
    freezer: FrozenDateTimeFactory,
) -> HomeUnderTest:
    """A home without anything in it."""
    hass.config.config_dir = hass_tmp_config_dir
    return HomeUnderTest(hass, freezer)


@pytest.fixture
async def home(bare_home: HomeUnderTest) -> AsyncGenerator[HomeUnderTest]:
    """A home with a gas detector, a gas valve and a phone; not started yet."""
    bare_home.add("detector", GAS_DETECTOR)
    bare_home.add("actuator", GAS_VALVE)
    bare_home.add("contact", A_PHONE)
    bare_home.state("valve.gas_supply", "open")
    yield bare_home
    if bare_home.entry is not None:
        with suppress(UnknownEntry):  # some are removed
            await bare_home.hass.config_entries.async_unload(bare_home.entry.entry_id)
