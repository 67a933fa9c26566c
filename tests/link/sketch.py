"""What a reader asks of a document, as a schema: the code that validates, read out.

A sketch takes the place of a `Node`: it has every member that is asked for, gives each
reader a value that it takes, and notes what was wanted. So the schema of a message is
not written down a second time to be compared; it is what its reader does.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Self

from custom_components.zhian.link.wire_json import JSON, LONGEST_TEXT

LARGEST = 2**53 - 1
UUID = "019a3e1c-9f00-7000-8000-0123456789ab"


class Sketch:
    """Stands in for a value that is read."""

    def __new__(cls, value: object = None, path: str = "") -> Self:
        """Return a sketch as it is: a reader makes a node of what it is given."""
        return value if isinstance(value, cls) else super().__new__(cls)

    def __init__(self, value: object = None, path: str = "") -> None:
        """Begin with nothing wanted."""
        if value is not self:
            self._schema: dict[str, Any] = {}
            self._members: dict[str, Sketch] = {}
            self._item: Sketch | None = None
            self._is_optional = False
            self.path = path

    @property
    def value(self) -> Self:
        """There is one."""
        return self

    def schema(self) -> dict[str, Any]:
        """Return what was wanted."""
        schema = dict(self._schema)
        if self._members:
            schema["properties"] = {
                name: member.schema() for name, member in self._members.items()
            }
            required = {n for n, m in self._members.items() if not m._is_optional}
            if required:
                schema["required"] = sorted(required)
        if self._item is not None:
            schema["items"] = self._item.schema()
        if self._is_optional:
            schema["type"] = sorted((schema["type"], "null"))
        return schema

    def __getitem__(self, key: str) -> Sketch:
        self._schema["type"] = "object"
        return self._members.setdefault(key, Sketch())

    def optional[T](self, read: Callable[[Self], T]) -> T:
        self._is_optional = True
        return read(self)

    def items(self, most: int) -> list[Sketch]:
        self._schema |= {"type": "array", "maxItems": most}
        self._item = Sketch()
        return [self._item]

    def text(self) -> str:
        self._schema |= {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
        return "text"

    def maybe_empty_text(self) -> str:
        self._schema |= {"type": "string", "maxLength": LONGEST_TEXT}
        return ""

    def one_of(self, *words: str) -> str:
        self._schema["enum"] = sorted(words)
        return words[0]

    def uuid(self) -> str:
        self._schema |= {"type": "string", "format": "uuid"}
        return UUID

    def flag(self) -> bool:
        self._schema["type"] = "boolean"
        return False

    def integer(self, least: int, most: int = LARGEST) -> int:
        self._schema |= {"type": "integer", "minimum": least, "maximum": most}
        return least if most == LARGEST else most

    def number(self, least: float = -1e15, most: float = 1e15) -> float:
        self._schema |= {"type": "number", "minimum": least, "maximum": most}
        return least

    def moment(self) -> datetime:
        self._schema |= {
            "type": "string",
            "format": "date-time",
            "maxLength": LONGEST_TEXT,
        }
        return datetime(2026, 11, 22, tzinfo=UTC)

    def tree(self) -> Mapping[str, JSON]:
        self._schema |= {"type": "object", "maxProperties": 500}
        return {}

    # A quick look at a member says what a careful one says: test_members.py.

    def text_at(self, key: str) -> str:
        return self[key].text()

    def optional_text_at(self, key: str) -> str | None:
        return self[key].optional(Sketch.maybe_empty_text)

    def integer_at(self, key: str, least: int, most: int = LARGEST) -> int:
        return self[key].integer(least, most)

    def moment_at(self, key: str) -> datetime:
        return self[key].moment()

    def optional_moment_at(self, key: str) -> datetime | None:
        return self[key].optional(Sketch.moment)

    def tree_at(self, key: str) -> Mapping[str, JSON]:
        return self[key].tree()


def plain(schema: Mapping[str, Any], contract: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema of the contract as a sketch would say it: whole, without words."""
    if "$ref" in schema:
        found: Any = contract
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return plain(found, contract)
    result = {
        key: value
        for key, value in schema.items()
        if key not in {"description", "allOf", "oneOf", "const"}
    }
    if "const" in schema:
        result["enum"] = [schema["const"]]
    if "enum" in result:
        result["enum"] = sorted(result["enum"])
    for part in (plain(part, contract) for part in schema.get("allOf", ())):
        result["type"] = part["type"]
        result["properties"] = result.get("properties", {}) | part["properties"]
        result["required"] = [*result.get("required", ()), *part["required"]]
    if "oneOf" in schema:  # one thing, or null
        (part,) = (part for part in schema["oneOf"] if part != {"type": "null"})
        result = plain(part, contract)
        result["type"] = sorted((result["type"], "null"))
    if isinstance(result.get("type"), list):
        result["type"] = sorted(result["type"])
    if "properties" in result:
        result["properties"] = {
            name: plain(member, contract)
            for name, member in result["properties"].items()
        }
    if "items" in result:
        result["items"] = plain(result["items"], contract)
    if "required" in result:
        result["required"] = sorted(result["required"])
    return result
