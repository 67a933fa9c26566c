"""Timeline entries to JSON and back."""

from collections.abc import Callable
from dataclasses import MISSING, fields
from datetime import datetime
from enum import StrEnum
from functools import partial
from types import NoneType, UnionType
from typing import Final, get_args, get_origin, get_type_hints

from .entries import ENTRY_TYPES, Entry, Planned
from .vocabulary import Position

type Json = None | bool | int | float | str | list[Json] | dict[str, Json]

_COMMON: Final = frozenset({"incident", "seq", "at"})


def _plain(hint: object) -> object:
    """Return the type of a field, without its `| None`."""
    if isinstance(hint, UnionType):
        return next(part for part in get_args(hint) if part is not NoneType)
    return hint


_FIELDS: Final[dict[type[Entry], dict[str, object]]] = {
    entry: {
        field.name: _plain(get_type_hints(entry)[field.name])
        for field in fields(entry)
        if field.name not in _COMMON
    }
    for entry in ENTRY_TYPES
}
_REQUIRED: Final[dict[type[Entry], frozenset[str]]] = {
    entry: frozenset(
        field.name
        for field in fields(entry)
        if field.name in _FIELDS[entry]
        and field.default is MISSING
        and not isinstance(get_type_hints(entry)[field.name], UnionType)
    )
    for entry in ENTRY_TYPES
}
_DEFAULTED: Final[dict[type[Entry], frozenset[str]]] = {
    entry: frozenset(f.name for f in fields(entry) if f.default is not MISSING)
    for entry in ENTRY_TYPES
}
_BY_KIND: Final[dict[str, type[Entry]]] = {entry.kind: entry for entry in ENTRY_TYPES}


class UnknownEntry(ValueError):
    """A journal holds an entry that this version does not know."""


def encode(entry: Entry) -> dict[str, Json]:
    """Return an entry's own fields as JSON; its place in the timeline is kept beside."""
    return {
        name: _to_json(value)
        for name in _FIELDS[type(entry)]
        if (value := getattr(entry, name)) is not None
    }


def decode(
    incident: str, seq: int, at: datetime, kind: str, body: dict[str, Json]
) -> Entry:
    """Return the entry that was encoded; UnknownEntry if it cannot be read."""
    try:
        entry = _BY_KIND[kind]
        values: dict[str, object] = {}
        for name, read in _READERS[entry]:
            value = body.get(name)
            if value is not None or name in _REQUIRED[entry]:
                values[name] = read(value)
            elif name not in _DEFAULTED[entry]:
                values[name] = None
        return entry(incident=incident, seq=seq, at=at, **values)
    except (KeyError, TypeError, ValueError) as error:
        raise UnknownEntry(f"{kind} entry {seq} of {incident}: {error}") from error


def _to_json(value: object) -> Json:
    match value:
        case datetime():
            return value.isoformat()
        case StrEnum():
            return value.value
        case Planned():
            return {
                "id": value.id,
                "actuator": value.actuator,
                "target": value.target.value,
            }
        case tuple():
            return [_to_json(item) for item in value]
        case bool() | int() | float() | str():
            return value
        case _:
            raise TypeError(f"no JSON for {type(value)}")


def _reader(hint: object) -> Callable[[Json], object]:
    """Return what turns JSON into a value of a type."""
    if get_origin(hint) is tuple:
        read_item = _text if get_args(hint)[0] is str else _planned
        return partial(_items, read_item)
    assert isinstance(hint, type)
    if issubclass(hint, datetime):
        return lambda value: datetime.fromisoformat(str(value))
    if issubclass(hint, StrEnum):
        return lambda value: hint(str(value))
    accepted = (int, float) if hint is float else hint

    def read(value: Json) -> object:
        if not isinstance(value, accepted):
            raise TypeError(f"{value!r} is no {hint.__name__}")
        return value

    return read


def _items(read_item: Callable[[Json], object], value: Json) -> object:
    if not isinstance(value, list):
        raise TypeError("steps and contacts are lists")
    return tuple(read_item(item) for item in value)


def _text(item: Json) -> str:
    if not isinstance(item, str):
        raise TypeError("a contact is a text")
    return item


def _planned(item: Json) -> Planned:
    if not isinstance(item, dict):
        raise TypeError("a planned step is an object")
    return Planned(
        str(item["id"]), str(item["actuator"]), Position(str(item["target"]))
    )


_READERS: Final[dict[type[Entry], tuple[tuple[str, Callable[[Json], object]], ...]]] = {
    entry: tuple((name, _reader(hint)) for name, hint in hints.items())
    for entry, hints in _FIELDS.items()
}
