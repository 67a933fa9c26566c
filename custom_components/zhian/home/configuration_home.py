"""The home's own facts in a configuration file: how they are read, and what they change."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant

from yaml.nodes import Node

from ..safety.reporting import CANCELLABLE, LONGEST, PRIORITIES
from ..safety.vocabulary import Gas, Hazard
from .candidates import find
from .configuration_problems import Problem
from .configuration_values import (
    Read,
    Wrong,
    as_number,
    as_text,
    as_truth,
    between,
    list_of,
    map_with,
    one_of,
    shown,
)
from .ladder_flow import LADDER, LEAST, MOST, seconds_keys
from .options import HomeOptions
from .panel_flow import LONGEST_ENTRY, LONGEST_EXIT, PANEL, REPORT_FROM
from .plan_flow import PRIORITY
from .ranges import LEL_RANGES
from .report_delay_flow import REPORT_AFTER
from .watch_options import PanelOptions

if TYPE_CHECKING:
    from .configuration_reader import Item

CAMERAS: Final = "cameras"


def one_number_of(allowed: tuple[int, ...]) -> Read:
    """Return what reads one of a few whole numbers."""

    def read(node: Node) -> int:
        value = as_number(node)
        if value is None or value not in allowed:
            told = ", ".join(map(str, allowed)) or "–"
            raise Wrong("import_not_one_of", value=shown(node), allowed=told)
        return int(value)

    return read


def _camera(node: Node) -> str | None:
    value = as_text(node)
    if value is not None and not value.startswith(f"{Platform.CAMERA}."):
        raise Wrong("import_not_one_of", value=value[:60], allowed="camera.*")
    return value


HOME_KEYS: Final[Mapping[str, Read]] = {
    "name": as_text,
    "gas": one_of(Gas),
    "lel": as_number,
    "address": as_text,
    LADDER: map_with(dict.fromkeys(seconds_keys(), between(LEAST, MOST))),
    PANEL: map_with(
        {
            "exit_delay": between(0.0, LONGEST_EXIT),
            "entry_delay": between(0.0, LONGEST_ENTRY),
            "report_from": one_number_of(REPORT_FROM),
            "code_arm_required": as_truth,
            CAMERAS: list_of(_camera),
        }
    ),
    REPORT_AFTER: map_with(
        {hazard.value: between(0.0, LONGEST) for hazard in CANCELLABLE}
    ),
    PRIORITY: map_with({h.value: one_number_of(PRIORITIES.get(h, ())) for h in Hazard}),
}


def facts_of(
    hass: HomeAssistant, entry: ConfigEntry[Any], item: Item, problems: list[Problem]
) -> dict[str, Any]:
    """Return what changes in the home's entry; what the file does not name stays."""
    before = HomeOptions.from_mapping(entry.data)
    values = item.values
    gas = Gas(values["gas"])
    facts: dict[str, Any] = {"name": values["name"], "gas": gas.value}
    facts["lel"] = _lel(before, gas, item, problems)
    if "address" in values:
        facts["address"] = values["address"]
    if values.get(LADDER):
        facts[LADDER] = {**(before.ladder or {}), **values[LADDER]}
    if chosen := values.get(PRIORITY):
        facts[PRIORITY] = {**(before.priorities or {}), **chosen}
    if values.get(REPORT_AFTER):
        delays = {**(before.report_after or {}), **values[REPORT_AFTER]}
        facts[REPORT_AFTER] = {hazard: s for hazard, s in delays.items() if s > 0}
    if panel := values.get(PANEL):
        for camera in panel.get(CAMERAS) or ():
            if find(hass, camera) is None:
                key = "config_subentries.detector.error.entity_not_found"
                problems.append(Problem(item.line_of(PANEL), key))
        known = {key: value for key, value in panel.items() if value is not None}
        usual = PanelOptions.from_mapping(before.panel).as_data()
        facts[PANEL] = PanelOptions.from_mapping(usual | known).as_data()
    return facts


def _lel(
    before: HomeOptions, gas: Gas, item: Item, problems: list[Problem]
) -> float | None:
    """Return the lower explosive limit, or tell what is wrong with it."""
    span = LEL_RANGES[gas]
    lel: float | None = item.values.get(
        "lel", before.lel if gas is before.gas else None
    )
    lel = span.default if lel is None else lel
    if lel is None:
        problems.append(Problem(item.line_of("gas"), "lel_missing"))
    elif not span.lowest <= lel <= span.highest:
        limits = {"lowest": f"{span.lowest:g}", "highest": f"{span.highest:g}"}
        problems.append(Problem(item.line_of("lel"), "lel_range", limits))
    return lel
