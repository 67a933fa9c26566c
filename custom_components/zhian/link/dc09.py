"""Frames of SIA DC-09, as bytes: how an alarm centre hears of an event.

A frame is `LF crc length "id" sequence R L #account [data][extended]_time CR`. The
checksum (CRC-16/ARC) and the length are over the part from the first quotation mark to
before the CR. With a key the data and what follows are encrypted: AES in CBC mode, the
first block all zeros (DC-09, 5.4.6). Only ASCII travels: some receivers check the sum
over what they could read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
import re
import secrets
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

KEY_LENGTHS: Final = (16, 24, 32)
"""Bytes of an AES key."""
MOST_BYTES: Final = 1000
"""What receivers read at once; a longer frame would come apart."""

_BLOCK: Final = 16
_FIRST_BLOCK: Final = bytes(_BLOCK)
_CLOCK: Final = "%H:%M:%S,%m-%d-%Y"
# Random filling must not hold what marks the parts of the data (DC-09, 5.4.4.3).
_FILLING: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

_HEX: Final = re.compile(r"[0-9A-Fa-f]+")
_ANSWER: Final = re.compile(
    r'"(?P<star>\*?)(?P<id>[A-Z-]{3,7})"(?P<sequence>\d{4})'
    r"(?P<receiver>R[0-9A-Fa-f]{1,6})?(?P<line>L[0-9A-Fa-f]{1,6})?"
    r"(?:R[0-9A-Fa-f]{1,6})?#?(?P<account>[0-9A-Fa-f]{1,16})?"
    r"\[(?P<rest>.*)",
    re.DOTALL,
)
_TIME: Final = re.compile(r"_(\d\d:\d\d:\d\d,\d\d-\d\d-\d{4})$")


class BadFrame(ValueError):
    """What was received is no frame, or not one for us; holds nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the home is at the receiver: prefix, account and, if chosen, the key."""

    account: str
    receiver: str = "0"
    line: str = "0"
    key: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse what no receiver could understand."""
        for name, text, lengths in (
            ("account", self.account, range(3, 17)),
            ("receiver", self.receiver, range(1, 7)),
            ("line", self.line, range(1, 7)),
        ):
            if not _HEX.fullmatch(text) or len(text) not in lengths:
                raise ValueError(f"{name}: {lengths[0]} to {lengths[-1]} hex digits")
        if self.key is not None and len(self.key) not in KEY_LENGTHS:
            raise ValueError("a key has 16, 24 or 32 bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something to say: a code of two letters (SIA DC-03) and where it happened."""

    code: str
    zone: int
    at: datetime
    """When it happened, which may be long before it is sent."""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver says to a frame."""

    id: str
    sequence: int
    account: str | None
    encrypted: bool
    at: datetime | None = None
    """The receiver's time, if it says it."""


def crc16(data: bytes) -> int:
    """Return the CRC-16/ARC; 0xBB3D for "123456789"."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def encode_event(
    identity: Identity,
    event: Event,
    sequence: int,
    now: datetime,
    *,
    choice: Callable[[Sequence[str]], str] = secrets.choice,
) -> bytes:
    """Return the frame of an event, as `SIA-DCS`.

    The stamp is the time of sending, which receivers check; when it happened stands in
    the extended data, under H.
    """
    extended = f"[H{_clock(event.at)}]"
    if text := plain(event.text):
        extended += f"[I{text}]"
    data = f"#{identity.account}|N{event.code}{event.zone}"
    return _frame(identity, "SIA-DCS", sequence, data, extended, now, choice)


def encode_null(
    identity: Identity,
    now: datetime,
    *,
    choice: Callable[[Sequence[str]], str] = secrets.choice,
) -> bytes:
    """Return the frame that says only that the line works; its number is always 0."""
    return _frame(identity, "NULL", 0, "", "", now, choice)


def plain(text: str, longest: int = 60) -> str:
    """Return what of a text can travel in a frame."""
    kept = "".join(
        char if char.isascii() and char.isprintable() and char not in '[]|"_' else " "
        for char in text
    )
    return " ".join(kept.split())[:longest].rstrip()


def decode(frame: bytes, identity: Identity) -> Answer:
    """Read an answer; raises BadFrame, and nothing else.

    Whoever has a key believes no ACK that was not encrypted with it: anybody could have
    sent that one. A NAK or DUH may come in the clear.
    """
    text = _unframed(frame)
    match = _ANSWER.fullmatch(text)
    if match is None:
        raise BadFrame("no answer")
    rest, is_encrypted = match["rest"], bool(match["star"])
    if is_encrypted:
        rest = _decrypted(identity, rest)
    at = None
    if found := _TIME.search(rest):
        try:
            at = datetime.strptime(found[1], _CLOCK).replace(tzinfo=UTC)
        except ValueError as err:
            raise BadFrame("no time") from err
    elif is_encrypted:
        raise BadFrame("encrypted with another key")
    return Answer(
        match["id"], int(match["sequence"]), match["account"], is_encrypted, at
    )


def _frame(
    identity: Identity,
    id_: str,
    sequence: int,
    data: str,
    extended: str,
    now: datetime,
    choice: Callable[[Sequence[str]], str],
) -> bytes:
    rest = f"{data}]{extended}_{_clock(now)}"
    if identity.key is not None:
        # 1 to 16 characters, until the whole is made of blocks (DC-09, 5.4.4.3).
        short = -(len(rest) + 1) % _BLOCK or _BLOCK
        filling = "".join(choice(_FILLING) for _ in range(short))
        sealed = _aes(identity.key).encryptor().update(f"{filling}|{rest}".encode())
        id_, rest = f"*{id_}", sealed.hex().upper()
    body = (
        f'"{id_}"{sequence:04}R{identity.receiver}L{identity.line}'
        f"#{identity.account}[{rest}"
    ).encode("ascii")
    return b"\n%04X%04X%s\r" % (crc16(body), len(body), body)


def _unframed(frame: bytes) -> str:
    if len(frame) < 10 or frame[:1] != b"\n" or frame[-1:] != b"\r":
        raise BadFrame("not framed")
    body = frame[9:-1]
    try:
        head, text = frame[1:9].decode("ascii"), body.decode("ascii")
    except UnicodeDecodeError as err:
        raise BadFrame("not framed") from err
    if not _HEX.fullmatch(head):
        raise BadFrame("not framed")
    if int(head[4:], 16) != len(body):
        raise BadFrame("cut off")
    if int(head[:4], 16) != crc16(body):
        raise BadFrame("damaged")
    return text


def _decrypted(identity: Identity, rest: str) -> str:
    if identity.key is None:
        raise BadFrame("encrypted")
    try:
        sealed = bytes.fromhex(rest)
    except ValueError as err:
        raise BadFrame("not hexadecimal") from err
    if not sealed or len(sealed) % _BLOCK:
        raise BadFrame("not whole blocks")
    opened = _aes(identity.key).decryptor().update(sealed)
    try:
        return opened.decode("ascii")
    except UnicodeDecodeError as err:
        raise BadFrame("encrypted with another key") from err


def _aes(key: bytes) -> Cipher[CBC]:
    return Cipher(AES(key), CBC(_FIRST_BLOCK))


def _clock(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(_CLOCK)
