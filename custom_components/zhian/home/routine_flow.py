"""Adding and changing a routine: what shows life, how much silence, who is asked how."""

from collections.abc import Iterable
from datetime import time, timedelta
from typing import Any, Final

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_NAME, Platform
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
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

from ..safety.routine import Limits
from ..safety.vocabulary import ContactRole
from .candidates import Candidate, find
from .contact_options import ContactOptions
from .routine_options import LEAST_POWER, ROUTINE, RoutineOptions, SourceOptions
from .signs import DOMAINS, shows_life
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


_HOURS: Final = NumberSelector(
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
                vol.Required(CONF_POWER, default=LEAST_POWER): NumberSelector(
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
        found: list[Candidate] = []
        for entity in entities:
            candidate = find(self.hass, entity)
            if candidate is None:
                errors[CONF_SOURCES] = "entity_not_found"
            elif candidate.is_ours:
                errors[CONF_SOURCES] = "own_entity"
            elif not shows_life(candidate.domain, candidate.device_class):
                errors[CONF_SOURCES] = "no_sign_of_life"
            elif candidate.entity_id in [c.entity_id for c in found]:
                errors[CONF_SOURCES] = "source_twice"
            elif self._is_used(candidate):
                errors[CONF_SOURCES] = "already_bound"
            else:
                found.append(candidate)
        if not entities:
            errors[CONF_SOURCES] = "sources_missing"
        return [{"entity_id": c.entity_id, "registry_id": c.registry_id} for c in found]

    def _is_used(self, candidate: Candidate) -> bool:
        """Whether another routine has the entity: it cannot speak for two people."""
        own = self._reconfigure_subentry_id if self._is_reconfigure else None
        return any(
            SourceOptions(s["entity_id"], s.get("registry_id")).resolve(self.hass)
            == candidate.entity_id
            for routine in self._get_entry().get_subentries_of_type(ROUTINE)
            if routine.subentry_id != own
            for s in routine.data[CONF_SOURCES]
        )

    async def async_step_limits(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Ask how much silence is allowed."""
        errors: Errors = {}
        if user_input is not None:
            errors = _limit_errors(user_input)
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
            if chosen[CONF_SPEAKERS] and voice is None:
                errors[CONF_VOICE] = "voice_missing"
            elif voice is not None and not chosen[CONF_SPEAKERS]:
                errors.setdefault(CONF_SPEAKERS, "speakers_missing")
            if not errors:
                self._chosen |= chosen
                if not chosen[CONF_SPEAKERS] and not chosen[CONF_SATELLITES]:
                    return await self.async_step_unheard()
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

    @callback
    def _done(self) -> SubentryFlowResult:
        return self._finish(RoutineOptions.from_mapping(self._chosen))

    def _known(self) -> Input:
        """Return what was chosen before; an empty field stays empty."""
        return {key: value for key, value in self._before.items() if value is not None}

    def _existing(self, key: str, user_input: Input, errors: Errors) -> list[str]:
        """Return entities of a field; each is there, and there once."""
        entities: list[str] = user_input.get(key, [])
        found = [find(self.hass, entity) for entity in entities]
        ids = [candidate.entity_id for candidate in found if candidate is not None]
        if None in found:
            errors[key] = "entity_not_found"
        elif len(set(ids)) < len(ids):
            errors[key] = "source_twice"
        return ids

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


def _limit_errors(user_input: Input) -> Errors:
    """Return what is wrong with the windows and limits."""
    begins = time.fromisoformat(user_input[CONF_DAY_FROM])
    ends = time.fromisoformat(user_input[CONF_DAY_TO])
    if begins == ends:
        return {CONF_DAY_TO: "window_empty"}
    by_day, in_all = user_input.get(CONF_BY_DAY), user_input.get(CONF_IN_ALL)
    window = Limits(day_from=begins, day_to=ends).length()
    if by_day is not None and timedelta(hours=by_day) > window:
        return {CONF_BY_DAY: "longer_than_day"}
    if by_day is None and in_all is None and not user_input[CONF_LEARNS]:
        return {CONF_LEARNS: "no_limit"}
    return {}
