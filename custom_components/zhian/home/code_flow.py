"""Adding and changing a person's code: the hash is kept, the code itself nowhere."""

from collections.abc import Iterator
from typing import Final

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_CODE, CONF_NAME
from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

import voluptuous as vol

from .codes import LONGEST, SHORTEST, digest, holder_of, is_well_formed, new_salt
from .subentry_flow import CODE, Errors, HomeSubentryFlow, Input, name_of
from .watch_options import CodeOptions

CONF_CAN_ARM: Final = "can_arm"
CONF_CAN_DISARM: Final = "can_disarm"
CONF_DURESS: Final = "duress_code"
CONF_NO_DURESS: Final = "no_duress"

_SECRET: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="new-password")
)


class CodeFlow(HomeSubentryFlow):
    """Give a person a code, its rights, and perhaps one for duress."""

    async def async_step_user(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Ask for the person and the code; on a change an empty field keeps the old."""
        errors: Errors = {}
        if user_input is not None:
            options = await self._options(user_input, errors)
            if options is not None:
                return self._finish(options)
        fields: dict[vol.Marker, object] = {vol.Required(CONF_NAME): TextSelector()}
        mark = vol.Optional if self._is_reconfigure else vol.Required
        fields |= {
            mark(CONF_CODE): _SECRET,
            vol.Required(CONF_CAN_ARM, default=True): BooleanSelector(),
            vol.Required(CONF_CAN_DISARM, default=True): BooleanSelector(),
            vol.Optional(CONF_DURESS): _SECRET,
        }
        if self._before.get("duress_digest"):
            fields[vol.Required(CONF_NO_DURESS, default=False)] = BooleanSelector()
        shown = user_input if user_input is not None else self._before
        return self._form(
            self._first_step,
            fields,
            {k: v for k, v in shown.items() if k not in (CONF_CODE, CONF_DURESS)},
            errors,
            {"shortest": str(SHORTEST), "longest": str(LONGEST)},
        )

    async_step_reconfigure = async_step_user

    async def _options(self, user_input: Input, errors: Errors) -> CodeOptions | None:
        """Return the person's code, or tell what is wrong with it."""
        name = name_of(user_input, errors)
        can_arm, can_disarm = user_input[CONF_CAN_ARM], user_input[CONF_CAN_DISARM]
        if not (can_arm or can_disarm):
            errors[CONF_CAN_ARM] = "no_right"
        typed = (user_input.get(CONF_CODE) or "").strip()
        duress = (user_input.get(CONF_DURESS) or "").strip()
        if not typed and not self._is_reconfigure:
            errors[CONF_CODE] = "code_missing"
        for key, code in ((CONF_CODE, typed), (CONF_DURESS, duress)):
            if code and not is_well_formed(code):
                errors[key] = "code_format"
        if duress and not can_disarm:
            errors[CONF_DURESS] = "duress_needs_disarm"
        if errors:
            return None
        others = tuple(self._other_codes())
        before = self._before
        salt = before.get("salt") or (others[0].salt if others else new_salt())
        own = await self._digest(typed, salt) or before["digest"]
        forced = await self._digest(duress, salt)
        if not duress and not user_input.get(CONF_NO_DURESS):
            forced = before.get("duress_digest")
        if own == forced:
            errors[CONF_DURESS if duress else CONF_CODE] = "duress_same"
        for key, code in ((CONF_CODE, typed), (CONF_DURESS, duress)):
            if code and await self._is_taken(code, others):
                errors[key] = "code_taken"
        if errors:
            return None
        return CodeOptions(name, salt, own, forced, can_arm, can_disarm)

    def _other_codes(self) -> Iterator[CodeOptions]:
        own = self._reconfigure_subentry_id if self._is_reconfigure else None
        for subentry in self._get_entry().get_subentries_of_type(CODE):
            if subentry.subentry_id != own:
                yield CodeOptions.from_mapping(subentry.data)

    async def _digest(self, code: str, salt: str) -> str | None:
        if not code:
            return None
        return await self.hass.async_add_executor_job(digest, code, salt)

    async def _is_taken(self, code: str, others: tuple[CodeOptions, ...]) -> bool:
        holder = await self.hass.async_add_executor_job(holder_of, code, others)
        return holder is not None
