"""How a message takes the shape that a person's channel wants."""

from dataclasses import dataclass
from typing import Any, Final

from homeassistant.components.notify import DOMAIN as NOTIFY
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, callback, split_entity_id

from ..safety.vocabulary import Message
from .options import ContactOptions
from .words import Notice

_MOBILE_APP: Final = "mobile_app_"

_RINGS: Final = frozenset(
    {
        Message.ALARM,
        Message.PRE_ALARM,
        Message.STEP_FAILED,
        Message.REOPENED,
        Message.PROTECTION_LOST,
        Message.MANY_LOST,
    }
)
"""Messages that may ring through a phone's silence."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message, ready to be sent to anybody."""

    message: Message
    notice: Notice
    tag: str
    """A newer letter with the same tag replaces the older one on a phone."""
    answer: tuple[str, str] | None = None
    """The action and the title of the button that takes the incident."""


@dataclass(frozen=True, slots=True)
class Call:
    """An action of Home Assistant that delivers a letter."""

    domain: str
    service: str
    data: dict[str, Any]


@callback
def is_there(hass: HomeAssistant, target: str) -> bool:
    """Whether a notify action, or the notify entity, can be used now.

    An action on an unavailable entity succeeds without a word, and reaches nobody.
    """
    if hass.services.has_service(*split_entity_id(target)):
        return True
    state = hass.states.get(target)
    return state is not None and state.state != STATE_UNAVAILABLE


@callback
def call_for(hass: HomeAssistant, contact: ContactOptions, letter: Letter) -> Call:
    """Return the action that delivers a letter to a contact."""
    domain, name = split_entity_id(contact.target)
    data: dict[str, Any] = {
        "title": letter.notice.title,
        "message": letter.notice.text,
    }
    if not hass.services.has_service(domain, name):
        return Call(NOTIFY, "send_message", {**data, "entity_id": contact.target})
    if name.startswith(_MOBILE_APP):
        data["data"] = _phone_data(contact, letter)
    return Call(domain, name, data)


def _phone_data(contact: ContactOptions, letter: Letter) -> dict[str, Any]:
    """Return what makes a phone ring through silence, and its answer button."""
    data: dict[str, Any] = {"tag": letter.tag}
    if contact.critical and letter.message in _RINGS:
        data |= {
            "ttl": 0,
            "priority": "high",
            "channel": "alarm_stream",
            "push": {"sound": {"name": "default", "critical": 1, "volume": 1.0}},
        }
    if letter.answer is not None:
        action, title = letter.answer
        data["actions"] = [{"action": action, "title": title}]
    return data
