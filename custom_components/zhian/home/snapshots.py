"""Pictures of a break-in, from the cameras that were chosen for it."""

import asyncio
from collections.abc import Iterable
import logging
from pathlib import Path
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback, split_entity_id

from ..safety.entries import Detected, Entry
from ..safety.vocabulary import Hazard, Level
from .bindings import is_reachable
from .driving import ACTION_TIMEOUT
from .guard import Guard
from .troubles import reason_of, unforeseen

_LOGGER = logging.getLogger(__name__)

FOLDER: Final = "zhian"
_LOCAL: Final = "local"


class Snapshots:
    """Takes pictures when a detector alarms; nothing waits for them."""

    def __init__(
        self, hass: HomeAssistant, guard: Guard, cameras: Iterable[str]
    ) -> None:
        """Use some cameras."""
        self._hass = hass
        self._guard = guard
        self._cameras = tuple(cameras)
        self._busy: set[str] = set()

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Follow the incidents; return the end."""
        if not self._cameras:
            return lambda: None
        return self._guard.subscribe_news(self._on_entry)

    @callback
    def _on_entry(self, entry: Entry) -> None:
        if not isinstance(entry, Detected) or entry.level is not Level.ALARM:
            return
        timeline = self._guard.timelines.get(entry.incident)
        if timeline is None or timeline.incident.hazard is not Hazard.INTRUSION:
            return
        for camera in self._cameras:
            if camera not in self._busy:
                self._busy.add(camera)
                self._hass.async_create_background_task(
                    self._take(camera, entry), "zhian snapshot"
                )

    async def _take(self, camera: str, entry: Detected) -> None:
        try:
            if not is_reachable(self._hass.states.get(camera)):
                _LOGGER.warning("%s cannot be reached: no picture", camera)
                return
            async with asyncio.timeout(ACTION_TIMEOUT):
                await self._hass.services.async_call(
                    "camera",
                    "snapshot",
                    {"entity_id": camera, "filename": self._path(camera, entry)},
                    blocking=True,
                )
        except Exception as error:  # one camera never stops another
            _LOGGER.warning(
                "%s took no picture: %s",
                camera,
                reason_of(error),
                exc_info=unforeseen(error),
            )
        finally:
            self._busy.discard(camera)

    def _path(self, camera: str, entry: Detected) -> str:
        """Return a name in the media folder: the incident, the camera, the number."""
        config = self._hass.config
        media = Path(config.media_dirs.get(_LOCAL, config.path("media")))
        name = f"{split_entity_id(camera)[1]}_{entry.seq}.jpg"
        return str(media / FOLDER / entry.incident / name)
