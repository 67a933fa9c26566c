"""Signed requests: who cannot prove it is refused, whatever the headers hold."""

from base64 import b64decode, b64encode
from string import ascii_letters, digits
from typing import Any

from hypothesis import given, strategies as st
from multidict import CIMultiDict
import pytest

from custom_components.zhian.link.problems import Reason
from custom_components.zhian.link.signatures import (
    COVERED,
    BadSignature,
    Key,
    NonceStore,
    PublicKey,
    Verified,
    normalize_authority,
    parse,
    sign,
    signature_base,
    split_target,
    verify,
)
from custom_components.zhian.link.structured_fields import InnerList, Item

NOW = 1_793_000_000
HOME = Key.from_base64(
    "n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU="
)  # RFC 9421, B.1.4
OTHER = Key.from_base64(b64encode(bytes(range(32))).decode())
HOUSEHOLD = "0d7c4bd2-6f0f-4ad1-a6a5-3cb4ee6a2f5a"
NONCE = "AAAAAAAAAAAAAAAAAAAAAAAA"
REQUEST: dict[str, Any] = {
    "method": "PUT",
    "authority": "station.example:8123",
    "path": "/api/zhian/v1/incidents/0193",
    "query": "",
    "body": b'{"hazard":"gas"}',
}


def signed_headers(key: Key = HOME, **changes: Any) -> dict[str, str]:
    """Return the headers of the request, signed as it should be but for the changes."""
    parts = {
        **REQUEST,
        "keyid": HOUSEHOLD,
        "content_type": "application/json",
        "created": NOW,
        "nonce": NONCE,
    }
    return sign(key, **(parts | changes))


def check(
    headers: Any,
    *,
    now: float = NOW,
    key: str = HOME.public,
    nonces: NonceStore | None = None,
    **changes: Any,
) -> Verified:
    """Verify as the station does."""
    return verify(
        parse(headers),
        PublicKey.from_base64(key),
        now=now,
        nonces=nonces or NonceStore(),
        **(REQUEST | changes),
    )


def refusal(headers: Any, **changes: Any) -> Reason:
    with pytest.raises(BadSignature) as refused:
        check(headers, **changes)
    return refused.value.reason


def test_the_rfc_s_own_example_comes_out_to_the_byte() -> None:
    """RFC 9421, appendix B.2.6."""
    components = [
        ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
        ("@method", "POST"),
        ("@path", "/foo"),
        ("@authority", "example.com"),
        ("content-type", "application/json"),
        ("content-length", "18"),
    ]
    parameters = InnerList(
        tuple(Item(name) for name, _ in components),
        {"created": 1618884473, "keyid": "test-key-ed25519"},
    )
    signature = HOME.sign(signature_base(components, parameters).encode())
    assert b64encode(signature).decode() == (
        "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5W"
        "PpBKRCw=="
    )
    assert HOME.public == "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="


def test_a_signed_request_is_its_sender_s() -> None:
    assert check(signed_headers()) == Verified(HOUSEHOLD, NOW, NONCE, HOME.public)


def test_a_request_without_a_body_is_signed_in_the_same_way() -> None:
    headers = signed_headers(method="GET", body=b"", query="a=%20b&c")
    check(headers, method="GET", body=b"", query="a=%20b&c")


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("method", "POST"),
        ("authority", "other.example"),
        ("authority", "station.example"),
        ("path", "/api/zhian/v1/incidents/0194"),
        ("path", "/api/zhian/v1/incidents/%30193"),
        ("query", "x"),
        ("body", b'{"hazard":"sos"}'),
        ("body", b""),
        ("path", "/api/ä"),
        ("path", "/a\n"),
        ("query", "\udc80"),
    ],
)
def test_whatever_is_changed_on_the_way_is_noticed(part: str, value: Any) -> None:
    assert refusal(signed_headers(), **{part: value}) is Reason.BAD_SIGNATURE


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Content-Type", "text/plain"),
        ("Content-Type", "application/json; charset=ä"),
        ("Content-Digest", "sha-256=:AAAA:"),
        ("Content-Digest", "sha-512=:AAAA:"),
        ("Content-Digest", "nonsense"),
        ("Signature", "zhian=:AAAA:"),
        ("Signature", "zhian=1"),
        ("Signature", "zhian=("),
        ("Signature-Input", "zhian=1"),
        ("Signature-Input", "zhian=()"),
    ],
)
def test_a_changed_header_is_noticed(header: str, value: str) -> None:
    assert refusal(signed_headers() | {header: value}) is Reason.BAD_SIGNATURE


@pytest.mark.parametrize("digest", ["sha-256=1", "sha-256=:AAAA:", "md5=:AAAA:", "!"])
def test_a_signed_digest_that_is_not_the_body_s_is_refused(
    digest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "custom_components.zhian.link.signatures.content_digest", lambda _: digest
    )
    assert refusal(signed_headers()) is Reason.BAD_SIGNATURE


def test_another_household_cannot_use_the_name() -> None:
    """Its own key with our name, and our name with its key."""
    assert refusal(signed_headers(OTHER)) is Reason.BAD_SIGNATURE
    assert refusal(signed_headers(), key=OTHER.public) is Reason.BAD_SIGNATURE


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Signature": "zhian=:AAAA:"},
        {"Signature-Input": "zhian=()"},
        {
            name: value.replace("zhian=", "proxy=")
            for name, value in signed_headers().items()
        },
    ],
)
def test_a_request_without_our_signature_is_unsigned(headers: dict[str, str]) -> None:
    assert refusal(headers) is Reason.UNSIGNED


@pytest.mark.parametrize("missing", ["Content-Digest", "Content-Type"])
def test_a_signed_header_has_to_be_there(missing: str) -> None:
    headers = signed_headers()
    del headers[missing]
    assert refusal(headers) is Reason.BAD_SIGNATURE


def test_a_proxy_may_add_a_signature_of_its_own() -> None:
    headers = signed_headers()
    headers["Signature-Input"] = f"proxy=();created=1, {headers['Signature-Input']}"
    headers["Signature"] += ", proxy=:AAAA:"
    check(headers)


def test_a_header_that_comes_twice_is_one_list() -> None:
    """Not the first alone, which is what a plain look-up gives."""
    headers = CIMultiDict(signed_headers())
    headers.add("Signature", "zhian=:AAAA:")
    assert refusal(headers) is Reason.BAD_SIGNATURE
    twice = CIMultiDict(signed_headers())
    twice.add("Content-Digest", "sha-512=:AAAA:")
    assert refusal(twice) is Reason.BAD_SIGNATURE


def covered(*names: str, **parameters: Any) -> str:
    values = {"created": NOW, "keyid": HOUSEHOLD, "nonce": NONCE} | parameters
    given_values = {name: value for name, value in values.items() if value is not None}
    return f"zhian={InnerList(tuple(Item(name) for name in names), given_values)}"


@pytest.mark.parametrize(
    "text",
    [
        covered(*COVERED[1:]),
        covered(*COVERED, "@method"),
        covered(*COVERED, "date"),
        covered(*COVERED).replace('"@path"', '"@path";req'),
        covered(*COVERED).replace('"@path"', "path"),
        covered(*COVERED, created=None),
        covered(*COVERED, created=True),
        covered(*COVERED, created="now"),
        covered(*COVERED, keyid=None),
        covered(*COVERED, keyid=""),
        covered(*COVERED, keyid="x" * 101),
        covered(*COVERED, nonce=None),
        covered(*COVERED, nonce="short"),
        covered(*COVERED, nonce="x" * 65),
        covered(*COVERED, alg="hmac-sha256"),
        covered(*COVERED, expires=NOW + 10),
    ],
)
def test_only_the_six_parts_and_usable_parameters_are_taken(text: str) -> None:
    assert refusal(signed_headers() | {"Signature-Input": text}) is Reason.BAD_SIGNATURE


def test_the_order_of_the_parts_is_the_signer_s() -> None:
    names = tuple(reversed(COVERED))
    headers = signed_headers()
    parameters = InnerList(
        tuple(Item(name) for name in names),
        {"keyid": HOUSEHOLD, "nonce": NONCE, "created": NOW},
    )
    values = {
        "@method": "PUT",
        "@authority": "station.example:8123",
        "@path": REQUEST["path"],
        "@query": "?",
        "content-digest": headers["Content-Digest"],
        "content-type": "application/json",
    }
    base = signature_base([(name, values[name]) for name in names], parameters)
    headers["Signature-Input"] = f"zhian={parameters}"
    headers["Signature"] = f"zhian={Item(HOME.sign(base.encode()))}"
    check(headers)


@pytest.mark.parametrize("age", [-20, 0, 60])
def test_a_clock_may_be_a_little_off(age: int) -> None:
    check(signed_headers(), now=NOW + age)


@pytest.mark.parametrize("age", [-3600, -21, 61, 90, 86_400])
def test_a_stale_request_is_refused(age: int) -> None:
    assert refusal(signed_headers(), now=NOW + age) is Reason.STALE


def test_a_replay_is_refused_for_as_long_as_it_would_be_fresh() -> None:
    nonces = NonceStore()
    check(signed_headers(), nonces=nonces, now=NOW - 20)
    for later in range(-20, 61, 10):
        assert (
            refusal(signed_headers(), nonces=nonces, now=NOW + later) is Reason.REPLAYED
        )
    check(signed_headers(nonce="B" * 24), nonces=nonces)


def test_a_forged_request_does_not_use_up_a_nonce() -> None:
    nonces = NonceStore()
    assert refusal(signed_headers(OTHER), nonces=nonces) is Reason.BAD_SIGNATURE
    assert nonces.count == 0
    check(signed_headers(), nonces=nonces)


def test_a_home_that_floods_is_refused_alone() -> None:
    nonces = NonceStore(per_key=3)
    for at in range(3):
        nonces.remember("loud", f"{at}", NOW + at)
    with pytest.raises(BadSignature) as refused:
        nonces.remember("loud", "3", NOW + 3)
    assert refused.value.reason is Reason.RATE_LIMITED
    nonces.remember("quiet", "0", NOW + 3)
    nonces.remember("loud", "4", NOW + 120)  # the first is forgotten by now


def test_strangers_cannot_fill_the_memory() -> None:
    nonces = NonceStore(keys=2)
    nonces.remember("a", "0", NOW)
    nonces.remember("b", "0", NOW)
    with pytest.raises(BadSignature) as refused:
        nonces.remember("c", "0", NOW)
    assert refused.value.reason is Reason.RATE_LIMITED
    nonces.remember("c", "0", NOW + 120)
    assert nonces.count == 1


def test_a_clock_that_is_set_back_does_not_lock_a_home_out() -> None:
    nonces = NonceStore(per_key=1)
    nonces.remember("a", "0", NOW)
    nonces.remember("a", "1", NOW - 3600)


@given(
    st.dictionaries(
        st.sampled_from(
            ["Signature", "signature-input", "Content-Digest", "Content-Type", "X"]
        ),
        st.one_of(
            st.text(max_size=80),
            st.sampled_from(sorted(signed_headers().values())),
            st.text(max_size=40).map(lambda text: f"zhian={text}"),
            st.text(max_size=40).map(
                lambda text: signed_headers()["Signature-Input"] + text
            ),
        ),
    )
)
def test_any_garbage_in_the_headers_is_a_bad_signature(headers: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        check(headers, key=OTHER.public)


def test_signature_has_one_spelling() -> None:
    """The last character of base64 has bits that mean nothing: they have to be 0."""
    headers = signed_headers()
    signature = headers["Signature"]
    assert signature.endswith("==:")
    last = signature[-4]
    other = next(
        c
        for c in ascii_letters + digits + "+/"
        if c != last and b64decode(f"A{c}==") == b64decode(f"A{last}==")
    )
    with pytest.raises(BadSignature):
        check(headers | {"Signature": signature[:-4] + other + "==:"})


@given(st.data())
def test_one_changed_character_is_a_bad_signature(data: st.DataObject) -> None:
    headers = signed_headers()
    name = data.draw(st.sampled_from(sorted(headers)))
    at = data.draw(st.integers(0, len(headers[name]) - 1))
    char = data.draw(st.characters())
    changed = headers[name][:at] + char + headers[name][at + 1 :]
    if changed == headers[name]:
        return
    with pytest.raises(BadSignature):
        check(headers | {name: changed})


@pytest.mark.parametrize(
    ("authority", "normal"),
    [
        ("Station.Example", "station.example"),
        ("station.example:443", "station.example"),
        ("station.example:80", "station.example"),
        ("station.example:8123", "station.example:8123"),
        ("[FD00::1]:8123", "[fd00::1]:8123"),
        ("192.168.1.5:8080", "192.168.1.5:8080"),
    ],
)
def test_the_authority_is_lower_case_without_a_default_port(
    authority: str, normal: str
) -> None:
    assert normalize_authority(authority) == normal


@pytest.mark.parametrize(
    ("target", "parts"),
    [
        ("/a/b?c=%20d", ("/a/b", "c=%20d")),
        ("/a%2Fb", ("/a%2Fb", "")),
        ("/a?b?c", ("/a", "b?c")),
        ("http://host:1/a/b?c", ("/a/b", "c")),
        ("https://host", ("/", "")),
        ("/http://host/a", ("/http://host/a", "")),
        ("", ("/", "")),
    ],
)
def test_path_and_query_stay_as_they_were_sent(
    target: str, parts: tuple[str, str]
) -> None:
    assert split_target(target) == parts


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!", "ä", HOME.public + "\n"])
def test_a_key_has_32_bytes(text: str) -> None:
    with pytest.raises(ValueError, match="a key"):
        Key.from_base64(text)
    with pytest.raises(ValueError, match="a key"):
        PublicKey.from_base64(text)


def test_the_private_half_is_in_no_repr_and_comes_back() -> None:
    key = Key.generate()
    assert key.private not in repr(key)
    assert Key.from_base64(key.private).public == key.public
