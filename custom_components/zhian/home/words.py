"""What people are told, in their language."""

from collections.abc import Mapping
from typing import Final

from . import incident_words, panel_words, station_words, step_words, upkeep_words

NOBODY: Final = "-"
"""Who acts when no person is known: an automation, or a phone without a user."""

DEFAULT_LANGUAGE: Final = "en"
CHINESE: Final = "zh-Hans"


def language_for(tag: str) -> str:
    """Return the language to speak for a language tag of Home Assistant."""
    return CHINESE if tag.lower().startswith("zh") else DEFAULT_LANGUAGE


_SUBJECTS: Final = (
    incident_words,
    step_words,
    station_words,
    panel_words,
    upkeep_words,
)
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    DEFAULT_LANGUAGE: {k: text for s in _SUBJECTS for k, text in s.ENGLISH.items()},
    CHINESE: {k: text for s in _SUBJECTS for k, text in s.CHINESE.items()},
}


def texts(language: str) -> Mapping[str, str]:
    """Return all texts of a language, by their keys."""
    return _WORDS[language]


def word(key: str, language: str) -> str:
    """Return a single text, such as that of the acknowledge button."""
    return _WORDS[language][key]
