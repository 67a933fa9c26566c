"""Reaching the people of the home, and hearing their answers."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
import hashlib
import hmac
import logging
from typing import Final

from homeassistant.components import persistent_notification
from homeassistant.core import CALLBACK_TYPE, Context, Event, HomeAssistant, callback

from ..safety.incident import Incident
from ..safety.orders import Tell
from ..safety.signals import Acknowledge, Delivered
from ..safety.vocabulary import Message, Reason
from . import words
from .channels import Letter, call_for, is_there
from .guard import ACTION_TIMEOUT, Guard
from .options import ContactOptions

_LOGGER = logging.getLogger(__name__)

EVENT_NOTIFICATION_ACTION: Final = "mobile_app_notification_action"
"""Fired by the companion apps when a button of a notification is pressed."""

RETRIES: Final = (2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 60.0, 60.0, 60.0, 60.0)
"""Seconds before each new try of a message that did not go out."""

_ACTION_PREFIX: Final = "ZHIAN_ACK_"


@dataclass(frozen=True, slots=True)
class Contact:
    """A person and the one channel to them."""

    id: str
    options: ContactOptions


class People:
    """Tells contacts, and takes their acknowledgement from the notification."""

    def __init__(
        self,
        hass: HomeAssistant,
        home_name: str,
        contacts: tuple[Contact, ...],
        secret: bytes,
    ) -> None:
        """Keep the contacts; `secret` makes the buttons unguessable."""
        self._hass = hass
        self._home_name = home_name
        self.contacts = contacts
        self._secret = secret
        self._guard: Guard | None = None
        self._names: Mapping[str, str] = {}
        self._retries: set[asyncio.Task[None]] = set()

    @callback
    def start(self, guard: Guard) -> CALLBACK_TYPE:
        """Listen to answers; return the end."""
        self._guard = guard
        self._names = {binding.id: binding.options.name for binding in guard.bindings()}
        unlisten = self._hass.bus.async_listen(
            EVENT_NOTIFICATION_ACTION, self._on_action
        )

        @callback
        def stop() -> None:
            unlisten()
            for task in self._retries:
                task.cancel()

        return stop

    @callback
    def tell(self, order: Tell) -> None:
        """Tell everybody, each in a task of their own, and show it in the frontend."""
        if self._guard is None:
            return
        letter = self._letter(self._guard, order)
        self._show(order, letter.notice)
        for contact in self.contacts:
            self._hass.async_create_task(
                self._reach(contact, order, letter), "zhian tell", eager_start=False
            )

    def _letter(self, guard: Guard, order: Tell) -> Letter:
        """Put an order into words, as things stand now."""
        incident = _incident(guard, order)
        language = words.language_for(self._hass.config.language)
        subject = self._subject(guard, order)
        answer = None
        if incident is not None and incident.is_open and not incident.acknowledged:
            action = self.acknowledge_action(incident.id)
            answer = action, words.word("acknowledge", language)
        return Letter(
            message=order.message,
            notice=words.notice(
                order.message, incident, subject, self._names, language
            ),
            tag=_about(order),
            answer=answer,
        )

    def _subject(self, guard: Guard, order: Tell) -> words.Subject:
        names = tuple(self._names.get(subject, subject) for subject in order.subjects)
        if order.subject is None:
            return words.Subject(self._home_name, names=names)
        value = None
        if (detector := guard.detectors.get(order.subject)) is not None:
            sensed = guard.state.readings.get(order.subject)
            if sensed is not None and sensed.value is not None:
                unit = "ppm" if detector.is_ppm else "%LEL"
                value = f"{sensed.value:.0f} {unit}"
        name = self._names.get(order.subject)
        return words.Subject(self._home_name, name, value, names)

    def _show(self, order: Tell, notice: words.Notice) -> None:
        """Keep the newest news on the frontend's notification list."""
        persistent_notification.async_create(
            self._hass, notice.text, notice.title, _about(order)
        )

    # --- out ---------------------------------------------------------------------

    async def _reach(self, contact: Contact, order: Tell, letter: Letter) -> None:
        """Send one message to one contact; if it does not go out, try on."""
        reason = await self._send(contact, letter)
        self._note(contact, order, reason)
        if reason is not None:
            task = self._hass.async_create_background_task(
                self._try_on(contact, order), "zhian tell again"
            )
            self._retries.add(task)
            task.add_done_callback(self._retries.discard)

    async def _try_on(self, contact: Contact, order: Tell) -> None:
        """Send a message again, in the words of the day, until it goes out."""
        for pause in RETRIES:
            await asyncio.sleep(pause)
            guard = self._guard
            if guard is None or not _matters(guard, order):
                return
            if await self._send(contact, self._letter(guard, order)) is None:
                self._note(contact, order, None)
                return

    async def _send(self, contact: Contact, letter: Letter) -> Reason | None:
        """Send one letter once; return why it did not go out."""
        if not is_there(self._hass, contact.options.target):
            return Reason.UNAVAILABLE
        call = call_for(self._hass, contact.options, letter)
        try:
            async with asyncio.timeout(ACTION_TIMEOUT):
                await self._hass.services.async_call(
                    call.domain,
                    call.service,
                    call.data,
                    blocking=True,
                    context=Context(),
                )
        except TimeoutError:
            return Reason.TIMEOUT
        except Exception:  # one contact never stops another
            _LOGGER.warning("A contact could not be told; trying on", exc_info=True)
            return Reason.ERROR
        return None

    def _note(self, contact: Contact, order: Tell, reason: Reason | None) -> None:
        """Write into the timeline what became of a message."""
        if (guard := self._guard) is not None and order.incident is not None:
            at = guard.clock.now()
            guard.handle(
                Delivered(order.incident, contact.id, order.message, at, reason)
            )

    # --- in ----------------------------------------------------------------------

    def acknowledge_action(self, incident: str) -> str:
        """Return the button of an incident; only who got the message knows it.

        It stays the same over a restart, so that an old notification still answers.
        """
        digest = hmac.new(self._secret, incident.encode(), hashlib.sha256)
        return _ACTION_PREFIX + digest.hexdigest()[:32]

    @callback
    def _on_action(self, event: Event[dict[str, object]]) -> None:
        action = str(event.data.get("action", ""))
        guard = self._guard
        if guard is None or not action.startswith(_ACTION_PREFIX):
            return
        for incident in guard.state.incidents:
            expected = self.acknowledge_action(incident)
            if hmac.compare_digest(action.encode(), expected.encode()):
                self._hass.async_create_task(
                    self._acknowledge(guard, incident, event.context)
                )
                return

    async def _acknowledge(self, guard: Guard, incident: str, context: Context) -> None:
        user = (
            await self._hass.auth.async_get_user(context.user_id)
            if context.user_id
            else None
        )
        by = user.name if user and user.name else words.NOBODY
        guard.handle(Acknowledge(by, "notification", guard.clock.now(), incident))


def _about(order: Tell) -> str:
    """Return what a message is about: a newer one takes the place of an older."""
    return f"zhian_{order.incident or order.subject or order.message}"


def _incident(guard: Guard, order: Tell) -> Incident | None:
    """Return the incident that an order is about, also one just closed."""
    if order.incident is None:
        return None
    if (incident := guard.state.incidents.get(order.incident)) is not None:
        return incident
    timeline = guard.timelines.get(order.incident)
    return timeline.incident if timeline else None


def _matters(guard: Guard, order: Tell) -> bool:
    """Whether a message that did not go out is still worth sending."""
    if order.incident is not None:
        return order.incident in guard.state.incidents
    if order.message is Message.PROTECTION_LOST:
        sensed = guard.state.readings.get(order.subject or "")
        return sensed is not None and not sensed.level.is_protecting
    return order.message is not Message.TEST
