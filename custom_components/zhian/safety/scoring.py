"""How sure it is that somebody has broken in: levels 0 to 4 in the style of AVS-01.

ANSI/TMA-AVS-01 names the levels; its decision tables are not public, so the way to a
level is ours. Only intrusion is scored: gas, fire and calls for help never wait for it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from .arming import Sense
from .entries import Rated
from .household import Household
from .incident import Incident
from .turn import Turn
from .vocabulary import Finding, Hazard

LEVELS: Final[Mapping[Finding, int]] = {
    Finding.OWNER: 0,
    Finding.ONE_DETECTOR: 1,
    Finding.SEVERAL_DETECTORS: 2,
    Finding.PERSON_SEEN: 2,
    Finding.BREAK_IN: 3,
    Finding.THREAT: 4,
    Finding.DURESS: 4,
}
"""0 no call for service; 1 little known; 2 somebody is probably there; 3 a threat to
property; 4 a threat to life."""

WITHIN: Final = timedelta(minutes=30)
"""How far apart two detectors may speak and still speak for each other (BS 8243)."""

WITNESSED: Final = (Finding.PERSON_SEEN, Finding.BREAK_IN, Finding.THREAT)
"""What a person can say that they have seen."""

_SENSED: Final[Mapping[Sense, Finding]] = {
    Sense.BREAKAGE: Finding.BREAK_IN,
    Sense.PERSON: Finding.PERSON_SEEN,
}


def evidence_of(household: Household, incident: Incident) -> Finding:
    """Return the strongest evidence that an incident's detectors and people give."""
    found = [Finding.ONE_DETECTOR]
    if incident.help is not None:
        found.append(Finding.THREAT)
    times = sorted(at for _, at in incident.struck)
    if _is_close(times):
        found.append(Finding.SEVERAL_DETECTORS)
    for name, _ in incident.struck:
        detector = household.detectors.get(name)
        if detector is not None and detector.watch.sense in _SENSED:
            found.append(_SENSED[detector.watch.sense])
    return max(found, key=LEVELS.__getitem__)


def _is_close(times: Iterable[datetime]) -> bool:
    """Whether two detectors have spoken shortly after each other."""
    before: datetime | None = None
    for at in times:
        if before is not None and at - before <= WITHIN:
            return True
        before = at
    return False


def rate(turn: Turn, incident: Incident) -> Incident:
    """Raise an intrusion's score to what its evidence gives; it never falls by itself."""
    if incident.hazard is not Hazard.INTRUSION or incident.drill:
        return incident
    return rate_as(turn, incident, evidence_of(turn.state.household, incident))


def rate_as(turn: Turn, incident: Incident, evidence: Finding) -> Incident:
    """Write down evidence that raises the score."""
    level = LEVELS[evidence]
    if incident.score is not None and level <= incident.score:
        return incident
    return _record(turn, incident, evidence)


def stand_down(turn: Turn, incident: Incident) -> Incident:
    """Write down that it was the owner."""
    return _record(turn, incident, Finding.OWNER)


def _record(turn: Turn, incident: Incident, evidence: Finding) -> Incident:
    level = LEVELS[evidence]
    return turn.record(
        Rated,
        incident.id,
        level=level,
        evidence=evidence,
        withheld=level < turn.state.household.panel.report_from,
    )
