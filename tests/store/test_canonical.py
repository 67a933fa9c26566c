"""What is hashed, stored and sent is one text."""

from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
import json
from types import MappingProxyType

from hypothesis import given, strategies as st
import pytest

from custom_components.zhian.store import JSON, canonical, instant

SAFE = 2**53 - 1
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-SAFE, SAFE)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


class Level(StrEnum):
    """A vocabulary."""

    ALARM = "alarm"


@given(VALUES)
def test_a_value_read_back_is_spelled_the_same(value: JSON) -> None:
    text = canonical(value)
    assert canonical(json.loads(text)) == text


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"])), LEAVES, max_size=6
    )
)
def test_the_order_of_keys_makes_no_difference(value: dict[str, JSON]) -> None:
    turned = dict(reversed(value.items()))
    assert canonical(turned) == canonical(value)


def test_the_spelling_is_sorted_compact_utf_8() -> None:
    assert canonical({"b": [1, 2.5, None], "a": "煤气"}) == (
        '{"a":"煤气","b":[1,2.5,null]}'.encode()
    )


def test_a_word_of_the_vocabulary_is_its_text_and_any_mapping_an_object() -> None:
    body = MappingProxyType({"level": Level.ALARM})
    assert canonical(body) == b'{"level":"alarm"}'


def test_a_reading_that_is_no_number_is_null() -> None:
    assert canonical({"value": float("nan")}) == b'{"value":null}'


@pytest.mark.parametrize("value", [2**53, {1: "a"}, {"at": datetime.now(UTC)}])
def test_what_json_cannot_say_is_refused(value: JSON) -> None:
    with pytest.raises(TypeError):
        canonical(value)


@given(
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)),
    st.integers(-14 * 60, 14 * 60),
)
def test_a_time_is_one_text_in_every_zone_and_reads_back(
    naive: datetime, minutes: int
) -> None:
    at = naive.replace(tzinfo=UTC)
    elsewhere = at.astimezone(timezone(timedelta(minutes=minutes)))
    assert instant(elsewhere) == instant(at) == at.isoformat(timespec="microseconds")
    assert datetime.fromisoformat(instant(at)) == at


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        instant(datetime(2026, 11, 22))
