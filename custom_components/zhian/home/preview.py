"""What would be sent for a gas alarm now: made by what sends, and never sent."""

from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import uuid7

from homeassistant.exceptions import ServiceValidationError

from ..const import DOMAIN
from ..link.client import written
from ..link.receiver import Report
from ..safety.decide import decide
from ..safety.entries import Entry, Opened
from ..safety.household import Household
from ..safety.signals import Reading
from ..safety.state import State
from ..safety.vocabulary import Hazard, Level, Phase
from .receivers import Line
from .timelines import Timeline, Timelines

if TYPE_CHECKING:
    from . import Home

STATION: Final = "station"


def choices(home: Home) -> dict[str, str]:
    """Return the receivers of a home by their ids, each with its name."""
    found: dict[str, str] = {}
    if (station := home.options.station) is not None:
        found[STATION] = station.station
    return found | {line.id: line.options.name for line in home.receivers.lines}


def find_receiver(home: Home, wanted: str | None) -> str:
    """Return the id of a receiver by id or name; the first one if none is named."""
    known = choices(home)
    for id_, name in known.items():
        if wanted is None or wanted in (id_, name):
            return id_
    raise ServiceValidationError(
        translation_domain=DOMAIN, translation_key="no_such_receiver"
    )


def preview(home: Home, receiver: str) -> list[bytes]:
    """Return what a receiver would be sent for a gas alarm that begins now."""
    timeline = example(home.guard.state.household, home.clock.now())
    if receiver == STATION:
        return [written(home.documents.for_station(timeline))]
    line: Line = next(line for line in home.receivers.lines if line.id == receiver)
    document = home.documents.for_receiver(line.options, timeline)
    return line.receiver.written(Report(document))


def example(
    household: Household, at: datetime, hazard: Hazard = Hazard.GAS
) -> Timeline:
    """Return the timeline of an alarm as the kernel would begin it."""
    state = State(household)
    for detector in household.detectors.values():
        if detector.hazard is hazard:
            state, _ = decide(state, Reading(detector.id, Level.ALARM, at))
            break
    news: tuple[Entry, ...] = state.news or (
        Opened(
            incident=str(uuid7()),
            seq=1,
            at=at,
            hazard=hazard,
            phase=Phase.ALARM,
        ),
    )
    timelines = Timelines(None, None, False, lambda: at)
    timelines.append(news, set())
    (timeline,) = timelines.all().values()
    timeline.settled = len(timeline.records)
    return timeline
