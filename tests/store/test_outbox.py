"""Nothing is sent that is not on disk, nothing is forgotten that was not received."""

import pytest

from custom_components.zhian.store import Database, Delivery, Journal, Outbox

from .timeline import INCIDENT, OTHER, timeline


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database)


async def test_pending_is_what_is_wanted_and_not_received_oldest_first(
    journal: Journal, outbox: Outbox
) -> None:
    journal.append(timeline(OTHER), receivers=["station"])
    journal.append(timeline(INCIDENT))
    outbox.mark_wanted(INCIDENT, "station", 2)
    assert await outbox.pending("station") == [(INCIDENT, 2), (OTHER, 3)]
    assert await outbox.pending("other") == []
    await outbox.mark_received(INCIDENT, "station", 2, "2026-000001")
    assert await outbox.pending("station") == [(OTHER, 3)]


async def test_a_revision_that_is_not_on_disk_is_not_sent(
    journal: Journal, outbox: Outbox
) -> None:
    await outbox.mark_wanted(INCIDENT, "station", 3)
    assert await outbox.pending("station") == []
    await journal.append(timeline(entries=2))
    assert await outbox.pending("station") == [(INCIDENT, 2)]
    await outbox.mark_received(INCIDENT, "station", 2)
    assert await outbox.pending("station") == []


async def test_late_and_repeated_marks_change_nothing(
    journal: Journal, outbox: Outbox
) -> None:
    await journal.append(timeline())
    outbox.mark_wanted(INCIDENT, "station", 3)
    outbox.mark_wanted(INCIDENT, "station", 1)
    outbox.mark_received(INCIDENT, "station", 2, "2026-000001")
    outbox.mark_received(INCIDENT, "station", 1)
    assert await outbox.delivery(INCIDENT, "station") == Delivery(
        INCIDENT, "station", 3, 2, 0, None, "2026-000001"
    )


async def test_what_was_given_up_rests_until_there_is_something_new(
    journal: Journal, outbox: Outbox
) -> None:
    await journal.append(timeline(), receivers=["station"])
    await outbox.mark_abandoned(INCIDENT, "station", 3, "unknown_household")
    assert await outbox.pending("station") == []
    assert await journal.read_unacknowledged("station") == {}
    delivery = await outbox.delivery(INCIDENT, "station")
    assert delivery is not None
    assert delivery.reason == "unknown_household"
    await journal.append(timeline(entries=4), receivers=["station"])
    assert await outbox.pending("station") == [(INCIDENT, 4)]


async def test_each_receiver_has_its_own_state(
    journal: Journal, outbox: Outbox
) -> None:
    await journal.append(timeline(), receivers=["station", "county"])
    await outbox.mark_received(INCIDENT, "station", 3)
    assert await outbox.pending("station") == []
    assert await outbox.pending("county") == [(INCIDENT, 3)]
