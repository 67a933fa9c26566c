"""Members of a document: the quick look takes what the careful one takes, no more."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from hypothesis import example, given, strategies as st
import pytest

from custom_components.zhian.link.wire_json import BadDocument, Node, fitting_text

KEY: Final = "member"

READERS: Final[dict[str, tuple[Callable[[Node], Any], Callable[[Node], Any]]]] = {
    "text": (lambda node: node.text_at(KEY), lambda node: node[KEY].text()),
    "optional text": (
        lambda node: node.optional_text_at(KEY),
        lambda node: node[KEY].optional(Node.maybe_empty_text),
    ),
    "integer": (
        lambda node: node.integer_at(KEY, 1, 4),
        lambda node: node[KEY].integer(1, 4),
    ),
    "moment": (lambda node: node.moment_at(KEY), lambda node: node[KEY].moment()),
    "optional moment": (
        lambda node: node.optional_moment_at(KEY),
        lambda node: node[KEY].optional(Node.moment),
    ),
    "tree": (lambda node: node.tree_at(KEY), lambda node: node[KEY].tree()),
}

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(0, 5)
    | st.floats()
    | st.text(max_size=210)
    | st.sampled_from(["", "a" * 200, "a" * 201, "a\x00b", "\ud800", "五"])
    | st.datetimes(timezones=st.none() | st.timezones()).map(lambda at: at.isoformat())
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


def outcome(read: Callable[[Node], Any], document: object) -> tuple[str, object]:
    """Return what is read, or where the blame goes."""
    try:
        return "read", read(Node(document))
    except BadDocument as err:
        return "bad", (err.reason, err.path)


@pytest.mark.parametrize("kind", READERS)
@given(document=st.builds(lambda value: {KEY: value}, VALUES) | VALUES)
@example(document={KEY: "2026-11-22T08:00:00Z"})
@example(document={KEY: "2026-11-22T08:00:00+08:00"})
@example(document={KEY: "2026-11-22T08:00:00"})
@example(document={KEY: {"": {"a": ["\x00"]}}})
@example(document={KEY: {"a" * 201: 1}})
@example(document={KEY: [[[[[[[[[]]]]]]]]]})
@example(document={KEY: {"a": [[[[[[[[]]]]]]]]}})
@example(document={KEY: {"a": [0] * 501}})
@example(document={KEY: {"a": dict.fromkeys(map(str, range(501)))}})
@example(document={KEY: {"a": 2**53}})
@example(document={KEY: {"a": 1e301}})
@example(document={KEY: {"a": object()}})
def test_a_quick_look_says_what_a_careful_one_says(kind: str, document: object) -> None:
    """The same value, or the same complaint about the same place."""
    quick, careful = READERS[kind]
    assert outcome(quick, document) == outcome(careful, document)


@given(st.text() | st.uuids().map(str) | st.uuids().map(lambda it: str(it).upper()))
@example("{12345678-1234-1234-1234-123456789abc}")
@example("12345678123412341234123456789abc")
@example("12345678-1234-1234-1234-123456789abc\n")
def test_a_uuid_has_one_spelling(text: str) -> None:
    """The one that Python writes."""
    try:
        usual = str(UUID(text)) == text
    except ValueError:
        usual = False
    assert (outcome(Node.uuid, text)[0] == "read") is usual


@given(st.text(max_size=300))
def test_what_fits_is_printable_and_short(text: str) -> None:
    """Whichever way it is made to fit."""
    kept = "".join(char if char.isprintable() else " " for char in text)
    assert fitting_text(text) == kept[:200].strip()
