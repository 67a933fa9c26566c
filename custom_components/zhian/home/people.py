"""Reaching the people of the home."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
import logging
from typing import Final

from homeassistant.components import persistent_notification
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from ..safety.household import Actuator
from ..safety.incident import Incident
from ..safety.interlock import why_not_drive
from ..safety.orders import Tell
from ..safety.reporting import due_at
from ..safety.signals import Delivered
from ..safety.vocabulary import ActuatorRole, Message, Reason
from . import notices, words
from .answers import Answers
from .channels import Letter, is_discreet, is_there, send
from .contact_options import ChannelKind, ChannelOptions, ContactOptions
from .delivery import deliver
from .driving import ACTION_TIMEOUT
from .guard import Guard
from .notices import Notice, Subject
from .places import zone_of
from .troubles import unforeseen

_LOGGER = logging.getLogger(__name__)

RETRIES: Final = (2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 60.0, 60.0, 60.0, 60.0)
"""Seconds before each new try of a message that did not go out on any channel."""

_UNTIL_ANSWERED: Final = frozenset({Message.UNANSWERED, Message.REPEAT})


@dataclass(frozen=True, slots=True)
class Contact:
    """A person and the channels to them."""

    id: str
    options: ContactOptions


class People:
    """Tells contacts, each over as many channels as it takes."""

    def __init__(
        self,
        hass: HomeAssistant,
        home_name: str,
        contacts: tuple[Contact, ...],
        secret: bytes,
    ) -> None:
        """Keep the contacts; `secret` makes the answers unguessable."""
        self._hass = hass
        self._home_name = home_name
        self.contacts = contacts
        self.answers = Answers(hass, {c.id: c.options.name for c in contacts}, secret)
        self._guard: Guard | None = None
        self._names: Mapping[str, str] = {}
        self._retries: set[asyncio.Task[None]] = set()
        self._is_over = False
        self._refusing: set[tuple[str, str]] = set()
        """Contact and channel of what says no; the log has said so."""
        self.failures: dict[tuple[str, str], Reason] = {}
        """Contact and channel of what did not go out last time, and why."""
        self.on_outcome: Callable[[], None] = lambda: None
        """Called when a channel has failed, or works again."""

    @callback
    def start(self, guard: Guard) -> CALLBACK_TYPE:
        """Listen to answers; return the end."""
        self._guard = guard
        self._names = guard.names() | {
            contact.id: contact.options.name for contact in self.contacts
        }
        unlisten = self.answers.start(guard)

        @callback
        def stop() -> None:
            self._is_over = True
            unlisten()
            for task in self._retries:
                task.cancel()

        return stop

    @callback
    def tell(self, order: Tell) -> None:
        """Tell the audience, each in a task of their own, and show it in the frontend."""
        if self._guard is None:
            return
        language = words.language_for(self._hass.config.language)
        if not _is_silent(self._guard, order):
            self._show(order, self._notice(self._guard, order, language))
        for contact in self.contacts:
            if order.audience is None or contact.id in order.audience:
                self._hass.async_create_task(
                    self._reach(contact, order), "zhian tell", eager_start=False
                )

    def _letter(self, guard: Guard, contact: Contact, order: Tell) -> Letter:
        """Put an order into words for one person, as things stand now."""
        incident = _incident(guard, order)
        language = words.language_for(self._hass.config.language)
        return Letter(
            message=order.message,
            notice=self._notice(guard, order, language),
            tag=_about(order),
            name=contact.options.name,
            buttons=self.answers.buttons(incident, contact.id, language),
            incident=order.incident,
            drill=incident is not None and incident.drill,
        )

    def _notice(self, guard: Guard, order: Tell, language: str) -> Notice:
        return notices.notice(
            order.message,
            _incident(guard, order),
            self._subject(guard, order),
            self._names,
            language,
        )

    def _subject(self, guard: Guard, order: Tell) -> Subject:
        report_in = _report_in(guard, order)
        names = tuple(self._names.get(subject, subject) for subject in order.subjects)
        if order.subject is None:
            return Subject(self._home_name, names=names, report_in=report_in)
        value = None
        if (detector := guard.detectors.get(order.subject)) is not None:
            sensed = guard.state.readings.get(order.subject)
            if sensed is not None and sensed.value is not None:
                unit = "ppm" if detector.is_ppm else "%LEL"
                value = f"{sensed.value:.0f} {unit}"
        name = self._names.get(order.subject)
        return Subject(self._home_name, name, value, names, report_in)

    def _show(self, order: Tell, notice: Notice) -> None:
        """Keep the newest news on the frontend's notification list."""
        persistent_notification.async_create(
            self._hass, notice.text, notice.title, _about(order)
        )

    # --- out ---------------------------------------------------------------------

    async def _reach(self, contact: Contact, order: Tell) -> None:
        """Send one message to one contact; if it does not go out, try on."""
        if not await self._send(contact, order) and not self._is_over:
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
            if await self._send(contact, order):
                return

    async def _send(self, contact: Contact, order: Tell) -> bool:
        """Send one message over the contact's channels; return whether one took it."""
        guard = self._guard
        if guard is None:
            return True
        letter = self._letter(guard, contact, order)

        async def send_over(named: tuple[str, ChannelOptions]) -> Reason | None:
            name, channel = named
            reason = await self._send_over(guard, (contact.id, name), channel, letter)
            self._note(contact, name, order, reason)
            return reason

        channels = tuple(contact.options.named_channels())
        if _is_silent(guard, order):
            channels = tuple(c for c in channels if is_discreet(self._hass, c[1]))
        return await deliver(channels, order.channels, send_over)

    async def _send_over(
        self,
        guard: Guard,
        named: tuple[str, str],
        channel: ChannelOptions,
        letter: Letter,
    ) -> Reason | None:
        """Send one letter over one channel, once; return why it did not go out."""
        if reason := self._why_not(guard, channel):
            return reason
        try:
            async with asyncio.timeout(ACTION_TIMEOUT):
                await send(self._hass, channel, letter)
        except TimeoutError:
            return Reason.TIMEOUT
        except Exception as error:  # one channel never stops another
            if (odd := unforeseen(error)) or named not in self._refusing:
                self._refusing.add(named)
                # What it says may name a person, or hold the address of a gateway.
                _LOGGER.warning(
                    "A contact could not be told; trying on: %s",
                    type(error).__name__,
                    exc_info=odd,
                )
            return Reason.ERROR
        self._refusing.discard(named)
        return None

    def _why_not(self, guard: Guard, channel: ChannelOptions) -> Reason | None:
        """Return why a channel may not be used, or cannot be."""
        if channel.kind is ChannelKind.TTS and channel.player is not None:
            # A speaker that wakes up is a thing that is switched in the gas.
            speaker = Actuator(
                channel.player,
                ActuatorRole.SIREN,
                zone_of(self._hass, channel.player, None),
                channel.ignition_safe,
            )
            if reason := why_not_drive(guard.state, speaker):
                return reason
        return None if is_there(self._hass, channel) else Reason.UNAVAILABLE

    def _note(
        self, contact: Contact, channel: str, order: Tell, reason: Reason | None
    ) -> None:
        """Write into the timeline what became of a message on a channel."""
        guard = self._guard
        if guard is None or not _is_silent(guard, order):
            self._note_failure(contact, channel, reason)
        if guard is not None and order.incident is not None:
            guard.handle(
                Delivered(
                    order.incident,
                    contact.id,
                    order.message,
                    guard.clock.now(),
                    reason,
                    channel,
                )
            )

    def _note_failure(
        self, contact: Contact, channel: str, reason: Reason | None
    ) -> None:
        """Remember which channels do not work; a repair shows it."""
        before = self.failures.pop((contact.id, channel), None)
        if reason is not None and reason is not Reason.NOT_IGNITION_SAFE:
            self.failures[contact.id, channel] = reason
        if (contact.id, channel) in self.failures or before is not None:
            self.on_outcome()


def _is_silent(guard: Guard, order: Tell) -> bool:
    """Whether nobody in the home may notice a message."""
    incident = _incident(guard, order)
    return incident is not None and incident.silent


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


def _report_in(guard: Guard, order: Tell) -> float | None:
    """Return in how many seconds the station is told, if that can be cancelled."""
    incident = guard.state.incidents.get(order.incident or "")
    if incident is None or not guard.timelines.is_enrolled:
        return None
    due = due_at(guard.state, incident)
    return max((due - guard.clock.now()).total_seconds(), 0.0) if due else None


def _matters(guard: Guard, order: Tell) -> bool:
    """Whether a message that did not go out is still worth sending."""
    if order.incident is not None:
        incident = guard.state.incidents.get(order.incident)
        if incident is None or order.message is Message.ASK:
            return False  # the next question comes before the next try
        return order.message not in _UNTIL_ANSWERED or not incident.is_answered
    if order.message is Message.PROTECTION_LOST:
        sensed = guard.state.readings.get(order.subject or "")
        return sensed is not None and not sensed.level.is_protecting
    return order.message is not Message.TEST
