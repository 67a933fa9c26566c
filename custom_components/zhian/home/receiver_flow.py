"""Adding and changing a receiver: who it is, what it is told, and whether it answers."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
from homeassistant.util import dt as dt_util

import voluptuous as vol

from ..link.client import StationRefused, StationUnreachable, Trouble
from ..link.posting import UNAUTHORIZED
from ..link.receivers.dc09 import DUH, LAST, NAK
from ..link.signatures import Key
from ..safety.vocabulary import Hazard
from .agreement import read_agreement
from .consent_fields import filled_in, purpose_field, read
from .enrolment_preview import receiver_messages, shown as as_shown
from .options import HomeOptions
from .receiver_forms import FORMS
from .receiver_kinds import make
from .receiver_options import (
    DEFAULT_HAZARDS,
    HAZARDS,
    PURPOSES,
    ReceiverKind,
    ReceiverOptions,
)
from .subentry_flow import Errors, HomeSubentryFlow, Input, name_of

CONF_CONSENT: Final = "consent"
CONF_DRILLS: Final = "drills"
CONF_HAZARDS: Final = "hazards"
CONF_TEST: Final = "test"

_TROUBLES: Final = {
    Trouble.TIMEOUT: "receiver_silent",
    Trouble.TLS: "receiver_not_trusted",
    Trouble.SERVER_ERROR: "receiver_not_ready",
    Trouble.REDIRECTED: "receiver_redirects",
    Trouble.NOT_A_STATION: "receiver_not_understood",
}
_REFUSALS: Final = {
    NAK: "receiver_nak",
    DUH: "receiver_duh",
    UNAUTHORIZED: "receiver_unauthorized",
}


class ReceiverFlow(HomeSubentryFlow):
    """Report to somebody beside the station. Nothing is kept before the last step."""

    def __init__(self) -> None:
        """Begin with nothing typed."""
        self._options: ReceiverOptions
        self._page: Input = {}
        """What was entered on the page of the kind."""
        self._typed: Input = {}
        """Secrets that were entered on a page with an error: they are not shown again."""

    async def async_step_user(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Ask what the receiver speaks."""
        return self.async_show_menu(
            step_id="user", menu_options=[kind.value for kind in FORMS]
        )

    async def async_step_reconfigure(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Change one; what it speaks stays."""
        return await self._ask(ReceiverKind(self._before["kind"]), user_input)

    async def async_step_dc09(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Ask for an alarm centre that speaks SIA DC-09."""
        return await self._ask(ReceiverKind.DC09, user_input)

    async def async_step_cap(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Ask for a receiver of CAP 1.2 messages."""
        return await self._ask(ReceiverKind.CAP, user_input)

    async def async_step_webhook(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Ask for an address that takes signed JSON."""
        return await self._ask(ReceiverKind.WEBHOOK, user_input)

    async def async_step_noonlight(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Ask for an account at Noonlight."""
        return await self._ask(ReceiverKind.NOONLIGHT, user_input)

    async def _ask(
        self, kind: ReceiverKind, user_input: Input | None
    ) -> SubentryFlowResult:
        form = FORMS[kind]
        before = self._before.get("settings", {}) | self._typed
        errors: Errors = {}
        if user_input is not None:
            options = ReceiverOptions(
                name=name_of(user_input, errors),
                kind=kind,
                hazards=tuple(Hazard(hazard) for hazard in user_input[CONF_HAZARDS]),
                drills=user_input[CONF_DRILLS],
                settings=form.read(user_input, before, errors),
                agreement=read(user_input, errors),
            )
            if not options.hazards:
                errors[CONF_HAZARDS] = "hazards_missing"
            for secret in form.secrets - errors.keys():
                self._typed[secret] = options.settings[secret]
            if not errors:
                self._options, self._page = options, user_input
                return await self.async_step_agree()
        return self._ask_kind(kind, user_input, errors)

    async def async_step_agree(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Show what would be sent; nothing is, before somebody agrees."""
        options = self._options
        errors: Errors = {}
        if user_input is not None:
            if not user_input[CONF_CONSENT]:
                errors[CONF_CONSENT] = "consent_missing"
            else:
                if self._page[CONF_TEST]:
                    await self._test(options, errors)
                if errors:
                    return self._ask_kind(options.kind, self._page, errors)
                now = dt_util.utcnow().isoformat(timespec="seconds")
                return self._finish(replace(options, consented_at=now))
        messages = await receiver_messages(
            self.hass, self._home, options, self._get_entry()
        )
        return self._form(
            "agree",
            {vol.Required(CONF_CONSENT, default=False): BooleanSelector()},
            {},
            errors,
            {"name": options.name, "document": as_shown(messages)},
        )

    def _ask_kind(
        self, kind: ReceiverKind, user_input: Input | None, errors: Errors
    ) -> SubentryFlowResult:
        form = FORMS[kind]
        before = self._before.get("settings", {}) | self._typed
        hazards = HAZARDS.get(kind, tuple(Hazard))
        shown = user_input
        if shown is None:
            chosen = filled_in(read_agreement(self._before))
            shown = {**self._before, **before, **chosen}
        return self._form(
            kind.value,
            {
                vol.Required(CONF_NAME): TextSelector(),
                **form.fields(before),
                vol.Required(
                    CONF_HAZARDS, default=[*_default(hazards)]
                ): SelectSelector(
                    SelectSelectorConfig(
                        options=[*hazards],
                        translation_key="receiver_hazard",
                        mode=SelectSelectorMode.LIST,
                        multiple=True,
                    )
                ),
                vol.Required(CONF_DRILLS, default=True): BooleanSelector(),
                **purpose_field(PURPOSES[kind]),
                vol.Required(CONF_TEST, default=True): BooleanSelector(),
            },
            {k: v for k, v in shown.items() if k not in form.secrets},
            errors,
            {"public_key": Key.from_base64(self._home.private_key).public},
            is_last=False,
        )

    @property
    def _home(self) -> HomeOptions:
        return HomeOptions.from_mapping(self._get_entry().data)

    async def _test(self, options: ReceiverOptions, errors: Errors) -> None:
        """Send a test message; a receiver that does not take it is not kept."""
        form, key = FORMS[options.kind], self._home.private_key
        try:
            # The last number: the first event will have 1.
            await make(self.hass, options, key, _last_number).test()
        except StationUnreachable as error:
            errors[form.address] = _TROUBLES.get(error.trouble, "receiver_unreachable")
        except StationRefused as error:
            errors[form.account] = _REFUSALS.get(error.reason, "receiver_refused")


def _default(hazards: Iterable[Hazard]) -> list[Hazard]:
    return [hazard for hazard in hazards if hazard in DEFAULT_HAZARDS]


async def _last_number(_: str) -> int:
    return LAST
