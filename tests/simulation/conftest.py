"""The kernel needs no Home Assistant, so its tests start none."""

import pytest


@pytest.fixture(autouse=True)
def _auto_enable_custom_integrations() -> None:
    """Do without: nothing here loads an integration."""
