"""Adding and changing a routine: what shows life, how much silence, who is asked how."""

from collections.abc import Iterable
from typing import Any, Final

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_NAME, Platform
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TimeSelector,
)

import voluptuous as vol

from ..number_field import NumberField
from ..safety.routine import Limits
from ..safety.vocabulary import ContactRole
from .candidates import find
from .contact_options import ContactOptions
from .routine_check import asking_errors, existing, limit_errors, sources_of, used_by
from .routine_options import LEAST_POWER, ROUTINE, RoutineOptions
from .signs import DOMAINS
from .subentry_flow import CONTACT, Errors, HomeSubentryFlow, Input, name_of

CONF_ASKS: Final = "asks"
CONF_AWAY: Final = "away_entities"
CONF_BY_DAY: Final = "by_day"
CONF_DAY_FROM: Final = "day_from"
CONF_DAY_TO: Final = "day_to"
CONF_IGNITION_SAFE: Final = "ignition_safe"
CONF_IN_ALL: Final = "in_all"
CONF_LEARNS: Final = "learns"
CONF_PERSONS: Final = "persons"
CONF_POWER: Final = "power_limit"
CONF_SATELLITES: Final = "satellites"
CONF_SOURCES: Final = "sources"
CONF_SPEAKERS: Final = "speakers"
CONF_VOICE: Final = "voice"

# What is on while nobody is expected.
AWAY_DOMAINS: Final = [
    Platform.CALENDAR,
    Platform.SWITCH,
    Platform.BINARY_SENSOR,
    "input_boolean",
    "schedule",
]
PERSON_DOMAINS: Final = ["person", Platform.DEVICE_TRACKER]

LEAST_HOURS: Final = 1.0
MOST_HOURS: Final = 72.0

_DEFAULT: Final = Limits()


def _entities(domains: Iterable[str], *, multiple: bool = True) -> EntitySelector:
    return EntitySelector(
        EntitySelectorConfig(filter=[{"domain": list(domains)}], multiple=multiple)
    )


_HOURS: Final = NumberField(
    NumberSelectorConfig(
        min=LEAST_HOURS,
        max=MOST_HOURS,
        step=0.5,
        mode=NumberSelectorMode.BOX,
        unit_of_measurement="h",
    )
)


class RoutineFlow(HomeSubentryFlow):
    """Watch over a person's day. Nothing is kept before the last step."""

    _chosen: Input

    async def async_step_user(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Ask who it is, and what shows that they are about."""
        errors: Errors = {}
        if user_input is not None:
            sources = self._sources(user_input[CONF_SOURCES], errors)
            self._chosen = {
                CONF_NAME: name_of(user_input, errors),
                CONF_SOURCES: sources,
                CONF_POWER: user_input[CONF_POWER],
            }
            if not errors:
                return await self.async_step_limits()
        before = self._before
        before[CONF_SOURCES] = [s["entity_id"] for s in before.get(CONF_SOURCES, [])]
        return self._form(
            self._first_step,
            {
                vol.Required(CONF_NAME): TextSelector(),
                vol.Required(CONF_SOURCES): _entities(DOMAINS),
                vol.Required(CONF_POWER, default=LEAST_POWER): NumberField(
                    NumberSelectorConfig(
                        min=1,
                        max=5000,
                        mode=NumberSelectorMode.BOX,
                        unit_of_measurement="W",
                    )
                ),
            },
            user_input if user_input is not None else before,
            errors,
            is_last=False,
        )

    async_step_reconfigure = async_step_user

    def _sources(self, entities: list[str], errors: Errors) -> list[dict[str, Any]]:
        """Return the sources, or tell what is wrong with one of them."""
        own = self._reconfigure_subentry_id if self._is_reconfigure else None
        others = (
            routine
            for routine in self._get_entry().get_subentries_of_type(ROUTINE)
            if routine.subentry_id != own
        )
        found, error = sources_of(self.hass, entities, used_by(self.hass, others))
        if error is not None:
            errors[CONF_SOURCES] = error
        return [{"entity_id": c.entity_id, "registry_id": c.registry_id} for c in found]

    async def async_step_limits(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Ask how much silence is allowed."""
        errors: Errors = {}
        if user_input is not None:
            errors = limit_errors(user_input)
            if not errors:
                self._chosen |= {
                    CONF_BY_DAY: None,
                    CONF_IN_ALL: None,
                    **user_input,
                }
                return await self.async_step_away()
        suggested = user_input if user_input is not None else self._known()
        if not self._is_reconfigure and user_input is None:
            suggested = {CONF_BY_DAY: 12, CONF_IN_ALL: 24}
        return self._form(
            "limits",
            {
                vol.Required(
                    CONF_DAY_FROM, default=_DEFAULT.day_from.isoformat()
                ): TimeSelector(),
                vol.Required(
                    CONF_DAY_TO, default=_DEFAULT.day_to.isoformat()
                ): TimeSelector(),
                vol.Optional(CONF_BY_DAY): _HOURS,
                vol.Optional(CONF_IN_ALL): _HOURS,
                vol.Required(CONF_LEARNS, default=True): BooleanSelector(),
            },
            suggested,
            errors,
            is_last=False,
        )

    async def async_step_away(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Ask what says that nobody is expected."""
        errors: Errors = {}
        if user_input is not None:
            for key in (CONF_AWAY, CONF_PERSONS):
                self._chosen[key] = self._existing(key, user_input, errors)
            if not errors:
                return await self.async_step_asking()
        return self._form(
            "away",
            {
                vol.Optional(CONF_AWAY): _entities(AWAY_DOMAINS),
                vol.Optional(CONF_PERSONS): _entities(PERSON_DOMAINS),
            },
            user_input if user_input is not None else self._known(),
            errors,
            is_last=False,
        )

    async def async_step_asking(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Ask whom to ask, and on what."""
        errors: Errors = {}
        if user_input is not None:
            voice = user_input.get(CONF_VOICE)
            if voice is not None and find(self.hass, voice) is None:
                errors[CONF_VOICE] = "entity_not_found"
            chosen = {
                CONF_ASKS: user_input.get(CONF_ASKS, []),
                CONF_VOICE: voice,
                CONF_SPEAKERS: self._existing(CONF_SPEAKERS, user_input, errors),
                CONF_SATELLITES: self._existing(CONF_SATELLITES, user_input, errors),
                CONF_IGNITION_SAFE: user_input[CONF_IGNITION_SAFE],
            }
            has_residents = self._has_residents()
            for key, error in asking_errors(
                chosen, has_residents=has_residents
            ).items():
                errors.setdefault(key, error)
            if not errors:
                self._chosen |= chosen
                if not chosen[CONF_SPEAKERS] and not chosen[CONF_SATELLITES]:
                    return await self.async_step_unheard()
                if not (chosen[CONF_ASKS] or has_residents):
                    return await self.async_step_only_aloud()
                return self._done()
        return self._form(
            "asking",
            {
                vol.Optional(CONF_ASKS): SelectSelector(
                    SelectSelectorConfig(
                        options=self._contacts(),
                        multiple=True,
                        mode=SelectSelectorMode.DROPDOWN,
                    )
                ),
                vol.Optional(CONF_VOICE): _entities([Platform.TTS], multiple=False),
                vol.Optional(CONF_SPEAKERS): _entities([Platform.MEDIA_PLAYER]),
                vol.Optional(CONF_SATELLITES): _entities([Platform.ASSIST_SATELLITE]),
                vol.Required(CONF_IGNITION_SAFE, default=False): BooleanSelector(),
            },
            user_input if user_input is not None else self._known(),
            errors,
        )

    async def async_step_unheard(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Warn: a person who sleeps beside a silent phone is not asked."""
        if user_input is not None:
            return self._done()
        return self._form("unheard", {}, {}, {}, {"name": self._chosen[CONF_NAME]})

    async def async_step_only_aloud(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Warn: nobody has the question on a phone, so nobody can answer it there."""
        if user_input is not None:
            return self._done()
        return self._form("only_aloud", {}, {}, {}, {"name": self._chosen[CONF_NAME]})

    @callback
    def _done(self) -> SubentryFlowResult:
        return self._finish(RoutineOptions.from_mapping(self._chosen))

    def _known(self) -> Input:
        """Return what was chosen before; an empty field stays empty."""
        return {key: value for key, value in self._before.items() if value is not None}

    def _existing(self, key: str, user_input: Input, errors: Errors) -> list[str]:
        """Return entities of a field; each is there, and there once."""
        found, error = existing(self.hass, user_input.get(key, []))
        if error is not None:
            errors[key] = error
        return found

    def _has_residents(self) -> bool:
        """Whether somebody is asked without being chosen."""
        return any(
            ContactOptions.from_mapping(contact.data).role is ContactRole.RESIDENT
            for contact in self._get_entry().get_subentries_of_type(CONTACT)
        )

    def _contacts(self) -> list[SelectOptionDict]:
        """Return the contacts; those who live here come first."""
        contacts = [
            (contact.subentry_id, ContactOptions.from_mapping(contact.data))
            for contact in self._get_entry().get_subentries_of_type(CONTACT)
        ]
        contacts.sort(key=lambda found: found[1].role is not ContactRole.RESIDENT)
        return [
            SelectOptionDict(value=contact_id, label=contact.name)
            for contact_id, contact in contacts
        ]
