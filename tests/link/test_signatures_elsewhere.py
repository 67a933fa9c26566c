"""Our signatures and those of an implementation that is not ours understand each other."""

from base64 import b64decode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import time
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    algorithms,
)
import pytest

from custom_components.zhian.link.signatures import (
    COVERED,
    Key,
    NonceStore,
    PublicKey,
    parse,
    sign,
    verify,
)

HOME = Key.generate()
BODY = b'{"hazard":"gas"}'


class Keys(HTTPSignatureKeyResolver):
    """Gives the other implementation our keys."""

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        """Return the home's public key."""
        assert key_id == "household"
        return Ed25519PublicKey.from_public_bytes(b64decode(HOME.public))

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        """Return the home's private key."""
        return Ed25519PrivateKey.from_private_bytes(b64decode(HOME.private))


@dataclass
class Message:
    """A request as the other implementation wants it."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


TARGETS = [
    ("https://station.example/api/zhian/v1/heartbeats", "station.example", ""),
    (
        "http://192.168.1.5:8123/a%20b/%E6%B2%BB?c=%20d&e",
        "192.168.1.5:8123",
        "c=%20d&e",
    ),
    ("https://Station.Example:443/a", "station.example:443", ""),
    ("http://[fd00::1]:8123/a?", "[fd00::1]:8123", ""),
]


def path_of(url: str) -> str:
    """Return the path of an address as it is sent."""
    return "/" + url.split("/", 3)[3].split("?", maxsplit=1)[0]


@pytest.mark.parametrize(("url", "authority", "query"), TARGETS)
def test_another_implementation_takes_our_signature(
    url: str, authority: str, query: str
) -> None:
    headers = sign(
        HOME,
        keyid="household",
        method="PUT",
        authority=authority,
        path=path_of(url),
        query=query,
        body=BODY,
        content_type="application/json",
        created=int(time.time()),
        nonce="A" * 24,
    )
    verifier = HTTPMessageVerifier(
        signature_algorithm=algorithms.ED25519, key_resolver=Keys()
    )
    verifier.allow_label_only_selection = True
    options: dict[str, Any] = {
        "max_age": timedelta(seconds=60),
        "expect_label": "zhian",
        "body": BODY,
    }
    with pytest.warns(UserWarning, match="tag"):
        results = verifier.verify(Message("PUT", url, headers), **options)
    assert results[0].parameters["keyid"] == "household"
    headers["Content-Type"] = "text/plain"
    with pytest.warns(UserWarning, match="tag"), pytest.raises(InvalidSignature):
        verifier.verify(Message("PUT", url, headers), **options)


@pytest.mark.parametrize(("url", "authority", "query"), TARGETS)
def test_we_take_the_signature_of_another_implementation(
    url: str, authority: str, query: str
) -> None:
    message = Message("PUT", url, {"Content-Type": "application/json"})
    signer = HTTPMessageSigner(
        signature_algorithm=algorithms.ED25519, key_resolver=Keys()
    )
    signer.sign(
        message,
        key_id="household",
        created=datetime.now(UTC),
        nonce="A" * 24,
        label="zhian",
        covered_component_ids=COVERED,
        body=BODY,
    )
    verified = verify(
        parse(message.headers),
        PublicKey.from_base64(HOME.public),
        method="PUT",
        authority=authority,
        path=path_of(url),
        query=query,
        body=BODY,
        now=time.time(),
        nonces=NonceStore(),
    )
    assert verified.keyid == "household"
