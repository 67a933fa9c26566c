"""What a routine may be: asked by the flow and by the import of a configuration."""

from collections.abc import Collection, Iterable, Mapping
from datetime import time, timedelta
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant

from ..safety.routine import Limits
from .candidates import Candidate, find
from .routine_options import SourceOptions
from .signs import shows_life

type Errors = dict[str, str]


def sources_of(
    hass: HomeAssistant, entities: Iterable[str], used: Collection[str]
) -> tuple[list[Candidate], str | None]:
    """Return what shows life, and what is wrong with one of them."""
    found: list[Candidate] = []
    error = None
    for entity in entities:
        candidate = find(hass, entity)
        if candidate is None:
            error = "entity_not_found"
        elif candidate.is_ours:
            error = "own_entity"
        elif not shows_life(candidate.domain, candidate.device_class):
            error = "no_sign_of_life"
        elif candidate.entity_id in [c.entity_id for c in found]:
            error = "source_twice"
        elif candidate.entity_id in used:
            error = "already_bound"
        else:
            found.append(candidate)
    return found, error if found or error else "sources_missing"


def used_by(hass: HomeAssistant, routines: Iterable[ConfigSubentry]) -> set[str]:
    """Return what routines listen to: an entity cannot speak for two people."""
    return {
        SourceOptions(s["entity_id"], s.get("registry_id")).resolve(hass)
        for routine in routines
        for s in routine.data["sources"]
    }


def existing(
    hass: HomeAssistant, entities: Iterable[str]
) -> tuple[list[str], str | None]:
    """Return entities that are there, and there once, or what is wrong with them."""
    found = [find(hass, entity) for entity in entities]
    ids = [candidate.entity_id for candidate in found if candidate is not None]
    if None in found:
        return ids, "entity_not_found"
    return ids, "source_twice" if len(set(ids)) < len(ids) else None


def limit_errors(chosen: Mapping[str, Any]) -> Errors:
    """Return what is wrong with the windows and limits."""
    begins = time.fromisoformat(chosen["day_from"])
    ends = time.fromisoformat(chosen["day_to"])
    if begins == ends:
        return {"day_to": "window_empty"}
    by_day, in_all = chosen.get("by_day"), chosen.get("in_all")
    window = Limits(day_from=begins, day_to=ends).length()
    if by_day is not None and timedelta(hours=by_day) > window:
        return {"by_day": "longer_than_day"}
    if by_day is None and in_all is None and not chosen["learns"]:
        return {"learns": "no_limit"}
    return {}


def asking_errors(chosen: Mapping[str, Any], *, has_residents: bool) -> Errors:
    """Return why nobody could be asked, by field."""
    voice, speakers = chosen.get("voice"), chosen.get("speakers")
    if speakers and voice is None:
        return {"voice": "voice_missing"}
    if voice is not None and not speakers:
        return {"speakers": "speakers_missing"}
    is_heard = speakers or chosen.get("satellites")
    if not (chosen.get("asks") or has_residents or is_heard):
        return {"asks": "nobody_asked"}
    return {}
