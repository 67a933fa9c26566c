"""What every unit test of the integration needs."""

from collections.abc import Iterator
import logging

from hypothesis import HealthCheck, settings
import pytest

import custom_components.zhian  # noqa: F401  before the test plugin finds its own package

from .texts import watched

# A busy machine is no failing property: nothing here is judged by how long it takes.
settings.register_profile(
    "zhian", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("zhian")

# The test plugin lets SQLAlchemy tell every statement; what a worker says after its test
# has ended would stand in the middle of the run's own output.
logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)


@pytest.fixture(autouse=True)
def _find_the_integration(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant load the integration under test, where there is one."""
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")


@pytest.fixture(autouse=True)
def _every_word_is_translated(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Let no dialog, repair or error show a key instead of a text."""
    if "hass" not in request.fixturenames:
        yield
        return
    texts = watched(monkeypatch)
    yield
    assert not texts.missing


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Give each test a configuration folder of its own: databases live there."""
    return hass_tmp_config_dir
