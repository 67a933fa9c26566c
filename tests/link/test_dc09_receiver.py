"""A real connection to an alarm centre: one that works, and every way in which it fails."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from pysiaalarm import CommunicationsProtocol, SIAAccount
from pysiaalarm.aio import SIAClient
from pysiaalarm.event import SIAEvent
import pytest

from custom_components.zhian.link.client import (
    StationRefused,
    StationUnreachable,
    Trouble,
)
from custom_components.zhian.link.dc09 import Identity, crc16
from custom_components.zhian.link.receiver import Report
from custom_components.zhian.link.receivers.dc09 import Dc09Receiver, following

from .test_dc09_events import CLEARING, CLOSED, OPENED, TOLD, story

pytestmark = pytest.mark.usefixtures("socket_enabled")

KEY = "0123456789ABCDEF"

type Play = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def sender(
    port: int, identity: Identity | None = None, timeout: float = 5.0, first: int = 0
) -> Dc09Receiver:
    """Return what is under test."""
    numbers = iter(range(first + 1, 10_000))

    given: dict[str, int] = {}

    async def next_number(event: str) -> int:
        return given.setdefault(event, next(numbers)) if event else next(numbers)

    return Dc09Receiver(
        "127.0.0.1",
        port,
        identity or Identity(account="1234"),
        next_number,
        utcnow=lambda: datetime.now(UTC),
        timeout=timeout,
        heartbeat_seconds=60,
    )


@asynccontextmanager
async def played(play: Play) -> AsyncGenerator[int]:
    """Play a receiver that is not what it should be; yield its port."""

    async def on_connection(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            await play(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(on_connection, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def centre(
    *accounts: SIAAccount,
) -> AsyncGenerator[tuple[int, list[SIAEvent]]]:
    """Run the receiver that Home Assistant's own `sia` is made of."""
    async with played(_nothing) as port:
        pass
    events: list[SIAEvent] = []

    async def on_event(event: SIAEvent) -> None:
        events.append(event)

    client = SIAClient(
        "127.0.0.1",
        port,
        list(accounts),
        on_event,
        protocol=CommunicationsProtocol.TCP,
    )
    await client.async_start()
    try:
        yield port, events
    finally:
        await client.async_stop()


async def _nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    return


def framed(body: str) -> bytes:
    """Return a frame."""
    data = body.encode()
    return b"\n%04X%04X%s\r" % (crc16(data), len(data), data)


def saying(*answers: bytes) -> Play:
    """Answer each frame with the next of these, and then close."""

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await reader.readuntil(b"\r")
            writer.write(answer)
            await writer.drain()

    return play


ACK = framed('"ACK"0001R0L0#1234[]')


@pytest.mark.parametrize("key", [None, KEY, KEY + "01234567", KEY * 2])
async def test_an_alarm_centre_hears_an_alarm_and_its_end(key: str | None) -> None:
    """In the clear and with each length of key, in one connection, in order."""
    identity = Identity(account="1234", key=key.encode() if key else None)
    async with centre(SIAAccount("1234", key)) as (port, events):
        doc = story(OPENED, TOLD, CLEARING, CLOSED)
        answer = await sender(port, identity).deliver(Report(doc))
        assert answer.revision == 4
        assert [(e.code, e.message, e.sequence) for e in events] == [
            ("GA", "1", "0001"),
            ("GH", "1", "0002"),
        ]
        assert all(e.encrypted is (key is not None) for e in events)


async def test_only_what_is_new_is_sent() -> None:
    async with centre(SIAAccount("1234")) as (port, events):
        receiver = sender(port)
        doc = story(OPENED, CLEARING)
        assert receiver.has_news(Report(doc, 1))
        assert (await receiver.deliver(Report(doc, 1))).revision == 2
        assert not receiver.has_news(Report(doc, 2))
        assert [e.code for e in events] == ["GH"]


async def test_the_line_is_tested_without_an_alarm() -> None:
    """A null message and a manual test; neither is an alarm to anybody."""
    async with centre(SIAAccount("1234", KEY)) as (port, events):
        receiver = sender(port, Identity(account="1234", key=KEY.encode()))
        await receiver.beat()
        await receiver.test()
        assert [e.code for e in events] == ["RP", "RX"]
        assert receiver.heartbeat_seconds == 60


@pytest.mark.parametrize(
    ("account", "key"),
    [
        ("9999", None),  # an account that nobody knows
        ("1234", b"FEDCBA9876543210"),  # another key
    ],
)
async def test_who_is_not_known_is_told_so(account: str, key: bytes | None) -> None:
    async with centre(SIAAccount("1234", KEY if key else None)) as (port, events):
        with pytest.raises(StationRefused) as refused:
            await sender(port, Identity(account=account, key=key)).deliver(
                Report(story(OPENED))
            )
        assert refused.value.reason == "nak"
        assert not refused.value.is_passing
        assert events == []


async def test_a_clock_that_is_wrong_is_healed_by_the_receivers() -> None:
    """A home whose clock is an hour off must still be able to call for help."""
    async with centre(SIAAccount("1234")) as (port, events):
        receiver = sender(port)
        receiver._utcnow = lambda: datetime.now(UTC) - timedelta(hours=1)
        await receiver.deliver(Report(story(OPENED)))
        assert [e.code for e in events] == ["GA"]
        await receiver.beat()  # and the next frame is right at once
        assert len(events) == 2


async def test_a_clock_that_is_not_the_reason_is_asked_for_once() -> None:
    now = datetime.now(UTC) + timedelta(hours=3)
    nak = framed(f'"NAK"0000R0L0A0[]_{now:%H:%M:%S,%m-%d-%Y}')
    async with played(saying(nak, nak, nak)) as port:
        with pytest.raises(StationRefused, match="nak"):
            await sender(port).deliver(Report(story(OPENED)))


async def test_who_does_not_understand_has_refused() -> None:
    """DUH: the same would not be understood a moment later, either."""
    async with played(saying(framed('"DUH"0001R0L0#1234[]'))) as port:
        with pytest.raises(StationRefused, match="duh"):
            await sender(port).deliver(Report(story(OPENED)))


async def test_a_code_that_only_adds_does_not_keep_the_end_back() -> None:
    """A centre that does not know *verified* hears that the alarm is over."""
    codes: list[str] = []

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not reader.at_eof():
            frame = (await reader.readuntil(b"\r")).decode()
            codes.append(frame.split("|N")[1][:2])
            answer = "DUH" if codes[-1] == "BV" else "ACK"
            number = frame.split('"')[2][:4]
            writer.write(framed(f'"{answer}"{number}R0L0#1234[]'))
            await writer.drain()

    rated = ("rated", {"level": 3})
    async with played(play) as port:
        doc = story(OPENED, rated, CLEARING, hazard="intrusion")
        assert (await sender(port).deliver(Report(doc))).revision == 3
    assert codes == ["BA", "BV", "BH"]


@pytest.mark.parametrize(
    "answer",
    [
        framed('"ACK"0002R0L0#1234[]'),  # of another frame
        framed('"ACK"0001R0L0#9999[]'),  # for another account
        framed('"RSP"0001R0L0#1234[]'),
        b"\n\r",  # a checksum that it did not like
        b"HTTP/1.1 200 OK\r\n\r",
        ACK[:5] + b"X" + ACK[6:],
        b"x" * 2000,
    ],
)
async def test_an_answer_to_something_else_is_none(answer: bytes) -> None:
    async with played(saying(answer)) as port:
        with pytest.raises(StationUnreachable) as failed:
            await sender(port).deliver(Report(story(OPENED)))
        assert failed.value.trouble is Trouble.NOT_A_STATION


async def test_an_ack_in_the_clear_is_not_believed_by_who_has_a_key() -> None:
    """Anybody on the way could have sent it."""
    async with played(saying(ACK)) as port:
        with pytest.raises(StationUnreachable):
            await sender(port, Identity(account="1234", key=KEY.encode())).deliver(
                Report(story(OPENED))
            )


async def test_an_answer_in_pieces_is_one_answer() -> None:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r")
        for byte in ACK:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)

    async with played(play) as port:
        assert (await sender(port).deliver(Report(story(OPENED)))).revision == 1


async def test_a_receiver_that_is_down_is_unreachable() -> None:
    async with played(_nothing) as port:
        pass
    with pytest.raises(StationUnreachable) as failed:
        await sender(port).deliver(Report(story(OPENED)))
    assert failed.value.trouble is Trouble.CONNECT


async def test_a_receiver_that_says_nothing_is_given_a_limit() -> None:
    over = asyncio.Event()

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()

    async with played(play) as port:
        with pytest.raises(StationUnreachable) as failed:
            await sender(port, timeout=0.05).deliver(Report(story(OPENED)))
        assert failed.value.trouble is Trouble.TIMEOUT
        over.set()


async def test_what_was_acknowledged_before_the_line_broke_is_not_sent_again() -> None:
    """The first of two events arrived: the next call goes on with the second."""
    frames: list[bytes] = []

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames.append(await reader.readuntil(b"\r"))
        number = frames[-1].split(b'"')[2][:4].decode()
        writer.write(framed(f'"ACK"{number}R0L0#1234[]'))
        await writer.drain()  # and it closes the connection after one

    doc = story(OPENED, TOLD, CLEARING, CLOSED)
    async with played(play) as port:
        receiver = sender(port)
        first = await receiver.deliver(Report(doc))
        assert first.revision == 1
        second = await receiver.deliver(Report(doc, first.revision))
        assert second.revision == 4
    assert [b"NGA1" in frame for frame in frames] == [True, False]
    assert len(frames) == 2


async def test_what_was_not_answered_is_sent_again_under_its_number() -> None:
    """So that a receiver can tell a repetition from a second alarm."""
    numbers: list[bytes] = []

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frame = await reader.readuntil(b"\r")
        numbers.append(frame.split(b'"')[2][:4])
        if len(numbers) > 1:
            writer.write(ACK)
            await writer.drain()

    async with played(play) as port:
        receiver = sender(port)
        with pytest.raises(StationUnreachable):
            await receiver.deliver(Report(story(OPENED)))
        await receiver.deliver(Report(story(OPENED)))
    assert numbers == [b"0001", b"0001"]


async def test_two_incidents_do_not_speak_at_once() -> None:
    """One connection at a time, each frame with its own answer."""
    open_ = most = 0

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal open_, most
        open_ += 1
        most = max(most, open_)
        frame = await reader.readuntil(b"\r")
        number = frame.split(b'"')[2][:4].decode()
        writer.write(framed(f'"ACK"{number}R0L0#1234[]'))
        await writer.drain()
        open_ -= 1

    async with played(play) as port:
        receiver = sender(port)
        await asyncio.gather(
            *(receiver.deliver(Report(story(OPENED))) for _ in range(3)),
            receiver.beat(),
        )
    assert most == 1


def test_the_number_after_the_last_is_the_first() -> None:
    assert [following(n) for n in (0, 1, 9998, 9999)] == [1, 2, 9999, 1]
