"""I17: nobody is asked for nothing, and whoever is silent for too long is.

Made-up lives with journeys, lost sources, restarts and falls; books of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import json
from random import Random

import pytest

from custom_components.zhian.safety import routine as module
from custom_components.zhian.safety.routine import Limits, Routine
from custom_components.zhian.safety.vocabulary import Level

from ..safety.lives import SHANGHAI, signs_of

START = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = 28
LIVES = 12
MINUTE = timedelta(minutes=1)


@dataclass
class Life:
    """One person, one routine, and what really happened."""

    seed: int
    limits: Limits = field(init=False)
    random: Random = field(init=False)
    routine: Routine = field(init=False)
    last: datetime = START
    is_away: bool = False
    is_lost: bool = False
    is_whole: bool = True
    """Whether everything since the last sign of life was watched."""
    asked: int = 0

    def live(self) -> None:
        """Live through it, and look twice between any two signs of life."""
        self.random = random = Random(self.seed)
        in_all = timedelta(hours=random.choice((6, 12, 24)))
        self.limits = Limits(
            by_day=None,
            in_all=in_all if random.random() < 0.5 else None,
            learns=random.random() < 0.7,
        )
        self.routine = Routine(self.limits, SHANGHAI, START)
        now = START
        for at in signs_of(random, START, DAYS):
            if at <= now:
                continue
            for _ in range(2):
                now += (at - now) * random.random()
                self._happen(now)
                self._look(now)
            now = at
            if random.random() < 0.01:
                now = self._fall(at)
            if not self.is_lost:
                self.routine.live(now)
                if not self.is_away:
                    self.last, self.is_whole = now, True
            self._look(now)

    def _fall(self, at: datetime) -> datetime:
        """Nothing moves for a day and a half: the timer is the only thing that does."""
        due = self.routine.due()
        if due is not None and due > at:
            self._look(due - MINUTE)
            self._look(due + MINUTE)
        now = at + timedelta(hours=36)
        self._look(now)
        return now

    def _happen(self, now: datetime) -> None:
        roll = self.random.random()
        if roll < (0.05 if self.is_away else 0.002):
            if self.is_away:
                self.routine.come_back(now)
                self.last, self.is_whole = now, not self.is_lost
            else:
                self.routine.leave()
            self.is_away = not self.is_away
        elif roll < (0.06 if self.is_away or self.is_lost else 0.006):
            self._look(now)
            if self.is_lost:
                self.routine.regain(now)
            else:
                self.routine.lose(now)
            self.is_lost, self.is_whole = not self.is_lost, False
        elif self.random.random() < 0.006:
            self._look(now)
            data = json.loads(json.dumps(self.routine.as_data(now)))
            self.routine = Routine.restore(self.limits, SHANGHAI, now, data)
            if not self.is_lost:
                self.routine.regain(now)

    def _look(self, now: datetime) -> None:
        level = self.routine.level(now)
        silence = now - self.last
        if level is Level.PRE_ALARM:
            self.asked += 1
            assert not self.is_away, "asked while away"
            assert not self.is_lost, "asked while nothing can be seen"
            limit = self.limits.in_all
            if limit is None or silence < limit - MINUTE:
                assert self.limits.learns, f"asked after {silence}"
                assert now - START >= timedelta(days=14), "asked before 14 days"
                assert silence >= timedelta(hours=3) - MINUTE, f"after {silence}"
        elif self.limits.in_all is not None:
            can_see = self.is_whole and not self.is_away and not self.is_lost
            too_long = silence > self.limits.in_all + MINUTE
            assert not (can_see and too_long), f"not asked after {silence}"


def _live_all() -> int:
    asked = 0
    for seed in range(LIVES):
        life = Life(seed)
        life.live()
        asked += life.asked
    return asked


@pytest.mark.simulation
def test_nobody_is_asked_for_nothing_and_who_is_silent_is() -> None:
    assert _live_all() > 40


# --- seeded defects --------------------------------------------------------------------


def _learns_too_fast(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(module, "DAYS_NEEDED", 3)


def _counts_journeys(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Routine, "leave", lambda self: None)


def _believes_lost_sources(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Routine, "lose", lambda self, at: None)


def _counts_from_the_start(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Routine, "begin_anew", lambda self, at: None)


def _is_late(patch: pytest.MonkeyPatch) -> None:
    due = Routine._due_in_all

    def late(self: Routine) -> datetime | None:
        found = due(self)
        return None if found is None else found + timedelta(minutes=5)

    patch.setattr(Routine, "_due_in_all", late)


def _is_nervous(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        Routine,
        "usual",
        lambda self: (timedelta(hours=1) if self.days_learnt >= 14 else None,) * 24,
    )


@pytest.mark.simulation
@pytest.mark.parametrize(
    "breaks",
    [
        _learns_too_fast,
        _counts_journeys,
        _believes_lost_sources,
        _counts_from_the_start,
        _is_late,
        _is_nervous,
    ],
)
def test_defect_of_a_routine_is_noticed(
    breaks: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks(monkeypatch)
    with pytest.raises(AssertionError, match="asked|after"):
        _live_all()
