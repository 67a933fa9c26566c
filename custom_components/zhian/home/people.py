"""Reaching the people of the home, and hearing their answers."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
import hashlib
import hmac
import logging

from homeassistant.components import persistent_notification
from homeassistant.components.notify import DOMAIN as NOTIFY
from homeassistant.core import (
    CALLBACK_TYPE,
    Context,
    Event,
    HomeAssistant,
    callback,
    split_entity_id,
)

from ..safety.incident import Incident
from ..safety.orders import Tell
from ..safety.signals import Acknowledge, Delivered
from ..safety.vocabulary import Message, Reason
from . import words
from .guard import ACTION_TIMEOUT, Guard
from .options import ContactOptions

_LOGGER = logging.getLogger(__name__)

EVENT_NOTIFICATION_ACTION = "mobile_app_notification_action"
"""Fired by the companion apps when a button of a notification is pressed."""

_ACTION_PREFIX = "ZHIAN_ACK_"
_MOBILE_APP = "mobile_app_"


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

    @callback
    def start(self, guard: Guard) -> CALLBACK_TYPE:
        """Listen to answers; return the end."""
        self._guard = guard
        self._names = {binding.id: binding.options.name for binding in guard.bindings()}
        return self._hass.bus.async_listen(EVENT_NOTIFICATION_ACTION, self._on_action)

    @callback
    def tell(self, order: Tell) -> None:
        """Tell everybody, each in a task of their own, and show it in the frontend."""
        guard = self._guard
        if guard is None:
            return
        incident = None
        if order.incident is not None:
            timeline = guard.timelines.get(order.incident)
            incident = guard.state.incidents.get(order.incident) or (
                timeline.incident if timeline else None
            )
        language = words.language_for(self._hass.config.language)
        notice = words.notice(
            order.message, incident, self._subject(order), self._names, language
        )
        self._show(order, notice)
        for contact in self.contacts:
            self._hass.async_create_task(
                self._reach(contact, order, incident, notice, language),
                "zhian tell",
                eager_start=False,
            )

    def _subject(self, order: Tell) -> words.Subject:
        guard = self._guard
        assert guard is not None
        if order.subject is None:
            return words.Subject(self._home_name)
        name = self._names.get(order.subject)
        value = None
        if order.subject in guard.detectors:
            sensed = guard.state.readings.get(order.subject)
            if sensed is not None and sensed.value is not None:
                unit = "ppm" if guard.detectors[order.subject].is_ppm else "%LEL"
                value = f"{sensed.value:.0f} {unit}"
        return words.Subject(self._home_name, name, value)

    def _show(self, order: Tell, notice: words.Notice) -> None:
        """Keep the newest news of an incident on the frontend's notification list."""
        about = order.incident or f"{order.message}_{order.subject}"
        if order.message is Message.PROTECTION_BACK:
            lost = f"zhian_{Message.PROTECTION_LOST}_{order.subject}"
            persistent_notification.async_dismiss(self._hass, lost)
        persistent_notification.async_create(
            self._hass, notice.text, notice.title, f"zhian_{about}"
        )

    async def _reach(
        self,
        contact: Contact,
        order: Tell,
        incident: Incident | None,
        notice: words.Notice,
        language: str,
    ) -> None:
        """Send one message to one contact and say what became of it."""
        domain, service, data = self._call_for(
            contact.options, order, incident, notice, language
        )
        reason: Reason | None = None
        try:
            async with asyncio.timeout(ACTION_TIMEOUT):
                await self._hass.services.async_call(
                    domain, service, data, blocking=True, context=Context()
                )
        except TimeoutError:
            reason = Reason.TIMEOUT
        except Exception:
            _LOGGER.warning("A contact could not be told", exc_info=True)
            reason = Reason.ERROR
        if reason is None and not self._exists(contact.options.target):
            reason = Reason.UNAVAILABLE  # the call went through to nobody
        if self._guard is not None and order.incident is not None:
            self._guard.handle(
                Delivered(
                    order.incident,
                    contact.id,
                    order.message,
                    self._guard.clock.now(),
                    reason,
                )
            )

    def _exists(self, target: str) -> bool:
        domain, name = split_entity_id(target)
        if self._hass.services.has_service(domain, name):
            return True
        state = self._hass.states.get(target)
        return state is not None and state.state != "unavailable"

    def _call_for(
        self,
        contact: ContactOptions,
        order: Tell,
        incident: Incident | None,
        notice: words.Notice,
        language: str,
    ) -> tuple[str, str, dict[str, object]]:
        """Return the action that reaches a contact."""
        domain, name = split_entity_id(contact.target)
        message: dict[str, object] = {"message": notice.text, "title": notice.title}
        if not self._hass.services.has_service(domain, name):
            return NOTIFY, "send_message", {**message, "entity_id": contact.target}
        if name.startswith(_MOBILE_APP):
            message["data"] = self._phone_data(contact, order, incident, language)
        return domain, name, message

    def _phone_data(
        self,
        contact: ContactOptions,
        order: Tell,
        incident: Incident | None,
        language: str,
    ) -> dict[str, object]:
        """Return what makes a phone ring through silence, and its answer button."""
        data: dict[str, object] = {"tag": f"zhian_{order.incident or order.message}"}
        if contact.critical and order.message in _RINGS:
            data |= {
                "ttl": 0,
                "priority": "high",
                "channel": "alarm_stream",
                "push": {"sound": {"name": "default", "critical": 1, "volume": 1.0}},
            }
        if incident is not None and incident.is_open and not incident.acknowledged:
            data["actions"] = [
                {
                    "action": self.acknowledge_action(incident.id),
                    "title": words.word("acknowledge", language),
                }
            ]
        return data

    # --- answers -----------------------------------------------------------------

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
            if hmac.compare_digest(action, self.acknowledge_action(incident)):
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


_RINGS = frozenset(
    {
        Message.ALARM,
        Message.PRE_ALARM,
        Message.STEP_FAILED,
        Message.REOPENED,
        Message.PROTECTION_LOST,
    }
)
