"""Repairs about what wears out, falls silent or is due: one each, cleared by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.issue_registry import IssueSeverity

from ..const import DOMAIN
from ..safety.vocabulary import Lack
from .issues import take_back

GUIDE: Final = "https://github.com/zhian-home/zhian/blob/main/docs/upkeep.md"

MANY_LOST: Final = "many_lost"
TEST_DUE: Final = "test_due"
EXERCISE_DUE: Final = "exercise_due"

PREFIX: Final = "upkeep"

_SEVERITIES: Final[Mapping[str, IssueSeverity]] = {
    Lack.LOST: IssueSeverity.ERROR,
    Lack.FAULT: IssueSeverity.ERROR,
    Lack.LIFE_OVER: IssueSeverity.ERROR,
    Lack.UNREACHABLE: IssueSeverity.ERROR,
    Lack.EXERCISE_FAILED: IssueSeverity.ERROR,
    Lack.MEMBER_LOST: IssueSeverity.ERROR,
    MANY_LOST: IssueSeverity.CRITICAL,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A repair that should be open."""

    kind: str
    subject: str
    """The binding; empty for the home itself."""
    placeholders: Mapping[str, str] = field(default_factory=dict)
    is_fixable: bool = False

    def issue_id(self, entry_id: str) -> str:
        """Return the id under which Home Assistant knows it."""
        return f"{PREFIX}_{entry_id}_{self.kind}_{self.subject}"


class UpkeepIssues:
    """Keeps the open repairs in line with those that are wanted."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Begin with what a former run has left."""
        self._hass = hass
        self._entry_id = entry_id
        self._open: dict[str, Wanted] = {}
        self._is_swept = False

    @callback
    def show(self, wanted: tuple[Wanted, ...]) -> None:
        """Open what is wanted, close the rest."""
        now = {item.issue_id(self._entry_id): item for item in wanted}
        for issue_id, item in now.items():
            if self._open.get(issue_id) != item:
                self._raise(issue_id, item)
        if not self._is_swept or self._open.keys() - now.keys():
            take_back(self._hass, f"{PREFIX}_{self._entry_id}_", but=now)
            self._is_swept = True
        self._open = now

    def _raise(self, issue_id: str, item: Wanted) -> None:
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            is_fixable=item.is_fixable,
            severity=_SEVERITIES.get(item.kind, IssueSeverity.WARNING),
            translation_key=f"{PREFIX}_{item.kind}",
            translation_placeholders=dict(item.placeholders),
            learn_more_url=f"{GUIDE}#{item.kind.replace('_', '-')}",
            data={"entry_id": self._entry_id, "subject": item.subject},
        )
