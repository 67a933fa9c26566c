"""One step for a whole home: what was found is shown, chosen and added at once."""

import asyncio
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentry,
    FlowType,
)
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback, split_entity_id
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.helpers.translation import async_get_translations

import voluptuous as vol

from ..const import DOMAIN
from ..safety.vocabulary import Witness
from .bound import parts, why_not_bind
from .candidates import find
from .names import with_registry_ids
from .options import ActuatorOptions
from .proposals import Found, LeftOut, Proposal, look_for_devices
from .questions import answers
from .reader_language import language_of_reader
from .subentry_flow import Input

FIND: Final = {"next_step_id": "find"}
"""What opens the reconfiguration at this step."""

MOST_NAMES: Final = 6
"""How many names a reason lists; the others are counted."""


class FindFlow(ConfigFlow):
    """The step that finds the home's devices."""

    async def async_step_find(
        self, user_input: Input | None = None
    ) -> ConfigFlowResult:
        """Show what was found, all of it chosen; add what stays chosen."""
        entry = self._get_reconfigure_entry()
        found = look_for_devices(self.hass, parts(entry.subentries.values()))
        if user_input is not None:
            chosen = {entity for group in user_input.values() for entity in group}
            wanted = [p for p in found.proposals if p.options.entity_id in chosen]
            believed = await asyncio.gather(*(_ask(self.hass, p) for p in wanted))
            added = add_devices(self.hass, entry, believed)
            return self.async_abort(
                reason="devices_added" if added else "nothing_added",
                description_placeholders={"added": ", ".join(added)},
            )
        placeholders = {
            "count": str(len(found.proposals)),
            "left_out": await _left_out(self.hass, found),
        }
        if not found.proposals:
            return self.async_abort(
                reason="nothing_found", description_placeholders=placeholders
            )
        return self.async_show_form(
            step_id="find",
            data_schema=vol.Schema(_fields(self.hass, found)),
            description_placeholders=placeholders,
            last_step=True,
        )

    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Go on with the devices, once the home is there and if there are any."""
        entry = result["result"]
        found = look_for_devices(self.hass, parts(entry.subentries.values()))
        if found.proposals and is_home(entry):
            flow = await self.hass.config_entries.flow.async_init(
                DOMAIN,
                context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id},
                data=FIND,
            )
            result["next_flow"] = (FlowType.CONFIG_FLOW, flow["flow_id"])
        return result


async def _ask(hass: HomeAssistant, proposal: Proposal) -> Proposal:
    """Believe a switch by its own answer, if it gives one; as its dialog does."""
    options = proposal.options
    if isinstance(options, ActuatorOptions) and (
        split_entity_id(options.entity_id)[0] == Platform.SWITCH
        and await answers(hass, options.entity_id)
    ):
        return replace(proposal, options=replace(options, witness=Witness.READ_BACK))
    return proposal


def is_home(entry: ConfigEntry) -> bool:
    """Return whether an entry is a home."""
    return str(entry.data["role"]) == "home"


def _fields(hass: HomeAssistant, found: Found) -> dict[vol.Marker, Any]:
    """Return a list for each hazard and each role, with everything chosen."""
    areas = ar.async_get(hass)
    groups: dict[str, list[SelectOptionDict]] = {}
    for proposal in found.proposals:
        area = areas.async_get_area(proposal.area) if proposal.area else None
        name, entity_id = proposal.options.name, proposal.options.entity_id
        label = f"{name} · {area.name}" if area else name
        groups.setdefault(proposal.group, []).append(
            SelectOptionDict(value=entity_id, label=f"{label} ({entity_id})")
        )
    return {
        vol.Optional(
            group, default=[option["value"] for option in options]
        ): SelectSelector(
            SelectSelectorConfig(
                options=options, multiple=True, mode=SelectSelectorMode.LIST
            )
        )
        for group, options in groups.items()
    }


@callback
def add_devices(
    hass: HomeAssistant, entry: ConfigEntry, proposals: list[Proposal]
) -> list[str]:
    """Make the subentries; what another dialog has bound by now is not bound again."""
    added: list[str] = []
    for proposal in proposals:
        candidate = find(hass, proposal.options.entity_id)
        others = parts(entry.subentries.values())
        if candidate is None or why_not_bind(hass, candidate, others, proposal.kind):
            continue
        hass.config_entries.async_add_subentry(
            entry,
            ConfigSubentry(
                data=MappingProxyType(
                    with_registry_ids(hass, proposal.options).as_data()
                ),
                subentry_type=proposal.kind,
                title=proposal.options.name,
                unique_id=None,
            ),
        )
        added.append(proposal.options.name)
    return added


async def _left_out(hass: HomeAssistant, found: Found) -> str:
    """Return what was left out, a line for each reason."""
    if not found.left_out:
        return "–"
    words = await async_get_translations(
        hass, await language_of_reader(hass), "selector", {DOMAIN}
    )
    lines: list[str] = []
    for reason in LeftOut:
        if names := found.left_out.get(reason):
            said = words[f"component.{DOMAIN}.selector.left_out.options.{reason}"]
            listed = ", ".join(names[:MOST_NAMES])
            more = f" … (+{len(names) - MOST_NAMES})" if len(names) > MOST_NAMES else ""
            lines.append(f"- {said} {listed}{more}")
    return "\n".join(lines)
