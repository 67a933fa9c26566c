"""Adding and changing a detector: the entity, then what its kind needs to know."""

from dataclasses import replace
from math import inf
from typing import Any, Final

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_NAME, Platform, UnitOfTime
from homeassistant.helpers.selector import (
    AreaSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

import voluptuous as vol

from ..number_field import NumberField
from ..safety.arming import Sense
from ..safety.confirming import CONFIRMABLE, MOST, WINDOWS
from ..safety.vocabulary import Hazard, Level, Standard
from .bound import DETECTOR, parts
from .candidates import Candidate, find, guess_level, understood_unit
from .detector_check import (
    BUTTONS,
    CONF_ALARM,
    CONF_HAZARD,
    CONF_HYSTERESIS,
    CONF_PRE_ALARM,
    DOMAINS,
    HAZARDS,
    threshold_errors,
    why_not_detect,
)
from .gas_zones import newly_sparking
from .options import DetectorOptions, HomeOptions
from .panel_flow import suggested_watch, watch_of, watch_schema
from .ranges import THRESHOLD_RANGES, Unit
from .subentry_flow import (
    CONF_AREA,
    CONF_ENTITY_ID,
    Errors,
    HomeSubentryFlow,
    Input,
    name_of,
)
from .supervision_fields import SUPERVISION, supervision_of
from .watch_options import WatchOptions

CONF_FAULT_ENTITY: Final = "fault_entity"
CONF_QUORUM: Final = "quorum"
CONF_QUORUM_WINDOW: Final = "quorum_window"
CONF_STANDARD: Final = "standard"
CONF_WARM_UP_ENTITY: Final = "warm_up_entity"

_ON_OR_OFF: Final = BUTTONS | {Platform.BINARY_SENSOR, Platform.ALARM_CONTROL_PANEL}
# A field of the step `states` for each level that a word can stand for.
LEVELS: Final = {
    f"{level}_states": level
    for level in (
        Level.ALARM,
        Level.PRE_ALARM,
        Level.NORMAL,
        Level.WARMING_UP,
        Level.FAULT,
    )
}

_COMMON: Final = {
    vol.Optional(CONF_WARM_UP_ENTITY): EntitySelector(
        EntitySelectorConfig(domain=[Platform.BINARY_SENSOR, Platform.SENSOR])
    ),
    vol.Optional(CONF_FAULT_ENTITY): EntitySelector(
        EntitySelectorConfig(domain=[Platform.BINARY_SENSOR, Platform.SENSOR])
    ),
    **SUPERVISION,
    vol.Optional(CONF_AREA): AreaSelector(),
    vol.Required(CONF_NAME): TextSelector(),
}


_QUORUM: Final[dict[vol.Marker, Any]] = {
    vol.Required(CONF_QUORUM, default=1): NumberField(
        NumberSelectorConfig(min=1, max=MOST, step=1, mode=NumberSelectorMode.BOX)
    ),
    vol.Required(CONF_QUORUM_WINDOW, default=60.0): NumberField(
        NumberSelectorConfig(
            min=WINDOWS[0],
            max=WINDOWS[1],
            step="any",
            mode=NumberSelectorMode.BOX,
            unit_of_measurement=UnitOfTime.SECONDS,
        )
    ),
}


class DetectorFlow(HomeSubentryFlow):
    """Bind an entity that notices a hazard."""

    _candidate: Candidate
    _hazard: Hazard
    _unit: Unit | None = None
    _sparking: tuple[str, ...] = ()
    """Devices that the plan for gas would switch beside this detector."""
    _detector: DetectorOptions

    async def async_step_user(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Ask which entity notices which hazard."""
        errors: Errors = {}
        if user_input is not None:
            self._choose(user_input, errors)
            if not errors:
                return await self._async_step_kind()
        return self._form(
            self._first_step,
            {
                vol.Required(CONF_ENTITY_ID): EntitySelector(
                    EntitySelectorConfig(filter=[{"domain": list(DOMAINS)}])
                ),
                vol.Optional(CONF_HAZARD): SelectSelector(
                    SelectSelectorConfig(
                        options=[*HAZARDS],
                        translation_key=CONF_HAZARD,
                        mode=SelectSelectorMode.DROPDOWN,
                    )
                ),
            },
            user_input if user_input is not None else self._before,
            errors,
            is_last=False,
        )

    async_step_reconfigure = async_step_user

    def _choose(self, user_input: Input, errors: Errors) -> None:
        """Take the entity and the hazard, or tell what is wrong with them."""
        candidate = self._find(user_input[CONF_ENTITY_ID], errors)
        if candidate is None:
            return
        hazard = user_input.get(CONF_HAZARD) or candidate.hazard
        if wrong := why_not_detect(candidate, hazard):
            errors |= wrong
            return
        self._candidate, self._hazard = candidate, Hazard(str(hazard))
        self._unit = understood_unit(candidate.unit) if candidate.is_number else None

    async def _async_step_kind(self) -> SubentryFlowResult:
        """Go on with the step for the kind of entity."""
        if self._candidate.domain in _ON_OR_OFF:
            return await self.async_step_binary()
        if self._unit is not None:
            return await self.async_step_numeric()
        return await self.async_step_states()

    async def async_step_binary(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Ask for the rest of a detector that is on or off."""
        errors: Errors = {}
        if user_input is not None:
            options = self._options(user_input, errors)
            if not errors:
                return await self._end(options)
        return self._details("binary", {}, user_input, errors)

    async def async_step_numeric(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Ask from which number on there is danger."""
        errors: Errors = {}
        span = THRESHOLD_RANGES[self._hazard]
        if user_input is not None:
            limits: dict[str, Any] = {
                key: user_input.get(key)
                for key in (CONF_PRE_ALARM, CONF_ALARM, CONF_HYSTERESIS)
            }
            errors |= threshold_errors(span, **limits)
            own = {**limits, CONF_STANDARD: user_input.get(CONF_STANDARD)}
            own = {key: value for key, value in own.items() if value is not None}
            options = self._options(user_input, errors, unit=self._unit, **own)
            if not errors:
                return self._finish(options)
        number = NumberField(
            NumberSelectorConfig(
                mode=NumberSelectorMode.BOX, step="any", unit_of_measurement=span.unit
            )
        )
        fields: dict[vol.Marker, Any] = {
            vol.Optional(key)
            if default == inf
            else vol.Required(key, default=default): number
            for key, default in (
                (CONF_PRE_ALARM, span.default.pre_alarm),
                (CONF_ALARM, span.default.alarm),
                (CONF_HYSTERESIS, span.default.hysteresis),
            )
        }
        if self._hazard is Hazard.CARBON_MONOXIDE:
            fields[vol.Required(CONF_STANDARD, default=Standard.EN_50291)] = (
                SelectSelector(
                    SelectSelectorConfig(
                        options=[*Standard],
                        translation_key=CONF_STANDARD,
                        mode=SelectSelectorMode.LIST,
                    )
                )
            )
        home = HomeOptions.from_mapping(self._get_entry().data)
        return self._details(
            "numeric" if self._hazard is Hazard.GAS else "carbon_monoxide",
            fields,
            user_input,
            errors,
            {
                "lowest": f"{span.lowest:g} {span.unit}",
                "highest": f"{span.highest:g} {span.unit}",
                "ppm": f"{home.lel * 100:g}",
            },
        )

    # The same fields in another unit and in other words.
    async_step_carbon_monoxide = async_step_numeric

    async def async_step_states(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Ask what the words of the device mean."""
        errors: Errors = {}
        if user_input is not None:
            # A button is pressed or it is not; it has no state in between.
            is_call = self._hazard is Hazard.SOS and (
                self._candidate.domain == Platform.EVENT
            )
            options = self._options(
                user_input,
                errors,
                state_map=_state_map(user_input, errors, is_call=is_call),
            )
            if not errors:
                return await self._end(options)
        words = SelectSelector(
            SelectSelectorConfig(
                options=[*self._candidate.vocabulary],
                multiple=True,
                custom_value=True,
                mode=SelectSelectorMode.DROPDOWN,
            )
        )
        return self._details(
            "states", {vol.Optional(key): words for key in LEVELS}, user_input, errors
        )

    async def _end(self, options: DetectorOptions) -> SubentryFlowResult:
        """Keep the detector; one of intrusion has another question first."""
        if self._hazard is not Hazard.INTRUSION:
            return self._finish(options)
        if self._candidate.domain == Platform.ALARM_CONTROL_PANEL:
            return self._finish(replace(options, watch=WatchOptions(Sense.PANEL)))
        self._detector = options
        return await self.async_step_watch()

    async def async_step_watch(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Ask when a detector of intrusion counts."""
        errors: Errors = {}
        if user_input is not None:
            watch = watch_of(user_input, errors)
            if not errors:
                return self._finish(replace(self._detector, watch=watch))
        return self._form(
            "watch",
            watch_schema(),
            user_input
            if user_input is not None
            else suggested_watch(
                self._before.get("watch"), self._candidate.device_class
            ),
            errors,
            {"entity": self._candidate.name},
        )

    def _details(
        self,
        step_id: str,
        fields: dict[vol.Marker, Any],
        user_input: Input | None,
        errors: Errors,
        placeholders: dict[str, str] | None = None,
    ) -> SubentryFlowResult:
        """Show the step of a kind: its own fields, then those that all kinds have."""
        return self._form(
            step_id,
            {**fields, **(_QUORUM if self._hazard in CONFIRMABLE else {}), **_COMMON},
            user_input if user_input is not None else self._suggested(),
            errors,
            {
                "entity": self._candidate.name,
                "devices": ", ".join(self._sparking),
                **(placeholders or {}),
            },
        )

    def _suggested(self) -> Input:
        """Suggest what was chosen before, else what the device tells."""
        before = self._before
        if before.get(CONF_HAZARD) != self._hazard:
            # The limits of another hazard are in another unit.
            for key in (CONF_PRE_ALARM, CONF_ALARM, CONF_HYSTERESIS):
                before.pop(key, None)
        levels = {word: guess_level(word) for word in self._candidate.vocabulary}
        if before.get(CONF_ENTITY_ID) == self._candidate.entity_id:
            levels = before.get("state_map") or levels
        return {
            CONF_NAME: self._candidate.name,
            **{
                key: [word for word, guess in levels.items() if guess == level]
                for key, level in LEVELS.items()
            },
            **{key: value for key, value in before.items() if value is not None},
        }

    def _options(
        self, user_input: Input, errors: Errors, **own: Any
    ) -> DetectorOptions:
        """Return the detector that the input describes."""
        options = DetectorOptions.from_mapping(
            {
                CONF_ENTITY_ID: self._candidate.entity_id,
                "registry_id": self._candidate.registry_id,
                CONF_HAZARD: self._hazard,
                CONF_NAME: name_of(user_input, errors),
                CONF_WARM_UP_ENTITY: self._helper(
                    CONF_WARM_UP_ENTITY, user_input, errors
                ),
                CONF_FAULT_ENTITY: self._helper(CONF_FAULT_ENTITY, user_input, errors),
                CONF_AREA: user_input.get(CONF_AREA),
                CONF_QUORUM: user_input.get(CONF_QUORUM, 1),
                CONF_QUORUM_WINDOW: user_input.get(CONF_QUORUM_WINDOW, 60.0),
                **supervision_of(user_input, errors),
                **own,
            }
        )
        self._sparking = tuple(
            newly_sparking(
                self.hass,
                parts(self._get_entry().subentries.values()),
                [*self._others, (DETECTOR, options.as_data())],
            )
        )
        if self._sparking:
            errors[CONF_AREA] = "would_spark"
        return options

    def _helper(self, key: str, user_input: Input, errors: Errors) -> str | None:
        """Return the entity that tells more about the detector."""
        if not (entity := user_input.get(key)):
            return None
        candidate = find(self.hass, entity)
        if candidate is None:
            errors[key] = "entity_not_found"
            return None
        if candidate.entity_id == self._candidate.entity_id:
            errors[key] = "detector_itself"
        return candidate.entity_id


def _state_map(user_input: Input, errors: Errors, *, is_call: bool) -> dict[str, Level]:
    """Return the level of each word, or tell what is missing."""
    levels: dict[str, Level] = {}
    for key, level in LEVELS.items():
        for word in user_input.get(key, []):
            if levels.setdefault(word, level) is not level:
                errors[key] = "state_twice"
    for key, needed in (("alarm_states", "no_alarm"), ("normal_states", "no_normal")):
        if not user_input.get(key) and not (is_call and needed == "no_normal"):
            errors[key] = needed
    return levels
