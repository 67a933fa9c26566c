"""Adding and changing an actuator: the entity and its role, then how it behaves."""

from typing import Any, Final

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_NAME, Platform, UnitOfTime
from homeassistant.helpers.selector import (
    AreaSelector,
    BooleanSelector,
    DateSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

import voluptuous as vol

from ..safety.vocabulary import ActuatorRole, Position, Witness
from .actuator_check import (
    CONF_DURATION,
    CONF_EXERCISE,
    CONF_IGNITION_SAFE,
    CONF_INVERTED,
    CONF_OPEN_ON_GAS,
    CONF_PLANS,
    CONF_ROLE,
    CONF_SOUND_ON_GAS,
    CONF_TARGETS,
    CONF_TONES,
    CONF_TRAVEL_TIME,
    CONF_WITNESS,
    CONF_WITNESS_ENTITY,
    DOMAINS,
    DURATION_RANGE,
    HINDRANCE_DOMAINS,
    TRAVEL_TIME_RANGE,
    WITNESS_DOMAINS,
    actuator,
    has_duration,
    may_play,
    needs_targets,
    number_range,
    target_errors,
    tone_errors,
    tones_of,
)
from .candidates import Candidate
from .gas_zones import gas_zones, is_near_gas
from .options import LIFE_YEARS, TRAVEL_TIMES, ActuatorOptions
from .questions import answers, can_be_asked
from .sirens import TONES, guess_tone
from .subentry_flow import (
    CONF_AREA,
    CONF_ENTITY_ID,
    Errors,
    HomeSubentryFlow,
    Input,
    name_of,
)
from .supervision_fields import CONF_INSTALLED, CONF_LIFE_YEARS, LIFE_RANGE
from .targets import TARGET_DOMAINS, ends_of, guess_option

_TONE_FIELDS: Final = {f"{purpose}_tone": purpose for purpose in TONES}


def _box(step: float | str = "any", unit: str | None = None) -> NumberSelector:
    config = NumberSelectorConfig(mode=NumberSelectorMode.BOX, step=step)  # type: ignore[typeddict-item]
    if unit is not None:
        config["unit_of_measurement"] = unit
    return NumberSelector(config)


class ActuatorFlow(HomeSubentryFlow):
    """Bind an entity that acts."""

    _candidate: Candidate
    _role: ActuatorRole
    _targets: dict[Position, str | float] | None = None
    _sound: Input
    _is_asked: bool = False
    """Whether the device was asked where it is, and told."""

    async def async_step_user(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Ask which entity plays which role."""
        errors: Errors = {}
        if user_input is not None:
            candidate = self._find(user_input[CONF_ENTITY_ID], errors)
            role = (
                ActuatorRole(chosen) if (chosen := user_input.get(CONF_ROLE)) else None
            )
            if role is None:
                errors[CONF_ROLE] = "role_missing"
            elif candidate is not None and not may_play(candidate, role):
                errors[CONF_ENTITY_ID] = "not_for_role"
            elif candidate is not None:
                self._candidate, self._role = candidate, role
                self._targets, self._sound = None, {}
                # A device that can be asked and is silent (a sleeping one, or one that
                # has no answer) had better not be believed by its answers.
                self._is_asked = candidate.domain == Platform.SWITCH and await answers(
                    self.hass, candidate.entity_id
                )
                return await self._async_step_kind()
        domains = {domain for allowed in DOMAINS.values() for domain in allowed}
        return self._form(
            self._first_step,
            {
                vol.Required(CONF_ENTITY_ID): EntitySelector(
                    EntitySelectorConfig(
                        filter=[{"domain": sorted({*domains, *TARGET_DOMAINS})}]
                    )
                ),
                # A required one would show the first purpose as if it had been chosen.
                vol.Optional(CONF_ROLE): SelectSelector(
                    SelectSelectorConfig(
                        options=[*ActuatorRole],
                        translation_key="actuator_role",
                        mode=SelectSelectorMode.DROPDOWN,
                    )
                ),
            },
            user_input if user_input is not None else self._before,
            errors,
            is_last=False,
        )

    async_step_reconfigure = async_step_user

    async def _async_step_kind(self) -> SubentryFlowResult:
        """Go on with what this kind of entity needs to know first."""
        if needs_targets(self._candidate):
            return await self.async_step_targets()
        if self._role is ActuatorRole.SIREN and (
            tones_of(self._candidate) or has_duration(self._candidate)
        ):
            return await self.async_step_sound()
        return await self.async_step_details()

    async def async_step_targets(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Ask which option or value of the device means which position."""
        errors: Errors = {}
        ends = ends_of(self._role)
        if user_input is not None:
            targets = {end: user_input[f"{end}_target"] for end in ends}
            errors = {
                f"{end}_target": error
                for end, error in target_errors(
                    self._candidate, self._role, targets
                ).items()
            }
            if not errors:
                self._targets = targets
                return await self.async_step_details()
        lowest, highest = number_range(self._candidate)
        choice: Any = (
            SelectSelector(
                SelectSelectorConfig(
                    options=[*self._candidate.words], mode=SelectSelectorMode.DROPDOWN
                )
            )
            if self._candidate.domain == Platform.SELECT
            else _box()
        )
        return self._form(
            "targets",
            {vol.Required(f"{end}_target"): choice for end in ends},
            user_input if user_input is not None else self._suggested_targets(),
            errors,
            {
                "entity": self._candidate.name,
                "lowest": f"{lowest:g}",
                "highest": f"{highest:g}",
            },
            is_last=False,
        )

    def _suggested_targets(self) -> Input:
        before = self._before
        if before.get(CONF_ENTITY_ID) == self._candidate.entity_id:
            known = before.get(CONF_TARGETS) or {}
        else:
            known = {}
        return {
            f"{end}_target": value
            for end in ends_of(self._role)
            if (value := known.get(end, guess_option(end, self._candidate.words)))
            is not None
        }

    async def async_step_sound(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Ask how a siren sounds for which hazard, as far as it can be told."""
        errors: Errors = {}
        if user_input is not None:
            tones = {
                purpose: tone
                for key, purpose in _TONE_FIELDS.items()
                if (tone := user_input.get(key))
            }
            wrong = tone_errors(self._candidate, tones)
            errors = {f"{purpose}_tone": error for purpose, error in wrong.items()}
            duration = user_input.get(CONF_DURATION)
            if duration is not None and not (
                DURATION_RANGE[0] <= duration <= DURATION_RANGE[1]
            ):
                errors[CONF_DURATION] = "duration_range"
            if not errors:
                self._sound = {CONF_TONES: tones or None, CONF_DURATION: duration}
                return await self.async_step_details()
        offered = tones_of(self._candidate)
        fields: dict[vol.Marker, Any] = {}
        if offered:
            tone = SelectSelector(
                SelectSelectorConfig(options=offered, mode=SelectSelectorMode.DROPDOWN)
            )
            fields |= {vol.Optional(key): tone for key in _TONE_FIELDS}
        if has_duration(self._candidate):
            fields[vol.Optional(CONF_DURATION)] = _box(1, UnitOfTime.SECONDS)
        return self._form(
            "sound",
            fields,
            user_input if user_input is not None else self._suggested_sound(offered),
            errors,
            {
                "entity": self._candidate.name,
                "shortest": f"{DURATION_RANGE[0]:g}",
                "longest": f"{DURATION_RANGE[1]:g}",
            },
            is_last=False,
        )

    def _suggested_sound(self, offered: list[str]) -> Input:
        before = self._before
        if before.get(CONF_ENTITY_ID) == self._candidate.entity_id:
            tones = before.get(CONF_TONES) or {}
            duration = before.get(CONF_DURATION)
        else:
            tones = {purpose: guess_tone(purpose, offered) for purpose in TONES}
            duration = None
        sound = {f"{purpose}_tone": tone for purpose, tone in tones.items() if tone}
        return sound if duration is None else {**sound, CONF_DURATION: duration}

    async def async_step_details(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Ask how the device behaves and how it is believed."""
        errors: Errors = {}
        if user_input is not None:
            options = self._options(user_input, errors)
            if not errors:
                return self._finish(options)
        return self._form(
            "details",
            self._fields(),
            user_input if user_input is not None else self._suggested(),
            errors,
            {
                "entity": self._candidate.name,
                "shortest": f"{TRAVEL_TIME_RANGE[0]:g}",
                "longest": f"{TRAVEL_TIME_RANGE[1]:g}",
                "most_years": str(LIFE_RANGE[1]),
            },
        )

    def _fields(self) -> dict[vol.Marker, Any]:
        """Return the fields that make sense for this entity in this role."""
        is_switch = self._candidate.domain == Platform.SWITCH
        fields: dict[vol.Marker, Any] = {}
        if is_switch:
            fields[vol.Required(CONF_INVERTED, default=False)] = BooleanSelector()
        if self._role is not ActuatorRole.GAS_VALVE:
            # Closing the gas valve is what ends a leak: nobody may forbid it.
            fields[vol.Required(CONF_IGNITION_SAFE, default=False)] = BooleanSelector()
        if self._role is ActuatorRole.WINDOW:
            fields[vol.Required(CONF_OPEN_ON_GAS, default=False)] = BooleanSelector()
            for key, domains in HINDRANCE_DOMAINS.items():
                fields[vol.Optional(key)] = EntitySelector(
                    EntitySelectorConfig(filter=[{"domain": list(domains)}])
                )
        if self._role in (ActuatorRole.GAS_VALVE, ActuatorRole.WATER_VALVE):
            fields[vol.Required(CONF_EXERCISE, default=False)] = BooleanSelector()
        if self._role is ActuatorRole.SIREN:
            zones = gas_zones(self.hass, self._others)
            is_quiet = is_near_gas(self._candidate.area, zones)
            fields[vol.Required(CONF_SOUND_ON_GAS, default=not is_quiet)] = (
                BooleanSelector()
            )
        return fields | {
            vol.Required(CONF_TRAVEL_TIME, default=TRAVEL_TIMES[self._role]): _box(
                unit=UnitOfTime.SECONDS
            ),
            vol.Required(
                CONF_WITNESS,
                default=self._default_witness(),
            ): SelectSelector(
                SelectSelectorConfig(
                    options=self._witnesses(),
                    translation_key=CONF_WITNESS,
                    mode=SelectSelectorMode.LIST,
                )
            ),
            vol.Optional(CONF_WITNESS_ENTITY): EntitySelector(
                EntitySelectorConfig(filter=[{"domain": list(WITNESS_DOMAINS)}])
            ),
            vol.Optional(CONF_INSTALLED): DateSelector(),
            vol.Required(CONF_LIFE_YEARS, default=LIFE_YEARS): _box(1),
            vol.Optional(CONF_AREA): AreaSelector(),
            vol.Required(CONF_NAME): TextSelector(),
        }

    def _witnesses(self) -> list[str]:
        """Return what can prove a movement of this entity."""
        return [
            witness
            for witness in Witness
            if witness is not Witness.READ_BACK
            or can_be_asked(self.hass, self._candidate.entity_id)
        ]

    def _default_witness(self) -> Witness:
        if needs_targets(self._candidate):
            return Witness.LATE_REPORT
        if self._candidate.domain != Platform.SWITCH:
            return Witness.REPORT
        # A switch may first repeat its command as if it had obeyed.
        return Witness.READ_BACK if self._is_asked else Witness.LATE_REPORT

    def _suggested(self) -> Input:
        """Suggest what was chosen before; a new role starts with its own defaults."""
        before = self._before
        if before.get(CONF_ROLE) != self._role:
            before.pop(CONF_TRAVEL_TIME, None)
            before.pop(CONF_SOUND_ON_GAS, None)
        return {
            CONF_NAME: self._candidate.name,
            **{key: value for key, value in before.items() if value is not None},
        }

    def _options(self, user_input: Input, errors: Errors) -> ActuatorOptions:
        """Return the actuator that the input describes; the plans keep their place."""
        before = self._before
        is_same = before.get(CONF_ROLE) == self._role
        return actuator(
            self.hass,
            self._others,
            self._candidate,
            self._role,
            {
                **user_input,
                **self._sound,
                CONF_NAME: name_of(user_input, errors),
                CONF_TARGETS: self._targets,
                CONF_PLANS: before.get(CONF_PLANS) if is_same else None,
            },
            errors,
        )
