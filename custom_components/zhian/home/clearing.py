"""The repairs of a home that is no more: a reload keeps them, and who ignores them."""

from typing import Final

from homeassistant.core import HomeAssistant, callback

from . import contact_health, health, receivers, routine_health, upkeep_issues
from .issues import take_back
from .voice_exposure import EXPOSED

_ALL: Final = (
    health.MISSING,
    health.RENAMED,
    health.DISK,
    health.UNREADABLE,
    health.LINK_LOST,
    health.LINK_REFUSED,
    health.LINK_REVOKED,
    health.LINK_DELETED,
    contact_health.UNREACHABLE,
    receivers.LOST,
    receivers.REFUSED,
    routine_health.MISSING,
    routine_health.UNHEARD,
    routine_health.UNASKED,
    upkeep_issues.PREFIX,
    EXPOSED,
)


@callback
def clear_repairs(hass: HomeAssistant) -> None:
    """Take back all repairs of the home: it is disabled or removed."""
    take_back(hass, *_ALL)
