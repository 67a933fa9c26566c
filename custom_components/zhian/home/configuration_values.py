"""Values of a configuration file, read as what they are meant to be."""

from collections.abc import Callable, Mapping
from datetime import date, time
from enum import StrEnum
from math import isfinite
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from .configuration_problems import Problem


class Wrong(Exception):
    """A value that cannot be taken."""

    def __init__(self, key: str, /, **values: str) -> None:
        """Take the key of a text, and what stands in it."""
        super().__init__(key)
        self.key = key
        self.values = values


class WrongInside(Exception):
    """What is wrong inside a value, each on its own line."""

    def __init__(self, problems: list[Problem]) -> None:
        """Take all of it."""
        super().__init__(str(len(problems)))
        self.problems = problems


type Read = Callable[[Node], Any]


def line_of(node: Node) -> int:
    """Return the line on which something stands."""
    return int(node.start_mark.line) + 1


def shown(node: Node) -> str:
    """Return the beginning of a value, to tell what is wrong with it."""
    return str(node.value)[:60] if isinstance(node, ScalarNode) else "…"


def as_scalar(node: Node) -> Any:
    """Return a single value as YAML means it."""
    if not isinstance(node, ScalarNode):
        raise Wrong("import_not_a_value")
    try:
        return yaml.constructor.SafeConstructor().construct_object(node)
    except yaml.YAMLError, ValueError:
        raise Wrong("import_bad_value", value=shown(node)) from None


def as_text(node: Node) -> str | None:
    """Return a text as it was written: `on` and `12` are words here."""
    if as_scalar(node) is None:
        return None
    return str(node.value).strip() or None


def as_truth(node: Node) -> bool:
    """Return yes or no."""
    if not isinstance(value := as_scalar(node), bool):
        raise Wrong("import_not_yes_or_no", value=shown(node))
    return value


def as_number(node: Node) -> float | None:
    """Return a number that is finite."""
    value = as_scalar(node)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Wrong("import_not_a_number", value=shown(node))
    if not isfinite(value):
        raise Wrong("import_not_a_number", value=shown(node))
    return float(value)


def as_day(node: Node) -> str | None:
    """Return a date, in the form of ISO 8601."""
    if (value := as_text(node)) is None:
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise Wrong("import_not_a_day", value=shown(node)) from None


def as_time(node: Node) -> str | None:
    """Return a time of day, in the form of ISO 8601."""
    # YAML reads 12:30 as a number to the base of sixty.
    if (value := as_text(node)) is None:
        return None
    try:
        return time.fromisoformat(value).isoformat()
    except ValueError:
        raise Wrong("import_not_a_time", value=shown(node)) from None


def as_texts(node: Node) -> list[str]:
    """Return a list of texts."""
    if isinstance(node, ScalarNode) and as_scalar(node) is None:
        return []
    if not isinstance(node, SequenceNode):
        raise Wrong("import_not_a_list")
    return [text for item in node.value if (text := as_text(item)) is not None]


def one_of(words: type[StrEnum]) -> Read:
    """Return what reads a word of a closed set."""

    def read(node: Node) -> str | None:
        if (value := as_text(node)) is None:
            return None
        if value not in set(words):
            allowed = ", ".join(words)
            raise Wrong("import_not_one_of", value=shown(node), allowed=allowed)
        return value

    return read


def pairs_of(node: Node, problems: list[Problem]) -> list[tuple[str, ScalarNode, Node]]:
    """Return the keys of a mapping, each once."""
    if not isinstance(node, MappingNode):
        raise Wrong("import_not_a_mapping")
    found: dict[str, tuple[str, ScalarNode, Node]] = {}
    for key, value in node.value:
        if not isinstance(key, ScalarNode):
            problems.append(Problem(line_of(key), "import_not_a_value"))
        elif key.value in found:
            twice = {"key": str(key.value)[:60]}
            problems.append(Problem(line_of(key), "import_twice", twice))
        else:
            found[key.value] = (str(key.value), key, value)
    return list(found.values())


def map_of(keys: type[StrEnum] | None, read: Read) -> Read:
    """Return what reads a mapping whose values are of one kind."""

    def key_of(key: str, node: Node) -> Read:
        if keys is not None and key not in set(keys):
            raise Wrong("import_not_one_of", value=shown(node), allowed=", ".join(keys))
        return lambda node: _something(key, read(node))

    return _map(key_of)


def _something(key: str, value: Any) -> Any:
    if value is None:
        raise Wrong("import_missing", key=key[:60])
    return value


def map_with(readers: Mapping[str, Read]) -> Read:
    """Return what reads a mapping of which every key is known."""

    def key_of(key: str, _: Node) -> Read:
        if key not in readers:
            raise Wrong("import_unknown_key", key=key[:60])
        return readers[key]

    return _map(key_of)


def _map(key_of: Callable[[str, Node], Read]) -> Read:
    """Return what reads a mapping; all that is wrong inside is told, where it stands."""

    def read_map(node: Node) -> dict[str, Any] | None:
        if isinstance(node, ScalarNode) and as_scalar(node) is None:
            return None
        problems: list[Problem] = []
        result: dict[str, Any] = {}
        for key, key_node, value in pairs_of(node, problems):
            where: Node = key_node
            try:
                read = key_of(key, key_node)
                where = value
                result[key] = read(value)
            except Wrong as wrong:
                problems.append(Problem(line_of(where), wrong.key, wrong.values))
            except WrongInside as inside:
                problems.extend(inside.problems)
        if problems:
            raise WrongInside(problems)
        return result

    return read_map


def list_of(read: Read) -> Read:
    """Return what reads a list whose values are of one kind; no value is in it twice."""

    def read_list(node: Node) -> list[Any] | None:
        if isinstance(node, ScalarNode) and as_scalar(node) is None:
            return None
        if not isinstance(node, SequenceNode):
            raise Wrong("import_not_a_list")
        problems: list[Problem] = []
        result: list[Any] = []
        for item in node.value:
            try:
                value = read(item)
            except Wrong as wrong:
                problems.append(Problem(line_of(item), wrong.key, wrong.values))
                continue
            if value is not None and value not in result:
                result.append(value)
        if problems:
            raise WrongInside(problems)
        return result

    return read_list


def between(lowest: float, highest: float) -> Read:
    """Return what reads a number within limits."""

    def read(node: Node) -> float:
        value = as_number(node)
        if value is None or not lowest <= value <= highest:
            limits = {"lowest": f"{lowest:g}", "highest": f"{highest:g}"}
            raise Wrong("import_range", **limits)
        return value

    return read


def perhaps(read: Read) -> Read:
    """Return what reads a value that may be left empty."""

    def read_or_not(node: Node) -> Any:
        if isinstance(node, ScalarNode) and as_scalar(node) is None:
            return None
        return read(node)

    return read_or_not


def as_target(node: Node) -> str | float | None:
    """Return where a device goes: a number or the name of an option."""
    value = as_scalar(node)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return as_text(node)


def as_plain(node: Node) -> Any:
    """Read a value whose meaning only its options know: a list, a map or a scalar."""
    if isinstance(node, SequenceNode):
        return [as_plain(item) for item in node.value]
    if isinstance(node, MappingNode):
        return {str(key.value): as_plain(value) for key, value in node.value}
    return as_scalar(node)
