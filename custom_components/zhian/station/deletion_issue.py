"""A repair while something that was to be deleted is there after its time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.helpers.issue_registry import IssueSeverity
from homeassistant.util import dt as dt_util

from ..const import DOMAIN

OVERDUE: Final = "deletion_overdue"
PRIVACY: Final = "https://github.com/zhian-home/zhian/blob/main/docs/privacy.md"


class DeletionIssue:
    """Raised when the first of them is overdue, taken back when none is."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Know of nothing."""
        self._hass = hass
        self._dues: Sequence[datetime] = ()
        self._stop: CALLBACK_TYPE | None = None
        self._is_over = False

    @callback
    def show(self, dues: Sequence[datetime]) -> None:
        """Show what is overdue of all that is to be done; look again when it is time."""
        if self._is_over:
            return  # what was under way when the station stopped
        self._dues = dues
        self._look(dt_util.utcnow())

    @callback
    def _look(self, now: datetime) -> None:
        self._wait_no_more()
        overdue = [due for due in self._dues if due <= now]
        if later := [due for due in self._dues if due > now]:
            self._stop = async_track_point_in_utc_time(
                self._hass, self._on_time, min(later)
            )
        if not overdue:
            ir.async_delete_issue(self._hass, DOMAIN, OVERDUE)
            return
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            OVERDUE,
            is_fixable=False,
            severity=IssueSeverity.ERROR,
            translation_key=OVERDUE,
            learn_more_url=PRIVACY,
            translation_placeholders={
                "count": str(len(overdue)),
                "due": f"{dt_util.as_local(min(overdue)):%Y-%m-%d %H:%M}",
            },
        )

    @callback
    def _on_time(self, now: datetime) -> None:
        self._stop = None
        self._look(now)

    @callback
    def clear(self) -> None:
        """Show nothing any more: the station stops."""
        self._wait_no_more()
        self._is_over = True
        ir.async_delete_issue(self._hass, DOMAIN, OVERDUE)

    def _wait_no_more(self) -> None:
        if self._stop is not None:
            self._stop()
            self._stop = None
