"""What the detectors of a home have said: a book that nobody asks the kernel for."""

from datetime import datetime, timedelta

from custom_components.zhian.safety.household import Detector
from custom_components.zhian.safety.vocabulary import Hazard, Level

from .agreeing import MAY_ASK, Agreeing

WARM_UP = timedelta(seconds=60)

_BLIND = frozenset({None, Level.LOST, Level.FAULT})


class Senses:
    """The last level of each detector, and since when its silence counts."""

    def __init__(self) -> None:
        """Begin with nothing heard."""
        self.levels: dict[str, Level] = {}
        self._clear_from: dict[str, datetime] = {}
        self.agreeing = Agreeing()

    def forget(self) -> None:
        """The program ends: what was heard is not on the disk."""
        self.levels.clear()
        self._clear_from.clear()
        self.agreeing.forget()

    def hear(
        self, detector: str, known: Detector | None, level: Level, at: datetime
    ) -> None:
        """Note a level; a detector that comes back proves nothing for a minute."""
        if level is not Level.NORMAL:
            self._clear_from.pop(detector, None)
        elif known is not None and known.hazard is Hazard.INACTIVITY:
            self._clear_from.setdefault(detector, at)
        elif self.levels.get(detector) in _BLIND:
            self._clear_from[detector] = at + WARM_UP
        elif detector not in self._clear_from:
            self._clear_from[detector] = at
        self.levels[detector] = level
        if known is not None and known.hazard in MAY_ASK:
            self.agreeing.hear(detector, level, at)

    def is_clear(
        self, detector: str, at: datetime, since: timedelta = timedelta()
    ) -> bool:
        """Whether a detector has been known to see nothing for so long."""
        clear = self._clear_from.get(detector)
        return clear is not None and at - clear >= since
