"""Reading a configuration file, YAML or JSON: every wrong line is found, not the first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, time
from enum import StrEnum
from math import isfinite
from typing import Any, Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ..safety.reporting import PRIORITIES
from ..safety.vocabulary import (
    ActuatorRole,
    ContactRole,
    Gas,
    Hazard,
    Level,
    Position,
    Standard,
    Witness,
)
from .bound import ACTUATOR, CONTACT, DETECTOR
from .configuration import HOME, SECTIONS, VERSION, ZHIAN
from .contact_options import ChannelKind, WebhookProof
from .ladder_flow import LEAST, MOST, seconds_keys
from .options import ActuatorOptions, DetectorOptions, Unit
from .routine_options import ROUTINE
from .subentry_flow import CODE

MOST_CHARACTERS: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a line: the key of a text, and what stands in it."""

    line: int
    key: str
    values: Mapping[str, str] = field(default_factory=dict)


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


class _Wrong(Exception):
    """A value that cannot be taken."""

    def __init__(self, key: str, /, **values: str) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


type _Read = Callable[[Node], Any]


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _shown(node: Node) -> str:
    return str(node.value)[:60] if isinstance(node, ScalarNode) else "…"


def _scalar(node: Node) -> Any:
    if not isinstance(node, ScalarNode):
        raise _Wrong("import_not_a_value")
    try:
        return yaml.constructor.SafeConstructor().construct_object(node)
    except yaml.YAMLError, ValueError:
        raise _Wrong("import_bad_value", value=_shown(node)) from None


def _text(node: Node) -> str | None:
    """Return a text as it was written: `on` and `12` are words here."""
    if _scalar(node) is None:
        return None
    return str(node.value).strip() or None


def _truth(node: Node) -> bool:
    if not isinstance(value := _scalar(node), bool):
        raise _Wrong("import_not_yes_or_no", value=_shown(node))
    return value


def _number(node: Node) -> float | None:
    value = _scalar(node)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Wrong("import_not_a_number", value=_shown(node))
    if not isfinite(value):
        raise _Wrong("import_not_a_number", value=_shown(node))
    return float(value)


def _day(node: Node) -> str | None:
    if (value := _text(node)) is None:
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise _Wrong("import_not_a_day", value=_shown(node)) from None


def _time(node: Node) -> str | None:
    # YAML reads 12:30 as a number to the base of sixty.
    if (value := _text(node)) is None:
        return None
    try:
        return time.fromisoformat(value).isoformat()
    except ValueError:
        raise _Wrong("import_not_a_time", value=_shown(node)) from None


def _texts(node: Node) -> list[str]:
    if isinstance(node, ScalarNode) and _scalar(node) is None:
        return []
    if not isinstance(node, SequenceNode):
        raise _Wrong("import_not_a_list")
    return [text for item in node.value if (text := _text(item)) is not None]


def _one_of(words: type[StrEnum]) -> _Read:
    def read(node: Node) -> str | None:
        if (value := _text(node)) is None:
            return None
        if value not in set(words):
            allowed = ", ".join(words)
            raise _Wrong("import_not_one_of", value=_shown(node), allowed=allowed)
        return value

    return read


def _pairs(node: Node, problems: list[Problem]) -> list[tuple[str, ScalarNode, Node]]:
    """Return the keys of a mapping, each once."""
    if not isinstance(node, MappingNode):
        raise _Wrong("import_not_a_mapping")
    found: dict[str, tuple[str, ScalarNode, Node]] = {}
    for key, value in node.value:
        if not isinstance(key, ScalarNode):
            problems.append(Problem(_line(key), "import_not_a_value"))
        elif key.value in found:
            twice = {"key": str(key.value)[:60]}
            problems.append(Problem(_line(key), "import_twice", twice))
        else:
            found[key.value] = (str(key.value), key, value)
    return list(found.values())


def _map_of(keys: type[StrEnum] | None, read: _Read) -> _Read:
    def read_map(node: Node) -> dict[str, Any] | None:
        if isinstance(node, ScalarNode) and _scalar(node) is None:
            return None
        inner: list[Problem] = []
        result: dict[str, Any] = {}
        for key, key_node, value in _pairs(node, inner):
            if keys is not None and key not in set(keys):
                raise _Wrong(
                    "import_not_one_of", value=_shown(key_node), allowed=", ".join(keys)
                )
            result[key] = read(value)
        if inner:
            raise _Wrong(inner[0].key, **inner[0].values)
        return result

    return read_map


def _target(node: Node) -> str | float | None:
    value = _scalar(node)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return _text(node)


_CHANNEL: Final[Mapping[str, _Read]] = {
    "kind": _one_of(ChannelKind),
    "target": _text,
    "critical": _truth,
    "player": _text,
    "ignition_safe": _truth,
    "secret": _text,
    "proof": _one_of(WebhookProof),
}
_HOME: Final[Mapping[str, _Read]] = {
    "name": _text,
    "gas": _one_of(Gas),
    "lel": _number,
    "address": _text,
    "ladder": _map_of(None, _number),
    "priorities": _map_of(Hazard, _number),
}
_OWN: Final[Mapping[str, Mapping[str, _Read]]] = {
    DETECTOR: {
        "entity_id": _text,
        "hazard": _one_of(Hazard),
        "name": _text,
        "unit": _one_of(Unit),
        "pre_alarm": _number,
        "alarm": _number,
        "hysteresis": _number,
        "standard": _one_of(Standard),
        "state_map": _map_of(None, _one_of(Level)),
        "warm_up_entity": _text,
        "fault_entity": _text,
        "quorum": _number,
        "quorum_window": _number,
        "lost_after": _number,
        "installed": _day,
        "life_years": _number,
        "area": _text,
    },
    ACTUATOR: {
        "entity_id": _text,
        "role": _one_of(ActuatorRole),
        "name": _text,
        "inverted": _truth,
        "ignition_safe": _truth,
        "open_on_gas": _truth,
        "exercise": _truth,
        "plans": _map_of(Hazard, _truth),
        "rain_entity": _text,
        "child_lock_entity": _text,
        "lock_entity": _text,
        "obstruction_entity": _text,
        "sound_on_gas": _truth,
        "targets": _map_of(Position, _target),
        "tones": _map_of(None, _text),
        "duration": _number,
        "travel_time": _number,
        "witness": _one_of(Witness),
        "witness_entity": _text,
        "area": _text,
        "installed": _day,
        "life_years": _number,
    },
    CONTACT: {
        "name": _text,
        "role": _one_of(ContactRole),
        "order": _number,
        "confidant": _truth,
    },
    ROUTINE: {
        "name": _text,
        "sources": _texts,
        "power_limit": _number,
        "day_from": _time,
        "day_to": _time,
        "by_day": _number,
        "in_all": _number,
        "learns": _truth,
        "away_entities": _texts,
        "persons": _texts,
        "asks": _texts,
        "voice": _text,
        "speakers": _texts,
        "satellites": _texts,
        "ignition_safe": _truth,
    },
    CODE: {"name": _text, "can_arm": _truth, "can_disarm": _truth},
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


def _plain(node: Node) -> Any:
    """Read a value whose meaning only its options know: a list, a map or a scalar."""
    if isinstance(node, SequenceNode):
        return [_plain(item) for item in node.value]
    if isinstance(node, MappingNode):
        return {str(key.value): _plain(value) for key, value in node.value}
    return _scalar(node)


def _readers(kind: str) -> Mapping[str, _Read]:
    """Return how each key is read; an option that is newer than this is read plainly."""
    known = _OWN[kind]
    if kind not in (DETECTOR, ACTUATOR):
        return known
    options = DetectorOptions if kind == DETECTOR else ActuatorOptions
    names = {f.name for f in fields(options)} - {"registry_id", "registry_ids"}
    return {name: known.get(name, _plain) for name in names}


def read(text: str) -> File:
    """Return what a file says, and everything that is wrong with it."""
    file = File(parts={kind: [] for kind in SECTIONS.values()})
    if len(text) > MOST_CHARACTERS:
        file.problems.append(Problem(1, "import_too_long"))
        return file
    try:
        for event in yaml.parse(text, yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                line = int(event.start_mark.line) + 1
                file.problems.append(Problem(line, "import_alias"))
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
    except RecursionError:
        file.problems.append(Problem(1, "import_too_deep"))
        return file
    if root is None:
        file.problems.append(Problem(1, "import_empty"))
        return file
    _read_root(root, file)
    file.problems.sort(key=lambda problem: problem.line)
    return file


def _read_root(root: Node, file: File) -> None:
    try:
        pairs = _pairs(root, file.problems)
    except _Wrong as wrong:
        file.problems.append(Problem(_line(root), wrong.key, wrong.values))
        return
    version = next((value for key, _, value in pairs if key == ZHIAN), None)
    if version is None or _shown(version) != str(VERSION):
        line = 1 if version is None else _line(version)
        file.problems.append(Problem(line, "import_version", {"version": str(VERSION)}))
    for key, key_node, value in pairs:
        if key == HOME:
            file.home = _item(value, _HOME, _NEEDED[HOME], file.problems)
            if file.home is not None:
                _check_ladder(file.home, file.problems)
                _check_priorities(file.home, file.problems)
        elif key in SECTIONS:
            _read_section(SECTIONS[key], value, file)
        elif key != ZHIAN:
            file.problems.append(
                Problem(_line(key_node), "import_unknown_key", {"key": key[:60]})
            )


def _check_ladder(home: Item, problems: list[Problem]) -> None:
    for key, seconds in (home.values.get("ladder") or {}).items():
        if key not in seconds_keys():
            problem = Problem(
                home.line_of("ladder"), "import_unknown_key", {"key": key[:60]}
            )
        elif seconds is None or not LEAST <= seconds <= MOST:
            limits = {"lowest": f"{LEAST:g}", "highest": f"{MOST:g}"}
            problem = Problem(home.line_of("ladder"), "import_range", limits)
        else:
            continue
        problems.append(problem)


def _check_priorities(home: Item, problems: list[Problem]) -> None:
    for hazard, priority in (home.values.get("priorities") or {}).items():
        allowed = PRIORITIES.get(Hazard(hazard), ())
        if priority not in allowed:
            told = {
                "value": f"{hazard}: {priority}",
                "allowed": ", ".join(map(str, allowed)) or "–",
            }
            line = home.line_of("priorities")
            problems.append(Problem(line, "import_not_one_of", told))


def _read_section(kind: str, node: Node, file: File) -> None:
    if isinstance(node, ScalarNode) and not node.value:
        return
    if not isinstance(node, SequenceNode):
        file.problems.append(Problem(_line(node), "import_not_a_list"))
        return
    for entry in node.value:
        own: dict[str, _Read] = dict(_readers(kind))
        if kind == CONTACT:
            own["channels"] = lambda channels: _channels(channels, file.problems)
        item = _item(entry, own, _NEEDED[kind], file.problems)
        if item is not None:
            file.parts[kind].append(item)


def _channels(node: Node, problems: list[Problem]) -> list[Item]:
    if not isinstance(node, SequenceNode):
        raise _Wrong("import_not_a_list")
    items = (_item(n, _CHANNEL, _NEEDED["channel"], problems) for n in node.value)
    return [item for item in items if item is not None]


def _item(
    node: Node,
    readers: Mapping[str, _Read],
    needed: tuple[str, ...],
    problems: list[Problem],
) -> Item | None:
    """Read a mapping; every wrong line of it is told.

    What has all that it needs is looked at further, without what was wrong.
    """
    item = Item(_line(node), {}, {})
    try:
        pairs = _pairs(node, problems)
    except _Wrong as wrong:
        problems.append(Problem(_line(node), wrong.key, wrong.values))
        return None
    for key, key_node, value in pairs:
        item.lines[key] = _line(key_node)
        if key not in readers:
            problems.append(
                Problem(_line(key_node), "import_unknown_key", {"key": key[:60]})
            )
            continue
        try:
            item.values[key] = readers[key](value)
        except _Wrong as wrong:
            problems.append(Problem(_line(value), wrong.key, wrong.values))
            item.wrong.add(key)
    problems.extend(
        Problem(item.line_of(key), "import_missing", {"key": key})
        for key in needed
        if key not in item.wrong and item.values.get(key) is None
    )
    return item if all(item.values.get(key) is not None for key in needed) else None
