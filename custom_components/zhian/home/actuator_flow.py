"""Adding and changing an actuator: the entity and its role, then how it behaves."""

from collections.abc import Mapping
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

from ..safety.vocabulary import ActuatorRole, Witness
from .candidates import Candidate, find
from .options import LIFE_YEARS, TRAVEL_TIMES, ActuatorOptions
from .questions import answers, can_be_asked
from .subentry_flow import (
    CONF_AREA,
    CONF_ENTITY_ID,
    Errors,
    HomeSubentryFlow,
    Input,
    name_of,
)
from .supervision_fields import (
    CONF_INSTALLED,
    CONF_LIFE_YEARS,
    LIFE_RANGE,
    installed_on,
)

CONF_CHILD_LOCK_ENTITY: Final = "child_lock_entity"
CONF_EXERCISE: Final = "exercise"
CONF_IGNITION_SAFE: Final = "ignition_safe"
CONF_INVERTED: Final = "inverted"
CONF_LOCK_ENTITY: Final = "lock_entity"
CONF_OBSTRUCTION_ENTITY: Final = "obstruction_entity"
CONF_OPEN_ON_GAS: Final = "open_on_gas"
CONF_RAIN_ENTITY: Final = "rain_entity"
CONF_ROLE: Final = "role"
CONF_TRAVEL_TIME: Final = "travel_time"
CONF_WITNESS: Final = "witness"
CONF_WITNESS_ENTITY: Final = "witness_entity"

# Most gas valves appear as a switch, some windows too.
DOMAINS: Final[Mapping[ActuatorRole, tuple[Platform, ...]]] = {
    ActuatorRole.GAS_VALVE: (Platform.VALVE, Platform.SWITCH, Platform.COVER),
    ActuatorRole.WATER_VALVE: (Platform.VALVE, Platform.SWITCH, Platform.COVER),
    ActuatorRole.WINDOW: (Platform.COVER, Platform.SWITCH),
    ActuatorRole.SIREN: (Platform.SIREN, Platform.SWITCH, Platform.LIGHT),
    ActuatorRole.LOCK: (Platform.LOCK, Platform.SWITCH),
    ActuatorRole.LIGHT: (Platform.LIGHT, Platform.SWITCH),
    ActuatorRole.FAN: (Platform.FAN, Platform.SWITCH),
    ActuatorRole.HVAC: (Platform.CLIMATE, Platform.FAN, Platform.SWITCH),
}
WITNESS_DOMAINS: Final = [
    Platform.BINARY_SENSOR,
    Platform.COVER,
    Platform.SENSOR,
    Platform.VALVE,
]
# What tells that a window must not, or cannot, be opened.
HINDRANCE_DOMAINS: Final[Mapping[str, tuple[str, ...]]] = {
    CONF_RAIN_ENTITY: (Platform.BINARY_SENSOR, Platform.WEATHER, "input_boolean"),
    CONF_CHILD_LOCK_ENTITY: (
        Platform.LOCK,
        Platform.SWITCH,
        Platform.BINARY_SENSOR,
        "input_boolean",
    ),
    CONF_LOCK_ENTITY: (Platform.LOCK, Platform.SWITCH, Platform.BINARY_SENSOR),
    CONF_OBSTRUCTION_ENTITY: (Platform.BINARY_SENSOR,),
}
TRAVEL_TIME_RANGE: Final = (0.5, 300.0)


class ActuatorFlow(HomeSubentryFlow):
    """Bind an entity that acts."""

    _candidate: Candidate
    _role: ActuatorRole
    _is_asked: bool = False
    """Whether the device was asked where it is, and told."""

    async def async_step_user(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Ask which entity plays which role."""
        errors: Errors = {}
        if user_input is not None:
            candidate = self._find(user_input[CONF_ENTITY_ID], errors)
            role = ActuatorRole(user_input[CONF_ROLE])
            if candidate is not None and candidate.domain not in DOMAINS[role]:
                errors[CONF_ENTITY_ID] = "not_for_role"
            elif candidate is not None:
                self._candidate, self._role = candidate, role
                # A device that can be asked and is silent (a sleeping one, or one that
                # has no answer) had better not be believed by its answers.
                self._is_asked = candidate.domain == Platform.SWITCH and await answers(
                    self.hass, candidate.entity_id
                )
                return await self.async_step_details()
        domains = {domain for allowed in DOMAINS.values() for domain in allowed}
        return self._form(
            self._first_step,
            {
                vol.Required(CONF_ENTITY_ID): EntitySelector(
                    EntitySelectorConfig(filter=[{"domain": sorted(domains)}])
                ),
                vol.Required(CONF_ROLE): SelectSelector(
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
        return fields | {
            vol.Required(
                CONF_TRAVEL_TIME, default=TRAVEL_TIMES[self._role]
            ): NumberSelector(
                NumberSelectorConfig(
                    mode=NumberSelectorMode.BOX,
                    step="any",
                    unit_of_measurement=UnitOfTime.SECONDS,
                )
            ),
            vol.Required(
                CONF_WITNESS,
                # A switch may first repeat its command as if it had obeyed.
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
            vol.Required(CONF_LIFE_YEARS, default=LIFE_YEARS): NumberSelector(
                NumberSelectorConfig(mode=NumberSelectorMode.BOX, step=1)
            ),
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
        if self._candidate.domain != Platform.SWITCH:
            return Witness.REPORT
        # A switch may first repeat its command as if it had obeyed.
        return Witness.READ_BACK if self._is_asked else Witness.LATE_REPORT

    def _suggested(self) -> Input:
        """Suggest what was chosen before; a new role starts with its own defaults."""
        before = self._before
        if before.get(CONF_ROLE) != self._role:
            before.pop(CONF_TRAVEL_TIME, None)
        return {
            CONF_NAME: self._candidate.name,
            **{key: value for key, value in before.items() if value is not None},
        }

    def _options(self, user_input: Input, errors: Errors) -> ActuatorOptions:
        """Return the actuator that the input describes."""
        if user_input.get(CONF_OPEN_ON_GAS) and not user_input[CONF_IGNITION_SAFE]:
            errors[CONF_OPEN_ON_GAS] = "not_ignition_safe"
        travel_time: float = user_input[CONF_TRAVEL_TIME]
        if not TRAVEL_TIME_RANGE[0] <= travel_time <= TRAVEL_TIME_RANGE[1]:
            errors[CONF_TRAVEL_TIME] = "travel_time_range"
        life_years: float = user_input[CONF_LIFE_YEARS]
        if not LIFE_RANGE[0] <= life_years <= LIFE_RANGE[1]:
            errors[CONF_LIFE_YEARS] = "life_range"
            life_years = LIFE_YEARS
        installed = installed_on(user_input, errors)
        return ActuatorOptions.from_mapping(
            {
                CONF_ENTITY_ID: self._candidate.entity_id,
                "registry_id": self._candidate.registry_id,
                **{
                    key: user_input[key]
                    for key in (
                        CONF_INVERTED,
                        CONF_IGNITION_SAFE,
                        CONF_OPEN_ON_GAS,
                        CONF_EXERCISE,
                        CONF_AREA,
                    )
                    if key in user_input
                },
                CONF_ROLE: self._role,
                CONF_NAME: name_of(user_input, errors),
                CONF_TRAVEL_TIME: travel_time,
                CONF_WITNESS: user_input[CONF_WITNESS],
                CONF_WITNESS_ENTITY: self._witness_entity(user_input, errors),
                **{
                    key: self._hindrance(key, user_input, errors)
                    for key in HINDRANCE_DOMAINS
                },
                CONF_INSTALLED: installed,
                CONF_LIFE_YEARS: life_years,
            }
        )

    def _witness_entity(self, user_input: Input, errors: Errors) -> str | None:
        """Return the entity that proves the movement, if another one has to."""
        if user_input[CONF_WITNESS] not in (Witness.ENTITY, Witness.FLOW):
            return None
        if not (entity := user_input.get(CONF_WITNESS_ENTITY)):
            errors[CONF_WITNESS_ENTITY] = "witness_entity_missing"
            return None
        candidate = find(self.hass, entity)
        if candidate is None:
            errors[CONF_WITNESS_ENTITY] = "entity_not_found"
            return None
        if candidate.entity_id == self._candidate.entity_id:
            errors[CONF_WITNESS_ENTITY] = "witness_itself"
        elif candidate.is_ours:
            errors[CONF_WITNESS_ENTITY] = "own_entity"
        elif candidate.domain not in WITNESS_DOMAINS:
            errors[CONF_WITNESS_ENTITY] = "not_a_witness"
        return candidate.entity_id

    def _hindrance(self, key: str, user_input: Input, errors: Errors) -> str | None:
        """Return an entity that tells what has something against opening a window."""
        if self._role is not ActuatorRole.WINDOW or not (entity := user_input.get(key)):
            return None
        candidate = find(self.hass, entity)
        if candidate is None:
            errors[key] = "entity_not_found"
            return None
        if candidate.is_ours:
            errors[key] = "own_entity"
        elif candidate.entity_id == self._candidate.entity_id:
            errors[key] = "hindrance_itself"
        elif candidate.domain not in HINDRANCE_DOMAINS[key]:
            errors[key] = "not_a_hindrance"
        return candidate.entity_id
