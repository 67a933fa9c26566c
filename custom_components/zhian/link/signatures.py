"""Signed requests: HTTP Message Signatures (RFC 9421) with Ed25519.

Every request is signed, a GET too, over the same six parts. Who verifies first reads
the headers (`parse`), looks up the key of the household they name, then checks the
whole (`verify`).
"""

from base64 import b64decode, b64encode
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from .problems import Reason
from .structured_fields import BadField, InnerList, Item, parse_dictionary

LABEL: Final = "zhian"
COVERED: Final = (
    "@method",
    "@authority",
    "@path",
    "@query",
    "content-digest",
    "content-type",
)
OLDEST: Final = 60
"""Seconds that a signature may be old: a slow line, a clock that is behind."""
NEWEST: Final = 20
"""Seconds that it may lie in the future: only a clock that is ahead."""
REMEMBERED: Final = 120
"""Seconds for which a nonce is kept: longer than any signature is accepted."""
_NONCE_LENGTHS: Final = range(16, 65)
_LONGEST_KEYID: Final = 100


class BadSignature(Exception):
    """The request is not proven to be its sender's."""

    def __init__(self, reason: Reason, detail: str) -> None:
        """Keep the reason; the detail says what was wrong, without any value."""
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Who may have signed."""

    base64: str
    _key: Ed25519PublicKey = field(repr=False, compare=False)

    @classmethod
    def from_base64(cls, text: str) -> Self:
        """Read a raw key of 32 bytes; raises ValueError for anything else."""
        return cls(text, Ed25519PublicKey.from_public_bytes(_raw(text)))

    def has_signed(self, signature: bytes, message: bytes) -> bool:
        """Whether the signature of the message was made with the private half."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a household while it changes them: what any of them signed counts."""

    keys: tuple[PublicKey, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """A home's own key: the private half never leaves it, nor enters a log."""

    _key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> Self:
        """Make a new key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_base64(cls, text: str) -> Self:
        """Read a raw private key of 32 bytes; raises ValueError for anything else."""
        return cls(Ed25519PrivateKey.from_private_bytes(_raw(text)))

    @property
    def private(self) -> str:
        """The private half, to be stored."""
        return b64encode(self._key.private_bytes_raw()).decode()

    @property
    def public(self) -> str:
        """The public half, to be sent."""
        return b64encode(self._key.public_key().public_bytes_raw()).decode()

    def sign(self, message: bytes) -> bytes:
        """Return the signature of the message."""
        return self._key.sign(message)


def _raw(text: str) -> bytes:
    try:
        raw = b64decode(text, validate=True)
    except (ValueError, TypeError) as err:
        raise ValueError("a key is base64") from err
    if len(raw) != 32 or b64encode(raw).decode() != text:
        raise ValueError("a key has 32 bytes")
    return raw


@dataclass(frozen=True, slots=True)
class Signed:
    """What the headers say; nothing of it is proven yet."""

    keyid: str
    created: int
    nonce: str
    content_digest: str
    content_type: str
    input: InnerList
    signature: bytes


@dataclass(frozen=True, slots=True)
class Verified:
    """Who has signed, and when."""

    keyid: str
    created: int
    nonce: str
    key: str
    """The public key that fits."""


def normalize_authority(authority: str) -> str:
    """Return host and port as they are signed: lower case, no default port.

    Behind a proxy nobody knows the scheme, so that both default ports are dropped.
    """
    return authority.lower().removesuffix(":443").removesuffix(":80")


def split_target(target: str) -> tuple[str, str]:
    """Return path and query of a request's target as they were sent, still encoded."""
    path, _, query = target.partition("?")
    if not path.startswith("/"):  # the absolute form, as a proxy sends it
        path = "/" + path.partition("://")[2].partition("/")[2]
    return path or "/", query


def content_digest(body: bytes) -> str:
    """Return the Content-Digest header (RFC 9530) of a body."""
    return f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"


def signature_base(components: Iterable[tuple[str, str]], parameters: InnerList) -> str:
    """Return the text that is signed (RFC 9421, section 2.5)."""
    lines = [f'"{name}": {value}' for name, value in components]
    return "\n".join([*lines, f'"@signature-params": {parameters}'])


def sign(
    key: Key,
    *,
    keyid: str,
    method: str,
    authority: str,
    path: str,
    query: str,
    body: bytes,
    content_type: str,
    created: int,
    nonce: str,
) -> dict[str, str]:
    """Return the headers that sign a request; the content type is among them."""
    digest = content_digest(body)
    parameters = InnerList(
        tuple(Item(name) for name in COVERED),
        {"created": created, "keyid": keyid, "nonce": nonce, "alg": "ed25519"},
    )
    values = _values(
        method=method,
        authority=authority,
        path=path,
        query=query,
        digest=digest,
        content_type=content_type,
    )
    base = signature_base(values.items(), parameters)
    signature = Item(key.sign(base.encode("ascii")))
    return {
        "Content-Type": content_type,
        "Content-Digest": digest,
        "Signature-Input": f"{LABEL}={parameters}",
        "Signature": f"{LABEL}={signature}",
    }


def _values(
    *,
    method: str,
    authority: str,
    path: str,
    query: str,
    digest: str,
    content_type: str,
) -> dict[str, str]:
    return {
        "@method": method.upper(),
        "@authority": normalize_authority(authority),
        "@path": path or "/",
        "@query": f"?{query}",
        "content-digest": digest,
        "content-type": content_type,
    }


def parse(headers: Mapping[str, str]) -> Signed:
    """Read what the headers claim; raises BadSignature, and nothing else.

    A mapping may hold a header more than once, as aiohttp's do.
    """
    found: dict[str, str] = {}
    for name, value in headers.items():
        lowered = name.lower()
        text = value.strip(" \t")
        found[lowered] = f"{found[lowered]}, {text}" if lowered in found else text
    if "signature-input" not in found or "signature" not in found:
        raise BadSignature(Reason.UNSIGNED, "no signature")
    for name in ("content-digest", "content-type"):
        if name not in found:
            raise BadSignature(Reason.BAD_SIGNATURE, f"no {name}")
    try:
        inputs = parse_dictionary(found["signature-input"])
        signatures = parse_dictionary(found["signature"])
    except BadField as err:
        raise BadSignature(Reason.BAD_SIGNATURE, "unreadable signature") from err
    if LABEL not in inputs or LABEL not in signatures:
        raise BadSignature(Reason.UNSIGNED, f"no signature called {LABEL}")
    match inputs[LABEL], signatures[LABEL]:
        case InnerList(parameters=parameters) as covered, Item(value=bytes(signature)):
            pass
        case _:
            raise BadSignature(Reason.BAD_SIGNATURE, "unreadable signature")
    # Exactly these, each once and whole: whatever else could be covered says nothing
    # to the station, and whatever is left out could have been changed.
    if any(item.parameters for item in covered.items) or sorted(
        str(item) for item in covered.items
    ) != sorted(f'"{name}"' for name in COVERED):
        raise BadSignature(Reason.BAD_SIGNATURE, "other parts are signed")
    match parameters:
        case {"created": int(created), "keyid": str(keyid), "nonce": str(nonce)} if (
            not isinstance(created, bool)
            and 0 < len(keyid) <= _LONGEST_KEYID
            and len(nonce) in _NONCE_LENGTHS
            and parameters.get("alg", "ed25519") == "ed25519"
            and "expires" not in parameters
        ):
            return Signed(
                keyid=keyid,
                created=created,
                nonce=nonce,
                content_digest=found["content-digest"],
                content_type=found["content-type"],
                input=covered,
                signature=signature,
            )
        case _:
            raise BadSignature(Reason.BAD_SIGNATURE, "unusable parameters")


def verify(
    signed: Signed,
    key: PublicKey | Keys,
    *,
    method: str,
    authority: str,
    path: str,
    query: str,
    body: bytes,
    now: float,
    nonces: NonceStore,
) -> Verified:
    """Check that the key's owner has signed this request, now, for the first time.

    `now` is the wall clock in seconds. Raises BadSignature, and nothing else.
    """
    values = _values(
        method=method,
        authority=authority,
        path=path,
        query=query,
        digest=signed.content_digest,
        content_type=signed.content_type,
    )
    if any(not value.isprintable() for value in values.values()):
        raise BadSignature(Reason.BAD_SIGNATURE, "unprintable text")
    ordered = [
        (str(item.value), values[str(item.value)]) for item in signed.input.items
    ]
    try:
        base = signature_base(ordered, signed.input).encode("ascii")
    except UnicodeEncodeError as err:
        raise BadSignature(Reason.BAD_SIGNATURE, "text outside ASCII") from err
    keys = key.keys if isinstance(key, Keys) else (key,)
    signers = (key for key in keys if key.has_signed(signed.signature, base))
    if (signer := next(signers, None)) is None:
        raise BadSignature(Reason.BAD_SIGNATURE, "the signature does not fit")
    if not _fits(signed.content_digest, body):
        raise BadSignature(Reason.BAD_SIGNATURE, "the body does not fit its digest")
    if not now - OLDEST <= signed.created <= now + NEWEST:
        raise BadSignature(Reason.STALE, "signed too long ago, or in the future")
    nonces.remember(signed.keyid, signed.nonce, now)
    return Verified(signed.keyid, signed.created, signed.nonce, signer.base64)


def _fits(digest: str, body: bytes) -> bool:
    try:
        member = parse_dictionary(digest).get("sha-256")
    except BadField:
        return False
    match member:
        case Item(value=bytes(value)):
            return compare_digest(value, sha256(body).digest())
        case _:
            return False


class NonceStore:
    """The nonces of the last two minutes, so that no request is taken twice.

    Bounded for each key, so that one home's flood refuses only that home. Strangers
    can make as many keys as they like: what strangers sign (enrolments) belongs into a
    store of its own. After a restart it is empty, unless somebody has kept it.
    """

    def __init__(self, *, per_key: int = 1024, keys: int = 250_000) -> None:
        """Set the bounds: nonces of one key, and keys."""
        self._per_key = per_key
        self._keys = keys
        # Both levels are ordered by time, the oldest first.
        self._seen: OrderedDict[str, OrderedDict[str, float]] = OrderedDict()

    @property
    def count(self) -> int:
        """How many nonces are kept."""
        return sum(len(nonces) for nonces in self._seen.values())

    def remember(self, keyid: str, nonce: str, now: float) -> None:
        """Take a nonce for the first time, or raise BadSignature."""
        self._forget_keys(now)
        nonces = self._seen.get(keyid)
        if nonces is None:
            if len(self._seen) >= self._keys:
                raise BadSignature(Reason.RATE_LIMITED, "too many keys at once")
            nonces = self._seen[keyid] = OrderedDict()
        while nonces and _is_over(next(iter(nonces.values())), now):
            nonces.popitem(last=False)
        if nonce in nonces:
            raise BadSignature(Reason.REPLAYED, "the nonce has been used")
        if len(nonces) >= self._per_key:
            raise BadSignature(Reason.RATE_LIMITED, "too many requests of one key")
        nonces[nonce] = now
        self._seen.move_to_end(keyid)

    def _forget_keys(self, now: float) -> None:
        while self._seen:
            keyid, nonces = next(iter(self._seen.items()))
            if nonces and not _is_over(next(reversed(nonces.values())), now):
                return
            del self._seen[keyid]


def _is_over(seen: float, now: float) -> bool:
    # Both ways: a clock that was set back must not keep a home's nonces for hours.
    return abs(now - seen) >= REMEMBERED
