"""What is asked of each kind of receiver, and what is wrong with an answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
import re
from typing import Any, Final

from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

import voluptuous as vol

from ..link.addresses import is_host, is_private
from ..link.dc09 import KEY_LENGTHS
from .receiver_options import ReceiverKind
from .subentry_flow import Errors, Input

CONF_ACCOUNT: Final = "account"
CONF_ALLOW_PLAIN: Final = "allow_plain"
CONF_HEARTBEAT: Final = "heartbeat_seconds"
CONF_KEY: Final = "key"
CONF_KEY_FORMAT: Final = "key_format"
CONF_LINE: Final = "line"
CONF_NO_KEY: Final = "no_key"
CONF_RECEIVER: Final = "receiver"

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


# --- SIA DC-09 -----------------------------------------------------------------------


def _dc09_fields(before: Input) -> Schema:
    fields: Schema = {
        vol.Required(CONF_HOST): TextSelector(),
        vol.Required(CONF_PORT): NumberSelector(
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
        vol.Required(CONF_HEARTBEAT, default=60): NumberSelector(
            NumberSelectorConfig(
                min=0,
                max=LONGEST_HEARTBEAT,
                mode=NumberSelectorMode.BOX,
                unit_of_measurement="s",
            )
        ),
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


FORMS: Final[Mapping[ReceiverKind, Form]] = {
    ReceiverKind.DC09: Form(
        fields=_dc09_fields,
        read=_read_dc09,
        address=CONF_HOST,
        account=CONF_ACCOUNT,
        secrets=frozenset({CONF_KEY}),
    ),
}
