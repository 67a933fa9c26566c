"""What is wrong with a configuration file, line by line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN
from .reader_language import language_of_reader


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a line: the key of a text, and what stands in it."""

    line: int
    key: str
    values: Mapping[str, str] = field(default_factory=dict)


async def in_words(hass: HomeAssistant, problems: Iterable[Problem]) -> str:
    """Return the problems, a line for each, for who reads them."""
    language = await language_of_reader(hass)
    words = {
        key: text
        for category in ("config", "config_subentries")
        for key, text in (
            await async_get_translations(hass, language, category, {DOMAIN})
        ).items()
    }
    at = words[f"component.{DOMAIN}.config.error.import_line"]
    lines: list[str] = []
    for problem in problems:
        key = problem.key if "." in problem.key else f"config.error.{problem.key}"
        reason = words[f"component.{DOMAIN}.{key}"].format_map(_Told(problem.values))
        lines.append(f"- {at.format(line=problem.line, reason=reason)}")
    return "\n".join(lines)


class _Told(dict[str, str]):
    """What a text wants to say of a value; one that is not known is left open."""

    def __missing__(self, key: str) -> str:
        return "…"
