"""What people are told, in both languages."""

import re

import pytest

from custom_components.zhian.home import words


@pytest.mark.parametrize(
    ("tag", "language"),
    [("en", "en"), ("de", "en"), ("zh-Hans", "zh-Hans"), ("zh-CN", "zh-Hans")],
)
def test_the_language_is_that_of_home_assistant(tag: str, language: str) -> None:
    """English where there is none of ours."""
    assert words.language_for(tag) == language


def test_both_languages_have_the_same_texts_and_placeholders() -> None:
    """A text that one lacks would raise in the middle of an alarm."""
    english, chinese = words.texts("en"), words.texts("zh-Hans")
    assert english.keys() == chinese.keys()
    for key, text in english.items():
        found = set(re.findall(r"{(\w+)}", text))
        assert set(re.findall(r"{(\w+)}", chinese[key])) == found, key
    assert words.word("acknowledge", "zh-Hans") == "我来处理"
