"""What every unit test of the integration needs."""

from collections.abc import Generator

import custom_components.zhian  # noqa: F401  before the test plugin finds its own package

import pytest


@pytest.fixture(autouse=True)
def _auto_enable_custom_integrations(enable_custom_integrations: None) -> Generator[None]:
    """Let Home Assistant load the integration under test."""
    yield


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Give each test a configuration folder of its own: databases live there."""
    return hass_tmp_config_dir
