"""The invariants as properties of every history that Hypothesis can think of.

The runner checks all of I1 to I7 after each decision; what a property adds is said in
its test.
"""

from hypothesis import HealthCheck, given, settings

from custom_components.zhian.safety.decide import restore
from custom_components.zhian.safety.signals import OpenRequested, Reading
from custom_components.zhian.safety.timeline import fold_all
from custom_components.zhian.safety.vocabulary import Hazard, Level, Phase

from .agreeing import asks
from .histories import History, histories

EXAMPLES = settings(
    max_examples=60,  # of each property, and every one of them checks all invariants
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@EXAMPLES
@given(histories())
def test_no_history_breaks_an_invariant(history: History) -> None:
    history.run()


@EXAMPLES
@given(histories(people_open=False))
def test_no_machine_ever_opens_a_gas_valve(history: History) -> None:
    """I1."""
    assert history.run().opened_gas_valves == []


@EXAMPLES
@given(histories())
def test_gas_valve_opens_only_for_a_person_on_site_who_means_it(
    history: History,
) -> None:
    """I1."""
    for signal, _ in history.run().opened_gas_valves:
        assert isinstance(signal, OpenRequested)
        assert signal.local
        assert signal.confirmed


@EXAMPLES
@given(histories())
def test_alarm_is_an_incident_in_the_same_decision_whatever_was_before(
    history: History,
) -> None:
    """I3."""
    state = history.run().runner.checker.state
    at = history.runner.clock(history.t)
    for detector in state.household.detectors.values():
        if detector.hazard is Hazard.INTRUSION and not detector.watch.is_always:
            continue  # that is for the panel to say: I14 and I15
        if asks(detector):
            continue  # that is for others to confirm: the checker looks at both
        history.runner.checker.decide(Reading(detector.id, Level.ALARM, at), history.t)
        state = history.runner.checker.state
        incident = state.open_incident(detector.hazard)
        assert incident is not None
        assert incident.phase is Phase.ALARM


@EXAMPLES
@given(histories())
def test_no_time_ends_an_alarm_that_is_not_known_clear(history: History) -> None:
    """I4: nothing but ticks, for a day and a night, over detectors that are lost."""
    checker = history.run().runner.checker
    at = history.runner.clock(history.t)
    for detector in history.household.detectors:
        checker.decide(Reading(detector, Level.LOST, at), history.t)
    alarms = {
        i.id
        for i in checker.state.incidents.values()
        if i.phase is Phase.ALARM and not i.drill
    }
    history.wait(86_400)
    assert alarms <= {
        i.id for i in checker.state.incidents.values() if i.phase is Phase.ALARM
    }


@EXAMPLES
@given(histories())
def test_every_step_ends_when_time_goes_on(history: History) -> None:
    """I5: woken only when the kernel has asked for it."""
    history.run()
    history.wait(25.0)
    for incident in history.runner.checker.state.incidents.values():
        for step in incident.steps:
            assert step.outcome.is_settled


@EXAMPLES
@given(histories())
def test_replaying_the_journal_gives_the_state_that_wrote_it(history: History) -> None:
    """I6."""
    checker = history.run().runner.checker
    incidents = {i: x for i, x in fold_all(checker.journal).items() if x.is_open}
    assert incidents == checker.state.incidents
    restored = restore(history.household, checker.journal)
    assert restored.incidents == checker.state.incidents


@EXAMPLES
@given(histories())
def test_revisions_of_an_incident_count_from_one_without_a_gap(
    history: History,
) -> None:
    """I7."""
    revisions: dict[str, list[int]] = {}
    for entry in history.run().runner.checker.journal:
        revisions.setdefault(entry.incident, []).append(entry.seq)
    for found in revisions.values():
        assert found == list(range(1, len(found) + 1))
