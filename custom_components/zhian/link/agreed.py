"""What a household lets its station do with what it is told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from .wire_json import JSON, Node, utc_text

MOST_DAYS: Final = 3650


@dataclass(frozen=True, slots=True, kw_only=True)
class Consents:
    """What the station has to honour. Without it, all of it is no."""

    higher: bool = False
    """Whether stations above this one may see the household's incidents."""
    statistics: bool = False
    """Whether its incidents may be counted, without anybody in them."""
    keep_days: int | None = None
    """How long a closed incident may be kept; the station may keep it for less."""
    at: datetime
    """When a person chose this: of two, the later counts."""

    @classmethod
    def read(cls, node: Node) -> Self:
        """Read it from a document."""
        return cls(
            higher=node["higher"].flag(),
            statistics=node["statistics"].flag(),
            keep_days=node["keep_days"].optional(lambda n: n.integer(1, MOST_DAYS)),
            at=node["at"].moment(),
        )

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {
            "higher": self.higher,
            "statistics": self.statistics,
            "keep_days": self.keep_days,
            "at": utc_text(self.at),
        }
