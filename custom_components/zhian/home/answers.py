"""What people answer: by a button of their notification, or through their gateway."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
import hashlib
import hmac
from typing import Final

from homeassistant.core import CALLBACK_TYPE, Context, Event, HomeAssistant, callback

from ..safety.incident import Incident
from ..safety.signals import Acknowledge, Answer
from ..safety.vocabulary import Hazard, Phase, Response
from . import words
from .channels import Button
from .guard import Guard

EVENT_NOTIFICATION_ACTION: Final = "mobile_app_notification_action"
"""Fired by the companion apps when a button of a notification is pressed."""


class Choice(StrEnum):
    """What a person can answer."""

    ACKNOWLEDGE = "acknowledge"
    SAFE = "safe"
    HELP = "help"


_PREFIXES: Final[Mapping[Choice, str]] = {
    Choice.ACKNOWLEDGE: "ZHIAN_ACK_",
    Choice.SAFE: "ZHIAN_SAFE_",
    Choice.HELP: "ZHIAN_HELP_",
}


class Answers:
    """Makes tokens that nobody can guess, and knows them when they come back.

    Any phone can fire any event: only who got the message knows its tokens. They stay
    the same over a restart, so that an old notification still answers.
    """

    def __init__(
        self, hass: HomeAssistant, names: Mapping[str, str], secret: bytes
    ) -> None:
        """Keep the contacts' names by their ids; `secret` makes the tokens."""
        self._hass = hass
        self._names = names
        self._secret = secret
        self._guard: Guard | None = None

    @callback
    def start(self, guard: Guard) -> CALLBACK_TYPE:
        """Listen to answers; return the end."""
        self._guard = guard
        return self._hass.bus.async_listen(EVENT_NOTIFICATION_ACTION, self._on_action)

    def token(self, incident: str, choice: Choice, contact: str) -> str:
        """Return what stands for one answer of one contact to one incident."""
        meant = f"{incident}\x00{choice}\x00{contact}".encode()
        digest = hmac.new(self._secret, meant, hashlib.sha256).hexdigest()
        return f"{_PREFIXES[choice]}{digest[:32]}"

    def buttons(
        self, incident: Incident | None, contact: str, language: str
    ) -> tuple[Button, ...]:
        """Return the answers that a contact has at the moment."""
        if incident is None or not incident.is_open:
            return ()
        choices: Iterable[Choice] = Choice
        if incident.phase is Phase.PRE_ALARM and incident.asks:
            choices = (Choice.SAFE, Choice.HELP)
        elif incident.is_answered:
            # Somebody has taken it; whoever is in danger can still say so.
            choices = (Choice.HELP,) if incident.help is None else ()
        return tuple(
            Button(
                choice,
                self.token(incident.id, choice, contact),
                words.word(_title(incident, choice), language),
            )
            for choice in choices
        )

    @callback
    def _on_action(self, event: Event[dict[str, object]]) -> None:
        token = str(event.data.get("action", ""))
        if (found := self._find(token)) is not None:
            self._hass.async_create_task(
                self._take(*found, "notification", event.context)
            )

    async def take(self, token: str, via: str, context: Context) -> bool:
        """Take the answer that a token stands for; False if it stands for none."""
        if (found := self._find(token)) is None:
            return False
        await self._take(*found, via, context)
        return True

    def _find(self, token: str) -> tuple[str, Choice, str] | None:
        """Return incident, choice and contact of a token."""
        if self._guard is None:
            return None
        for choice, prefix in _PREFIXES.items():
            if not token.startswith(prefix):
                continue
            for incident in self._guard.state.incidents:
                for contact in self._names:
                    expected = self.token(incident, choice, contact)
                    if hmac.compare_digest(token.encode(), expected.encode()):
                        return incident, choice, contact
        return None

    async def _take(
        self, incident: str, choice: Choice, contact: str, via: str, context: Context
    ) -> None:
        guard = self._guard
        assert guard is not None
        user = (
            await self._hass.auth.async_get_user(context.user_id)
            if context.user_id and via == "notification"
            else None
        )
        # A gateway's user is a program: then it is the contact who has answered.
        by = user.name if user and user.name else self._names[contact]
        at = guard.clock.now()
        if choice is Choice.ACKNOWLEDGE:
            guard.handle(Acknowledge(by, via, at, incident, contact))
        else:
            response = Response(choice.value)
            guard.handle(Answer(incident, response, by, via, at, contact))


def _title(incident: Incident, choice: Choice) -> str:
    """Return which words a button has: nobody is in danger who has only been silent."""
    is_asked = incident.hazard is Hazard.INACTIVITY and choice is Choice.SAFE
    return "well" if is_asked else choice
