"""The installer never touches what a user did, and never stops set-up."""

from pathlib import Path
from typing import Any

from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component

import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.zhian import blueprints
from custom_components.zhian.blueprints import async_install_blueprints

GAS = "gas_leak_shutoff.yaml"
WATER = "water_leak_shutoff.yaml"


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Give each test a configuration of its own: these write into it."""
    return hass_tmp_config_dir


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder, none if there is no folder."""
    if not folder.is_dir():
        return {}
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def put(path: Path, text: str) -> None:
    """Write a file as a user would."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a package of our own that a test may change."""
    folder = tmp_path / "packaged"
    folder.mkdir()
    for source in blueprints.PACKAGED.iterdir():
        (folder / source.name).write_bytes(source.read_bytes())
    monkeypatch.setattr(blueprints, "PACKAGED", folder)
    return folder


@pytest.fixture
def folder(hass: HomeAssistant, packaged: Path) -> Path:
    """Return the folder that Home Assistant reads our blueprints from."""
    return Path(hass.config.path("blueprints", "automation", "zhian"))


async def test_blueprints_are_installed(
    hass: HomeAssistant, folder: Path, packaged: Path
) -> None:
    """All, byte for byte, and nothing else."""
    await async_install_blueprints(hass)
    assert contents(folder) == contents(packaged)
    assert len(contents(folder)) == 8


async def test_a_second_time_writes_nothing(hass: HomeAssistant, folder: Path) -> None:
    """Set-up runs at every start."""
    await async_install_blueprints(hass)
    (before := folder / GAS).touch()
    stamp = before.stat().st_mtime_ns
    await async_install_blueprints(hass)
    assert before.stat().st_mtime_ns == stamp


async def test_an_edited_copy_is_never_overwritten(
    hass: HomeAssistant, folder: Path, packaged: Path
) -> None:
    """Not now, and not when a newer version comes."""
    await async_install_blueprints(hass)
    (folder / GAS).write_text("edited")
    (packaged / GAS).write_text("newer")
    for _ in range(2):
        await async_install_blueprints(hass)
        assert (folder / GAS).read_text() == "edited"


async def test_a_copy_from_elsewhere_is_never_overwritten(
    hass: HomeAssistant, folder: Path
) -> None:
    """A file of that name may have been there before us."""
    put(folder / GAS, "imported")
    await async_install_blueprints(hass)
    assert (folder / GAS).read_text() == "imported"
    assert (folder / WATER).exists()


async def test_an_unmodified_older_copy_is_updated(
    hass: HomeAssistant, folder: Path, packaged: Path
) -> None:
    """A mended blueprint reaches those who did not change theirs."""
    await async_install_blueprints(hass)
    (packaged / GAS).write_text("newer")
    await async_install_blueprints(hass)
    assert (folder / GAS).read_text() == "newer"
    (packaged / GAS).write_text("newest")
    await async_install_blueprints(hass)
    assert (folder / GAS).read_text() == "newest"


async def test_a_deleted_copy_stays_deleted(
    hass: HomeAssistant, folder: Path, packaged: Path
) -> None:
    """Also when a newer version comes: the user has decided."""
    await async_install_blueprints(hass)
    (folder / GAS).unlink()
    await async_install_blueprints(hass)
    (packaged / GAS).write_text("newer")
    await async_install_blueprints(hass)
    assert not (folder / GAS).exists()
    assert (folder / WATER).exists()


async def test_a_failure_is_logged_once_and_stops_nothing(
    hass: HomeAssistant, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The home is guarded without blueprints."""
    put(folder, "a file where the folder should be")
    await async_install_blueprints(hass)
    assert [
        record.levelname
        for record in caplog.records
        if "blueprints could not" in record.message
    ] == ["WARNING"]


async def test_a_broken_store_stops_nothing(
    hass: HomeAssistant, folder: Path, hass_storage: dict[str, Any]
) -> None:
    """Files of an unknown origin are left alone then."""
    hass_storage["zhian.blueprints"] = {"version": 99, "data": {}}
    await async_install_blueprints(hass)
    assert not contents(folder)


@pytest.fixture
async def automation(hass: HomeAssistant, folder: Path) -> None:
    """Load the automation component with an automation made from our blueprint."""
    await async_install_blueprints(hass)
    assert await async_setup_component(
        hass,
        "automation",
        {
            "automation": {
                "use_blueprint": {
                    "path": f"zhian/{GAS}",
                    "input": {"gas_sensors": ["binary_sensor.gas"]},
                }
            }
        },
    )
    await hass.async_block_till_done()


async def test_automations_see_what_was_installed(
    hass: HomeAssistant, folder: Path, packaged: Path
) -> None:
    """A blueprint that Home Assistant has looked for in vain is found afterwards."""
    assert await async_setup_component(hass, "automation", {})
    found = async_get_blueprints(hass)
    with pytest.raises(HomeAssistantError):
        await found.async_get_blueprint(f"zhian/{GAS}")
    await async_install_blueprints(hass)
    assert (await found.async_get_blueprint(f"zhian/{GAS}")).name


@pytest.mark.usefixtures("automation")
async def test_an_update_reloads_only_automations_that_use_it(
    hass: HomeAssistant, packaged: Path
) -> None:
    """A mended blueprint does not wait for the restart after next."""
    reloads = async_mock_service(hass, "automation", "reload")
    (packaged / WATER).write_text("newer")
    await async_install_blueprints(hass)
    await hass.async_block_till_done()
    assert not reloads
    (packaged / GAS).write_text((packaged / GAS).read_text() + "# newer\n")
    await async_install_blueprints(hass)
    await hass.async_block_till_done()
    assert len(reloads) == 1
