"""The household as the entry describes it: what is bound, and what the kernel knows."""

from collections.abc import Iterable, Iterator
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..safety.household import Detector, Household
from ..safety.vocabulary import Hazard
from .bindings import ActuatorBinding, DetectorBinding
from .companions import companions_of
from .contact_options import ContactOptions, ladder_of
from .health import resolve
from .names import followed, renames
from .options import ActuatorOptions, DetectorOptions, HomeOptions
from .people import Contact
from .places import zone_of
from .plan_choices import priorities_of
from .report_delay_flow import report_after_of
from .routine_options import ROUTINE, RoutineBinding, RoutineOptions
from .subentry_flow import ACTUATOR, CONTACT, DETECTOR
from .watch_options import PanelOptions, WatchOptions


def detectors_of(
    hass: HomeAssistant, entry: ConfigEntry[Any], lel: float
) -> Iterator[DetectorBinding]:
    """Yield the detectors of an entry; `lel` is that of the home's gas."""
    for subentry in entry.get_subentries_of_type(DETECTOR):
        options = DetectorOptions.from_mapping(subentry.data)
        yield DetectorBinding(
            subentry.subentry_id,
            followed(hass, options),
            resolve(hass, options),
            lel,
            tuple(renames(hass, options)),
        )


def actuators_of(
    hass: HomeAssistant, entry: ConfigEntry[Any]
) -> Iterator[ActuatorBinding]:
    """Yield the actuators of an entry."""
    for subentry in entry.get_subentries_of_type(ACTUATOR):
        options = ActuatorOptions.from_mapping(subentry.data)
        yield ActuatorBinding(
            subentry.subentry_id,
            followed(hass, options),
            resolve(hass, options),
            tuple(renames(hass, options)),
        )


def routines_of(
    hass: HomeAssistant, entry: ConfigEntry[Any]
) -> Iterator[RoutineBinding]:
    """Yield the routines of an entry."""
    for subentry in entry.get_subentries_of_type(ROUTINE):
        options = RoutineOptions.from_mapping(subentry.data)
        yield RoutineBinding.of(hass, subentry.subentry_id, options)


def contacts_of(entry: ConfigEntry[Any]) -> Iterator[Contact]:
    """Yield the contacts of an entry."""
    for subentry in entry.get_subentries_of_type(CONTACT):
        yield Contact(subentry.subentry_id, ContactOptions.from_mapping(subentry.data))


def household_of(
    hass: HomeAssistant,
    options: HomeOptions,
    detectors: Iterable[DetectorBinding],
    actuators: Iterable[ActuatorBinding],
    routines: Iterable[RoutineBinding],
    contacts: Iterable[Contact],
) -> Household:
    """Return what the kernel is to know of a home."""
    return Household(
        options.home_id,
        {
            d.id: Detector(
                d.id,
                d.options.hazard,
                zone_of(hass, d.entity_id, d.options.area),
                _lost_after(hass, d),
                d.options.standard,
                watch=(d.options.watch or WatchOptions()).watch(),
                quorum=d.options.quorum,
                window=d.options.quorum_window,
            )
            for d in detectors
        }
        | {
            r.id: Detector(r.id, Hazard.INACTIVITY, asks=r.options.asks)
            for r in routines
        },
        {
            a.id: a.options.actuator(a.id, zone_of(hass, a.entity_id, a.options.area))
            for a in actuators
        },
        ladder_of(options.ladder, ((c.id, c.options) for c in contacts)),
        report_after_of(options.report_after),
        PanelOptions.from_mapping(options.panel).settings(),
        priorities_of(options.priorities),
    )


def _lost_after(hass: HomeAssistant, detector: DetectorBinding) -> float:
    """Return the seconds without protection after which people are told."""
    if detector.options.lost_after is not None:
        return 60.0 * detector.options.lost_after
    return companions_of(hass, detector.entity_id).grace
