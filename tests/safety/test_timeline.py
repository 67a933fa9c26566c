"""Replaying a timeline."""

from dataclasses import dataclass
from typing import ClassVar

import pytest

from custom_components.zhian.safety.decide import restore
from custom_components.zhian.safety.entries import (
    Acknowledged,
    Entry,
    Opened,
    StationReplied,
)
from custom_components.zhian.safety.timeline import fold, fold_all
from custom_components.zhian.safety.vocabulary import (
    Ending,
    Hazard,
    Level,
    Phase,
    Position,
    StationStatus,
)

from .homes import NOON, Home, gas, siren, valve, window


def _opened(seq: int = 1) -> Opened:
    return Opened(incident="i", seq=seq, at=NOON, hazard=Hazard.GAS, phase=Phase.ALARM)


def test_incident_is_opened_once_and_first() -> None:
    incident = fold(None, _opened())
    with pytest.raises(ValueError, match="opened twice"):
        fold(incident, _opened())
    with pytest.raises(ValueError, match="opened twice"):
        fold(None, _opened(2))


def test_entry_that_does_not_follow_is_refused() -> None:
    entry = Acknowledged(incident="i", seq=3, at=NOON, by="Li", via="app")
    with pytest.raises(ValueError, match="does not follow"):
        fold(fold(None, _opened()), entry)
    with pytest.raises(ValueError, match="does not follow"):
        fold(None, entry)


def test_entry_of_an_unknown_kind_is_refused() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Strange(Entry):
        kind: ClassVar[str] = "strange"

    with pytest.raises(ValueError, match="unknown entry strange"):
        fold(fold(None, _opened()), Strange(incident="i", seq=2, at=NOON))


def test_replaying_gives_what_was_written() -> None:
    home = Home(gas(), valve(), window(), siren())
    home.alarm(value=12.0)
    home.later(1).says("valve", Position.CLOSED)
    home.fails("open:window")
    home.acknowledge()
    home.station(StationStatus.ACCEPTED, number="1")
    home.later(1).says("valve", Position.OPEN)
    home.wait(100)
    assert fold_all(home.journal) == dict(home.state.incidents)
    home.reads("gas", Level.NORMAL)
    home.reset()
    (incident,) = fold_all(home.journal).values()
    assert incident.ending is Ending.RESET
    assert incident.reset_by == "Li"
    assert incident.closed_at == home.now
    assert not restore(home.state.household, home.journal).incidents


def test_first_acknowledgement_counts() -> None:
    incident = fold(None, _opened())
    for seq, by in ((2, "Li"), (3, "Wang")):
        entry = Acknowledged(incident="i", seq=seq, at=NOON, by=by, via="app")
        incident = fold(incident, entry)
    assert incident.acknowledged is not None
    assert incident.acknowledged.by == "Li"


def test_what_the_station_does_not_repeat_stays_known() -> None:
    incident = fold(None, _opened())
    news: tuple[dict[str, object], ...] = (
        {"number": "7", "by": "Wang"},
        {"eta_seconds": 0.0, "unit": "car 1"},
        {"disposition": "leak"},
    )
    for seq, fields in enumerate(news, 2):
        incident = fold(
            incident,
            StationReplied(
                incident="i",
                seq=seq,
                at=NOON,
                status=StationStatus.DISPATCHED,
                **fields,  # type: ignore[arg-type]
            ),
        )
    side = incident.station
    assert (side.number, side.by, side.unit) == ("7", "Wang", "car 1")
    assert (side.eta_seconds, side.disposition) == (0.0, "leak")
