"""What the station has to say to all its households, on the home's own page."""

from collections.abc import Iterable

from homeassistant.components import persistent_notification
from homeassistant.core import HomeAssistant, callback

from ..link.messages import StationNotice


class StationNotices:
    """Shows each notice once, and takes it away when it is over.

    It rings nobody: what is urgent is an incident.
    """

    def __init__(self, hass: HomeAssistant, station: str) -> None:
        """Begin with none."""
        self._hass = hass
        self._station = station
        self._shown: set[str] = set()

    @callback
    def show(self, notice: StationNotice) -> None:
        """Show a notice, unless it has been."""
        if notice.id in self._shown:
            return
        self._shown.add(notice.id)
        persistent_notification.async_create(
            self._hass,
            # Text of somebody else: nothing in it is markup.
            "\n".join(f"    {line}" for line in (notice.text, f"— {notice.by}")),
            title=self._station,
            notification_id=_name(notice.id),
        )

    @callback
    def show_all(self, notices: Iterable[StationNotice]) -> None:
        """Show what counts now, and nothing that is over."""
        present = {notice.id: notice for notice in notices}
        for notice in present.values():
            self.show(notice)
        for gone in self._shown - present.keys():
            persistent_notification.async_dismiss(self._hass, _name(gone))
        self._shown &= present.keys()


def _name(notice: str) -> str:
    return f"zhian_notice_{notice}"
