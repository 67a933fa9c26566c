"""Adding and changing a contact: a person and the way to reach them."""

from typing import Final

from homeassistant.components.notify.const import (
    DOMAIN as NOTIFY,
    SERVICE_PERSISTENT_NOTIFICATION,
    SERVICE_SEND_MESSAGE,
)
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

import voluptuous as vol

from .candidates import find
from .options import ContactOptions
from .subentry_flow import Errors, HomeSubentryFlow, Input, name_of, text

CONF_CRITICAL: Final = "critical"
CONF_TARGET: Final = "target"

# These reach nobody by themselves; the notification in Home Assistant is always made.
_NOT_PEOPLE: Final = frozenset({SERVICE_PERSISTENT_NOTIFICATION, SERVICE_SEND_MESSAGE})


class ContactFlow(HomeSubentryFlow):
    """Choose whom to tell."""

    async def async_step_user(
        self, user_input: Input | None = None
    ) -> SubentryFlowResult:
        """Ask for the person and the way to reach them."""
        errors: Errors = {}
        if user_input is not None:
            target = text(user_input, CONF_TARGET, errors)
            if not errors:
                errors |= self._target_errors(target)
            contact = ContactOptions(
                name=name_of(user_input, errors),
                target=target,
                critical=user_input[CONF_CRITICAL],
            )
            if not errors:
                return self._finish(contact)
        return self._form(
            self._first_step,
            {
                vol.Required(CONF_NAME): TextSelector(),
                vol.Required(CONF_TARGET): target_selector(self.hass),
                vol.Required(CONF_CRITICAL, default=True): BooleanSelector(),
            },
            user_input if user_input is not None else self._before,
            errors,
        )

    async_step_reconfigure = async_step_user

    def _target_errors(self, target: str) -> Errors:
        if not target_exists(self.hass, target):
            return {CONF_TARGET: "target_not_found"}
        own = self._reconfigure_subentry_id if self._is_reconfigure else None
        if any(
            contact.data[CONF_TARGET] == target and contact.subentry_id != own
            for contact in self._get_entry().get_subentries_of_type(self._subentry_type)
        ):
            return {CONF_TARGET: "target_already_bound"}
        return {}


def targets(hass: HomeAssistant) -> dict[str, str]:
    """Return the notify actions and entities that can reach a person, with names.

    An action comes before an entity: only an action can carry a critical alert.
    """
    actions = {
        f"{NOTIFY}.{service}": f"{NOTIFY}.{service}"
        for service in sorted(hass.services.async_services_for_domain(NOTIFY))
        if service not in _NOT_PEOPLE
    }
    entities = {
        state.entity_id: f"{state.name} ({state.entity_id})"
        for state in sorted(
            hass.states.async_all(NOTIFY), key=lambda state: state.entity_id
        )
    }
    return actions | entities


def target_exists(hass: HomeAssistant, target: str) -> bool:
    """Return whether a notify action or entity with this name is there."""
    return target in targets(hass) or (
        target.startswith(f"{NOTIFY}.") and find(hass, target) is not None
    )


def target_selector(hass: HomeAssistant, *, multiple: bool = False) -> SelectSelector:
    """Return a choice of what can reach a person; others can be typed."""
    return SelectSelector(
        SelectSelectorConfig(
            options=[
                SelectOptionDict(value=value, label=label)
                for value, label in targets(hass).items()
            ],
            multiple=multiple,
            custom_value=True,
            mode=SelectSelectorMode.DROPDOWN,
        )
    )


def contact_name(hass: HomeAssistant, target: str) -> str:
    """Return a first name for a contact, from the phone's or the entity's."""
    if candidate := find(hass, target):
        return candidate.name
    action = target.removeprefix(f"{NOTIFY}.").removeprefix("mobile_app_")
    return action.replace("_", " ").strip().capitalize() or target
