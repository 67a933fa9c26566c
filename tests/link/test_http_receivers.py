"""Receivers that speak HTTP, over real connections, and every way in which they fail."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
import hmac
import json
from typing import Any

from aiohttp import web
from lxml import etree
import pytest
from yarl import URL

from custom_components.zhian.link.cap import NAMESPACE, Party
from custom_components.zhian.link.client import (
    StationRefused,
    StationUnreachable,
    Trouble,
)
from custom_components.zhian.link.documents import parse_incident
from custom_components.zhian.link.noonlight import Environment, Person
from custom_components.zhian.link.posting import Success
from custom_components.zhian.link.receiver import OtherReceiver, Report
from custom_components.zhian.link.receivers.cap import CapReceiver
from custom_components.zhian.link.receivers.noonlight import NoonlightReceiver
from custom_components.zhian.link.receivers.webhook import Secret, WebhookReceiver
from custom_components.zhian.link.signatures import (
    Key,
    NonceStore,
    PublicKey,
    parse,
    verify,
)

from .samples import INCIDENT
from .takers import Taken, Taker, taker
from .test_cap import valid
from .test_dc09_events import CLEARING, CLOSED, HELP, OPENED, TOLD, story

pytestmark = pytest.mark.usefixtures("socket_enabled")

NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)
PARTY = Party(sender="home-7@example.org", addressee="County")
PERSON = Person(
    name="Ann Example",
    phone="15554440003",
    line1="123 Some Street",
    line2="Unit 3",
    city="St. Louis",
    state="MO",
    zip="63101",
    pin="1234",
)
TOKEN = "server-token"


@pytest.fixture
async def server(socket_enabled: None) -> AsyncGenerator[Taker]:
    async with taker() as found:
        yield found


def cap(at: Taker, success: Success = Success.BODY, **options: Any) -> CapReceiver:
    return CapReceiver(
        at.session, at.url, PARTY, success, utcnow=lambda: NOW, **options
    )


def webhook(
    at: Taker, success: Success = Success.BODY, **options: Any
) -> WebhookReceiver:
    options = {"signer": Secret("s" * 16)} | options
    return WebhookReceiver(
        at.session, at.url, success=success, utcnow=lambda: NOW, **options
    )


def noonlight(at: Taker, **options: Any) -> NoonlightReceiver:
    options = {"environment": Environment.SANDBOX, "token": TOKEN} | options
    base = str(at.url.with_path("/dispatch/v1").with_query(None))
    return NoonlightReceiver(at.session, person=PERSON, base=base, **options)


def cap_ack(taken: Taken) -> web.Response:
    """Acknowledge a message as CAP does."""
    root = etree.fromstring(taken.body)
    name, sender, sent = (
        root.findtext(f"{{{NAMESPACE}}}{tag}")
        for tag in ("identifier", "sender", "sent")
    )
    body = (
        f'<alert xmlns="{NAMESPACE}"><identifier>a</identifier>'
        f"<msgType>Ack</msgType><references>{sender},{name},{sent}</references></alert>"
    )
    return web.Response(text=body, content_type="application/cap+xml")


def accepted(_: Taken) -> web.Response:
    return web.json_response({"status": "accepted", "number": "A-7"})


class Dispatch:
    """Noonlight as it is documented: alarms with an id and a status."""

    def __init__(self) -> None:
        self.alarms: dict[str, dict[str, Any]] = {}
        self.cancelled: list[str] = []
        self.events: list[tuple[str, list[dict[str, Any]]]] = []

    def __call__(self, taken: Taken) -> web.Response:
        if taken.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"message": "unauthorized"}, status=401)
        parts = taken.path.removeprefix("/dispatch/v1/alarms").strip("/").split("/")
        match taken.method, parts:
            case "POST", [""]:
                body = json.loads(taken.body)
                assert {"name", "phone", "location", "services"} <= body.keys()
                id_ = f"alarm{len(self.alarms) + 1}"
                self.alarms[id_] = body
                return web.json_response({"id": id_, "status": "ACTIVE"}, status=201)
            case "POST", [id_, "status"] if id_ in self.alarms:
                body = json.loads(taken.body)
                if body != {"status": "CANCELED", "pin": self.alarms[id_]["pin"]}:
                    return web.json_response({"message": "bad pin"}, status=403)
                self.cancelled.append(id_)
                return web.json_response({"status": "CANCELED"})
            case "GET", [id_, "status"] if id_ in self.alarms:
                status = "CANCELED" if id_ in self.cancelled else "ACTIVE"
                return web.json_response({"status": status})
            case "POST", [id_, "events"] if id_ in self.alarms:
                if id_ in self.cancelled:
                    return web.json_response({"key": "alarm_canceled"}, status=400)
                self.events.append((id_, json.loads(taken.body)))
                return web.json_response({}, status=201)
            case _:
                return web.json_response({"message": "not found"}, status=404)


@dataclass(frozen=True)
class Kind:
    """A receiver and what it takes for a success."""

    make: Callable[..., OtherReceiver]
    answer: Callable[[Taken], web.Response]


def dispatch(taken: Taken) -> web.Response:
    return Dispatch()(taken)


KINDS = {
    "cap": Kind(cap, cap_ack),
    "webhook": Kind(webhook, accepted),
    "noonlight": Kind(noonlight, dispatch),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
async def test_a_success_is_read_from_the_answer(server: Taker, kind: Kind) -> None:
    server.answer = kind.answer
    receiver = kind.make(server)
    report = Report(story(OPENED, TOLD))
    assert receiver.has_news(report)
    answer = await receiver.deliver(report)
    assert answer.revision == 2
    assert len(server.requests) == 1


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize(
    "body", [b"", b"OK", b"<html>Welcome</html>", b"[]", b'{"ok": true}', b"\xff" * 99]
)
async def test_a_friendly_200_is_no_success(
    server: Taker, kind: Kind, body: bytes
) -> None:
    """A proxy says it, too."""
    server.answer = lambda _: web.Response(body=body)
    with pytest.raises(StationUnreachable) as failed:
        await kind.make(server).deliver(Report(story(OPENED)))
    assert failed.value.trouble is Trouble.NOT_A_STATION


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        (500, Trouble.SERVER_ERROR),
        (503, Trouble.SERVER_ERROR),
        (429, Trouble.SERVER_ERROR),
        (302, Trouble.REDIRECTED),
    ],
)
async def test_who_cannot_now_is_asked_again(
    server: Taker, kind: Kind, status: int, trouble: Trouble
) -> None:
    """And not before it asks to be."""
    headers = {"Retry-After": "30", "Location": "https://example.org/"}
    server.answer = lambda _: web.Response(status=status, headers=headers)
    with pytest.raises(StationUnreachable) as failed:
        await kind.make(server).deliver(Report(story(OPENED)))
    assert failed.value.trouble is trouble
    if trouble is Trouble.SERVER_ERROR:
        assert failed.value.retry_after == 30


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize(
    ("status", "reason"),
    [(401, "unauthorized"), (403, "unauthorized"), (422, "http_422")],
)
async def test_a_refusal_is_told_as_one(
    server: Taker, kind: Kind, status: int, reason: str
) -> None:
    server.answer = lambda _: web.Response(status=status)
    with pytest.raises(StationRefused) as refused:
        await kind.make(server).deliver(Report(story(OPENED)))
    assert refused.value.reason == reason
    assert not refused.value.is_passing


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
async def test_a_receiver_that_is_slow_is_given_a_limit(
    server: Taker, kind: Kind
) -> None:
    over = asyncio.Event()

    async def wait(_: Taken) -> web.Response:
        await over.wait()
        return web.Response()

    server.answer = wait
    with pytest.raises(StationUnreachable) as failed:
        await kind.make(server, timeout=0.05).deliver(Report(story(OPENED)))
    assert failed.value.trouble is Trouble.TIMEOUT
    over.set()


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
async def test_an_answer_that_is_cut_off_is_none(server: Taker, kind: Kind) -> None:
    async def cut(taken: Taken) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(taken.request)
        await response.write(b"{")
        assert taken.request.transport is not None
        taken.request.transport.close()
        return response

    server.answer = cut
    with pytest.raises(StationUnreachable) as failed:
        await kind.make(server).deliver(Report(story(OPENED)))
    assert failed.value.trouble is Trouble.CONNECT


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
async def test_a_receiver_that_is_down_is_unreachable(
    server: Taker, kind: Kind
) -> None:
    async with taker() as gone:
        url = gone.url
    server.url = url
    with pytest.raises(StationUnreachable) as failed:
        await kind.make(server).deliver(Report(story(OPENED)))
    assert failed.value.trouble is Trouble.CONNECT


# --- CAP ------------------------------------------------------------------------------


async def test_cap_messages_arrive_in_order_and_valid(server: Taker) -> None:
    server.answer = cap_ack
    receiver = cap(server, token="t1")
    await receiver.deliver(Report(story(OPENED, CLEARING, CLOSED)))
    kinds = [valid(r.body).findtext(f"{{{NAMESPACE}}}msgType") for r in server.requests]
    assert kinds == ["Alert", "Cancel"]
    assert server.requests[0].path == "/in?box=1"
    assert server.requests[0].headers["Content-Type"] == "application/cap+xml"
    assert server.requests[0].headers["Authorization"] == "Bearer t1"
    assert not receiver.has_news(Report(story(OPENED, TOLD), 1))
    await receiver.beat()
    assert receiver.heartbeat_seconds is None
    assert len(server.requests) == 2


async def test_a_cap_message_that_arrived_is_not_sent_again(server: Taker) -> None:
    """The alert was acknowledged and the cancellation was not."""
    doc = story(OPENED, CLEARING, CLOSED)
    receiver = cap(server)

    def once(taken: Taken) -> web.Response:
        return cap_ack(taken) if len(server.requests) != 2 else web.Response(status=503)

    server.answer = once
    first = await receiver.deliver(Report(doc))
    assert (first.revision, first.number) == (1, "1.0")
    second = await receiver.deliver(Report(doc, first.revision, first.number))
    assert (second.revision, second.number) == (3, "3.0")
    names = [
        valid(r.body).findtext(f"{{{NAMESPACE}}}identifier") for r in server.requests
    ]
    assert names == [f"{INCIDENT}-1", f"{INCIDENT}-3", f"{INCIDENT}-3"]
    assert server.requests[1].body == server.requests[2].body


async def test_a_cap_alert_is_renewed_while_the_incident_is_open(
    server: Taker,
) -> None:
    """And what was sent without an answer is followed as well."""
    now = NOW
    receiver = CapReceiver(
        server.session, server.url, PARTY, Success.BODY, utcnow=lambda: now
    )
    server.answer = cap_ack
    doc = story(OPENED)
    heard = await receiver.deliver(Report(doc))
    again_at = receiver.renewal(Report(doc, 1, heard.number))
    assert again_at == doc.entries[0].at + timedelta(minutes=10)
    now = again_at
    server.answer = lambda _: web.Response(status=503)
    with pytest.raises(StationUnreachable):
        await receiver.deliver(Report(doc, 1, heard.number))
    server.answer = cap_ack
    over = story(OPENED, CLOSED)
    last = await receiver.deliver(Report(over, 1, heard.number))
    assert (last.revision, last.number) == (2, "2.0")
    assert receiver.renewal(Report(over, 2, last.number)) is None
    lost, cancel = (valid(r.body) for r in server.requests[1:])
    assert lost.findtext(f"{{{NAMESPACE}}}identifier") == f"{INCIDENT}-1-1"
    followed = cancel.findtext(f"{{{NAMESPACE}}}references") or ""
    assert [part.split(",")[1] for part in followed.split()] == [
        f"{INCIDENT}-1",
        f"{INCIDENT}-1-1",
    ]


async def test_only_cap_is_told_again_what_it_knows(server: Taker) -> None:
    for receiver in (webhook(server), noonlight(server)):
        assert receiver.renewal(Report(story(OPENED), 1, "1.0")) is None


async def test_a_cap_error_is_a_refusal(server: Taker) -> None:
    def error(taken: Taken) -> web.Response:
        text = cap_ack(taken).text or ""
        return web.Response(text=text.replace("Ack", "Error"))

    server.answer = error
    with pytest.raises(StationRefused, match="rejected"):
        await cap(server).test()


async def test_a_cap_test_is_marked(server: Taker) -> None:
    """By choice any 2xx is a success."""
    server.answer = lambda _: web.Response(status=202)
    await cap(server, Success.STATUS).test()
    root = valid(server.requests[0].body)
    assert root.findtext(f"{{{NAMESPACE}}}status") == "Test"
    assert "Authorization" not in server.requests[0].headers


# --- the webhook ----------------------------------------------------------------------


async def test_a_webhook_gets_the_document_of_a_station(server: Taker) -> None:
    """With what is new in it, and a key that is the same for a repetition."""
    server.answer = accepted
    receiver = webhook(server)
    doc = story(OPENED, TOLD, CLEARING)
    answer = await receiver.deliver(Report(doc, 1))
    assert (answer.number, answer.revision) == ("A-7", 3)
    request = server.requests[0]
    sent = json.loads(request.body)
    assert sent["type"] == "incident"
    document = parse_incident(sent["incident"], INCIDENT)
    assert [entry.seq for entry in document.entries] == [2, 3]
    assert request.headers["Idempotency-Key"] == f'"{INCIDENT}-3"'
    assert not receiver.has_news(Report(doc, 3))


async def test_a_body_is_proved_by_the_secret(server: Taker) -> None:
    server.answer = lambda _: web.json_response({"status": "accepted"})
    secret = Secret("a shared secret of ours")
    receiver = webhook(server, signer=secret, heartbeat_seconds=60)
    await receiver.beat()
    request = server.requests[0]
    assert json.loads(request.body) == {"type": "heartbeat", "at": NOW.isoformat()}
    created = str(int(NOW.timestamp()))
    mac = hmac.new(
        secret.text.encode(), f"{created}.".encode() + request.body, sha256
    ).hexdigest()
    assert request.headers["Zhian-Signature"] == f"t={created},v1={mac}"
    assert "shared" not in repr(secret)


async def test_a_request_is_proved_by_the_homes_key(server: Taker) -> None:
    """As at a station: RFC 9421 over the whole of it, the key's public half its name."""
    server.answer = accepted
    key = Key.generate()
    await webhook(server, signer=key).test()
    request = server.requests[0]
    assert json.loads(request.body)["type"] == "test"
    claim = parse(request.headers)
    assert claim.keyid == key.public
    verify(
        claim,
        PublicKey.from_base64(key.public),
        method=request.method,
        authority=server.url.host_port_subcomponent or "",
        path="/in",
        query="box=1",
        body=request.body,
        now=NOW.timestamp(),
        nonces=NonceStore(),
    )
    assert len(b64decode(key.public)) == 32


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"status": "rejected", "reason": "unknown home"}, "unknown home"),
        ({"status": "rejected"}, "rejected"),
        ({"status": "rejected", "reason": "Ann\nat home"}, "rejected"),
        ({"status": "rejected", "reason": "x" * 65}, "rejected"),
    ],
)
async def test_a_webhook_that_rejects_is_believed(
    server: Taker, answer: dict[str, Any], reason: str
) -> None:
    """With 200, too."""
    server.answer = lambda _: web.json_response(answer)
    with pytest.raises(StationRefused) as refused:
        await webhook(server).deliver(Report(story(OPENED)))
    assert refused.value.reason == reason


async def test_a_webhook_without_an_answer_of_its_own_is_taken_by_choice(
    server: Taker,
) -> None:
    server.answer = lambda _: web.Response(status=204)
    answer = await webhook(server, Success.STATUS).deliver(Report(story(OPENED)))
    assert (answer.number, answer.revision) == ("", 1)


# --- Noonlight ------------------------------------------------------------------------


async def test_noonlight_is_asked_for_help(server: Taker) -> None:
    api = Dispatch()
    server.answer = api
    receiver = noonlight(server)
    answer = await receiver.deliver(Report(story(OPENED, TOLD)))
    assert (answer.number, answer.revision) == ("alarm1", 2)
    alarm = api.alarms["alarm1"]
    assert alarm["name"] == "Ann Example"
    assert alarm["phone"] == "15554440003"
    assert alarm["pin"] == "1234"
    assert alarm["services"] == {"police": False, "fire": True, "medical": False}
    assert alarm["location"]["address"] == {
        "line1": "123 Some Street",
        "line2": "Unit 3",
        "city": "St. Louis",
        "state": "MO",
        "zip": "63101",
    }
    assert alarm["instructions"]["entry"].startswith(
        "Gas leak (厨房). switch.gas_valve"
    )
    # There is one alarm, whatever happens then.
    assert not receiver.has_news(
        Report(story(OPENED, TOLD, CLEARING, CLOSED), 2, "alarm1")
    )


@pytest.mark.parametrize(
    ("hazard", "services"),
    [
        ("carbon_monoxide", {"fire", "medical"}),
        ("smoke", {"fire"}),
        ("intrusion", {"police"}),
        ("sos", {"police", "medical"}),
        ("inactivity", {"medical"}),
    ],
)
async def test_noonlight_sends_who_is_needed(
    server: Taker, hazard: str, services: set[str]
) -> None:
    api = Dispatch()
    server.answer = api
    await noonlight(server).deliver(Report(story(OPENED, HELP, hazard=hazard)))
    wanted = api.alarms["alarm1"]["services"]
    assert {name for name, is_wanted in wanted.items() if is_wanted} == services


async def test_noonlight_is_not_asked_for_what_it_cannot_do(server: Taker) -> None:
    """Water; an incident that is over; a pre-alarm; a drill where help is real."""
    begun = ("opened", {"phase": "pre_alarm"})
    real = noonlight(server, environment=Environment.PRODUCTION)
    for receiver, doc in (
        (real, story(OPENED, hazard="water")),
        (real, story(OPENED, CLEARING, CLOSED)),
        (real, story(begun)),
        (real, story(OPENED, drill=True)),
    ):
        assert not receiver.has_news(Report(doc))
        assert (await receiver.deliver(Report(doc))).revision == doc.revision
    assert server.requests == []
    assert noonlight(server).has_news(Report(story(OPENED, drill=True)))


async def test_a_drill_in_the_sandbox_says_so(server: Taker) -> None:
    api = Dispatch()
    server.answer = api
    doc = replace(story(OPENED, drill=True), help=story(OPENED).acknowledged)
    await noonlight(server).deliver(Report(doc))
    entry = api.alarms["alarm1"]["instructions"]["entry"]
    assert entry.startswith("DRILL, nobody is in danger. Gas leak")
    assert entry.endswith("Somebody there asks for help")


AGAIN = ("phase", {"phase": "alarm", "presence": "yes"})


async def test_dispatchers_hear_that_smoke_has_cleared_and_come_back(
    server: Taker,
) -> None:
    """In the words that the API has for it, each turn once."""
    api = Dispatch()
    server.answer = api
    receiver = noonlight(server)
    made = await receiver.deliver(Report(story(OPENED, hazard="smoke")))
    clear = Report(story(OPENED, CLEARING, hazard="smoke"), 1, made.number)
    answer = await receiver.deliver(clear)
    assert (answer.number, answer.revision) == ("alarm1", 2)
    again = Report(story(OPENED, CLEARING, AGAIN, hazard="smoke"), 2, made.number)
    await receiver.deliver(again)
    assert not receiver.has_news(replace(again, received=3))
    told = [(id_, event) for id_, events in api.events for event in events]
    assert [(id_, e["event_type"], e["meta"]["value"]) for id_, e in told] == [
        ("alarm1", "alarm.device.value_changed", "clear"),
        ("alarm1", "alarm.device.value_changed", "detected"),
    ]
    assert told[0][1] == {
        "event_type": "alarm.device.value_changed",
        "event_time": "2026-11-01T08:02:00.123456+00:00",
        "meta": {
            "attribute": "smoke",
            "value": "clear",
            "device_name": "厨房",
            "device_model": "Smoke detector",
            "device_manufacturer": "Zhi'an",
        },
    }
    assert len(api.alarms) == 1


@pytest.mark.parametrize("hazard", ["gas", "sos"])
async def test_nothing_is_said_for_which_the_api_has_no_word(
    server: Taker, hazard: str
) -> None:
    """Of gas that has cleared and people who do not answer; one alarm stays."""
    api = Dispatch()
    server.answer = api
    receiver = noonlight(server)
    unanswered = ("unanswered", {})
    doc = story(OPENED, TOLD, unanswered, CLEARING, hazard=hazard)
    assert not receiver.has_news(Report(doc, 1, "alarm1"))
    assert receiver.written(Report(doc, 1, "alarm1")) == []
    await receiver.deliver(Report(doc, 1, "alarm1"))
    assert server.requests == []


@pytest.mark.parametrize("then", [(CLEARING, AGAIN), (HELP,)])
async def test_an_alarm_that_was_cancelled_is_made_again_when_it_gets_worse(
    server: Taker, then: tuple[Any, ...]
) -> None:
    """Somebody has told them the PIN by phone, and help is needed after all."""
    api = Dispatch()
    server.answer = api
    receiver = noonlight(server)
    for hazard in ("smoke", "gas"):
        made = await receiver.deliver(Report(story(OPENED, hazard=hazard)))
        doc = story(OPENED, *then, hazard=hazard)
        kept = await receiver.deliver(Report(doc, 1, made.number))
        assert kept.number == made.number
        api.cancelled.append(made.number)
        anew = await receiver.deliver(Report(doc, 1, made.number))
        assert anew.number not in (made.number, "")
        assert anew.revision == doc.revision
    assert len(api.alarms) == 4


async def test_a_cancelled_alarm_stays_cancelled_when_it_gets_better(
    server: Taker,
) -> None:
    api = Dispatch()
    server.answer = api
    receiver = noonlight(server)
    made = await receiver.deliver(Report(story(OPENED, hazard="smoke")))
    api.cancelled.append(made.number)
    doc = story(OPENED, CLEARING, hazard="smoke")
    await receiver.deliver(Report(doc, 1, made.number))
    # Nobody is told more of what is over.
    over = story(OPENED, CLEARING, AGAIN, CLOSED, hazard="smoke")
    assert not receiver.has_news(Report(over, 1, made.number))
    assert (len(api.alarms), api.events) == (1, [])


async def test_events_that_are_not_taken_hold_nothing_up(server: Taker) -> None:
    """They only add to an alarm; a token that is not taken is another matter."""
    statuses = {"GET": 200, "POST": 400}

    def answer(taken: Taken) -> web.Response:
        return web.json_response({"status": "ACTIVE"}, status=statuses[taken.method])

    server.answer = answer
    report = Report(story(OPENED, CLEARING, hazard="smoke"), 1, "alarm1")
    assert (await noonlight(server).deliver(report)).revision == 2
    statuses["POST"] = 401
    with pytest.raises(StationRefused, match="unauthorized"):
        await noonlight(server).deliver(report)
    statuses["GET"] = 401
    with pytest.raises(StationRefused, match="unauthorized"):
        await noonlight(server).deliver(report)
    server.answer = lambda _: web.json_response(["?"])
    with pytest.raises(StationUnreachable):
        await noonlight(server).deliver(report)
    # An alarm that is not known there any more sends nobody: it is made again.
    server.answer = Dispatch()
    worse = Report(story(OPENED, HELP), 1, "gone")
    assert (await noonlight(server).deliver(worse)).number == "alarm1"


async def test_an_alarm_is_cancelled_by_choice_only(server: Taker) -> None:
    """And never where somebody may be forced to close it."""
    api = Dispatch()
    server.answer = api
    receiver = noonlight(server, cancels=True)
    opened = story(OPENED)
    answer = await receiver.deliver(Report(opened))
    closed = story(OPENED, CLEARING, CLOSED)
    report = Report(closed, 1, answer.number)
    assert not noonlight(server).has_news(report)
    assert receiver.has_news(report)
    assert (await receiver.deliver(report)).revision == 3
    assert api.cancelled == ["alarm1"]
    assert not receiver.has_news(Report(closed, 3, answer.number))
    for hazard in ("sos", "intrusion"):
        doc = story(OPENED, CLOSED, hazard=hazard)
        assert not receiver.has_news(Report(doc, 1, answer.number))


async def test_a_cancellation_that_is_not_confirmed_is_none(server: Taker) -> None:
    report = Report(story(OPENED, CLOSED), 1, "alarm1")
    for body in ({"status": "ACTIVE"}, []):
        server.answer = lambda _, body=body: web.json_response(body)
        with pytest.raises(StationUnreachable):
            await noonlight(server, cancels=True).deliver(report)


async def test_an_alarm_that_is_not_active_is_no_success(server: Taker) -> None:
    server.answer = lambda _: web.json_response({"id": "1", "status": "CANCELED"})
    with pytest.raises(StationRefused, match="rejected"):
        await noonlight(server).deliver(Report(story(OPENED)))


async def test_noonlight_is_tried_without_an_alarm(server: Taker) -> None:
    """An alarm that nobody knows proves token and line, and sends nobody."""
    api = Dispatch()
    server.answer = api
    await noonlight(server).test()
    await noonlight(server).beat()
    assert api.alarms == {}
    with pytest.raises(StationRefused, match="unauthorized"):
        await noonlight(server, token="another").beat()
    server.answer = lambda _: web.json_response({})
    with pytest.raises(StationUnreachable):
        await noonlight(server).beat()


def test_without_a_pin_none_is_sent() -> None:
    from custom_components.zhian.link import noonlight as codec

    person = replace(PERSON, pin="", line2="")
    assert "pin" not in codec.alarm(story(OPENED), person)
    assert codec.cancellation(person) == {"status": "CANCELED"}
    assert set(codec.BASES) == set(Environment)
    assert all(URL(base).scheme == "https" for base in codec.BASES.values())
    assert "1234" not in repr(PERSON)
