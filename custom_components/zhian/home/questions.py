"""Asking a device where it is, and telling its answer from an echo.

Zigbee2MQTT publishes what it has commanded as if the device had said it, and Home
Assistant writes no state for a message that repeats the last one. So the proof is not a
state: it is that a message came after the question.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
import json
import logging
import re
from typing import TYPE_CHECKING, Any, Final

from homeassistant.components.homeassistant import DOMAIN as CORE, SERVICE_UPDATE_ENTITY
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant, callback, split_entity_id
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_component import DATA_INSTANCES

from .troubles import reason_of, unforeseen

if TYPE_CHECKING:
    from homeassistant.components.mqtt.models import ReceiveMessage

_LOGGER = logging.getLogger(__name__)

MQTT: Final = "mqtt"
ZIGBEE2MQTT: Final = "Zigbee2MQTT"

SECOND_QUESTION: Final = 0.6
"""Seconds without an answer until the question is put in the other way."""

SETTLE: Final = 0.2
"""Seconds from a message to its reading.

A message that was on its way before the question carries what was commanded; the
answer is right behind it.
"""

LIMIT: Final = 2.0
"""Seconds that a question is open."""

_COMMAND_TOPIC: Final = re.compile(r"(?P<device>.+)/set(?P<attribute>/[^/]+)?")

# A Tuya device of datapoints has no attributes to read; asked so, it tells them all.
_ASK_TUYA: Final = json.dumps(
    {
        "command": {
            "cluster": "manuSpecificTuya",
            "command": "dataQuery",
            "payload": {},
        }
    }
)


@dataclass(frozen=True, slots=True)
class Topics:
    """Where a device of Zigbee2MQTT is asked and where it answers."""

    answer: str
    questions: tuple[tuple[str, str], ...]
    """Topic and payload of each way to ask, best first."""


def topics_for(hass: HomeAssistant, entity_id: str) -> Topics | None:
    """Return the topics of an entity that Zigbee2MQTT has announced."""
    entry = er.async_get(hass).async_get(entity_id)
    if entry is None or entry.platform != MQTT or MQTT not in hass.config.components:
        return None
    from homeassistant.components.mqtt.const import ATTR_DISCOVERY_PAYLOAD
    from homeassistant.components.mqtt.models import DATA_MQTT

    known = hass.data[DATA_MQTT].debug_info_entities.get(entity_id)
    announced: dict[str, Any] = (
        (known["discovery_data"] or {}).get(ATTR_DISCOVERY_PAYLOAD, {}) if known else {}
    )
    origin = announced.get("origin") or {}
    answer, command = announced.get("state_topic"), announced.get("command_topic")
    if origin.get("name") != ZIGBEE2MQTT or not answer or not command:
        return None
    if (match := _COMMAND_TOPIC.fullmatch(command)) is None:
        return None
    device, attribute = match["device"], match["attribute"] or ""
    question = "" if attribute else json.dumps({"state": ""})
    return Topics(
        answer,
        ((f"{device}/get{attribute}", question), (f"{answer}/set", _ASK_TUYA)),
    )


def _is_polled(hass: HomeAssistant, entity_id: str) -> bool:
    """Whether updating an entity asks its device, and fails if that fails.

    An entity that is pushed to would only repeat what it last heard.
    """
    component = hass.data.get(DATA_INSTANCES, {}).get(split_entity_id(entity_id)[0])
    entity = component.get_entity(entity_id) if component else None
    return (
        entity is not None
        and entity.should_poll
        and (hasattr(entity, "async_update") or hasattr(entity, "update"))
    )


def can_be_asked(hass: HomeAssistant, entity_id: str) -> bool:
    """Whether there is a way to ask the device behind an entity."""
    return topics_for(hass, entity_id) is not None or _is_polled(hass, entity_id)


async def answers(hass: HomeAssistant, entity_id: str) -> bool:
    """Ask a device once, moving nothing; return whether it has answered."""
    heard = asyncio.Event()
    question = Question(hass, entity_id, heard.set)
    try:
        while question.is_open and not heard.is_set():
            await asyncio.sleep(0.05)
    finally:
        question.close()
    return heard.is_set()


class Question:
    """One question to one device; an answer is called once, then it is over."""

    def __init__(
        self, hass: HomeAssistant, entity_id: str, on_answer: Callable[[], None]
    ) -> None:
        """Ask."""
        self._hass = hass
        self._entity_id = entity_id
        self._on_answer: Callable[[], None] | None = on_answer
        self._ends: list[Callable[[], object]] = [
            hass.loop.call_later(LIMIT, self.close).cancel
        ]
        task = hass.async_create_background_task(self._ask(), f"zhian asks {entity_id}")
        self._ends.append(task.cancel)

    @property
    def is_open(self) -> bool:
        """Whether an answer would still be heard."""
        return self._on_answer is not None

    @callback
    def close(self) -> None:
        """Hear no answer any more."""
        self._on_answer = None
        while self._ends:
            self._ends.pop()()

    @callback
    def _answered(self) -> None:
        if self._on_answer is not None:
            on_answer = self._on_answer
            self.close()
            on_answer()

    async def _ask(self) -> None:
        """Ask; whatever happens on the way stays here."""
        try:
            if (topics := topics_for(self._hass, self._entity_id)) is not None:
                await self._ask_zigbee(topics)
            elif _is_polled(self._hass, self._entity_id):
                await self._update()
            else:
                self.close()
        except Exception as error:
            _LOGGER.warning(
                "%s cannot be asked: %s",
                self._entity_id,
                reason_of(error),
                exc_info=unforeseen(error),
            )
            self.close()

    async def _ask_zigbee(self, topics: Topics) -> None:
        from homeassistant.components import mqtt

        heard = asyncio.Event()

        @callback
        def hear(message: ReceiveMessage) -> None:
            # A retained message is what the broker remembers.
            if not message.retain and not heard.is_set():
                heard.set()
                timer = self._hass.loop.call_later(SETTLE, self._answered)
                self._ends.append(timer.cancel)

        self._ends.append(await mqtt.async_subscribe(self._hass, topics.answer, hear))
        for topic, payload in topics.questions:
            await mqtt.async_publish(self._hass, topic, payload)
            with suppress(TimeoutError):
                async with asyncio.timeout(SECOND_QUESTION):
                    await heard.wait()
                    break

    async def _update(self) -> None:
        """Let a polled entity ask its device; no new state means that it failed."""
        before = self._hass.states.get(self._entity_id)
        asked = None if before is None else before.last_reported
        await self._hass.services.async_call(
            CORE,
            SERVICE_UPDATE_ENTITY,
            {ATTR_ENTITY_ID: [self._entity_id]},
            blocking=True,
        )
        state = self._hass.states.get(self._entity_id)
        if state is not None and (asked is None or state.last_reported > asked):
            self._answered()


class Questions:
    """The open questions, one at most for an actuator."""

    def __init__(self, hass: HomeAssistant, on_answer: Callable[[str], None]) -> None:
        """Ask nothing yet; an answer is handed over with the actuator's id."""
        self._hass = hass
        self._on_answer = on_answer
        self._open: dict[str, Question] = {}
        self._later: dict[str, asyncio.TimerHandle] = {}

    @callback
    def ask(self, actuator: str, entity_id: str) -> None:
        """Ask a device; a question that is open already is enough."""
        known = self._open.get(actuator)
        if known is None or not known.is_open:
            self._open[actuator] = Question(
                self._hass, entity_id, partial(self._on_answer, actuator)
            )

    @callback
    def ask_later(self, actuator: str, entity_id: str, delay: float) -> None:
        """Ask a device when its journey is over, unless it gets a new order."""
        self._later[actuator] = self._hass.loop.call_later(
            delay, self.ask, actuator, entity_id
        )

    @callback
    def forget(self, actuator: str) -> None:
        """Take no answer from before this moment: the device gets a new order."""
        if (timer := self._later.pop(actuator, None)) is not None:
            timer.cancel()
        if (question := self._open.pop(actuator, None)) is not None:
            question.close()

    @callback
    def close(self) -> None:
        """Forget every question."""
        for actuator in {*self._open, *self._later}:
            self.forget(actuator)
