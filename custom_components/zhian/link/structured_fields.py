"""Structured header fields (RFC 8941): as much of them as signed requests need.

A dictionary of byte sequences (`Signature`, `Content-Digest`) or of inner lists with
parameters (`Signature-Input`). Strict: what the RFC calls an error is an error here,
and so are decimals, which no such field has.
"""

from base64 import b64decode, b64encode
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
import re
from typing import Final

type BareItem = int | bool | str | bytes | Token
type Parameters = Mapping[str, BareItem]


class BadField(ValueError):
    """The text is not such a field."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word without quotes."""

    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """A bare item and its parameters."""

    value: BareItem
    parameters: Parameters = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the item as it stands in a header."""
        return _serialize_bare(self.value) + _serialize_parameters(self.parameters)


@dataclass(frozen=True, slots=True)
class InnerList:
    """A list of items with parameters of its own."""

    items: tuple[Item, ...]
    parameters: Parameters = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the list as it stands in a header."""
        items = " ".join(str(item) for item in self.items)
        return f"({items})" + _serialize_parameters(self.parameters)


_LONGEST: Final = 8190  # the longest header that aiohttp accepts
_KEY: Final = re.compile(r"[a-z*][a-z0-9_\-.*]*")
_INTEGER: Final = re.compile(r"-?[0-9]{1,15}(?![0-9.])")
_STRING: Final = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
_TOKEN: Final = re.compile(r"[A-Za-z*][A-Za-z0-9!#$%&'*+\-.^_`|~:/]*")
_BYTES: Final = re.compile(r":([A-Za-z0-9+/]*={0,2}):")
_BOOLEAN: Final = re.compile(r"\?([01])")
_SPACES: Final = re.compile(r" *")
_COMMA: Final = re.compile(r"[ \t]*,[ \t]*")


def parse_dictionary(text: str) -> dict[str, Item | InnerList]:
    """Return the members of a dictionary field; a repeated key is an error."""
    if len(text) > _LONGEST:
        raise BadField("too long")
    reader = _Reader(text.strip(" "))
    members: dict[str, Item | InnerList] = {}
    while not reader.is_at_end:
        if members:
            reader.take(_COMMA)
        key = reader.take(_KEY)[0]
        if key in members:
            raise BadField("repeated key")
        members[key] = reader.member()
    return members


class _Reader:
    """A place in a text, moving on."""

    def __init__(self, text: str) -> None:
        """Start at the beginning."""
        self._text = text
        self._at = 0

    @property
    def is_at_end(self) -> bool:
        return self._at == len(self._text)

    def take(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Return what stands here, which has to fit the pattern."""
        if (match := pattern.match(self._text, self._at)) is None:
            raise BadField(f"unexpected text at {self._at}")
        self._at = match.end()
        return match

    def skip(self, text: str) -> bool:
        """Move past the text if it stands here."""
        if not self._text.startswith(text, self._at):
            return False
        self._at += len(text)
        return True

    def member(self) -> Item | InnerList:
        if not self.skip("="):
            return Item(True, self._parameters())
        if self.skip("("):
            return InnerList(self._items(), self._parameters())
        return self._item()

    def _items(self) -> tuple[Item, ...]:
        items: list[Item] = []
        while True:
            gap = self.take(_SPACES)[0]
            if self.skip(")"):
                return tuple(items)
            if items and not gap:
                raise BadField("two items without a space")
            items.append(self._item())

    def _item(self) -> Item:
        return Item(self._bare(), self._parameters())

    def _parameters(self) -> Parameters:
        parameters: dict[str, BareItem] = {}
        while self.skip(";"):
            self.take(_SPACES)
            key = self.take(_KEY)[0]
            # The RFC lets the last of two win; two values for one thing are refused.
            if key in parameters:
                raise BadField("repeated parameter")
            parameters[key] = self._bare() if self.skip("=") else True
        return parameters

    def _bare(self) -> BareItem:
        match self._text[self._at : self._at + 1]:
            case '"':
                return re.sub(r"\\(.)", r"\1", self.take(_STRING)[1])
            case ":":
                return _decoded(self.take(_BYTES)[1])
            case "?":
                return self.take(_BOOLEAN)[1] == "1"
            case first if first and first in "-0123456789":
                return int(self.take(_INTEGER)[0])
            case _:
                return Token(self.take(_TOKEN)[0])


def _decoded(text: str) -> bytes:
    """Return bytes; they have one spelling only, so that nothing can be changed unseen."""
    try:
        value = b64decode(text, validate=True)
    except binascii.Error as err:
        raise BadField("not base64") from err
    if b64encode(value).decode() != text:
        raise BadField("not the shortest base64")
    return value


def _serialize_bare(value: BareItem) -> str:
    match value:
        case bool():
            return f"?{value:d}"
        case int():
            return str(value)
        case bytes():
            return f":{b64encode(value).decode()}:"
        case Token():
            return value.text
        case str():
            if not (value.isascii() and (value.isprintable() or not value)):
                raise BadField("a string holds printable ASCII only")
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'


def _serialize_parameters(parameters: Parameters) -> str:
    return "".join(
        f";{key}" if value is True else f";{key}={_serialize_bare(value)}"
        for key, value in parameters.items()
    )
