"""How a message takes the shape that a person's channel wants."""

from dataclasses import dataclass
from typing import Any, Final

from homeassistant.components.notify import DOMAIN as NOTIFY
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import Context, HomeAssistant, callback, split_entity_id

from ..safety.vocabulary import Message
from .contact_options import ChannelKind, ChannelOptions
from .notices import Notice
from .webhook import post

TTS: Final = "tts"

_RINGS: Final = frozenset(
    {
        Message.ALARM,
        Message.PRE_ALARM,
        Message.UNCONFIRMED,
        Message.ASK,
        Message.STEP_FAILED,
        Message.OBSTRUCTED,
        Message.STILL_FLOWING,
        Message.STILL_RISING,
        Message.REOPENED,
        Message.PROTECTION_LOST,
        Message.MANY_LOST,
        Message.UNANSWERED,
        Message.HELP,
        Message.QUESTION,
        Message.RISEN,
        Message.WATCH_LOST,
        Message.DURESS,
    }
)
"""Messages that may ring through a phone's silence."""


@dataclass(frozen=True, slots=True)
class Button:
    """An answer that a person can give."""

    what: str
    token: str
    title: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one person, ready to be sent."""

    message: Message
    notice: Notice
    tag: str
    """A newer letter with the same tag replaces the older one on a phone."""
    name: str = ""
    """Whom it is for."""
    buttons: tuple[Button, ...] = ()
    incident: str | None = None
    drill: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """An action of Home Assistant that delivers a letter."""

    domain: str
    service: str
    data: dict[str, Any]


@callback
def is_there(hass: HomeAssistant, channel: ChannelOptions) -> bool:
    """Whether a channel can be used now.

    An action on an unavailable entity succeeds without a word, and reaches nobody.
    """
    match channel.kind:
        case ChannelKind.WEBHOOK:
            return True
        case ChannelKind.TTS:
            return _lives(hass, channel.target) and _lives(hass, channel.player or "")
        case _:
            if hass.services.has_service(*split_entity_id(channel.target)):
                return True
            return _lives(hass, channel.target)


@callback
def is_discreet(hass: HomeAssistant, channel: ChannelOptions) -> bool:
    """Whether nobody in the home notices that a channel is used.

    A voice can be heard, and a notify entity shows when it last sent something.
    """
    if channel.kind is ChannelKind.TTS:
        return False
    return channel.kind is ChannelKind.WEBHOOK or hass.services.has_service(
        *split_entity_id(channel.target)
    )


def _lives(hass: HomeAssistant, entity_id: str) -> bool:
    state = hass.states.get(entity_id)
    return state is not None and state.state != STATE_UNAVAILABLE


async def send(hass: HomeAssistant, channel: ChannelOptions, letter: Letter) -> None:
    """Send a letter once; raise whatever keeps it from going out."""
    if channel.kind is ChannelKind.WEBHOOK:
        await post(hass, channel, _gateway_data(letter))
        return
    call = call_for(hass, channel, letter)
    await hass.services.async_call(
        call.domain, call.service, call.data, blocking=True, context=Context()
    )


@callback
def call_for(hass: HomeAssistant, channel: ChannelOptions, letter: Letter) -> Call:
    """Return the action that delivers a letter."""
    if channel.kind is ChannelKind.TTS:
        spoken = {
            "entity_id": channel.target,
            "media_player_entity_id": channel.player,
            "message": _spoken(letter.notice),
        }
        return Call(TTS, "speak", spoken)
    domain, name = split_entity_id(channel.target)
    data: dict[str, Any] = {
        "title": letter.notice.title,
        "message": letter.notice.text,
    }
    if not hass.services.has_service(domain, name):
        return Call(NOTIFY, "send_message", {**data, "entity_id": channel.target})
    if channel.kind is ChannelKind.MOBILE_APP:
        data["data"] = _phone_data(channel, letter)
    return Call(domain, name, data)


def _spoken(notice: Notice) -> str:
    """Return what a voice says: what to do comes first, the small print stays."""
    lines = notice.text.splitlines()[:2]
    return " ".join([f"{notice.title}.", *lines])


def _phone_data(channel: ChannelOptions, letter: Letter) -> dict[str, Any]:
    """Return what makes a phone ring through silence, and its answer buttons."""
    data: dict[str, Any] = {"tag": letter.tag}
    if channel.critical and letter.message in _RINGS:
        data |= {
            "ttl": 0,
            "priority": "high",
            "channel": "alarm_stream",
            "push": {"sound": {"name": "default", "critical": 1, "volume": 1.0}},
        }
    if letter.buttons:
        data["actions"] = [
            {"action": button.token, "title": button.title} for button in letter.buttons
        ]
    return data


def _gateway_data(letter: Letter) -> dict[str, object]:
    """Return what a gateway needs; it may bring an answer back by its token."""
    return {
        "message": letter.message.value,
        "title": letter.notice.title,
        "text": letter.notice.text,
        "contact": letter.name,
        "tag": letter.tag,
        "incident": letter.incident,
        "urgent": letter.message in _RINGS,
        "drill": letter.drill,
        "answers": {button.what: button.token for button in letter.buttons},
    }
