"""Conditions of our own: what automations may ask."""

from abc import abstractmethod
from typing import Any, ClassVar, Final, Unpack, cast, override

from homeassistant.const import CONF_OPTIONS
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConditionErrorMessage
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.condition import (
    Condition,
    ConditionCheckParams,
    ConditionConfig,
)
from homeassistant.helpers.typing import ConfigType

import voluptuous as vol

from ..safety.assurance import Safety, assure
from ..safety.supervision import protection
from . import async_find_home
from .guard import Guard
from .triggers import CONF_DRILLS, CONF_HAZARD, HAZARDS

CONF_UNANSWERED: Final = "unanswered"


class HomeCondition(Condition):
    """Asks the running home.

    Without one there is no answer, not even "no": whoever asks whether an incident is
    *not* open must not hear yes. It is an error, and Home Assistant stops there.
    """

    options: ClassVar[dict[Any, Any]] = HAZARDS
    key: ClassVar[str]

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

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Take over the options."""
        super().__init__(hass, config)
        options = config.options or {}
        self._hazards = frozenset(options.get(CONF_HAZARD, ()))
        self._drills = bool(options.get(CONF_DRILLS, False))

    @override
    def _async_check(self, **kwargs: Unpack[ConditionCheckParams]) -> bool:
        if (home := async_find_home(self._hass)) is None:
            raise ConditionErrorMessage(f"zhian.{self.key}", "no home is running")
        return self.check(home.guard)

    @abstractmethod
    def check(self, guard: Guard) -> bool:
        """Return the answer."""


class IsSafe(HomeCondition):
    """Every detector works and sees nothing, and no incident is open."""

    key = "is_safe"

    @override
    def check(self, guard: Guard) -> bool:
        assurance = assure(guard.state, guard.clock.now(), self._hazards)
        return assurance.safety is Safety.SAFE


class IncidentIsOpen(HomeCondition):
    """An incident is open; it stays so until a person resets it."""

    key = "incident_is_open"
    options = {  # noqa: RUF012
        **HAZARDS,
        vol.Optional(CONF_DRILLS, default=False): cv.boolean,
        vol.Optional(CONF_UNANSWERED, default=False): cv.boolean,
    }

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Take over the options."""
        super().__init__(hass, config)
        self._unanswered = bool((config.options or {}).get(CONF_UNANSWERED, False))

    @override
    def check(self, guard: Guard) -> bool:
        return any(
            (not self._hazards or incident.hazard in self._hazards)
            and (self._drills or not incident.drill)
            and not (self._unanswered and incident.is_answered)
            for incident in guard.state.shown
        )


class ProtectionIsComplete(HomeCondition):
    """Every detector works, and there is at least one."""

    key = "protection_is_complete"

    @override
    def check(self, guard: Guard) -> bool:
        now = protection(guard.state)
        wanted = self._hazards
        lacking = [d for d in now.lacking if not wanted or d.hazard in wanted]
        working = [d for d in now.working if not wanted or d.hazard in wanted]
        return bool(working) and not lacking


CONDITIONS: Final[dict[str, type[Condition]]] = {
    condition.key: condition
    for condition in (IsSafe, IncidentIsOpen, ProtectionIsComplete)
}
