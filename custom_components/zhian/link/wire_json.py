"""JSON on the wire: written compactly, read with suspicion."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
import json
from math import isfinite
from typing import Final
from uuid import UUID

import orjson

from .problems import Reason

type JSON = bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None

MAX_BYTES: Final = 64 * 1024
LONGEST_TEXT: Final = 200
DEEPEST: Final = 8
_LONGEST_FREE_TEXT: Final = 2000  # in the body of a timeline entry
_WIDEST: Final = 500  # members of one list or object
_LARGEST_INTEGER: Final = 2**53 - 1  # what every reader of JSON keeps exact


class BadDocument(Exception):
    """What was sent does not fit the contract.

    The path says where (`entries[3].seq`), from names of the contract only: an error
    holds no personal data.
    """

    def __init__(self, reason: Reason, path: str) -> None:
        """Keep the reason and the place."""
        super().__init__(f"{reason} at {path or 'the top'}")
        self.reason = reason
        self.path = path


def encode(document: Mapping[str, JSON] | Sequence[JSON]) -> bytes:
    """Return a document as it is sent."""
    return json.dumps(
        document, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    ).encode(errors="replace")


def decode(body: bytes) -> object:
    """Return the JSON value that was sent; raises BadDocument, and nothing else."""
    if len(body) > MAX_BYTES:
        raise BadDocument(Reason.TOO_LARGE, "")
    try:
        return orjson.loads(body)
    except ValueError as err:
        raise BadDocument(Reason.BAD_DOCUMENT, "") from err


def utc_text(moment: datetime) -> str:
    """Return a point in time as it is sent."""
    return moment.astimezone(UTC).isoformat()


def optional_utc_text(moment: datetime | None) -> str | None:
    """Return a point in time as it is sent, if there is one."""
    return utc_text(moment) if moment else None


def fitting_text(text: str) -> str:
    """Return a text that every reader takes: printable, and not too long."""
    kept = "".join(char if char.isprintable() else " " for char in text)
    return kept[:LONGEST_TEXT].strip()


def fitting_number(value: float | None) -> float | None:
    """Return a number that JSON knows; a sensor may well report "not a number"."""
    return value if value is not None and isfinite(value) else None


class Node:
    """A JSON value and where it stands in its document.

    A document is a hundred of them: where one stands is put into words only for an
    error.
    """

    __slots__ = ("_at", "_parent", "value")

    def __init__(
        self, value: object, parent: Node | None = None, at: str | int = ""
    ) -> None:
        """Take a value, and its place in what holds it."""
        self.value = value
        self._parent = parent
        self._at = at

    @property
    def path(self) -> str:
        """Where it stands, such as `entries[3].seq`."""
        if self._parent is None:
            return str(self._at)
        before = self._parent.path
        if isinstance(self._at, int):
            return f"{before}[{self._at}]"
        return f"{before}.{self._at}" if before else self._at

    def __getitem__(self, key: str) -> Node:
        """Return a member of an object; null stands for one that is missing."""
        if type(self.value) is not dict and not isinstance(self.value, Mapping):
            raise self.bad()
        return Node(self.value.get(key), self, key)

    def bad(self, reason: Reason = Reason.BAD_DOCUMENT) -> BadDocument:
        """Return the error that blames this value."""
        return BadDocument(reason, self.path)

    def optional[T](self, read: Callable[[Node], T]) -> T | None:
        """Read the value unless it is null."""
        return None if self.value is None else read(self)

    def items(self, most: int) -> list[Node]:
        """Return the items of a list."""
        if not isinstance(self.value, list) or len(self.value) > most:
            raise self.bad()
        return [Node(value, self, at) for at, value in enumerate(self.value)]

    def text(self) -> str:
        """Return a text that is not empty."""
        if not (text := self.maybe_empty_text()):
            raise self.bad()
        return text

    def maybe_empty_text(self) -> str:
        """Return a text."""
        if not isinstance(self.value, str) or not _is_sound(self.value, LONGEST_TEXT):
            raise self.bad()
        return self.value

    def one_of(self, *words: str) -> str:
        """Return one of some words."""
        if (word := self.text()) not in words:
            raise self.bad()
        return word

    def uuid(self) -> str:
        """Return a UUID in its usual form."""
        text = self.text()
        try:
            usual = str(UUID(text))
        except ValueError as err:
            raise self.bad() from err
        if usual != text:
            raise self.bad()
        return text

    def flag(self) -> bool:
        """Return true or false."""
        if not isinstance(self.value, bool):
            raise self.bad()
        return self.value

    def integer(self, least: int, most: int = _LARGEST_INTEGER) -> int:
        """Return a whole number within limits."""
        value = self.value
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.bad()
        if not least <= value <= most:
            raise self.bad()
        return value

    def number(self, least: float = -1e15, most: float = 1e15) -> float:
        """Return a number within limits; never NaN, nor infinite."""
        value = self.value
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self.bad()
        if not least <= value <= most:
            raise self.bad()
        return float(value)

    def moment(self) -> datetime:
        """Return a point in time with its offset, in UTC."""
        try:
            moment = datetime.fromisoformat(self.text())
            if moment.tzinfo is None:
                raise self.bad()
            return moment if moment.tzinfo is UTC else moment.astimezone(UTC)
        except (ValueError, OverflowError) as err:
            raise self.bad() from err

    def tree(self) -> Mapping[str, JSON]:
        """Return an object of any content, of bounded depth and width."""
        if not isinstance(self.value, Mapping) or not _is_tree(self.value, DEEPEST):
            raise self.bad()
        return self.value


def _is_sound(text: str, longest: int) -> bool:
    # Lone surrogates and NUL are JSON, but no database takes them.
    if len(text) > longest or "\x00" in text:
        return False
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def _is_tree(value: object, depth: int) -> bool:
    match value:
        case str():  # nearly all of it is
            return _is_sound(value, _LONGEST_FREE_TEXT)
        case None | bool():
            return True
        case int():
            return abs(value) <= _LARGEST_INTEGER
        case float():
            return abs(value) <= 1e300
        case dict():
            return (
                depth > 0
                and len(value) <= _WIDEST
                and all(
                    isinstance(key, str)
                    and _is_sound(key, LONGEST_TEXT)
                    and _is_tree(item, depth - 1)
                    for key, item in value.items()
                )
            )
        case list():
            return (
                depth > 0
                and len(value) <= _WIDEST
                and all(_is_tree(item, depth - 1) for item in value)
            )
        case _:
            return False
