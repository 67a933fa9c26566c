"""Are we safe? Only what is seen counts."""

from datetime import UTC, datetime, timedelta

from custom_components.zhian.safety.assurance import Safety, assure
from custom_components.zhian.safety.decide import decide
from custom_components.zhian.safety.household import Detector, Household
from custom_components.zhian.safety.signals import DrillStarted, Reading
from custom_components.zhian.safety.state import State
from custom_components.zhian.safety.vocabulary import Hazard, Level

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=5)
HOME = Household(
    "home",
    {
        "kitchen": Detector("kitchen", Hazard.GAS),
        "bathroom": Detector("bathroom", Hazard.WATER),
    },
)


def home(**levels: Level) -> State:
    """Return a home whose detectors say these levels since a while."""
    state = State(HOME)
    for detector, level in levels.items():
        state, _ = decide(state, Reading(detector, level, AT))
    return state


def test_a_home_is_safe_when_every_detector_is_known_clear() -> None:
    state = home(kitchen=Level.NORMAL, bathroom=Level.NORMAL)
    assert assure(state, LATER).safety is Safety.SAFE
    assert assure(state, AT).safety is Safety.UNKNOWN, "still warming up"


def test_what_is_not_seen_is_unknown() -> None:
    assert assure(State(Household("home")), LATER).safety is Safety.UNKNOWN
    for level in (Level.LOST, Level.FAULT, Level.WARMING_UP):
        state = home(kitchen=level, bathroom=Level.NORMAL)
        assurance = assure(state, LATER)
        assert assurance.safety is Safety.UNKNOWN
        assert [d.id for d in assurance.blind] == ["kitchen"]


def test_a_detector_that_has_said_nothing_yet_is_unknown() -> None:
    assert assure(home(bathroom=Level.NORMAL), LATER).safety is Safety.UNKNOWN


def test_danger_outweighs_what_is_not_seen() -> None:
    for level in (Level.ALARM, Level.PRE_ALARM):
        assurance = assure(home(kitchen=level), LATER)
        assert assurance.safety is Safety.DANGER
        assert [i.hazard for i in assurance.incidents] == [Hazard.GAS]
        assert [d.id for d in assurance.alarming] == ["kitchen"]
        assert [d.id for d in assurance.blind] == ["bathroom"]


def test_an_open_incident_is_danger_after_the_gas_is_gone() -> None:
    state = home(kitchen=Level.ALARM, bathroom=Level.NORMAL)
    state, _ = decide(state, Reading("kitchen", Level.NORMAL, LATER))
    assurance = assure(state, LATER + timedelta(minutes=5))
    assert assurance.safety is Safety.DANGER
    assert not assurance.alarming


def test_other_hazards_do_not_count_when_only_some_are_asked_for() -> None:
    state = home(kitchen=Level.ALARM, bathroom=Level.NORMAL)
    assert assure(state, LATER, {Hazard.WATER}).safety is Safety.SAFE
    assert assure(state, LATER, {Hazard.SMOKE}).safety is Safety.UNKNOWN


def test_a_drill_is_no_danger() -> None:
    state = home(kitchen=Level.NORMAL, bathroom=Level.NORMAL)
    state, _ = decide(state, DrillStarted("Anna", LATER + timedelta(hours=1), LATER))
    assert state.drill is not None
    assert assure(state, LATER).safety is Safety.SAFE
