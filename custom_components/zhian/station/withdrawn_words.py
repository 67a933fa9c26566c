"""What people at the desk read about an incident that was taken back."""

from collections.abc import Mapping
from typing import Final

from homeassistant.components import persistent_notification
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from ..link.withdrawn import WithdrawnReason
from .cases import Case

_KEYS: Final[Mapping[str, str]] = {
    WithdrawnReason.LEFT: "incident_withdrawn_left",
    WithdrawnReason.REVOKED: "incident_withdrawn_revoked",
}
_OTHER: Final = "incident_withdrawn"
_STILL_OURS: Final = "incident_withdrawn_taken"


async def tell_withdrawn(hass: HomeAssistant, case: Case, station: str) -> None:
    """Say which incident it is, who has taken it back and why, and what follows."""
    if case.withdrawn is None or (
        case.handling.closed is not None and case.withdrawn.erase
    ):
        return  # it was over here, and will soon be nowhere
    texts = await async_get_translations(
        hass, hass.config.language, "exceptions", {DOMAIN}
    )

    def say(key: str) -> str:
        text = texts.get(f"component.{DOMAIN}.exceptions.{key}.message", key)
        return text.format(
            number=case.number, station=station.replace("`", "'"), reason=reason
        )

    reason = case.withdrawn.reason.replace("`", "'")
    said = say(_KEYS.get(reason, _OTHER))
    if case.is_open:
        said = f"{said} {say(_STILL_OURS)}"
    persistent_notification.async_create(
        hass,
        said,
        title=station.replace("`", "'"),
        notification_id=f"zhian_withdrawn_{case.incident}",
    )
