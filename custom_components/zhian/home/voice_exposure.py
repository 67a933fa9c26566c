"""A repair for each gas valve whose real device obeys a voice assistant.

A voice may close the gas, through the valve that Zhi'an makes. The device behind it can
also be opened: whoever shouts through a window could do it.
"""

from typing import Final

from homeassistant.components.homeassistant.exposed_entities import (
    async_expose_entity,
    async_listen_entity_updates,
    async_should_expose,
)
from homeassistant.core import (
    CALLBACK_TYPE,
    DOMAIN as HOMEASSISTANT_DOMAIN,
    HomeAssistant,
    callback,
)
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.issue_registry import IssueSeverity

from ..const import DOMAIN
from ..safety.vocabulary import ActuatorRole
from .bindings import ActuatorBinding
from .issues import take_back

EXPOSED: Final = "valve_exposed_to_voice"

_ASSISTANTS: Final = {
    "conversation": "conversation",
    "cloud.alexa": "cloud",
    "cloud.google_assistant": "cloud",
}
"""The assistants, and the component that each of them lives in."""


def _listening(hass: HomeAssistant) -> list[str]:
    """Return the assistants that are there."""
    if HOMEASSISTANT_DOMAIN not in hass.config.components:
        return []
    return [a for a, home in _ASSISTANTS.items() if home in hass.config.components]


@callback
def take_from_voices(hass: HomeAssistant, entity_id: str) -> None:
    """Let no assistant see an entity any more."""
    for assistant in _listening(hass):
        async_expose_entity(hass, assistant, entity_id, should_expose=False)


class VoiceExposure:
    """Watches what voices may move; its repairs clear themselves."""

    def __init__(
        self, hass: HomeAssistant, entry_id: str, actuators: tuple[ActuatorBinding, ...]
    ) -> None:
        """Keep the gas valves."""
        self._hass = hass
        self._prefix = f"{EXPOSED}_{entry_id}_"
        self._valves = tuple(
            actuator
            for actuator in actuators
            if actuator.options.role is ActuatorRole.GAS_VALVE
        )

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Check now and whenever somebody changes what an assistant sees."""
        self.check()
        ends = [
            async_listen_entity_updates(self._hass, assistant, self.check)
            for assistant in _listening(self._hass)
        ]

        @callback
        def end() -> None:
            for stop in ends:
                stop()

        return end

    @callback
    def check(self) -> None:
        """Bring the repairs in line with what the assistants see."""
        listening = _listening(self._hass)
        wanted = {
            f"{self._prefix}{valve.id}": valve
            for valve in self._valves
            if any(
                async_should_expose(self._hass, assistant, valve.entity_id)
                for assistant in listening
            )
        }
        for issue_id, valve in wanted.items():
            ir.async_create_issue(
                self._hass,
                DOMAIN,
                issue_id,
                is_fixable=True,
                severity=IssueSeverity.WARNING,
                translation_key=EXPOSED,
                translation_placeholders={
                    "name": valve.options.name,
                    "entity_id": valve.entity_id,
                },
                data={"entity_id": valve.entity_id, "name": valve.options.name},
            )
        take_back(self._hass, self._prefix, but=wanted)
