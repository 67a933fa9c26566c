"""What a start brings: people hear once of what they have to hear of."""

from custom_components.zhian.safety.orders import Tell
from custom_components.zhian.safety.vocabulary import (
    ContactRole,
    Hazard,
    Level,
    Message,
    Response,
)

from .homes import Home, contact, detector, gas, valve

ANNA = contact("Anna")
BEN = contact("Ben")
WU = contact("Wu", ContactRole.NEIGHBOUR)


def told_of_the_alarm(house: Home) -> list[str]:
    """Return who was told of an alarm, as often as they were."""
    return [
        person
        for order in house.all_orders
        if isinstance(order, Tell) and order.message is Message.ALARM
        for person in order.audience or ("whoever is there",)
    ]


def test_pre_alarm_that_is_an_alarm_after_the_end_is_told_once() -> None:
    """The first reading tells it; the start that follows has nothing to add."""
    house = Home(gas(), valve(), ANNA, BEN, WU)
    house.reads("gas", Level.PRE_ALARM)
    house.crash().later(1).alarm()
    assert house.audiences == [(Message.ALARM, ("Anna", "Ben"))]
    house.start()
    assert told_of_the_alarm(house) == ["Anna", "Ben"]
    house.wait(60)
    assert house.audiences == [(Message.UNANSWERED, ("Wu",))]


def test_it_is_told_once_in_a_home_without_contacts() -> None:
    house = Home(gas(), valve())
    house.reads("gas", Level.PRE_ALARM)
    house.crash().later(1).alarm()
    house.start()
    assert told_of_the_alarm(house) == ["whoever is there"]


def test_alarm_that_comes_up_anew_after_the_end_is_told_once() -> None:
    """Who had answered is asked anew, and so are those who have moved in since."""
    house = Home(gas(), valve(), ANNA)
    house.alarm()
    house.delivered(Message.ALARM, "Anna")
    house.answers("Anna", Response.SAFE)
    house.later(1).reads("gas", Level.NORMAL)
    house.all_orders.clear()
    house.crash(gas(), valve(), ANNA, BEN).later(1).alarm()
    house.start()
    assert told_of_the_alarm(house) == ["Anna", "Ben"]
    assert house.incident.called == {"Anna", "Ben"}


def test_two_detectors_that_alarm_before_the_start_are_one_alarm() -> None:
    house = Home(gas("kitchen"), gas("cellar"), valve(), ANNA)
    house.reads("kitchen", Level.PRE_ALARM)
    house.crash().later(1)
    house.alarm("kitchen")
    house.alarm("cellar")
    house.start()
    assert told_of_the_alarm(house) == ["Anna"]


def test_alarm_of_before_the_end_that_reached_nobody_is_told_at_the_start() -> None:
    """That its detector alarms on is no news, so nobody has told it since."""
    house = Home(gas(), valve(), ANNA)
    house.alarm()
    house.all_orders.clear()
    house.crash().later(1).alarm()
    assert told_of_the_alarm(house) == []
    house.start()
    assert told_of_the_alarm(house) == ["Anna"]


def test_other_alarms_of_before_the_end_are_told_at_the_start() -> None:
    """One that was told since says nothing of another that was not."""
    smoke = detector("smoke", Hazard.SMOKE)
    house = Home(gas(), smoke, valve(), ANNA)
    house.alarm("smoke")
    house.reads("gas", Level.PRE_ALARM)
    house.all_orders.clear()
    house.crash().later(1).alarm("gas")
    house.start()
    assert told_of_the_alarm(house) == ["Anna", "Anna"]


def test_alarm_that_was_told_before_a_second_end_is_told_again() -> None:
    """Nothing on the disk says that it has reached anybody."""
    house = Home(gas(), valve(), ANNA)
    house.reads("gas", Level.PRE_ALARM)
    house.crash().later(1).alarm()
    house.crash().later(1).start()
    assert told_of_the_alarm(house) == ["Anna", "Anna"]
