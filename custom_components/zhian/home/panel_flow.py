"""What a person chooses for the alarm panel, and for a detector that it watches."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.const import Platform
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

import voluptuous as vol

from ..number_field import NumberField
from ..safety.arming import Sense
from .watch_options import MODES, PanelOptions, WatchOptions, usual_modes

PANEL: Final = "panel"

CONF_DELAYED: Final = "delayed"
CONF_LEFT_OPEN: Final = "left_open"
CONF_MODES: Final = "modes"
CONF_SENSE: Final = "sense"

LONGEST_EXIT: Final = 300
LONGEST_ENTRY: Final = 120
LONGEST_OPEN: Final = 1440
REPORT_FROM: Final = (1, 2, 3)
"""Levels of a break-in from which the station may be told."""

SENSES: Final = tuple(sense for sense in Sense if sense is not Sense.PANEL)
"""What a person can choose; another panel is known by its kind."""

_GUESSES: Final[Mapping[str, Sense]] = {
    "motion": Sense.MOTION,
    "moving": Sense.MOTION,
    "occupancy": Sense.MOTION,
    "presence": Sense.MOTION,
    "vibration": Sense.BREAKAGE,
    "sound": Sense.BREAKAGE,
    "tamper": Sense.TAMPER,
}


def _seconds(most: int) -> NumberField:
    return NumberField(
        NumberSelectorConfig(
            min=0, max=most, mode=NumberSelectorMode.BOX, unit_of_measurement="s"
        )
    )


def panel_schema(chosen: Mapping[str, Any] | None) -> vol.Schema:
    """Return the form of the panel, filled with what was chosen before."""
    before = PanelOptions.from_mapping(chosen).as_data()

    def required(key: str) -> vol.Required:
        return vol.Required(key, default=before[key])

    return vol.Schema(
        {
            required("exit_delay"): _seconds(LONGEST_EXIT),
            required("entry_delay"): _seconds(LONGEST_ENTRY),
            required("code_arm_required"): BooleanSelector(),
            vol.Required(
                "report_from", default=str(before["report_from"])
            ): SelectSelector(
                SelectSelectorConfig(
                    options=[*map(str, REPORT_FROM)],
                    translation_key="report_from",
                    mode=SelectSelectorMode.LIST,
                )
            ),
            vol.Optional("cameras", default=before["cameras"]): EntitySelector(
                EntitySelectorConfig(domain=Platform.CAMERA, multiple=True)
            ),
        }
    )


def panel_of(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the entry keeps."""
    return PanelOptions.from_mapping(user_input).as_data()


def watch_schema() -> dict[vol.Marker, Any]:
    """Return the form of a detector of intrusion."""
    return {
        vol.Required(CONF_SENSE): SelectSelector(
            SelectSelectorConfig(
                options=[*SENSES],
                translation_key=CONF_SENSE,
                mode=SelectSelectorMode.DROPDOWN,
            )
        ),
        vol.Optional(CONF_MODES): SelectSelector(
            SelectSelectorConfig(
                options=[*MODES],
                multiple=True,
                translation_key="panel_mode",
                mode=SelectSelectorMode.LIST,
            )
        ),
        vol.Required(CONF_DELAYED, default=False): BooleanSelector(),
        vol.Optional(CONF_LEFT_OPEN): NumberField(
            NumberSelectorConfig(
                min=1,
                max=LONGEST_OPEN,
                mode=NumberSelectorMode.BOX,
                unit_of_measurement="min",
            )
        ),
    }


def suggested_watch(
    before: Mapping[str, Any] | None, device_class: str | None
) -> dict[str, Any]:
    """Suggest what was chosen before, else what the device tells."""
    if before:
        return {key: value for key, value in before.items() if value is not None}
    sense = _GUESSES.get(device_class or "", Sense.OPENING)
    return {CONF_SENSE: sense, CONF_MODES: [*usual_modes(sense)]}


def watch_of(user_input: Mapping[str, Any], errors: dict[str, str]) -> WatchOptions:
    """Return when the detector counts, or tell what is wrong with it."""
    watch = WatchOptions.from_mapping(user_input)
    if not watch.modes and not watch.watch().is_always:
        errors[CONF_MODES] = "modes_missing"
    if watch.left_open is not None and watch.sense is not Sense.OPENING:
        errors[CONF_LEFT_OPEN] = "left_open_no_door"
    return watch
