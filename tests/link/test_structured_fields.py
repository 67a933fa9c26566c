"""The part of RFC 8941 that signed requests need."""

from hypothesis import given, strategies as st
import pytest

from custom_components.zhian.link.structured_fields import (
    BadField,
    InnerList,
    Item,
    Token,
    parse_dictionary,
)


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("", {}),
        ("  ", {}),
        ("a=1", {"a": Item(1)}),
        ("a=-15 ,\tb=999999999999999", {"a": Item(-15), "b": Item(999999999999999)}),
        ("sha-256=:AQID:", {"sha-256": Item(b"\1\2\3")}),
        (r'a="say \"\\\""', {"a": Item('say "\\"')}),
        (
            "a, b;x, c=?0",
            {"a": Item(True), "b": Item(True, {"x": True}), "c": Item(False)},
        ),
        ("a=tok/en:*", {"a": Item(Token("tok/en:*"))}),
        ("a=()", {"a": InnerList(())}),
        (
            'sig=( "@path"  "b";req );created=1;keyid="k"',
            {
                "sig": InnerList(
                    (Item("@path"), Item("b", {"req": True})),
                    {"created": 1, "keyid": "k"},
                )
            },
        ),
    ],
)
def test_what_the_rfc_allows_is_read(
    text: str, members: dict[str, Item | InnerList]
) -> None:
    assert parse_dictionary(text) == members


@pytest.mark.parametrize(
    "text",
    [
        "a=1,",
        "a=1 b=2",
        ",a=1",
        "A=1",
        "=1",
        "a=",
        "a=1,a=2",
        "a=1;x=1;x=2",
        "a=1.5",
        "a=1234567890123456",
        "a=-",
        "a=\N{ARABIC-INDIC DIGIT ONE}",
        'a="open',
        'a="bad \\n escape"',
        'a="umlaut ä"',
        'a="new\nline"',
        "a=:AQID",
        "a=:AQI:",
        "a=:A=ID:",
        "a=?2",
        'a=("x"',
        'a=("x""y")',
        "a=(1,2)",
        "a=\x00",
        "a=1\n",
        "a" * 9000,
    ],
)
def test_what_the_rfc_forbids_is_an_error(text: str) -> None:
    with pytest.raises(BadField):
        parse_dictionary(text)


PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
KEYS = st.from_regex(r"[a-z*][a-z0-9_\-.*]{0,8}", fullmatch=True)
BARE = st.one_of(
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.booleans(),
    PRINTABLE,
    st.binary(max_size=20),
    st.from_regex(r"[A-Za-z*][A-Za-z0-9!#:/]{0,8}", fullmatch=True).map(Token),
)
ITEMS = st.builds(Item, BARE, st.dictionaries(KEYS, BARE, max_size=3))
LISTS = st.builds(
    InnerList,
    st.lists(ITEMS, max_size=4).map(tuple),
    st.dictionaries(KEYS, BARE, max_size=3),
)


@given(st.dictionaries(KEYS, st.one_of(ITEMS, LISTS), max_size=4))
def test_what_is_written_is_read_back(members: dict[str, Item | InnerList]) -> None:
    text = ", ".join(f"{key}={member}" for key, member in members.items())
    assert parse_dictionary(text) == members


@given(st.text(max_size=200))
def test_garbage_is_an_error_and_nothing_else(text: str) -> None:
    try:
        members = parse_dictionary(text)
    except BadField:
        return
    assert (
        parse_dictionary(
            ", ".join(f"{key}={member}" for key, member in members.items())
        )
        == members
    )


@pytest.mark.parametrize("text", ["ä", "a\nb", "\x7f", "\t"])
def test_a_string_outside_printable_ascii_is_not_written(text: str) -> None:
    with pytest.raises(BadField):
        str(Item(text))
