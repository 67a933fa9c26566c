"""What the logbook says of the home."""

from collections.abc import Callable, Mapping

from homeassistant.components.logbook import (
    LOGBOOK_ENTRY_ENTITY_ID,
    LOGBOOK_ENTRY_ICON,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.components.logbook.models import LazyEventPartialState
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .home.diary import ICONS, text
from .home.news import EVENT_NEWS, Kind

type Describe = Callable[[LazyEventPartialState], dict[str, str]]


@callback
def async_describe_events(
    hass: HomeAssistant, async_describe_event: Callable[[str, str, Describe], None]
) -> None:
    """Describe the home's news."""

    @callback
    def describe(event: LazyEventPartialState) -> dict[str, str]:
        data: Mapping[str, object] = event.data
        kind = str(data.get("kind"))
        entity_id, name = data.get("entity_id"), data.get("name")
        said = text(data, hass.config.language, is_named=bool(entity_id and name))
        described = {
            LOGBOOK_ENTRY_NAME: str((entity_id and name) or data.get("home", "")),
            LOGBOOK_ENTRY_MESSAGE: said or kind,
        }
        if kind in ICONS:
            described[LOGBOOK_ENTRY_ICON] = ICONS[Kind(kind)]
        if entity_id:
            described[LOGBOOK_ENTRY_ENTITY_ID] = str(entity_id)
        return described

    async_describe_event(DOMAIN, EVENT_NEWS, describe)
