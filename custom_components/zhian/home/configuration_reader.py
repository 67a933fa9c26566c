"""Reading a configuration file, YAML or JSON: every wrong line is found, not the first."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

import yaml
from yaml.nodes import Node, ScalarNode, SequenceNode

from ..safety.arming import Mode, Sense
from ..safety.vocabulary import (
    ActuatorRole,
    ContactRole,
    Hazard,
    Level,
    Position,
    Standard,
    Witness,
)
from .bound import ACTUATOR, CONTACT, DETECTOR
from .configuration import HOME, SECTIONS, VERSION, ZHIAN
from .configuration_home import HOME_KEYS
from .configuration_problems import Problem
from .configuration_values import (
    Read,
    Wrong,
    WrongInside,
    as_day,
    as_number,
    as_plain,
    as_target,
    as_text,
    as_texts,
    as_time,
    as_truth,
    between,
    line_of,
    list_of,
    map_of,
    map_with,
    one_of,
    pairs_of,
    perhaps,
    shown,
)
from .contact_options import ChannelKind, WebhookProof
from .options import ActuatorOptions, DetectorOptions
from .panel_flow import LONGEST_OPEN
from .ranges import Unit
from .routine_options import ROUTINE
from .subentry_flow import CODE

MOST_CHARACTERS: Final = 256 * 1024
DEEPEST: Final = 20
"""How many lists and maps may stand in each other; a home needs five."""


@dataclass(frozen=True, slots=True)
class Item:
    """A mapping of the file, and the line of each of its keys."""

    line: int
    values: dict[str, Any]
    lines: dict[str, int]
    wrong: set[str] = field(default_factory=set)
    """The keys of which something was told already."""

    def line_of(self, key: str) -> int:
        """Return where something stands; what is missing is missing at the top."""
        return self.lines.get(key, self.line)


@dataclass(slots=True)
class File:
    """What a file says."""

    home: Item | None = None
    parts: dict[str, list[Item]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


_CHANNEL: Final[Mapping[str, Read]] = {
    "kind": one_of(ChannelKind),
    "target": as_text,
    "critical": as_truth,
    "player": as_text,
    "ignition_safe": as_truth,
    "secret": as_text,
    "proof": one_of(WebhookProof),
}
_WATCH: Final = map_with(
    {
        "sense": one_of(Sense),
        "modes": list_of(one_of(Mode)),
        "delayed": as_truth,
        "left_open": perhaps(between(1.0, LONGEST_OPEN)),
    }
)
_OWN: Final[Mapping[str, Mapping[str, Read]]] = {
    DETECTOR: {
        "entity_id": as_text,
        "hazard": one_of(Hazard),
        "name": as_text,
        "unit": one_of(Unit),
        "pre_alarm": as_number,
        "alarm": as_number,
        "hysteresis": as_number,
        "standard": one_of(Standard),
        "state_map": map_of(None, one_of(Level)),
        "warm_up_entity": as_text,
        "fault_entity": as_text,
        "quorum": as_number,
        "quorum_window": as_number,
        "lost_after": as_number,
        "installed": as_day,
        "life_years": as_number,
        "area": as_text,
        "watch": _WATCH,
    },
    ACTUATOR: {
        "entity_id": as_text,
        "role": one_of(ActuatorRole),
        "name": as_text,
        "inverted": as_truth,
        "ignition_safe": as_truth,
        "open_on_gas": as_truth,
        "exercise": as_truth,
        "plans": map_of(Hazard, as_truth),
        "rain_entity": as_text,
        "child_lock_entity": as_text,
        "lock_entity": as_text,
        "obstruction_entity": as_text,
        "sound_on_gas": as_truth,
        "targets": map_of(Position, as_target),
        "tones": map_of(None, as_text),
        "duration": as_number,
        "travel_time": as_number,
        "witness": one_of(Witness),
        "witness_entity": as_text,
        "area": as_text,
        "installed": as_day,
        "life_years": as_number,
    },
    CONTACT: {
        "name": as_text,
        "role": one_of(ContactRole),
        "order": as_number,
        "confidant": as_truth,
    },
    ROUTINE: {
        "name": as_text,
        "sources": as_texts,
        "power_limit": as_number,
        "day_from": as_time,
        "day_to": as_time,
        "by_day": as_number,
        "in_all": as_number,
        "learns": as_truth,
        "away_entities": as_texts,
        "persons": as_texts,
        "asks": as_texts,
        "voice": as_text,
        "speakers": as_texts,
        "satellites": as_texts,
        "ignition_safe": as_truth,
    },
    CODE: {"name": as_text, "can_arm": as_truth, "can_disarm": as_truth},
}
_NEEDED: Final = {
    DETECTOR: ("entity_id",),
    ACTUATOR: ("entity_id", "role"),
    CONTACT: ("name", "channels"),
    ROUTINE: ("name", "sources"),
    CODE: ("name",),
    "channel": ("kind", "target"),
    HOME: ("name", "gas"),
}


def readers(kind: str) -> Mapping[str, Read]:
    """Return how each key is read; an option that is newer than this is read plainly."""
    known = _OWN[kind]
    if kind not in (DETECTOR, ACTUATOR):
        return known
    options = DetectorOptions if kind == DETECTOR else ActuatorOptions
    names = {f.name for f in fields(options)} - {"registry_id", "registry_ids"}
    return {name: known.get(name, as_plain) for name in names}


def read(text: str) -> File:
    """Return what a file says, and everything that is wrong with it."""
    file = File(parts={kind: [] for kind in SECTIONS.values()})
    if len(text) > MOST_CHARACTERS:
        file.problems.append(Problem(1, "import_too_long"))
        return file
    depth = 0
    try:
        # One after the other: what is nested without end costs seconds to read whole.
        for event in yaml.parse(text, yaml.SafeLoader):
            line = int(event.start_mark.line) + 1
            if isinstance(event, yaml.AliasEvent):
                file.problems.append(Problem(line, "import_alias"))
                return file
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                file.problems.append(Problem(line, "import_too_deep"))
                return file
        root = yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        file.problems.append(
            Problem(
                mark.line + 1 if mark else 1,
                "import_not_yaml",
                {"problem": str(error.problem or error.context or "")},
            )
        )
        return file
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        file.problems.append(
            Problem(line, "import_not_yaml", {"problem": str(error.reason)})
        )
        return file
    if root is None:
        file.problems.append(Problem(1, "import_empty"))
        return file
    _read_root(root, file)
    file.problems.sort(key=lambda problem: problem.line)
    return file


def _read_root(root: Node, file: File) -> None:
    try:
        pairs = pairs_of(root, file.problems)
    except Wrong as wrong:
        file.problems.append(Problem(line_of(root), wrong.key, wrong.values))
        return
    version = next((value for key, _, value in pairs if key == ZHIAN), None)
    if version is None or shown(version) != str(VERSION):
        line = 1 if version is None else line_of(version)
        file.problems.append(Problem(line, "import_version", {"version": str(VERSION)}))
    for key, key_node, value in pairs:
        if key == HOME:
            file.home = _item(value, HOME_KEYS, _NEEDED[HOME], file.problems)
        elif key in SECTIONS:
            _read_section(SECTIONS[key], value, file)
        elif key != ZHIAN:
            file.problems.append(
                Problem(line_of(key_node), "import_unknown_key", {"key": key[:60]})
            )


def _read_section(kind: str, node: Node, file: File) -> None:
    if isinstance(node, ScalarNode) and not node.value:
        return
    if not isinstance(node, SequenceNode):
        file.problems.append(Problem(line_of(node), "import_not_a_list"))
        return
    for entry in node.value:
        own: dict[str, Read] = dict(readers(kind))
        if kind == CONTACT:
            own["channels"] = lambda channels: _channels(channels, file.problems)
        item = _item(entry, own, _NEEDED[kind], file.problems)
        if item is not None:
            file.parts[kind].append(item)


def _channels(node: Node, problems: list[Problem]) -> list[Item]:
    if not isinstance(node, SequenceNode):
        raise Wrong("import_not_a_list")
    items = (_item(n, _CHANNEL, _NEEDED["channel"], problems) for n in node.value)
    return [item for item in items if item is not None]


def _item(
    node: Node,
    readers: Mapping[str, Read],
    needed: tuple[str, ...],
    problems: list[Problem],
) -> Item | None:
    """Read a mapping; every wrong line of it is told.

    What has all that it needs is looked at further, without what was wrong.
    """
    item = Item(line_of(node), {}, {})
    try:
        pairs = pairs_of(node, problems)
    except Wrong as wrong:
        problems.append(Problem(line_of(node), wrong.key, wrong.values))
        return None
    for key, key_node, value in pairs:
        item.lines[key] = line_of(key_node)
        if key not in readers:
            problems.append(
                Problem(line_of(key_node), "import_unknown_key", {"key": key[:60]})
            )
            continue
        try:
            item.values[key] = readers[key](value)
        except Wrong as wrong:
            problems.append(Problem(line_of(value), wrong.key, wrong.values))
            item.wrong.add(key)
        except WrongInside as inside:
            problems.extend(inside.problems)
            item.wrong.add(key)
    problems.extend(
        Problem(item.line_of(key), "import_missing", {"key": key})
        for key in needed
        if key not in item.wrong and item.values.get(key) is None
    )
    return item if all(item.values.get(key) is not None for key in needed) else None
