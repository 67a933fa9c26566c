"""Asking a person aloud, on speakers and voice satellites."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
import logging
from typing import Any, Final

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, callback

from ..safety.household import Actuator
from ..safety.interlock import why_not_drive
from ..safety.orders import Tell
from ..safety.signals import Delivered
from ..safety.vocabulary import ActuatorRole, Message, Reason
from . import words
from .guard import Guard
from .places import zone_of
from .routine_options import RoutineBinding, RoutineOptions
from .troubles import reason_of, unforeseen

_LOGGER = logging.getLogger(__name__)

SPEAKING: Final = 25.0
"""Seconds that a voice may take; the next question comes after 30."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One thing that speaks, and the action that makes it."""

    name: str
    """What the timeline calls it: no personal data."""
    domain: str
    service: str
    entity_id: str
    """What makes the sound."""
    needs: tuple[str, ...]
    data: dict[str, Any]


def voices_of(options: RoutineOptions) -> Iterator[Voice]:
    """Yield what speaks to a person."""
    for number, satellite in enumerate(options.satellites, 1):
        yield Voice(
            "satellite" if number == 1 else f"satellite_{number}",
            "assist_satellite",
            "announce",
            satellite,
            (satellite,),
            {"entity_id": satellite},
        )
    for number, speaker in enumerate(options.speakers if options.voice else (), 1):
        yield Voice(
            "tts" if number == 1 else f"tts_{number}",
            "tts",
            "speak",
            speaker,
            (options.voice or "", speaker),
            {"entity_id": options.voice, "media_player_entity_id": speaker},
        )


@callback
def works(hass: HomeAssistant, voice: Voice) -> bool:
    """Whether somebody would hear it: an action on what is not there succeeds."""
    return hass.services.has_service(voice.domain, voice.service) and all(
        (state := hass.states.get(entity_id)) is not None
        and state.state != STATE_UNAVAILABLE
        for entity_id in voice.needs
    )


class Prompts:
    """Speaks each question, on everything that belongs to the person."""

    def __init__(self, hass: HomeAssistant, bindings: Iterable[RoutineBinding]) -> None:
        """Keep who is spoken to where."""
        self._hass = hass
        self._bindings = {binding.id: binding for binding in bindings}

    @callback
    def ask(self, guard: Guard, order: Tell) -> None:
        """Speak a question; other messages go to people's own channels."""
        binding = self._bindings.get(order.subject or "")
        if order.message is not Message.ASK or binding is None:
            return
        for voice in voices_of(binding.options):
            self._hass.async_create_task(
                self._speak(guard, order, binding, voice),
                "zhian ask",
                eager_start=False,
            )

    async def _speak(
        self, guard: Guard, order: Tell, binding: RoutineBinding, voice: Voice
    ) -> None:
        reason = self._why_not(guard, binding, voice)
        if reason is None:
            reason = await self._say(binding, voice)
        if order.incident is not None:
            guard.handle(
                Delivered(
                    order.incident,
                    binding.id,
                    order.message,
                    guard.clock.now(),
                    reason,
                    voice.name,
                )
            )

    def _why_not(
        self, guard: Guard, binding: RoutineBinding, voice: Voice
    ) -> Reason | None:
        # A speaker that wakes up is a thing that is switched in the gas.
        speaker = Actuator(
            voice.entity_id,
            ActuatorRole.SIREN,
            zone_of(self._hass, voice.entity_id, None),
            binding.options.ignition_safe,
        )
        if reason := why_not_drive(guard.state, speaker):
            return reason
        return None if works(self._hass, voice) else Reason.UNAVAILABLE

    async def _say(self, binding: RoutineBinding, voice: Voice) -> Reason | None:
        language = words.language_for(self._hass.config.language)
        text = words.word("ask.aloud", language).format(name=binding.options.name)
        try:
            async with asyncio.timeout(SPEAKING):
                await self._hass.services.async_call(
                    voice.domain,
                    voice.service,
                    {**voice.data, "message": text},
                    blocking=True,
                )
        except TimeoutError:
            return Reason.TIMEOUT
        except Exception as error:  # one voice never stops another
            _LOGGER.warning(
                "A person could not be asked aloud: %s",
                reason_of(error),
                exc_info=unforeseen(error),
            )
            return Reason.ERROR
        return None
