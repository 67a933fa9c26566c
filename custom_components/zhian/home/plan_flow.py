"""The plans of the hazards: what happens, in words, and what a person may change of it."""

from collections.abc import Iterator
from typing import Any, Final

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentry,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.helpers.translation import async_get_translations

import voluptuous as vol

from ..const import DOMAIN, SAVED
from ..safety import plan
from ..safety.incident import PRIORITIES as USUAL
from ..safety.reporting import PRIORITIES
from ..safety.vocabulary import ActuatorRole, Hazard
from .bound import ACTUATOR, parts
from .gas_zones import could_spark, gas_zones
from .options import ActuatorOptions
from .plan_choices import acts_on, priorities_of, with_choice
from .reader_language import language_of_reader
from .subentry_flow import Errors, Input

CONF_HAZARD: Final = "hazard"
CONF_PRIORITY: Final = "priority"
PRIORITY: Final = "priorities"


class PlanFlow(ConfigFlow):
    """The steps that show and change the plans."""

    _hazard: Hazard

    async def async_step_plans(
        self, user_input: Input | None = None
    ) -> ConfigFlowResult:
        """Ask for the hazard whose plan is to be shown."""
        if user_input is not None:
            self._hazard = Hazard(user_input[CONF_HAZARD])
            return await self.async_step_plan()
        return self.async_show_form(
            step_id="plans",
            data_schema=vol.Schema(
                {
                    vol.Required(CONF_HAZARD): SelectSelector(
                        SelectSelectorConfig(
                            options=[*Hazard],
                            translation_key="incident_hazard",
                            mode=SelectSelectorMode.LIST,
                        )
                    )
                }
            ),
            last_step=False,
        )

    async def async_step_plan(
        self, user_input: Input | None = None
    ) -> ConfigFlowResult:
        """Show what happens on a hazard; keep what is to happen instead."""
        entry, hazard = self._get_reconfigure_entry(), self._hazard
        errors: Errors = {}
        sparking: list[str] = []
        if user_input is not None:
            changed = list(_changed(entry, hazard, user_input))
            zones = gas_zones(self.hass, parts(entry.subentries.values()))
            for _, options in changed:
                if hazard is Hazard.GAS and could_spark(self.hass, options, zones):
                    sparking.append(options.name)
                    errors[field_of(options.role, hazard)] = "plan_could_spark"
            if not errors:
                return self._keep(entry, changed, user_input.get(CONF_PRIORITY))
        return self.async_show_form(
            step_id="plan",
            data_schema=vol.Schema(_fields(entry, hazard, user_input)),
            errors=errors,
            description_placeholders={
                "devices": ", ".join(sparking),
                **await _in_words(self.hass, entry, hazard),
            },
            last_step=True,
        )

    def _keep(
        self,
        entry: ConfigEntry[Any],
        changed: list[tuple[ConfigSubentry, ActuatorOptions]],
        priority: str | None,
    ) -> ConfigFlowResult:
        """Change the devices and the home; its listener takes all of it up at once."""
        for subentry, options in changed:
            self.hass.config_entries.async_update_subentry(
                entry, subentry, data=options.as_data()
            )
        kept = dict(entry.data.get(PRIORITY) or {})
        if priority is not None:
            kept[self._hazard.value] = int(priority)
        return self.async_update_and_abort(
            entry, data_updates={PRIORITY: kept or None}, reason=SAVED
        )


def field_of(role: ActuatorRole, hazard: Hazard) -> str:
    """Return the field that lists the devices of a role: what they do is in its name."""
    target = plan.possible(role, hazard)
    return f"{role}_{target}"


def _devices(
    entry: ConfigEntry[Any],
) -> Iterator[tuple[ConfigSubentry, ActuatorOptions]]:
    for subentry in entry.get_subentries_of_type(ACTUATOR):
        yield subentry, ActuatorOptions.from_mapping(subentry.data)


def _fields(
    entry: ConfigEntry[Any], hazard: Hazard, typed: Input | None
) -> dict[vol.Marker, Any]:
    """Return a list for each kind of device that could act, with those that do."""
    fields: dict[vol.Marker, Any] = {}
    for role in plan.POSSIBLE.get(hazard, {}):
        devices = [(s, o) for s, o in _devices(entry) if o.role is role]
        if not devices:
            continue
        field = field_of(role, hazard)
        acting = [s.subentry_id for s, o in devices if acts_on(o, hazard)]
        if typed is not None:
            acting = typed.get(field, [])
        # Not a default: an emptied list means that none of them acts.
        marker = vol.Optional(field, description={"suggested_value": acting})
        fields[marker] = SelectSelector(
            SelectSelectorConfig(
                options=[
                    SelectOptionDict(value=s.subentry_id, label=o.name)
                    for s, o in devices
                ],
                multiple=True,
                mode=SelectSelectorMode.LIST,
            )
        )
    if hazard in PRIORITIES:
        chosen = priorities_of(entry.data.get(PRIORITY)).get(hazard, USUAL[hazard])
        shown = (typed or {}).get(CONF_PRIORITY, str(chosen))
        fields[vol.Required(CONF_PRIORITY, default=shown)] = SelectSelector(
            SelectSelectorConfig(
                options=[str(p) for p in PRIORITIES[hazard]],
                translation_key="plan_priority",
                mode=SelectSelectorMode.DROPDOWN,
            )
        )
    return fields


def _changed(
    entry: ConfigEntry[Any], hazard: Hazard, user_input: Input
) -> Iterator[tuple[ConfigSubentry, ActuatorOptions]]:
    """Yield the devices that are to do something else than before."""
    for subentry, options in _devices(entry):
        if plan.possible(options.role, hazard) is None:
            continue
        chosen = user_input.get(field_of(options.role, hazard), [])
        acts = subentry.subentry_id in chosen
        if acts is not acts_on(options, hazard):
            yield subentry, with_choice(options, hazard, acts=acts)


async def _in_words(
    hass: HomeAssistant, entry: ConfigEntry[Any], hazard: Hazard
) -> dict[str, str]:
    """Return the name of a hazard and what always happens, for who reads it."""
    found = await async_get_translations(
        hass, await language_of_reader(hass), "selector", {DOMAIN}
    )

    def word(key: str, option: str) -> str:
        return found[f"component.{DOMAIN}.selector.{key}.options.{option}"]

    lines: list[str] = []
    for _, options in _devices(entry):
        actuator = options.actuator("", None)
        if plan.is_fixed(actuator) and plan.usual(actuator, hazard):
            lines.append(f"{word('plan_always', 'closed')} {options.name}")
    is_asked = hazard is Hazard.INACTIVITY
    lines.append(word("plan_always", "asked" if is_asked else "told"))
    if hazard not in PRIORITIES:
        lines.append(word("plan_always", "reported"))
    return {
        "hazard": word("incident_hazard", hazard),
        "always": "\n".join(f"- {line}" for line in lines),
    }
