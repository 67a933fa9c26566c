"""Routines and codes of a configuration file, checked against the home."""

from dataclasses import replace
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..safety.vocabulary import ContactRole
from .bound import CONTACT
from .candidates import find
from .configuration_plan import FLOW, Import
from .configuration_problems import Problem
from .configuration_reader import File, Item
from .contact_options import ContactOptions
from .routine_check import (
    Errors,
    asking_errors,
    existing,
    limit_errors,
    sources_of,
    used_by,
)
from .routine_flow import LEAST_HOURS, MOST_HOURS
from .routine_options import ROUTINE, RoutineOptions
from .subentry_flow import CODE
from .watch_options import CodeOptions

_MOST_POWER = 5000.0


def take_routines(
    hass: HomeAssistant, entry: ConfigEntry[Any], file: File, plan: Import
) -> None:
    """Add the routines of a file to what it would change."""
    known = {s.title: s for s in entry.get_subentries_of_type(ROUTINE)}
    items = _once(file.parts[ROUTINE], plan)
    meant = {item.values["name"] for item in items}
    used = used_by(hass, (s for title, s in known.items() if title not in meant))
    contacts = _contacts(entry, file)
    for item in items:
        routine = _routine(hass, item, used, contacts, plan)
        if routine is None:
            continue
        used |= {source.entity_id for source in routine.sources}
        if (before := known.get(routine.name)) is not None:
            plan.changed.append((before, routine))
        else:
            plan.added.append((ROUTINE, routine))


def _routine(
    hass: HomeAssistant,
    item: Item,
    used: set[str],
    contacts: dict[str, ContactRole],
    plan: Import,
) -> RoutineOptions | None:
    """Return a routine whose `asks` are names, or tell what is wrong with it."""
    count = len(plan.problems)
    values = {k: v for k, v in item.values.items() if v is not None}
    errors: Errors = {}
    found, error = sources_of(hass, values["sources"], used)
    if error is not None:
        errors["sources"] = error
    sources = [{"entity_id": c.entity_id, "registry_id": c.registry_id} for c in found]
    for key in ("away_entities", "persons", "speakers", "satellites"):
        values[key], error = existing(hass, values.get(key, []))
        if error is not None:
            errors[key] = error
    if values.get("voice") and find(hass, values["voice"]) is None:
        errors["voice"] = "entity_not_found"
    usual = RoutineOptions("", ()).as_data()
    errors = limit_errors(usual | values) | errors
    residents = ContactRole.RESIDENT in contacts.values()
    errors = asking_errors(values, has_residents=residents) | errors
    for key, error in errors.items():
        if key not in item.wrong:
            problem = Problem(item.line_of(key), f"{FLOW.format(ROUTINE)}.{error}")
            plan.problems.append(problem)
    for key, least, most in (
        ("by_day", LEAST_HOURS, MOST_HOURS),
        ("in_all", LEAST_HOURS, MOST_HOURS),
        ("power_limit", 1.0, _MOST_POWER),
    ):
        if key in values and not least <= values[key] <= most:
            limits = {"lowest": f"{least:g}", "highest": f"{most:g}"}
            plan.problems.append(Problem(item.line_of(key), "import_range", limits))
    for name in values.get("asks", []):
        if name not in contacts:
            problem = Problem(
                item.line_of("asks"), "import_no_such_contact", {"name": name[:60]}
            )
            plan.problems.append(problem)
    if len(plan.problems) > count or item.wrong:
        return None
    return RoutineOptions.from_mapping(values | {"sources": sources})


def _contacts(entry: ConfigEntry[Any], file: File) -> dict[str, ContactRole]:
    """Return who will be a contact, and what they are to the home."""
    before = {
        s.title: ContactOptions.from_mapping(s.data).role
        for s in entry.get_subentries_of_type(CONTACT)
    }
    return before | {
        item.values["name"]: ContactRole(
            item.values.get("role") or ContactRole.RESIDENT
        )
        for item in file.parts[CONTACT]
    }


def with_ids(entry: ConfigEntry[Any], routine: RoutineOptions) -> RoutineOptions:
    """Return a routine that asks contacts by their ids, now that they are there."""
    ids = {s.title: s.subentry_id for s in entry.get_subentries_of_type(CONTACT)}
    return replace(routine, asks=tuple(ids[name] for name in routine.asks))


def take_codes(entry: ConfigEntry[Any], file: File, plan: Import) -> None:
    """Change the rights of people who have a code; a code itself is in no file."""
    known = {s.title: s for s in entry.get_subentries_of_type(CODE)}
    for item in _once(file.parts[CODE], plan):
        name = item.values["name"]
        if (subentry := known.get(name)) is None:
            plan.codeless.append(name)
            continue
        before = CodeOptions.from_mapping(subentry.data)
        code = replace(
            before,
            can_arm=_right(item, "can_arm", before.can_arm),
            can_disarm=_right(item, "can_disarm", before.can_disarm),
        )
        if not (code.can_arm or code.can_disarm):
            wrong = "no_right"
        elif code.duress_digest and not code.can_disarm:
            wrong = "duress_needs_disarm"
        else:
            plan.changed.append((subentry, code))
            continue
        line = item.line_of("can_disarm")
        plan.problems.append(Problem(line, f"{FLOW.format(CODE)}.{wrong}"))


def _right(item: Item, key: str, before: bool) -> bool:
    value: bool | None = item.values.get(key)
    return before if value is None else value


def _once(items: list[Item], plan: Import) -> list[Item]:
    """Return the items whose names come for the first time."""
    found: dict[str, Item] = {}
    for item in items:
        name = item.values["name"]
        if name in found:
            twice = Problem(item.line_of("name"), "import_twice", {"key": name[:60]})
            plan.problems.append(twice)
        else:
            found[name] = item
    return list(found.values())
