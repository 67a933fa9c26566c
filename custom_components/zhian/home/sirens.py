"""How a siren sounds: evacuation signals where it has them, else plainly on.

T3 (three pulses) means fire and T4 (four pulses) means carbon monoxide, by ISO 8201 and
NFPA 72. Every other hazard sounds without a pause. A siren without tones of its own is
switched on and sounds as it does: Home Assistant makes no pulses, for a pulse that gets
stuck would be silence.
"""

from collections.abc import Iterable, Mapping
import re
from typing import Any, Final

from homeassistant.components.siren import ATTR_DURATION, ATTR_TONE

from ..safety.state import State
from ..safety.vocabulary import Hazard
from .options import ActuatorOptions

OTHER: Final = "other"
TONES: Final = (Hazard.SMOKE.value, Hazard.CARBON_MONOXIDE.value, OTHER)
"""What a tone can be chosen for, the most urgent to hear first."""

_WORDS: Final[Mapping[str, re.Pattern[str]]] = {
    Hazard.SMOKE.value: re.compile(r"\bt-?3\b|temporal[ _-]?3|fire|smoke|火|烟"),
    Hazard.CARBON_MONOXIDE.value: re.compile(
        r"\bt-?4\b|temporal[ _-]?4|\bco\b|carbon|一氧化碳"
    ),
    OTHER: re.compile(r"contin|steady|emergency|evacuat|连续|持续|长鸣|紧急"),
}


def guess_tone(purpose: str, tones: Iterable[str]) -> str | None:
    """Return the tone that most likely is meant for a purpose."""
    pattern = _WORDS[purpose]
    plain = ((tone, tone.casefold().replace("_", " ")) for tone in tones)
    return next((tone for tone, words in plain if pattern.search(words)), None)


def sounding_for(state: State, hazard: Hazard | None) -> str:
    """Return what a siren sounds for when an alarm of a hazard turns it on.

    Who hears two hazards at once has to get out of the fire first.
    """
    heard = {hazard} | {
        incident.hazard
        for incident in state.incidents.values()
        if incident.is_reportable
        and not incident.drill
        and incident.acknowledged is None
    }
    return next((tone for tone in TONES[:-1] if tone in heard), OTHER)


def sound_of(options: ActuatorOptions, purpose: str) -> dict[str, Any]:
    """Return what to tell a siren besides that it shall sound."""
    sound: dict[str, Any] = {}
    if tone := (options.tones or {}).get(purpose):
        sound[ATTR_TONE] = tone
    if options.duration is not None:
        sound[ATTR_DURATION] = int(options.duration)
    return sound
