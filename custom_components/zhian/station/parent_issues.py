"""What a person has to mend about the line to the station above."""

from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.issue_registry import IssueSeverity

from ..const import DOMAIN
from ..link.problems import Reason
from .uplink import LineStatus

if TYPE_CHECKING:
    from .uplink import Uplink

LOST: Final = "parent_lost"
REFUSED: Final = "parent_refused"
REVOKED: Final = "parent_revoked"
LOOP: Final = "parent_loop"


class ParentIssues:
    """Raises each repair once, and takes it back when it is well."""

    def __init__(self, hass: HomeAssistant, uplink: Uplink) -> None:
        """Follow the line."""
        self._hass = hass
        self._uplink = uplink
        self._end = uplink.subscribe(self._show)

    @callback
    def _show(self) -> None:
        uplink = self._uplink
        is_refused = uplink.status is LineStatus.REFUSED
        is_revoked = uplink.refusal == Reason.REVOKED
        self._set(LOST, uplink.status is LineStatus.LOST)
        self._set(REFUSED, is_refused and not is_revoked)
        self._set(REVOKED, is_refused and is_revoked)
        self._set(LOOP, bool(uplink.looping))

    def _set(self, key: str, is_raised: bool) -> None:
        if not is_raised:
            ir.async_delete_issue(self._hass, DOMAIN, key)
            return
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            key,
            is_fixable=False,
            severity=IssueSeverity.ERROR,
            translation_key=key,
            translation_placeholders={
                "station": self._uplink.parent.station,
                "reason": self._uplink.refusal or "?",
            },
        )

    @callback
    def clear(self) -> None:
        """Take them all back: the station stops, or leaves the one above."""
        self._end()
        for key in (LOST, REFUSED, REVOKED, LOOP):
            ir.async_delete_issue(self._hass, DOMAIN, key)
