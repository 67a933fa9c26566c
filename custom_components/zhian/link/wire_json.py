"""JSON on the wire: written compactly, read with suspicion."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
import json
from math import isfinite
import re
from typing import Final, cast

import orjson

from .problems import Reason

type JSON = bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None

MAX_BYTES: Final = 64 * 1024
LONGEST_TEXT: Final = 200
DEEPEST: Final = 8
_LONGEST_FREE_TEXT: Final = 2000  # in the body of a timeline entry
_WIDEST: Final = 500  # members of one list or object
_LARGEST_INTEGER: Final = 2**53 - 1  # what every reader of JSON keeps exact
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


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
    return (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).isoformat()


def optional_utc_text(moment: datetime | None) -> str | None:
    """Return a point in time as it is sent, if there is one."""
    return utc_text(moment) if moment else None


def fitting_text(text: str) -> str:
    """Return a text that every reader takes: printable, and not too long."""
    if text.isprintable():  # nearly all are
        return text[:LONGEST_TEXT].strip()
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
        if _UUID.fullmatch(text) is None:
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

    # Members. Nearly all of a document is as it usually is, and taken at once; what is
    # not is looked at with care, and blamed, by the member's own node.

    def text_at(self, key: str) -> str:
        """Return a member that is a text and not empty."""
        text = self._raw(key)
        if type(text) is str and text and _is_plain(text):
            return text
        return self[key].text()

    def optional_text_at(self, key: str) -> str | None:
        """Return a member that is a text, perhaps an empty one, if there is one."""
        text = self._raw(key)
        if type(text) is str and _is_plain(text):
            return text
        return self[key].optional(Node.maybe_empty_text)

    def integer_at(self, key: str, least: int, most: int = _LARGEST_INTEGER) -> int:
        """Return a member that is a whole number within limits."""
        value = self._raw(key)
        if type(value) is int and least <= value <= most:
            return value
        return self[key].integer(least, most)

    def moment_at(self, key: str) -> datetime:
        """Return a member that is a point in time, in UTC."""
        text = self._raw(key)
        if type(text) is str and len(text) <= LONGEST_TEXT:
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                pass
            else:
                if moment.tzinfo is UTC:
                    return moment
        return self[key].moment()

    def optional_moment_at(self, key: str) -> datetime | None:
        """Return a member that is a point in time, if there is one."""
        if type(self.value) is dict and self.value.get(key) is None:
            return None
        return self.moment_at(key)

    def tree_at(self, key: str) -> Mapping[str, JSON]:
        """Return a member that is an object of any content."""
        value = self._raw(key)
        if type(value) is dict and _is_tree(value, DEEPEST):
            return value
        return self[key].tree()

    def _raw(self, key: str) -> object:
        return self.value.get(key) if type(self.value) is dict else None


def _is_sound(text: str, longest: int) -> bool:
    # Lone surrogates and NUL are JSON, but no database takes them.
    if len(text) > longest or "\x00" in text:
        return False
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def _is_plain(text: str) -> bool:
    """Whether a text is beyond doubt: short, and of characters without a trap."""
    return len(text) <= LONGEST_TEXT and text.isascii() and "\x00" not in text


def _is_tree(value: object, depth: int) -> bool:
    kind = type(value)
    if kind is str:  # nearly all of it is
        return _is_sound(cast("str", value), _LONGEST_FREE_TEXT)
    if value is None or kind is bool:
        return True
    if kind is int:
        return abs(cast("int", value)) <= _LARGEST_INTEGER
    if kind is float:
        return abs(cast("float", value)) <= 1e300
    if kind is dict:
        members = cast("dict[object, object]", value)
        if depth == 0 or len(members) > _WIDEST:
            return False
        for key, item in members.items():
            if type(key) is not str or not _is_sound(key, LONGEST_TEXT):
                return False
            if not _is_tree(item, depth - 1):
                return False
        return True
    if kind is list:
        items = cast("list[object]", value)
        if depth == 0 or len(items) > _WIDEST:
            return False
        return all(_is_tree(item, depth - 1) for item in items)
    return False
