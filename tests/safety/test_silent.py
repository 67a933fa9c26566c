"""Duress: a disarm like any other, and a call that nobody at home can notice."""

import pytest

from custom_components.zhian.safety.arming import Mode
from custom_components.zhian.safety.assurance import Safety, assure
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.ladder import Contact
from custom_components.zhian.safety.orders import Report, Tell
from custom_components.zhian.safety.signals import HelpCalled
from custom_components.zhian.safety.state import worst_incident
from custom_components.zhian.safety.vocabulary import (
    ActuatorRole,
    ContactRole,
    Ending,
    Hazard,
    Level,
    Message,
    Phase,
    Position,
    Response,
    StationStatus,
)

from .homes import Actuator, Home, Part, contact, door, gas, siren, valve
from .test_panel import armed, closed

LOCK = Actuator("lock", ActuatorRole.LOCK, "hall")
AUNT = Contact("aunt", ContactRole.RELATIVE, 1, confidant=True)
PEOPLE: tuple[Part, ...] = (contact("Anna"), AUNT)


def silent(home: Home) -> Incident:
    """Return the silent call."""
    (incident,) = (i for i in home.state.incidents.values() if i.silent)
    return incident


@pytest.mark.parametrize("is_broken_in", [False, True])
def test_duress_code_disarms_as_any_code_and_calls_in_silence(
    is_broken_in: bool,
) -> None:
    """Alarmo #248."""
    homes = [armed(door(), siren(zone="hall"), LOCK, *PEOPLE) for _ in range(2)]
    for home in homes:
        if is_broken_in:
            home.alarm("door")
            home.says("siren", Position.ON)
    free, forced = homes
    free.disarm()
    forced.disarm(duress=True)
    call = silent(forced)
    assert forced.panel == free.panel
    assert forced.drives == free.drives
    seen = [o for o in forced.orders if getattr(o, "incident", None) != call.id]
    assert seen == free.orders
    assert [o for o in forced.orders if o not in seen] == [
        Tell(Message.DURESS, call.id, None, ("aunt",), 2),
        Report(call.id),
    ]
    assert (call.hazard, call.phase, call.score) == (Hazard.SOS, Phase.ALARM, 4)
    assert call.priority == 1
    assert call.steps == ()
    forced.wait(7_200)
    assert [m for m in (Message.UNANSWERED, Message.REPEAT) if forced.told(m)] == []


def test_silent_call_is_in_nothing_that_people_can_see() -> None:
    home = armed(door(), gas())
    home.disarm(duress=True)
    home.wait(120)
    state = home.state
    assert state.shown == ()
    assert worst_incident(state) is None
    assert state.open_incident(Hazard.SOS) is None
    assert assure(state, home.now).safety is Safety.SAFE
    home.acknowledge()
    assert not silent(home).is_answered
    home.reset()
    assert silent(home).is_open
    home.drill()
    assert home.state.drill is not None, "a drill that is refused would give it away"


def test_without_confidants_only_the_station_hears() -> None:
    home = armed(door(), contact("Anna"))
    home.disarm(duress=True)
    told = [o.audience for o in home.orders if isinstance(o, Tell)]
    assert told == [()]
    assert home.reports == [silent(home).id]


def test_duress_code_that_arms_calls_too() -> None:
    home = closed(door())
    home.arm(Mode.NIGHT, duress=True)
    assert home.panel.mode is Mode.NIGHT
    assert home.reports == [silent(home).id]


def test_second_duress_joins_the_silent_call() -> None:
    home = closed(door())
    home.disarm(duress=True)
    first = silent(home)
    home.disarm(duress=True)
    assert silent(home).id == first.id
    assert silent(home).seq == first.seq + 1


def test_loud_call_for_help_is_one_of_its_own() -> None:
    home = closed(door(), LOCK, *PEOPLE)
    home.disarm(duress=True)
    home.send(HelpCalled("Li", home.now, "hall"))
    found = home.state.open_incident(Hazard.SOS)
    assert found is not None
    assert not found.silent
    assert home.drives == [("lock", Position.UNLOCKED)]


def test_gas_in_a_home_under_duress_is_handled_as_ever() -> None:
    home = closed(gas(), valve(), door())
    home.disarm(duress=True)
    home.reads("gas", Level.ALARM)
    assert home.drives == [("valve", Position.CLOSED)]
    assert home.state.open_incident(Hazard.GAS) is not None


def test_silent_call_ends_when_the_station_has_closed_it() -> None:
    home = closed(door(), *PEOPLE)
    home.disarm(duress=True)
    call = home.incident
    home.station(StationStatus.DISPATCHED)
    assert home.audiences == [(Message.STATION, ("aunt",))]
    home.station(StationStatus.CLOSED)
    assert home.state.incidents == {}
    assert [e.ending for e in home.state.news if hasattr(e, "ending")] == [
        Ending.STATION
    ]
    assert home.reports == [call.id]
    assert home.tells == []


def test_silent_call_that_somebody_took_ends_with_the_next_free_code() -> None:
    home = closed(door(), *PEOPLE)
    home.disarm(duress=True)
    home.disarm()
    assert not home.incident.is_answered, "nobody knows of it yet"
    home.acknowledge(home.incident.id)
    assert home.audiences == [(Message.ACKNOWLEDGED, ("aunt",))]
    home.disarm(duress=True)
    assert home.incident.is_open
    home.disarm()
    assert home.state.incidents == {}


def test_confidant_who_wants_help_sent_wakes_nobody_at_home() -> None:
    home = closed(door(), *PEOPLE)
    home.disarm(duress=True)
    home.answers("aunt", Response.HELP)
    assert home.audiences == [(Message.HELP, ("aunt",))]
    assert home.drives == []


def test_silent_call_survives_a_restart_in_silence() -> None:
    home = closed(door(), siren(), LOCK, *PEOPLE)
    home.disarm(duress=True)
    call = home.incident
    home.crash().later(5)
    home.start()
    assert home.incident.silent
    assert home.reports == [call.id]
    assert home.audiences == [(Message.DURESS, ("aunt",))]
    assert home.drives == []
    home.delivered(Message.DURESS, "aunt")
    home.crash().later(5)
    home.start()
    assert home.tells == []
