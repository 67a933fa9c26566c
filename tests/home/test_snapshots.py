"""Pictures of a break-in: taken when it happens, waited for by nobody."""

import asyncio

from homeassistant.core import ServiceCall

import pytest

from .house import SIREN, HomeUnderTest
from .intrusion import FRONT, WINDOW, arm, guarded, shown

HALL_CAMERA, GARDEN_CAMERA = "camera.hall", "camera.garden"


class Cameras:
    """Cameras that take pictures, or do not."""

    def __init__(self, home: HomeUnderTest) -> None:
        self.taken: list[tuple[str, str]] = []
        self.hang: asyncio.Event | None = None
        self.error: Exception | None = None
        home.hass.services.async_register("camera", "snapshot", self._take)

    async def _take(self, call: ServiceCall) -> None:
        self.taken.append((call.data["entity_id"], call.data["filename"]))
        if self.hang is not None:
            await self.hang.wait()
        if self.error is not None:
            raise self.error


@pytest.fixture
async def cameras(home: HomeUnderTest) -> Cameras:
    """A home with two cameras that were chosen."""
    found = Cameras(home)
    for camera in (HALL_CAMERA, GARDEN_CAMERA):
        home.state(camera, "idle")
    home.panel = {"cameras": [HALL_CAMERA, GARDEN_CAMERA]}
    await guarded(home)
    await arm(home)
    return found


async def test_every_camera_takes_a_picture_into_the_media_folder(
    home: HomeUnderTest, cameras: Cameras
) -> None:
    await home.report(WINDOW, "on")
    assert [camera for camera, _ in cameras.taken] == [HALL_CAMERA, GARDEN_CAMERA]
    incident = home.incident.id
    media = home.hass.config.media_dirs.get("local", home.hass.config.path("media"))
    assert cameras.taken[0][1] == f"{media}/zhian/{incident}/hall_2.jpg"
    await home.report(FRONT, "on")
    assert len({path for _, path in cameras.taken}) == 4


async def test_camera_that_hangs_delays_nothing(
    home: HomeUnderTest, cameras: Cameras
) -> None:
    cameras.hang = asyncio.Event()
    home.state(WINDOW, "on")
    await home.turns()
    assert home.calls("siren", "turn_on") == [SIREN]
    assert shown(home) == "triggered"
    home.state(FRONT, "on")
    await home.turns()
    assert len(cameras.taken) == 2, "one picture of a camera at a time"
    cameras.hang.set()
    await home.settle()


async def test_camera_that_fails_or_is_away_is_logged_and_stops_no_other(
    home: HomeUnderTest, cameras: Cameras, caplog: pytest.LogCaptureFixture
) -> None:
    cameras.error = OSError("disk full")
    home.state(GARDEN_CAMERA, "unavailable")
    await home.report(WINDOW, "on")
    assert [camera for camera, _ in cameras.taken] == [HALL_CAMERA]
    assert f"{HALL_CAMERA} took no picture" in caplog.text
    assert f"{GARDEN_CAMERA} cannot be reached" in caplog.text
    assert shown(home) == "triggered"


async def test_gas_is_no_reason_for_a_picture(
    home: HomeUnderTest, cameras: Cameras
) -> None:
    await home.report("binary_sensor.kitchen_gas", "on")
    assert cameras.taken == []
