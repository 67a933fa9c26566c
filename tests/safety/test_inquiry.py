"""What the station wants to know, and what people answer."""

from custom_components.zhian.safety.arming import Mode
from custom_components.zhian.safety.entries import Informed, Inquired
from custom_components.zhian.safety.incident import Question
from custom_components.zhian.safety.inquiry import MOST
from custom_components.zhian.safety.orders import Refuse, Report, Tell
from custom_components.zhian.safety.signals import StationAsked, StationInformed
from custom_components.zhian.safety.vocabulary import Level, Message, Reason

from .homes import Home, contact, door, gas, valve


def alarmed() -> Home:
    """Return a home with an incident of gas."""
    home = Home(gas(), valve(), contact("Anna"))
    home.alarm()
    return home


def asks(home: Home, question: str = "q1", text: str = "Who holds a key?") -> list:  # type: ignore[type-arg]
    """Let the station ask."""
    return home.send(StationAsked(home.incident.id, question, text, "Li", home.now))


def test_a_question_of_the_station_is_told_once() -> None:
    """However often the station repeats how far it is."""
    home = alarmed()
    told = [order for order in asks(home) if isinstance(order, Tell)]
    assert [order.message for order in told] == [Message.QUESTION]
    assert home.incident.questions == (Question("q1", "Who holds a key?", "Li"),)
    assert not [order for order in asks(home) if isinstance(order, Tell)]
    assert len(home.incident.questions) == 1


def test_an_answer_goes_to_the_station_with_the_incident() -> None:
    """It is an entry like any other, and so it is reported."""
    home = alarmed()
    asks(home)
    orders = home.send(StationInformed("Flat 502", "Anna", home.now))
    assert Report(home.incident.id) in orders
    (question,) = home.incident.questions
    assert (question.answer, question.answered_by) == ("Flat 502", "Anna")
    assert question.answered_at == home.now
    assert [type(entry) for entry in home.journal[-2:]] == [Inquired, Informed]


def test_the_newest_question_is_answered_unless_another_is_named() -> None:
    home = alarmed()
    asks(home, "q1")
    asks(home, "q2")
    home.send(StationInformed("second", "Anna", home.now))
    home.send(StationInformed("first", "Anna", home.now, "q1"))
    assert [q.answer for q in home.incident.questions] == ["first", "second"]


def test_an_answer_to_nothing_is_refused() -> None:
    """A question is answered once; a person reads why the next word is not sent."""
    home = alarmed()
    nothing = [Refuse(Reason.NO_SUCH_QUESTION)]
    assert home.send(StationInformed("x", "Anna", home.now))[: len(nothing)] == nothing
    asks(home)
    home.send(StationInformed("x", "Anna", home.now))
    again = home.send(StationInformed("y", "Anna", home.now))
    assert again[: len(nothing)] == nothing
    assert home.incident.questions[0].answer == "x"


def test_questions_about_one_incident_are_bounded() -> None:
    """Whatever a station sends."""
    home = alarmed()
    for number in range(MOST + 5):
        asks(home, f"q{number}")
    assert len(home.incident.questions) == MOST


def test_a_silent_call_is_not_given_away_by_a_question() -> None:
    """Whoever made the person disarm may be looking at the phone."""
    home = Home(door("contact"), contact("Anna"))
    home.reads("contact", Level.NORMAL)
    home.arm(Mode.AWAY)
    home.wait(120)
    home.disarm(duress=True)
    (silent,) = (i for i in home.state.incidents.values() if i.silent)
    asked = StationAsked(silent.id, "q1", "Are you well?", "Li", home.now)
    assert not [o for o in home.send(asked) if isinstance(o, Tell)]
    assert home.state.incidents[silent.id].questions == ()


def test_a_question_about_an_incident_that_is_over_is_ignored() -> None:
    home = alarmed()
    before = home.incident
    orders = home.send(StationAsked("gone", "q1", "?", "Li", home.now))
    assert not [order for order in orders if isinstance(order, Tell)]
    assert home.incident == before
