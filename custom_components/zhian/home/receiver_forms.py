"""What is asked of each kind of receiver, and what is wrong with an answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
import re
from typing import Any, Final

from homeassistant.const import CONF_HOST, CONF_PIN, CONF_PORT, CONF_TOKEN, CONF_URL
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

import voluptuous as vol

from ..link.addresses import AddressFault, BadAddress, is_host, is_private, receiver_url
from ..link.cap import CHINESE, ENGLISH, SENDER
from ..link.dc09 import KEY_LENGTHS
from ..link.noonlight import Environment
from ..link.posting import Success
from ..number_field import NumberField
from .enrolment import CONF_ALLOW_HTTP
from .receiver_options import ReceiverKind
from .subentry_flow import Errors, Input, text

CONF_ACCOUNT: Final = "account"
CONF_ALLOW_PLAIN: Final = "allow_plain"
CONF_HEARTBEAT: Final = "heartbeat_seconds"
CONF_KEY: Final = "key"
CONF_KEY_FORMAT: Final = "key_format"
CONF_LINE: Final = "line"
CONF_NO_KEY: Final = "no_key"
CONF_RECEIVER: Final = "receiver"

CONF_CANCELS: Final = "cancels"
CONF_CITY: Final = "city"
CONF_ENVIRONMENT: Final = "environment"
CONF_LANGUAGE: Final = "language"
CONF_LINE1: Final = "line1"
CONF_LINE2: Final = "line2"
CONF_PERSON: Final = "person"
CONF_PHONE: Final = "phone"
CONF_PROOF: Final = "proof"
CONF_SECRET: Final = "secret"
CONF_SENDER: Final = "sender"
CONF_STATE: Final = "state"
CONF_SUCCESS: Final = "success"
CONF_ZIP: Final = "zip"

KEY_PROOF: Final = "ed25519"
SECRET_PROOF: Final = "hmac"
SHORTEST_SECRET: Final = 16

HEX_KEY: Final = "hex"
TEXT_KEY: Final = "text"

LONGEST_HEARTBEAT: Final = 3600

SECRET: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
)

type Schema = dict[vol.Marker, Any]


@dataclass(frozen=True, slots=True)
class Form:
    """The page of one kind."""

    fields: Callable[[Input], Schema]
    """Return what is asked; takes the settings there are."""
    read: Callable[[Input, Input, Errors], Input]
    """Return the settings from the answers and those there are, or tell the errors."""
    address: str
    """The field that trouble with the line is shown at."""
    account: str
    """The field that a refusal is shown at."""
    secrets: frozenset[str]
    """Fields that are never shown again; an empty one keeps what there is."""


def _heartbeat() -> NumberField:
    return NumberField(
        NumberSelectorConfig(
            min=0,
            max=LONGEST_HEARTBEAT,
            mode=NumberSelectorMode.BOX,
            unit_of_measurement="s",
        )
    )


# --- SIA DC-09 -----------------------------------------------------------------------


def _dc09_fields(before: Input) -> Schema:
    fields: Schema = {
        vol.Required(CONF_HOST): TextSelector(),
        vol.Required(CONF_PORT): NumberField(
            NumberSelectorConfig(min=1, max=65535, mode=NumberSelectorMode.BOX)
        ),
        vol.Required(CONF_ACCOUNT): TextSelector(),
        vol.Required(CONF_RECEIVER, default="0"): TextSelector(),
        vol.Required(CONF_LINE, default="0"): TextSelector(),
        vol.Optional(CONF_KEY): SECRET,
        vol.Required(CONF_KEY_FORMAT, default=HEX_KEY): SelectSelector(
            SelectSelectorConfig(
                options=[HEX_KEY, TEXT_KEY],
                translation_key=CONF_KEY_FORMAT,
                mode=SelectSelectorMode.DROPDOWN,
            )
        ),
    }
    if before.get(CONF_KEY):
        fields[vol.Required(CONF_NO_KEY, default=False)] = BooleanSelector()
    return fields | {
        vol.Required(CONF_ALLOW_PLAIN, default=False): BooleanSelector(),
        vol.Required(CONF_HEARTBEAT, default=60): _heartbeat(),
    }


def _read_dc09(user_input: Input, before: Input, errors: Errors) -> Input:
    host = user_input[CONF_HOST].strip().strip("[]")
    if not is_host(host):
        errors[CONF_HOST] = "bad_host"
    found: Input = {CONF_HOST: host, CONF_PORT: int(user_input[CONF_PORT])}
    for field, lengths, error in (
        (CONF_ACCOUNT, "3,16", "account_format"),
        (CONF_RECEIVER, "1,6", "prefix_format"),
        (CONF_LINE, "1,6", "prefix_format"),
    ):
        found[field] = user_input[field].strip().upper()
        if not re.fullmatch(rf"[0-9A-F]{{{lengths}}}", found[field]):
            errors[field] = error
    found[CONF_KEY] = _dc09_key(user_input, before, errors)
    found[CONF_ALLOW_PLAIN] = user_input[CONF_ALLOW_PLAIN]
    if not found[CONF_KEY] and CONF_KEY not in errors and CONF_HOST not in errors:
        if not is_private(host):
            errors[CONF_KEY] = "plain_to_public"
        elif not found[CONF_ALLOW_PLAIN]:
            errors[CONF_ALLOW_PLAIN] = "plain_not_allowed"
    found[CONF_HEARTBEAT] = int(user_input[CONF_HEARTBEAT])
    return found


def _dc09_key(user_input: Input, before: Input, errors: Errors) -> str:
    """Return the key in hexadecimal; empty for none."""
    typed: str = (user_input.get(CONF_KEY) or "").strip()
    if not typed:
        return "" if user_input.get(CONF_NO_KEY) else before.get(CONF_KEY, "")
    try:
        if user_input[CONF_KEY_FORMAT] == HEX_KEY:
            key = bytes.fromhex(typed)
        else:
            key = typed.encode("ascii")
    except ValueError:
        key = b""
    if len(key) not in KEY_LENGTHS:
        errors[CONF_KEY] = f"key_{user_input[CONF_KEY_FORMAT]}"
    return key.hex()


# --- receivers that speak HTTP ---------------------------------------------------------


def _url_fields() -> Schema:
    return {
        vol.Required(CONF_URL): TextSelector(
            TextSelectorConfig(type=TextSelectorType.URL)
        ),
        vol.Required(CONF_ALLOW_HTTP, default=False): BooleanSelector(),
    }


def _success_field() -> Schema:
    return {
        vol.Required(CONF_SUCCESS, default=Success.BODY.value): SelectSelector(
            SelectSelectorConfig(
                options=[*Success],
                translation_key=CONF_SUCCESS,
                mode=SelectSelectorMode.LIST,
            )
        )
    }


def _read_url(user_input: Input, errors: Errors) -> Input:
    text: str = user_input[CONF_URL].strip()
    allow_http: bool = user_input[CONF_ALLOW_HTTP]
    try:
        text = str(receiver_url(text, allow_http=allow_http))
    except BadAddress as error:
        at_choice = error.fault is AddressFault.HTTP_NOT_ALLOWED
        errors[CONF_ALLOW_HTTP if at_choice else CONF_URL] = error.fault
    return {CONF_URL: text, CONF_ALLOW_HTTP: allow_http}


def _kept(user_input: Input, before: Input, field: str) -> str:
    """Return a secret; an empty field keeps what there is."""
    typed: str = (user_input.get(field) or "").strip()
    return typed or before.get(field, "")


def _cap_fields(before: Input) -> Schema:
    return {
        **_url_fields(),
        vol.Required(CONF_SENDER): TextSelector(),
        vol.Required(CONF_LANGUAGE, default=ENGLISH): SelectSelector(
            SelectSelectorConfig(
                options=[
                    SelectOptionDict(value=ENGLISH, label="English"),
                    SelectOptionDict(value=CHINESE, label="中文"),
                ],
                mode=SelectSelectorMode.DROPDOWN,
            )
        ),
        vol.Optional(CONF_TOKEN): SECRET,
        **_success_field(),
    }


def _read_cap(user_input: Input, before: Input, errors: Errors) -> Input:
    sender = user_input[CONF_SENDER].strip()
    if not SENDER.fullmatch(sender):
        errors[CONF_SENDER] = "bad_sender"
    return {
        **_read_url(user_input, errors),
        CONF_SENDER: sender,
        CONF_LANGUAGE: user_input[CONF_LANGUAGE],
        CONF_TOKEN: _token(user_input, before, errors),
        CONF_SUCCESS: user_input[CONF_SUCCESS],
    }


def _token(user_input: Input, before: Input, errors: Errors) -> str:
    """Return a token; one with other characters would break the request's head."""
    token = _kept(user_input, before, CONF_TOKEN)
    if token and not re.fullmatch(r"[!-~]+", token):
        errors[CONF_TOKEN] = "bad_token"
    return token


def _webhook_fields(before: Input) -> Schema:
    return {
        **_url_fields(),
        vol.Required(CONF_PROOF, default=KEY_PROOF): SelectSelector(
            SelectSelectorConfig(
                options=[KEY_PROOF, SECRET_PROOF],
                translation_key="receiver_proof",
                mode=SelectSelectorMode.LIST,
            )
        ),
        vol.Optional(CONF_SECRET): SECRET,
        **_success_field(),
        vol.Required(CONF_HEARTBEAT, default=0): _heartbeat(),
    }


def _read_webhook(user_input: Input, before: Input, errors: Errors) -> Input:
    secret = _kept(user_input, before, CONF_SECRET)
    if user_input[CONF_PROOF] == KEY_PROOF:
        secret = ""
    elif len(secret) < SHORTEST_SECRET:
        errors[CONF_SECRET] = "secret_short"
    return {
        **_read_url(user_input, errors),
        CONF_PROOF: user_input[CONF_PROOF],
        CONF_SECRET: secret,
        CONF_SUCCESS: user_input[CONF_SUCCESS],
        CONF_HEARTBEAT: int(user_input[CONF_HEARTBEAT]),
    }


def _noonlight_fields(before: Input) -> Schema:
    is_kept = bool(before.get(CONF_TOKEN))
    return {
        vol.Required(CONF_ENVIRONMENT, default=Environment.SANDBOX.value): (
            SelectSelector(
                SelectSelectorConfig(
                    options=[*Environment],
                    translation_key="noonlight_environment",
                    mode=SelectSelectorMode.LIST,
                )
            )
        ),
        (vol.Optional if is_kept else vol.Required)(CONF_TOKEN): SECRET,
        vol.Required(CONF_PERSON): TextSelector(),
        vol.Required(CONF_PHONE): TextSelector(
            TextSelectorConfig(type=TextSelectorType.TEL)
        ),
        vol.Optional(CONF_PIN): SECRET,
        vol.Required(CONF_LINE1): TextSelector(),
        vol.Optional(CONF_LINE2): TextSelector(),
        vol.Required(CONF_CITY): TextSelector(),
        vol.Required(CONF_STATE): TextSelector(),
        vol.Required(CONF_ZIP): TextSelector(),
        vol.Required(CONF_CANCELS, default=False): BooleanSelector(),
    }


def _read_noonlight(user_input: Input, before: Input, errors: Errors) -> Input:
    found: Input = {
        CONF_ENVIRONMENT: user_input[CONF_ENVIRONMENT],
        CONF_TOKEN: _token(user_input, before, errors),
        CONF_PIN: _kept(user_input, before, CONF_PIN),
        CONF_LINE2: (user_input.get(CONF_LINE2) or "").strip(),
        CONF_CANCELS: user_input[CONF_CANCELS],
    }
    for field in (CONF_PERSON, CONF_LINE1, CONF_CITY):
        found[field] = text(user_input, field, errors)
    # The API takes digits only, and five of a ZIP code.
    phone = re.sub(r"[^0-9]", "", user_input[CONF_PHONE])
    found[CONF_PHONE] = phone if len(phone) != 10 else f"1{phone}"
    found[CONF_STATE] = user_input[CONF_STATE].strip().upper()
    found[CONF_ZIP] = user_input[CONF_ZIP].strip().partition("-")[0]
    for field, pattern, error in (
        (CONF_PHONE, "1[0-9]{10}", "bad_phone"),
        (CONF_STATE, "[A-Z]{2}", "bad_state"),
        (CONF_ZIP, "[0-9]{5}", "bad_zip"),
        (CONF_PIN, "([0-9]{4})?", "bad_pin"),
    ):
        if not re.fullmatch(pattern, found[field]):
            errors[field] = error
    if not found[CONF_TOKEN]:
        errors[CONF_TOKEN] = "bad_token"
    return found


FORMS: Final[Mapping[ReceiverKind, Form]] = {
    ReceiverKind.DC09: Form(
        fields=_dc09_fields,
        read=_read_dc09,
        address=CONF_HOST,
        account=CONF_ACCOUNT,
        secrets=frozenset({CONF_KEY}),
    ),
    ReceiverKind.CAP: Form(
        fields=_cap_fields,
        read=_read_cap,
        address=CONF_URL,
        account=CONF_TOKEN,
        secrets=frozenset({CONF_TOKEN}),
    ),
    ReceiverKind.WEBHOOK: Form(
        fields=_webhook_fields,
        read=_read_webhook,
        address=CONF_URL,
        account=CONF_PROOF,
        secrets=frozenset({CONF_SECRET}),
    ),
    ReceiverKind.NOONLIGHT: Form(
        fields=_noonlight_fields,
        read=_read_noonlight,
        address=CONF_ENVIRONMENT,
        account=CONF_TOKEN,
        secrets=frozenset({CONF_TOKEN, CONF_PIN}),
    ),
}
