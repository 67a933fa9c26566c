"""What is bound already: each entity plays one part in a home, and one only."""

from collections.abc import Iterable, Mapping
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from .candidates import Candidate

DETECTOR = "detector"
ACTUATOR = "actuator"
CONTACT = "contact"

ALREADY_BOUND = "already_bound"
"""The entity plays this very part already."""
BOUND_AS_DETECTOR = "bound_as_detector"
BOUND_AS_ACTUATOR = "bound_as_actuator"
BOUND_AS_WITNESS = "bound_as_witness"

type Part = tuple[str, Mapping[str, Any]]
"""The kind of a subentry, and its data."""

_PARTS = {DETECTOR: BOUND_AS_DETECTOR, ACTUATOR: BOUND_AS_ACTUATOR}


def parts(subentries: Iterable[ConfigSubentry], but: str | None = None) -> list[Part]:
    """Return the parts of a home, but the one with an id."""
    return [
        (subentry.subentry_type, subentry.data)
        for subentry in subentries
        if subentry.subentry_id != but
    ]


def why_not_bind(
    hass: HomeAssistant, candidate: Candidate, others: Iterable[Part], kind: str | None
) -> str | None:
    """Return why an entity cannot be bound as a kind, or, for None, as a witness.

    A device that gives its word for itself and for another proves nothing of either, and
    one that is an alarm and obeys an alarm would run in circles.
    """
    for other, data in others:
        if other not in _PARTS:
            continue
        if is_same(hass, candidate, data["entity_id"], data.get("registry_id")):
            return ALREADY_BOUND if other == kind else _PARTS[other]
        witness = data.get("witness_entity")
        if witness and is_same(hass, candidate, witness, None):
            return BOUND_AS_WITNESS
    return None


def is_same(
    hass: HomeAssistant, candidate: Candidate, entity_id: str, registry_id: str | None
) -> bool:
    """Return whether an entity is the one that was bound.

    The registry id outlives a renaming, so it decides as long as the registry knows it.
    """
    if registry_id and (entry := er.async_get(hass).async_get(registry_id)):
        return entry.entity_id == candidate.entity_id
    return entity_id == candidate.entity_id
