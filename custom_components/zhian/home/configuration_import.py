"""Taking in a configuration file: all of it, or nothing and every reason why not."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import area_registry as ar

from ..safety.arming import Sense
from ..safety.confirming import CONFIRMABLE, MOST, WINDOWS
from ..safety.vocabulary import ActuatorRole, Hazard, Level, Witness
from .actuator_check import (
    TRAVEL_TIME_RANGE,
    actuator,
    may_play,
    needs_targets,
    number_range,
    target_errors,
    tone_errors,
)
from .bound import ACTUATOR, CONTACT, DETECTOR, Part, is_same, parts, why_not_bind
from .candidates import Candidate, find, understood_unit
from .configuration_home import facts_of
from .configuration_people import take_codes, take_routines, with_ids
from .configuration_plan import FLOW, Import, Options
from .configuration_problems import Problem
from .configuration_reader import File, Item, read
from .contact_check import channel_errors
from .contact_flow import MAX_ORDER
from .contact_options import ChannelKind, ChannelOptions, ContactOptions
from .detector_check import HAZARDS, threshold_errors, why_not_detect
from .gas_zones import newly_sparking
from .names import with_registry_ids
from .options import TRAVEL_TIMES, ActuatorOptions, DetectorOptions
from .panel_flow import CONF_MODES, CONF_SENSE, SENSES, suggested_watch, watch_of
from .ranges import THRESHOLD_RANGES
from .routine_options import RoutineOptions
from .supervision_fields import LIFE_RANGE, supervision_of


@callback
def prepare(hass: HomeAssistant, entry: ConfigEntry[Any], text: str) -> Import:
    """Return what a file would change. Nothing is changed here."""
    file = read(text)
    plan = Import(problems=list(file.problems))
    if file.home is not None:
        plan.home = facts_of(hass, entry, file.home, plan.problems)
    _Parts(hass, entry, file, plan).take()
    take_routines(hass, entry, file, plan)
    take_codes(entry, file, plan)
    plan.problems.sort(key=lambda problem: problem.line)
    return plan


@callback
def carry_out(hass: HomeAssistant, entry: ConfigEntry[Any], plan: Import) -> None:
    """Change the home; its listener takes all of it up at once."""
    if plan.home is not None:
        hass.config_entries.async_update_entry(
            entry, title=plan.home["name"], data={**entry.data, **plan.home}
        )
    # A routine names contacts, which have no ids before they are there.
    for routines in (False, True):
        for subentry, options in plan.changed:
            if isinstance(options, RoutineOptions) is routines:
                hass.config_entries.async_update_subentry(
                    entry,
                    subentry,
                    title=options.name,
                    data=_data(hass, entry, options),
                )
        for kind, options in plan.added:
            if isinstance(options, RoutineOptions) is routines:
                hass.config_entries.async_add_subentry(
                    entry,
                    ConfigSubentry(
                        data=MappingProxyType(_data(hass, entry, options)),
                        subentry_type=kind,
                        title=options.name,
                        unique_id=None,
                    ),
                )


@callback
def _data(
    hass: HomeAssistant, entry: ConfigEntry[Any], options: Options
) -> dict[str, Any]:
    if isinstance(options, DetectorOptions | ActuatorOptions):
        options = with_registry_ids(hass, options)
    elif isinstance(options, RoutineOptions):
        options = with_ids(entry, options)
    return options.as_data()


class _Parts:
    """The detectors, actuators and contacts of a file, checked against the home."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry[Any], file: File, plan: Import
    ) -> None:
        self._hass = hass
        self._file = file
        self._plan = plan
        self._subentries = list(entry.subentries.values())
        self._before = parts(self._subentries)
        self._found: dict[int, Candidate] = {}
        self._meant: dict[int, ConfigSubentry] = {}
        self._taken: list[Part] = []

    def take(self) -> None:
        """Check everything; an actuator needs to know where the gas detectors are."""
        for kind in (DETECTOR, ACTUATOR):
            for item in self._file.parts[kind]:
                self._identify(kind, item)
        meant = {subentry.subentry_id for subentry in self._meant.values()}
        self._taken = [
            (subentry.subentry_type, subentry.data)
            for subentry in self._subentries
            if subentry.subentry_id not in meant
        ]
        for kind in (DETECTOR, ACTUATOR):
            for item in self._file.parts[kind]:
                if (candidate := self._found.get(id(item))) is None:
                    continue
                reason = why_not_bind(self._hass, candidate, self._taken, kind)
                if reason is not None:
                    self._wrong(kind, item, {"entity_id": reason})
                    item.wrong.add("entity_id")
                options = (
                    self._detector(item, candidate)
                    if kind == DETECTOR
                    else self._actuator(item, candidate)
                )
                # One that is wrong holds its entity, too: or the next would be told
                # nothing, and then the same again.
                held = {"entity_id": candidate.entity_id, "hazard": ""}
                self._taken.append((kind, options.as_data() if options else held))
                if options is not None:
                    self._keep(kind, item, options)
        self._contacts()

    def _identify(self, kind: str, item: Item) -> None:
        """Find the entity of an item and the subentry that it would change."""
        candidate = find(self._hass, item.values["entity_id"])
        if candidate is None:
            self._wrong(kind, item, {"entity_id": "entity_not_found"})
            return
        if candidate.is_ours:
            self._wrong(kind, item, {"entity_id": "own_entity"})
            return
        area = item.values.get("area")
        if area is not None and ar.async_get(self._hass).async_get_area(area) is None:
            self._plan.problems.append(
                Problem(item.line_of("area"), "import_no_such_area", {"area": area})
            )
        self._found[id(item)] = candidate
        for subentry in self._subentries:
            if subentry.subentry_type == kind and is_same(
                self._hass,
                candidate,
                subentry.data["entity_id"],
                subentry.data.get("registry_id"),
            ):
                self._meant[id(item)] = subentry

    def _keep(self, kind: str, item: Item, options: Options) -> None:
        if (subentry := self._meant.get(id(item))) is not None:
            self._plan.changed.append((subentry, options))
        else:
            self._plan.added.append((kind, options))

    def _wrong(
        self,
        kind: str,
        item: Item,
        errors: Mapping[str, str],
        values: Mapping[str, str] | None = None,
    ) -> None:
        for key, error in errors.items():
            if key in item.wrong:
                continue
            self._plan.problems.append(
                Problem(item.line_of(key), f"{FLOW.format(kind)}.{error}", values or {})
            )

    def _detector(self, item: Item, candidate: Candidate) -> DetectorOptions | None:
        values = dict(item.values)
        hazard = values.get("hazard") or candidate.hazard
        errors = dict(why_not_detect(candidate, hazard))
        if hazard is not None and hazard not in HAZARDS:
            errors = {"hazard": "hazard_unknown"}
        if errors:
            self._wrong(DETECTOR, item, errors)
            return None
        limits: dict[str, str] = {}
        values |= {
            "entity_id": candidate.entity_id,
            "registry_id": candidate.registry_id,
            "hazard": str(hazard),
            "name": values.get("name") or candidate.name,
            "unit": understood_unit(candidate.unit) if candidate.is_number else None,
        }
        for key in ("warm_up_entity", "fault_entity"):
            if (entity := values.get(key)) is None:
                continue
            if (helper := find(self._hass, entity)) is None:
                errors[key] = "entity_not_found"
            elif helper.entity_id == candidate.entity_id:
                errors[key] = "detector_itself"
        if (words := values.get("state_map")) is not None:
            if Level.ALARM not in words.values():
                errors["state_map"] = "no_alarm"
            elif Level.NORMAL not in words.values() and hazard != Hazard.SOS:
                errors["state_map"] = "no_normal"
        elif _speaks_in_words(candidate) and hazard != Hazard.SOS:
            errors["state_map"] = "no_alarm"
        values["watch"] = self._watch(item, candidate, Hazard(str(hazard)), errors)
        values |= supervision_of(values, errors)
        self._check_quorum(item, Hazard(str(hazard)))
        options = DetectorOptions.from_mapping(
            {key: value for key, value in values.items() if value is not None}
        )
        if options.unit is not None:
            span = THRESHOLD_RANGES[options.hazard]
            limits = {
                "lowest": f"{span.lowest:g} {span.unit}",
                "highest": f"{span.highest:g} {span.unit}",
            }
            errors |= threshold_errors(
                span,
                pre_alarm=options.pre_alarm,
                alarm=options.alarm,
                hysteresis=options.hysteresis,
            )
        after = [*self._taken, (DETECTOR, options.as_data())]
        if sparking := newly_sparking(self._hass, self._before, after):
            errors["area"] = "would_spark"
            limits["devices"] = ", ".join(sparking)
        self._wrong(DETECTOR, item, errors, limits)
        return None if errors else options

    def _watch(
        self, item: Item, candidate: Candidate, hazard: Hazard, errors: dict[str, str]
    ) -> dict[str, Any] | None:
        """Return when a detector of intrusion counts, as its dialog would keep it."""
        if hazard is not Hazard.INTRUSION:
            return None
        if candidate.domain == Platform.ALARM_CONTROL_PANEL:
            return {CONF_SENSE: Sense.PANEL}
        chosen = {
            k: v for k, v in (item.values.get("watch") or {}).items() if v is not None
        }
        usual = suggested_watch(None, candidate.device_class)
        if CONF_SENSE in chosen:
            usual.pop(CONF_MODES)  # they belong to the sense that was guessed
        watch = usual | chosen
        if watch[CONF_SENSE] not in SENSES:
            told = {"value": str(watch[CONF_SENSE]), "allowed": ", ".join(SENSES)}
            line = item.line_of("watch")
            self._plan.problems.append(Problem(line, "import_not_one_of", told))
            return None
        wrong: dict[str, str] = {}
        watch_of(watch, wrong)
        if wrong:
            errors["watch"] = next(iter(wrong.values()))
        return watch

    def _check_quorum(self, item: Item, hazard: Hazard) -> None:
        """Tell where several detectors are asked for that are not allowed to be."""
        limits = {"quorum": (1.0, float(MOST)), "quorum_window": WINDOWS}
        if hazard not in CONFIRMABLE:
            limits["quorum"] = (1.0, 1.0)
        for key, (least, most) in limits.items():
            value = item.values.get(key)
            if value is not None and not least <= value <= most:
                told = {"lowest": f"{least:g}", "highest": f"{most:g}"}
                self._plan.problems.append(
                    Problem(item.line_of(key), "import_range", told)
                )

    def _actuator(self, item: Item, candidate: Candidate) -> ActuatorOptions | None:
        values = {k: v for k, v in item.values.items() if v is not None}
        role = ActuatorRole(values["role"])
        if not may_play(candidate, role):
            self._wrong(ACTUATOR, item, {"entity_id": "not_for_role"})
            return None
        errors: dict[str, str] = {}
        if needs_targets(candidate):
            ends = target_errors(candidate, role, values.get("targets") or {})
            if ends:
                errors["targets"] = next(iter(ends.values()))
        if wrong := tone_errors(candidate, values.get("tones") or {}):
            errors["tones"] = next(iter(wrong.values()))
        described = {
            "name": candidate.name,
            "travel_time": TRAVEL_TIMES[role],
            "witness": Witness.REPORT,
            **values,
        }
        options = actuator(self._hass, self._taken, candidate, role, described, errors)
        if "ignition_safe" in errors and "plans" in values:
            errors["plans"] = errors.pop("ignition_safe")
        lowest, highest = number_range(candidate)
        self._wrong(
            ACTUATOR,
            item,
            errors,
            {
                "shortest": f"{TRAVEL_TIME_RANGE[0]:g}",
                "longest": f"{TRAVEL_TIME_RANGE[1]:g}",
                "most_years": str(LIFE_RANGE[1]),
                "lowest": f"{lowest:g}",
                "highest": f"{highest:g}",
            },
        )
        return None if errors else options

    def _contacts(self) -> None:
        known = {
            subentry.title: subentry
            for subentry in self._subentries
            if subentry.subentry_type == CONTACT
        }
        seen: set[str] = set()
        for item in self._file.parts[CONTACT]:
            name = item.values["name"]
            if name in seen:
                twice = Problem(item.line_of("name"), "import_twice", {"key": name})
                self._plan.problems.append(twice)
                continue
            seen.add(name)
            if not 1 <= (item.values.get("order") or 1) <= MAX_ORDER:
                limits = {"lowest": "1", "highest": str(MAX_ORDER)}
                wrong = Problem(item.line_of("order"), "import_range", limits)
                self._plan.problems.append(wrong)
            before = known.get(name)
            channels = self._channels(item, before)
            if channels is None:
                continue
            contact = ContactOptions.from_mapping(
                {
                    **{k: v for k, v in item.values.items() if v is not None},
                    "channels": [channel.as_data() for channel in channels],
                }
            )
            if before is not None:
                self._plan.changed.append((before, contact))
            else:
                self._plan.added.append((CONTACT, contact))

    def _channels(
        self, item: Item, before: ConfigSubentry | None
    ) -> list[ChannelOptions] | None:
        """Return the channels of a contact; a secret that is known already stays."""
        known = {
            channel.label: channel
            for channel in (
                ContactOptions.from_mapping(before.data).channels if before else ()
            )
        }
        items: list[Item] = item.values["channels"]
        count = len(self._plan.problems)
        if not items:
            self._wrong(CONTACT, item, {"channels": "channels_missing"})
        channels: list[ChannelOptions] = []
        for entry in items:
            values = {k: v for k, v in entry.values.items() if v is not None}
            channel = ChannelOptions.from_mapping(values)
            same = known.get(channel.label)
            if channel.kind is ChannelKind.WEBHOOK and "secret" not in values and same:
                channel = same
            self._wrong(CONTACT, entry, channel_errors(self._hass, channel))
            channels.append(channel)
        return channels if len(self._plan.problems) == count else None


def _speaks_in_words(candidate: Candidate) -> bool:
    return candidate.domain in ("sensor", "event", "select") and not candidate.is_number
