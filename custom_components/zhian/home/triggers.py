"""Triggers of our own: what automations may wait for."""

from typing import Any, ClassVar, Final, cast, override

from homeassistant.const import CONF_OPTIONS
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.trigger import (
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType

import voluptuous as vol

from ..safety.vocabulary import Hazard, Phase
from . import async_find_home
from .news import SIGNAL, Happening, Kind

CONF_HAZARD: Final = "hazard"
CONF_DRILLS: Final = "drills"
CONF_PRE_ALARM: Final = "pre_alarm"

HAZARDS: Final = {
    vol.Optional(CONF_HAZARD, default=list): vol.All(
        cv.ensure_list, [vol.Coerce(Hazard)]
    )
}
_DRILLS: Final = {vol.Optional(CONF_DRILLS, default=False): cv.boolean}
_PRE_ALARM: Final = {vol.Optional(CONF_PRE_ALARM, default=False): cv.boolean}


class HappeningTrigger(Trigger):
    """Fires for happenings of a kind; it listens over every reload of the entry."""

    options: ClassVar[dict[Any, Any]] = HAZARDS
    description: ClassVar[str]

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Validate the options; all of them may be left out."""
        schema = vol.Schema(
            {vol.Optional(CONF_OPTIONS, default=dict): vol.Schema(cls.options)}
        )
        return cast("ConfigType", schema(config))

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take over the options."""
        super().__init__(hass, config)
        options = config.options or {}
        self._hazards = frozenset(options.get(CONF_HAZARD, ()))
        self._drills = bool(options.get(CONF_DRILLS, False))
        self._pre_alarm = bool(options.get(CONF_PRE_ALARM, False))

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Run the action for what happens from now on, and what is still to be told."""

        @callback
        def hear(happening: Happening) -> None:
            if self._hazards and happening.hazard not in self._hazards:
                return
            if happening.drill and not self._drills:
                return
            if not self.is_meant(happening):
                return
            payload = {
                "hazard": happening.hazard.value,
                "drill": happening.drill,
                "at": happening.at,
                "by": happening.by,
                **happening.facts,
            }
            run_action(payload, self.description)

        if (home := async_find_home(self._hass)) is not None:
            for happening in home.herald.missed():
                hear(happening)
        return async_dispatcher_connect(self._hass, SIGNAL, hear)

    def is_meant(self, happening: Happening) -> bool:
        """Whether this trigger is about a happening."""
        raise NotImplementedError


class IncidentOpened(HappeningTrigger):
    """An incident has become an alarm; if chosen, or when a pre-alarm begins."""

    options = {**HAZARDS, **_DRILLS, **_PRE_ALARM}  # noqa: RUF012
    description = "an incident was opened"

    @override
    def is_meant(self, happening: Happening) -> bool:
        if self._pre_alarm:
            return (
                happening.kind in (Kind.OPENED, Kind.ALARM) and happening.before is None
            )
        # Gas that comes back before the reset is the same incident.
        return happening.kind is Kind.ALARM and happening.before in (
            None,
            Phase.PRE_ALARM,
        )


class IncidentAcknowledged(HappeningTrigger):
    """Somebody has taken an incident."""

    options = {**HAZARDS, **_DRILLS}  # noqa: RUF012
    description = "an incident was acknowledged"

    @override
    def is_meant(self, happening: Happening) -> bool:
        return happening.kind is Kind.ACKNOWLEDGED


class StepFailed(HappeningTrigger):
    """A device did not prove that it obeyed. A drill moves nothing, so it has none."""

    description = "a step failed"

    @override
    def is_meant(self, happening: Happening) -> bool:
        return happening.kind is Kind.STEP_FAILED


class ProtectionLost(HappeningTrigger):
    """People are told that a detector protects nobody."""

    description = "protection was lost"

    @override
    def is_meant(self, happening: Happening) -> bool:
        return happening.kind is Kind.PROTECTION_LOST


class DrillFinished(HappeningTrigger):
    """A drill is over, by time, by a person or by a real alarm."""

    description = "a drill finished"

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Listen to drills."""
        super().__init__(hass, config)
        self._drills = True

    @override
    def is_meant(self, happening: Happening) -> bool:
        return happening.drill and happening.kind is Kind.CLOSED


TRIGGERS: Final[dict[str, type[Trigger]]] = {
    "incident_opened": IncidentOpened,
    "incident_acknowledged": IncidentAcknowledged,
    "step_failed": StepFailed,
    "protection_lost": ProtectionLost,
    "drill_finished": DrillFinished,
}
