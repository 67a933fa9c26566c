"""What a detector may be: asked by the flow and by the import of a configuration."""

from math import inf
from typing import Final

from homeassistant.const import Platform

from ..safety.vocabulary import Hazard
from .candidates import Candidate, understood_unit
from .ranges import ThresholdRange, Unit
from .subentry_flow import CONF_ENTITY_ID, Errors

CONF_ALARM: Final = "alarm"
CONF_HAZARD: Final = "hazard"
CONF_HYSTERESIS: Final = "hysteresis"
CONF_PRE_ALARM: Final = "pre_alarm"

DOMAINS: Final = [
    Platform.BINARY_SENSOR,
    Platform.SENSOR,
    Platform.EVENT,
    Platform.SELECT,
    Platform.BUTTON,
    "input_button",
    Platform.ALARM_CONTROL_PANEL,
]
BUTTONS: Final = frozenset({Platform.BUTTON, "input_button"})
# The hazards that have a plan; the vocabulary knows more.
HAZARDS: Final = (
    Hazard.GAS,
    Hazard.CARBON_MONOXIDE,
    Hazard.SMOKE,
    Hazard.WATER,
    Hazard.INTRUSION,
    Hazard.SOS,
)
UNITS: Final = {
    Hazard.GAS: (Unit.PERCENT_LEL, Unit.PPM),
    Hazard.CARBON_MONOXIDE: (Unit.PPM,),
}


def why_not_detect(candidate: Candidate, hazard: str | None) -> Errors:
    """Return why an entity cannot notice a hazard, by field."""
    if candidate.domain not in DOMAINS:
        return {CONF_ENTITY_ID: "not_a_detector"}
    is_tamper = hazard == Hazard.INTRUSION and candidate.device_class == "tamper"
    if candidate.is_never_an_alarm and not is_tamper:
        return {CONF_ENTITY_ID: "never_an_alarm"}
    if hazard is None:
        return {CONF_HAZARD: "hazard_unknown"}
    is_panel = candidate.domain == Platform.ALARM_CONTROL_PANEL
    if (candidate.domain in BUTTONS and hazard != Hazard.SOS) or (
        is_panel and hazard != Hazard.INTRUSION
    ):
        return {CONF_ENTITY_ID: "not_a_detector"}
    if candidate.is_number:
        units = UNITS.get(Hazard(hazard))
        if units is None:
            return {CONF_ENTITY_ID: "number_not_for_hazard"}
        if understood_unit(candidate.unit) not in units:
            return {CONF_ENTITY_ID: "no_unit"}
    return {}


def threshold_errors(
    span: ThresholdRange,
    *,
    pre_alarm: float | None,
    alarm: float | None,
    hysteresis: float,
) -> Errors:
    """Return what is wrong with the limits. A NaN is never in range."""
    errors: Errors = {}
    for key, value in ((CONF_PRE_ALARM, pre_alarm), (CONF_ALARM, alarm)):
        if value is None:
            continue  # only the dose counts
        if not value >= span.lowest:
            errors[key] = "threshold_too_low"
        elif value > span.highest:
            errors[key] = "threshold_too_high"
    if not errors and alarm is not None and (pre_alarm or 0.0) >= alarm:
        errors[CONF_PRE_ALARM] = "pre_alarm_not_below_alarm"
    if not 0 < hysteresis < (pre_alarm or alarm or inf):
        errors[CONF_HYSTERESIS] = "hysteresis_range"
    return errors
