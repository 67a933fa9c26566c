"""SIA DC-09, byte by byte, and against another implementation."""

from datetime import UTC, datetime, timedelta

from hypothesis import assume, given, strategies as st
from pysiaalarm import SIAAccount
from pysiaalarm.event import SIAEvent
import pytest

from custom_components.zhian.link.dc09 import (
    KEY_LENGTHS,
    MOST_BYTES,
    BadFrame,
    Event,
    Identity,
    crc16,
    decode,
    encode_event,
    encode_null,
    plain,
)

NOW = datetime(2026, 11, 1, 8, 0, 30, tzinfo=UTC)
AT = datetime(2026, 10, 31, 23, 59, 1, tzinfo=UTC)
GAS = Event(code="GA", zone=1, at=AT, text="gas Kitchen")
KEYS = [None, *(bytes(range(65, 65 + length)) for length in KEY_LENGTHS)]

identities = st.builds(
    Identity,
    account=st.text("0123456789ABCDEF", min_size=3, max_size=16),
    receiver=st.text("0123456789ABCDEF", min_size=1, max_size=6),
    line=st.text("0123456789ABCDEF", min_size=1, max_size=6),
    key=st.sampled_from(KEYS),
)
events = st.builds(
    Event,
    code=st.sampled_from(["GA", "GH", "FA", "WH", "BA", "PA", "NS", "RX"]),
    zone=st.integers(0, 99),
    at=st.datetimes(
        datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)
    ).map(lambda at: at.replace(microsecond=0)),
    text=st.text(max_size=300),
)


def read_elsewhere(frame: bytes, identity: Identity) -> SIAEvent:
    """Read a frame as the other implementation does."""
    key = identity.key.decode() if identity.key else None
    account = SIAAccount(identity.account, key, allowed_timeband=None)
    line = frame.decode("ascii").strip()
    return SIAEvent.from_line(line, {identity.account.upper(): account})


def answer(body: str) -> bytes:
    """Frame what a receiver says."""
    data = body.encode()
    return b"\n%04X%04X%s\r" % (crc16(data), len(data), data)


def test_the_checksum_is_the_one_of_the_standard() -> None:
    """CRC-16/ARC; the check value of every catalogue."""
    assert crc16(b"123456789") == 0xBB3D
    assert crc16(b"") == 0


def test_a_frame_is_what_the_standard_shows() -> None:
    identity = Identity(account="1234")
    assert encode_event(identity, GAS, 1, NOW) == (
        b'\n5048005A"SIA-DCS"0001R0L0#1234[#1234|NGA1]'
        b"[H23:59:01,10-31-2026][Igas Kitchen]_08:00:30,11-01-2026\r"
    )
    assert encode_null(identity, NOW)[9:-1] == (
        b'"NULL"0000R0L0#1234[]_08:00:30,11-01-2026'
    )


@given(identities, events, st.integers(1, 9999))
def test_another_implementation_reads_every_frame(
    identity: Identity, event: Event, sequence: int
) -> None:
    """With each length of key, and whatever the rooms are called."""
    read = read_elsewhere(encode_event(identity, event, sequence, NOW), identity)
    assert read.valid_message
    assert (read.code, read.message) == (event.code, str(event.zone))
    assert read.sequence == f"{sequence:04}"
    assert (read.receiver, read.line) == (f"R{identity.receiver}", f"L{identity.line}")
    assert read.timestamp == NOW
    data = {item.identifier: item.value for item in read.extended_data or ()}
    assert data["H"] == event.at.strftime("%H:%M:%S,%m-%d-%Y")
    assert data.get("I", "") == plain(event.text)


@given(identities)
def test_another_implementation_takes_a_null_message_for_a_test(
    identity: Identity,
) -> None:
    read = read_elsewhere(encode_null(identity, NOW), identity)
    assert read.valid_message
    assert read.code == "RP"
    assert read.timestamp == NOW


@given(identities, events, st.integers(1, 9999))
def test_a_frame_is_one_write_and_one_read(
    identity: Identity, event: Event, sequence: int
) -> None:
    """Within what receivers read at once, with no end of frame inside."""
    frame = encode_event(identity, event, sequence, NOW)
    assert len(frame) <= MOST_BYTES
    assert frame.count(b"\r") == frame.count(b"\n") == 1
    length = int(frame[5:9], 16)
    assert length == len(frame) - 10


@given(identities, st.integers(0, 9999))
def test_the_answers_of_another_implementation_are_read(
    identity: Identity, sequence: int
) -> None:
    """ACK and NAK; the NAK brings the receiver's time."""
    sent = encode_event(identity, GAS, sequence, NOW)
    read = read_elsewhere(sent, identity)
    ack = decode(read.create_response(), identity)
    assert (ack.id, ack.sequence) == ("ACK", sequence)
    assert ack.account is not None
    assert ack.account.upper() == identity.account
    assert ack.encrypted is (identity.key is not None)
    assert read.sia_account is not None
    read.sia_account.allowed_timeband = (0, 0)
    read.timestamp = NOW - timedelta(days=1)
    nak = decode(read.create_response(), identity)
    assert nak.id == "NAK"
    assert nak.at is not None
    assert not nak.encrypted


@given(identities, events, st.data())
def test_a_damaged_answer_is_no_answer(
    identity: Identity, event: Event, data: st.DataObject
) -> None:
    """Whichever bits have fallen over, and wherever it was cut."""
    read = read_elsewhere(encode_event(identity, event, 1, NOW), identity)
    frame = read.create_response()
    at = data.draw(st.integers(0, len(frame) - 1))
    other = data.draw(st.integers(0, 255))
    broken = frame[:at] + bytes([other]) + frame[at + 1 :]
    # The checksum may be written in small letters, too.
    assume(broken.upper() != frame.upper())
    with pytest.raises(BadFrame):
        decode(broken, identity)
    with pytest.raises(BadFrame):
        decode(frame[:at], identity)


@given(st.binary(max_size=200), identities)
def test_noise_is_no_answer(noise: bytes, identity: Identity) -> None:
    with pytest.raises(BadFrame):
        decode(noise, identity)


@pytest.mark.parametrize(
    "body",
    [
        "hello",
        '"ACK"0001R0L0#1234',
        '"*ACK"0001R0L0#1234[00',
        '"*ACK"0001R0L0#1234[XY',
        '"*ACK"0001R0L0#1234[',
        '"NAK"0000R0L0A0[]_25:00:00,11-01-2026',
    ],
)
def test_a_well_framed_answer_may_still_be_none(body: str) -> None:
    with pytest.raises(BadFrame):
        decode(answer(body), Identity(account="1234", key=KEYS[1]))


def test_an_answer_with_another_key_is_no_answer() -> None:
    mine, other = (
        Identity(account="1234", key=KEYS[1]),
        Identity(account="1234", key=bytes(16)),
    )
    frame = read_elsewhere(encode_event(mine, GAS, 7, NOW), mine).create_response()
    assert decode(frame, mine).sequence == 7
    with pytest.raises(BadFrame):
        decode(frame, other)
    with pytest.raises(BadFrame, match="encrypted"):
        decode(frame, Identity(account="1234"))


def test_two_frames_of_one_event_look_different() -> None:
    """The filling is random, or everybody could see that the same came again."""
    identity = Identity(account="1234", key=KEYS[2])
    assert encode_event(identity, GAS, 1, NOW) != encode_event(identity, GAS, 1, NOW)


def test_nothing_but_ascii_travels() -> None:
    assert plain("厨房 Kitchen [1] | \n 中") == "Kitchen 1"
    assert plain("厨房") == ""
    assert len(plain("x" * 100)) == 60


@pytest.mark.parametrize(
    "wrong",
    [
        {"account": "12"},
        {"account": "12345678901234567"},
        {"account": "12G4"},
        {"account": "1234", "receiver": ""},
        {"account": "1234", "line": "1234567"},
        {"account": "1234", "key": b"short"},
    ],
)
def test_an_identity_is_what_the_standard_allows(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Identity(**wrong)  # type: ignore[arg-type]


def test_the_key_is_in_no_text() -> None:
    assert "ABCDEF" not in repr(Identity(account="1234", key=KEYS[1]))
