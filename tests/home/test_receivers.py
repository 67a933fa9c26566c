"""A home with receivers beside its station: each has its own queue and its own answer."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir

from aiohttp import web
import pytest

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.diagnostics import async_get_config_entry_diagnostics
from custom_components.zhian.home import receiver_link
from custom_components.zhian.home.queues import Queue
from custom_components.zhian.home.receiver_link import ReceiverLink
from custom_components.zhian.home.station_link import LOST_AFTER, LinkStatus
from custom_components.zhian.link import noonlight
from custom_components.zhian.link.client import (
    StationRefused,
    StationUnreachable,
    Trouble,
)
from custom_components.zhian.link.messages import Answer
from custom_components.zhian.link.outbox import GivenUp, LinkLost, LinkRestored
from custom_components.zhian.link.receiver import Report
from custom_components.zhian.safety.vocabulary import StationStatus
from custom_components.zhian.store.outbox import Delivery

from ..link.takers import Taken, taker
from .centres import KEY, AlarmCentre, alarm_centre
from .house import DETECTOR, KITCHEN_TABLET, WATER, HomeUnderTest, request_from
from .stations import played_station

LINE = "sensor.centre_line"


@pytest.fixture
async def centre(
    home: HomeUnderTest, socket_enabled: None
) -> AsyncGenerator[AlarmCentre]:
    """An alarm centre that the home reports gas to."""
    home.state(DETECTOR, "off")
    async with alarm_centre() as found:
        home.add("receiver", found.options)
        yield found
        if home.entry is not None:
            await home.stop()


def issues(home: HomeUnderTest) -> set[str | None]:
    """Return the keys of the repairs about receivers."""
    found = ir.async_get(home.hass).issues
    return {
        issue.translation_key
        for (domain, id_), issue in found.items()
        if domain == DOMAIN and id_.startswith("receiver_")
    }


async def eventually(home: HomeUnderTest, state: str) -> None:
    """Wait for a state of the line, over several rounds of the back-off."""
    for _ in range(6):
        with suppress(AssertionError):
            await home.until(lambda: home.shown(LINE).state == state)
            return
    raise AssertionError(f"never {state}")


async def test_an_alarm_and_its_end_reach_the_centre(
    home: HomeUnderTest, centre: AlarmCentre
) -> None:
    """Without a station, encrypted, each event once."""
    await home.start()
    assert home.shown(LINE).state == "connecting"
    await home.report(DETECTOR, "on")
    await home.until(lambda: centre.codes, "the alarm")
    await home.until(lambda: home.shown(LINE).state == "connected", "connected")
    await home.report(DETECTOR, "off")
    await home.until(lambda: len(centre.codes) > 1, "the end")
    with request_from(KITCHEN_TABLET):
        await home.do("zhian", "reset", context=await home.person())
    await home.until(lambda: home.shown(LINE).attributes["reports_waiting"] == 0)
    assert centre.codes == ["GA", "GH"]
    assert all(event.encrypted for event in centre.events)
    assert issues(home) == set()
    # The kernel's own view of the station is not touched by anybody else.
    assert home.shown("sensor.home_station").state == "not_enrolled"


async def test_the_station_and_a_receiver_do_not_wait_for_each_other(
    home: HomeUnderTest, centre: AlarmCentre
) -> None:
    """Each has its own queue: one is down, the other has the incident all the same."""
    await centre.off()
    async with played_station() as station:
        home.station = station.options
        await home.start()
        await home.report(DETECTOR, "on")
        await home.until(lambda: home.incident.station.status is StationStatus.ACCEPTED)
        station.status = 500
        await centre.on()

        def is_heard() -> bool:
            for link in home.home.receivers.links.values():
                link._sender.restored()  # a sign of life ends the pause
            return bool(centre.codes)

        await home.until(is_heard, "the alarm")
        assert centre.codes == ["GA"]
        await home.stop()


async def test_other_hazards_are_nobodys_business(
    home: HomeUnderTest, centre: AlarmCentre
) -> None:
    """What was not chosen does not leave the home."""
    home.add("detector", {"entity_id": WATER, "hazard": "water", "name": "Bathroom"})
    home.state(WATER, "off")
    await home.start()
    await home.report(WATER, "on")
    await home.report(DETECTOR, "on")
    await home.until(lambda: centre.codes, "the alarm")
    await home.pass_time(2)
    assert centre.codes == ["GA"]


async def test_a_drill_is_a_test_at_the_centre(
    home: HomeUnderTest, centre: AlarmCentre
) -> None:
    await home.start()
    drill = home.hass.data["switch"].get_entity("switch.home_drill")
    assert drill is not None
    await drill.async_turn_on()
    await home.until(lambda: centre.codes, "the drill")
    await drill.async_turn_off()
    await home.until(lambda: home.shown(LINE).attributes["reports_waiting"] == 0)
    assert set(centre.codes) == {"RX"}


async def test_a_receiver_without_drills_hears_of_none(
    home: HomeUnderTest, centre: AlarmCentre
) -> None:
    home.subentries[-1]["data"] = {**centre.options, "drills": False}
    await home.start()
    drill = home.hass.data["switch"].get_entity("switch.home_drill")
    assert drill is not None
    await drill.async_turn_on()
    await home.pass_time(2)
    assert home.shown(LINE).attributes["reports_waiting"] == 0
    assert centre.codes == []


async def test_what_did_not_arrive_is_sent_after_a_restart(
    home: HomeUnderTest, centre: AlarmCentre
) -> None:
    """From the disk, with the time at which it happened, and numbers that go on."""
    await home.start()
    await home.report(DETECTOR, "on")
    await home.until(lambda: centre.codes == ["GA"])
    first = int(centre.events[0].sequence or 0)
    await centre.off()
    await home.report(DETECTOR, "off")
    with request_from(KITCHEN_TABLET):
        await home.do("zhian", "reset", context=await home.person())
    assert home.shown(LINE).attributes["reports_waiting"] == 1
    await home.stop()
    await centre.on()
    await home.hass.config_entries.async_setup(home.entry.entry_id)  # type: ignore[union-attr]
    await home.until(lambda: len(centre.codes) > 1, "the end")
    await home.until(lambda: home.shown(LINE).attributes["reports_waiting"] == 0)
    assert centre.codes == ["GA", "GH"]
    assert int(centre.events[1].sequence or 0) > first


async def test_a_restart_sends_nothing_twice(
    home: HomeUnderTest, centre: AlarmCentre
) -> None:
    await home.start()
    await home.report(DETECTOR, "on")
    await home.until(lambda: centre.codes)
    await home.until(lambda: home.shown(LINE).attributes["reports_waiting"] == 0)
    await home.reload()
    await home.until(lambda: home.shown(LINE).attributes["reports_waiting"] == 0)
    await home.pass_time(2)
    assert centre.codes == ["GA"]


async def test_a_lost_receiver_is_a_repair_that_clears_itself(
    home: HomeUnderTest, centre: AlarmCentre
) -> None:
    """Told with the name that a person gave it."""
    await centre.off()
    await home.start()
    await home.report(DETECTOR, "on")
    await eventually(home, "lost")
    assert home.shown(LINE).attributes["reason"] == "connect"
    assert issues(home) == {"receiver_lost"}
    await centre.on()
    await eventually(home, "connected")
    assert issues(home) == set()
    assert centre.codes == ["GA"]


async def test_a_refused_report_is_a_repair(
    home: HomeUnderTest, centre: AlarmCentre
) -> None:
    """An account that the centre does not know: somebody has to call."""
    await centre.off()
    centre.account = "9999"
    await centre.on()
    await home.start()
    await home.report(DETECTOR, "on")
    await home.until(lambda: home.shown(LINE).state == "refused", "refused")
    assert home.shown(LINE).attributes["reason"] == "nak"
    assert issues(home) == {"receiver_refused"}
    await home.stop()
    home.subentries[:] = [
        s for s in home.subentries if s["subentry_type"] != "receiver"
    ]
    home.entry = None
    await home.start()
    assert issues(home) == set()


async def test_the_button_sends_a_test(
    home: HomeUnderTest, centre: AlarmCentre
) -> None:
    await home.start()
    button = "button.centre_send_test_message"
    await home.do("button", "press", entity_id=button)
    assert centre.codes == ["RX"]
    assert home.shown(LINE).state == "connected"
    await centre.off()
    with pytest.raises(HomeAssistantError) as failed:
        await home.do("button", "press", entity_id=button)
    assert failed.value.translation_key == "receiver_test_failed"


async def test_the_pulse_finds_a_lost_line_without_an_alarm(
    home: HomeUnderTest, centre: AlarmCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And finds it well again."""
    monkeypatch.setattr(receiver_link, "WHILE_LOST", 0.01)
    settings = {**centre.options["settings"], "heartbeat_seconds": 0.01}
    home.subentries[-1]["data"] = {**centre.options, "settings": settings}
    await home.start()
    await eventually(home, "connected")
    await centre.off()
    await eventually(home, "lost")
    await centre.on()
    await eventually(home, "connected")


async def test_a_receiver_that_is_taken_away_waits_for_nothing(
    home: HomeUnderTest, centre: AlarmCentre
) -> None:
    """What it did not get keeps nothing on the disk for ever."""
    await centre.off()
    await home.start()
    await home.report(DETECTOR, "on")
    assert home.entry is not None
    (line,) = home.home.receivers.lines
    incident = home.incident.id
    home.hass.config_entries.async_remove_subentry(home.entry, line.id)
    await home.settle()
    await home.until(lambda: home.home.receivers.lines == ())
    outbox = home.home.guard.timelines.outbox
    assert outbox is not None
    delivery = await outbox.delivery(incident, line.id)
    assert delivery is not None
    assert (delivery.abandoned, delivery.reason) == (delivery.wanted, "removed")
    assert await outbox.pending(line.id) == []


async def test_what_is_not_chosen_any_more_is_not_sent(
    home: HomeUnderTest, centre: AlarmCentre
) -> None:
    """Not even what waited when somebody changed their mind."""
    await centre.off()
    await home.start()
    await home.report(DETECTOR, "on")
    assert home.entry is not None
    (line,) = home.home.receivers.lines
    subentry = home.entry.subentries[line.id]
    home.hass.config_entries.async_update_subentry(
        home.entry, subentry, data={**subentry.data, "hazards": ["smoke"]}
    )
    await home.settle()
    await home.until(lambda: home.home.receivers.lines[0].options.hazards == ("smoke",))
    await centre.on()
    outbox = home.home.guard.timelines.outbox
    assert outbox is not None
    delivery = await outbox.delivery(home.incident.id, line.id)
    assert delivery is not None
    assert delivery.reason == "not_chosen"
    await home.pass_time(10)
    assert home.shown(LINE).attributes["reports_waiting"] == 0
    assert centre.events == []


async def test_a_silent_call_does_not_show_on_the_line(
    home: HomeUnderTest, line: tuple[ReceiverLink, PlayedReceiver, Queue]
) -> None:
    """That it works is shown later: at that moment it would tell that somebody called."""
    link, _, _ = line
    guard = home.home.guard
    silent: Any = SimpleNamespace(silent=True)
    state, guard.state = guard.state, SimpleNamespace(incidents={"1": silent})  # type: ignore[assignment]
    link._on_news(receiver_link.Delivered("1", 1, ""))
    assert link.status is LinkStatus.CONNECTING
    guard.state = state
    link._on_news(LinkRestored())
    assert link.status is LinkStatus.CONNECTED


async def test_settings_that_make_no_sense_do_not_leave_the_home_unguarded(
    home: HomeUnderTest, centre: AlarmCentre, caplog: pytest.LogCaptureFixture
) -> None:
    settings = {**centre.options["settings"], "key": "not hex"}
    home.subentries[-1]["data"] = {**centre.options, "settings": settings}
    await home.start()
    await home.report(DETECTOR, "on")
    assert home.calls("valve", "close_valve")
    assert "A receiver cannot be used" in caplog.text
    assert "not hex" not in caplog.text


async def test_no_secret_is_shown(
    home: HomeUnderTest, centre: AlarmCentre, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the key nor the account, in diagnostics or in the log."""
    await home.start()
    await home.report(DETECTOR, "on")
    await home.until(lambda: home.shown(LINE).state == "connected")
    await home.until(lambda: home.shown(LINE).attributes["reports_waiting"] == 0)
    found = await async_get_config_entry_diagnostics(home.hass, home.entry)  # type: ignore[arg-type]
    text = str(found)
    assert KEY.encode().hex() not in text
    assert "'1234'" not in text
    assert "127.0.0.1" not in text
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("custom_")]
    assert KEY.encode().hex() not in str(ours)
    (line,) = found["role"]["receivers"].values()
    assert line == {
        "kind": "dc09",
        "status": "connected",
        "reason": None,
        "waiting": 0,
    }


async def test_what_a_receiver_calls_an_incident_outlives_a_restart(
    home: HomeUnderTest, socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An alarm at Noonlight is cancelled by its id, also by the next run."""
    home.state(DETECTOR, "off")

    def answer(taken: Taken) -> web.Response:
        if taken.path.endswith("/alarms"):
            return web.json_response({"id": "a1", "status": "ACTIVE"}, status=201)
        is_known = taken.path.endswith("/alarms/a1/status")
        return web.json_response(
            {"status": "CANCELED"}, status=200 if is_known else 404
        )

    async with taker() as server:
        base = str(server.url.with_path("/v1").with_query(None))
        monkeypatch.setitem(noonlight.BASES, noonlight.Environment.SANDBOX, base)
        server.answer = answer
        settings = {
            "environment": "sandbox",
            "token": "t",
            "person": "Ann",
            "phone": "15554440003",
            "pin": "",
            "line1": "1 Street",
            "line2": "",
            "city": "City",
            "state": "MO",
            "zip": "63101",
            "cancels": True,
        }
        home.add(
            "receiver",
            {
                "name": "Centre",
                "kind": "noonlight",
                "hazards": ["gas"],
                "drills": True,
                "settings": settings,
            },
        )
        await home.start()
        await home.report(DETECTOR, "on")
        await home.until(lambda: home.shown(LINE).attributes["reports_waiting"] == 0)
        await home.reload()
        await home.report(DETECTOR, "off")
        with request_from(KITCHEN_TABLET):
            await home.do("zhian", "reset", context=await home.person())
        await home.until(
            lambda: any(r.path == "/v1/alarms/a1/status" for r in server.requests)
        )
        posts = [r.path for r in server.requests if r.method == "POST"]
        assert posts == ["/v1/alarms", "/v1/alarms/a1/status"]
        await home.stop()


class PlayedReceiver:
    """A receiver in memory: what it got, and what it says next."""

    def __init__(self) -> None:
        self.heartbeat_seconds: float | None = None
        self.trouble: Exception | None = None
        self.reports: list[Report] = []
        self.beats = 0
        self.looked = 0
        self.renewal_at: datetime | None = None

    def has_news(self, report: Report) -> bool:
        self.looked += 1
        return True

    def renewal(self, report: Report) -> datetime | None:
        self.looked += 1
        return self.renewal_at

    async def deliver(self, report: Report) -> Answer:
        if self.trouble:
            raise self.trouble
        self.reports.append(report)
        return Answer("7", report.document.revision)

    async def beat(self) -> None:
        self.beats += 1
        if self.trouble:
            raise self.trouble

    async def test(self) -> None:
        if self.trouble:
            raise self.trouble


@pytest.fixture
async def line(home: HomeUnderTest) -> tuple[ReceiverLink, PlayedReceiver, Queue]:
    """A line to a receiver in memory, of a home that runs."""
    home.state(DETECTOR, "off")
    await home.start()
    receiver, queue = PlayedReceiver(), Queue("played", lambda _: True)
    guard = home.home.guard
    guard.timelines._queues = (queue,)
    return (
        ReceiverLink(receiver, queue, guard, home.home.documents.whole),
        receiver,
        queue,
    )


async def test_a_report_says_what_the_receiver_has_and_how_it_calls_it(
    home: HomeUnderTest, line: tuple[ReceiverLink, PlayedReceiver, Queue]
) -> None:
    link, receiver, queue = line
    await home.report(DETECTOR, "on")
    id_ = home.incident.id
    (waiting,) = await link.pending()
    answer = await link._send(id_)
    await link.received(id_, answer.revision, answer.number)
    assert receiver.reports[0].received == 0
    assert receiver.reports[0].number is None
    assert waiting.revision == answer.revision
    assert await link.pending() == []
    await home.report(DETECTOR, "off")
    await link._send(id_)
    assert receiver.reports[1].received == answer.revision
    assert receiver.reports[1].number == "7"
    # Every entry from the first on: a receiver compares what was with what is.
    assert receiver.reports[1].document.entries[0].seq == 1
    with pytest.raises(ValueError, match="no timeline"):
        await link._send("nobody")


async def test_a_state_is_read_once_however_often_the_queue_is_looked_at(
    home: HomeUnderTest, line: tuple[ReceiverLink, PlayedReceiver, Queue]
) -> None:
    """Of a hundred incidents that wait, one that went must not cost a hundred reads."""
    link, receiver, _ = line
    await home.report(DETECTOR, "on")
    first = await link.pending()
    looked = receiver.looked
    assert looked == 1
    assert await link.pending() == first
    assert receiver.looked == looked
    await home.report(DETECTOR, "off")
    assert await link.pending() != first
    assert receiver.looked == looked + 1


async def test_what_would_expire_is_told_again_while_the_incident_is_open(
    home: HomeUnderTest, line: tuple[ReceiverLink, PlayedReceiver, Queue]
) -> None:
    """Once for each renewal; nothing is asked where no incident is open."""
    link, receiver, _ = line
    await home.report(DETECTOR, "on")
    id_ = home.incident.id
    now = home.home.guard.clock.now
    receiver.renewal_at = now() + timedelta(minutes=10)
    answer = await link._send(id_)
    await link.received(id_, answer.revision, "1.0")
    assert await link.pending() == []
    looked = receiver.looked
    assert await link.pending() == []
    assert receiver.looked == looked
    home.freezer.tick(timedelta(minutes=10))
    (waiting,) = await link.pending()
    assert (waiting.incident, waiting.closed_at) == (id_, None)
    assert receiver.looked == looked
    receiver.renewal_at = None
    await link.received(id_, waiting.revision, "1.1")
    assert await link.pending() == []
    # Who is told no more of it has nothing that could expire.
    receiver.renewal_at = now()
    await link.received(id_, waiting.revision, "1.2")
    assert await link.pending()
    link._queue._progress[id_].wanted = 0
    assert await link.pending() == []


async def test_what_was_given_up_waits_for_the_next_news(
    home: HomeUnderTest, line: tuple[ReceiverLink, PlayedReceiver, Queue]
) -> None:
    link, _, queue = line
    await home.report(DETECTOR, "on")
    id_ = home.incident.id
    link._on_news(GivenUp(id_))
    assert not queue.owes(id_)
    assert link.waiting == 0
    outbox = home.home.guard.timelines.outbox
    assert outbox is not None
    assert await outbox.pending("played") == []
    delivery = await outbox.delivery(id_, "played")
    assert delivery is not None
    assert queue.restore(home.incident, delivery)
    assert not queue.owes(id_)
    await home.report(DETECTOR, "off")
    assert queue.owes(id_)


async def test_a_refusal_stays_until_that_incident_is_taken(
    home: HomeUnderTest, line: tuple[ReceiverLink, PlayedReceiver, Queue]
) -> None:
    """Another incident that was taken, or a line that works, does not hide it."""
    link, receiver, _ = line
    receiver.trouble = StationRefused("duh")
    with pytest.raises(StationRefused):
        await link.test()
    assert (link.status, link.reason) == (LinkStatus.REFUSED, "duh")
    receiver.trouble = None
    await link.test()
    assert link.status is LinkStatus.CONNECTED
    link._on_news(receiver_link.Refused("a", "duh"))
    link._on_news(LinkRestored())
    link._on_news(receiver_link.Delivered("b", 1, ""))
    assert link.status is LinkStatus.REFUSED
    link._on_news(LinkLost("timeout"))
    assert link.status is LinkStatus.LOST
    link._on_news(LinkRestored())
    assert link.status is LinkStatus.REFUSED
    link._on_news(receiver_link.Delivered("a", 1, ""))
    assert link.status is LinkStatus.CONNECTED


async def test_a_fault_of_our_own_does_not_end_the_pulse(
    home: HomeUnderTest,
    line: tuple[ReceiverLink, PlayedReceiver, Queue],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(receiver_link, "WHILE_LOST", 0.001)
    link, receiver, _ = line
    task = asyncio.create_task(link._keep_pulse(0.001))
    receiver.trouble = RuntimeError("ours")
    await home.until(lambda: receiver.beats > LOST_AFTER)
    assert "stumbled" in caplog.text
    receiver.trouble = StationUnreachable(Trouble.TIMEOUT)
    await home.until(lambda: link.status is LinkStatus.LOST)
    receiver.trouble = StationRefused("nak")
    await home.until(lambda: link.status is LinkStatus.REFUSED)
    receiver.trouble = None
    await home.until(lambda: link.status is LinkStatus.CONNECTED)
    task.cancel()


def test_a_queue_is_what_the_disk_holds() -> None:
    """After a restart, and on a disk that is new."""
    queue = Queue("arc", lambda incident: incident.hazard == "gas")
    gas: Any = SimpleNamespace(id="1", seq=3, hazard="gas")
    water: Any = SimpleNamespace(id="2", seq=3, hazard="water")
    assert queue.want(gas)
    assert not queue.want(water)
    assert queue.owes("1")
    assert not queue.owes("2")
    queue.received("1", 2, "A7")
    assert queue.owes("1")
    assert queue.restore(gas, Delivery("1", "arc", 9, 4, 0, None, "A7"))
    known = queue.progress("1")
    assert (known.wanted, known.received, known.number) == (9, 4, "A7")
    assert not queue.restore(water, Delivery("2", "arc", 9, 4, 0, None, None))
    assert not queue.owes("2")
    queue.give_up("1")
    queue.give_up("2")
    assert not queue.owes("1")
    queue.forget("1")
    assert queue.progress("1").received == 0


async def test_without_a_disk_reports_are_sent_all_the_same(
    home: HomeUnderTest, line: tuple[ReceiverLink, PlayedReceiver, Queue]
) -> None:
    link, _, queue = line
    home.home.guard.timelines._outbox = None
    await home.report(DETECTOR, "on")
    id_ = home.incident.id
    (waiting,) = await link.pending()
    await link.received(id_, waiting.revision, "")
    assert not queue.owes(id_)
