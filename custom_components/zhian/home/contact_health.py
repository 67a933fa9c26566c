"""A repair for each contact whom no channel reaches; it clears itself."""

from homeassistant.const import EVENT_SERVICE_REGISTERED, EVENT_SERVICE_REMOVED
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.helpers.issue_registry import IssueSeverity

from ..const import DOMAIN
from .channels import TTS, is_there
from .contact_options import ChannelKind
from .issues import take_back
from .people import Contact, People

UNREACHABLE = "contact_unreachable"


class ContactHealth:
    """Watches the channels of all contacts.

    A channel works if what carries it is there and its last message went out.
    """

    def __init__(self, hass: HomeAssistant, entry_id: str, people: People) -> None:
        """Keep whom to watch."""
        self._hass = hass
        self._prefix = f"{UNREACHABLE}_{entry_id}_"
        self._people = people

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Check now and whenever something that carries a channel comes or goes."""
        self.check()
        self._people.on_outcome = self.check
        entities = {
            entity_id
            for contact in self._people.contacts
            for channel in contact.options.channels
            if channel.kind is not ChannelKind.WEBHOOK
            for entity_id in (channel.target, channel.player)
            if entity_id is not None
        }
        services = {e for e in entities if e.startswith(("notify.", f"{TTS}."))}

        @callback
        def on_service(event: Event[dict[str, str]]) -> None:
            if f"{event.data['domain']}.{event.data['service']}" in services:
                self.check()

        ends = (
            async_track_state_change_event(self._hass, entities, self._on_state),
            self._hass.bus.async_listen(EVENT_SERVICE_REGISTERED, on_service),
            self._hass.bus.async_listen(EVENT_SERVICE_REMOVED, on_service),
        )

        @callback
        def end() -> None:
            self._people.on_outcome = lambda: None
            for stop in ends:
                stop()

        return end

    @callback
    def _on_state(self, _: Event[EventStateChangedData]) -> None:
        self.check()

    @callback
    def check(self) -> None:
        """Bring the repairs in line with what works."""
        wanted = {
            f"{self._prefix}{contact.id}": contact
            for contact in self._people.contacts
            if not self._is_reachable(contact)
        }
        for issue_id, contact in wanted.items():
            ir.async_create_issue(
                self._hass,
                DOMAIN,
                issue_id,
                is_fixable=False,
                severity=IssueSeverity.ERROR,
                translation_key=UNREACHABLE,
                translation_placeholders={"name": contact.options.name},
            )
        take_back(self._hass, self._prefix, but=wanted)

    def _is_reachable(self, contact: Contact) -> bool:
        return any(
            (contact.id, name) not in self._people.failures
            and is_there(self._hass, channel)
            for name, channel in contact.options.named_channels()
        )
