"""What the flows of detectors, actuators and contacts have in common."""

from typing import Any, Final

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME

import voluptuous as vol

from ..const import SAVED
from .bound import ACTUATOR, CONTACT, DETECTOR, Part, parts, why_not_bind
from .candidates import Candidate, find
from .contact_options import ContactOptions
from .names import with_registry_ids
from .options import ActuatorOptions, DetectorOptions
from .receiver_options import ReceiverOptions
from .routine_options import RoutineOptions
from .watch_options import CodeOptions

CONF_AREA: Final = "area"
CONF_ENTITY_ID: Final = "entity_id"

CODE: Final = "code"

__all__ = ["ACTUATOR", "CODE", "CONTACT", "DETECTOR"]

type Input = dict[str, Any]
type Errors = dict[str, str]


class HomeSubentryFlow(ConfigSubentryFlow):
    """A flow that makes or changes one subentry of a home.

    It starts in `async_step_user` or `async_step_reconfigure` and ends in `_finish`;
    the steps between are the same. Nothing is kept before the end.
    """

    @property
    def _is_reconfigure(self) -> bool:
        return self.source == SOURCE_RECONFIGURE

    @property
    def _first_step(self) -> str:
        """The id of the step that the flow starts with."""
        return "reconfigure" if self._is_reconfigure else "user"

    @property
    def _before(self) -> Input:
        """The data of the subentry that is being changed."""
        if not self._is_reconfigure:
            return {}
        return dict(self._get_reconfigure_subentry().data)

    def _find(self, entity: str, errors: Errors) -> Candidate | None:
        """Return the entity to bind, or tell why it cannot be bound."""
        candidate = find(self.hass, entity)
        if candidate is None:
            errors[CONF_ENTITY_ID] = "entity_not_found"
            return None
        if candidate.is_ours:
            errors[CONF_ENTITY_ID] = "own_entity"
            return None
        if reason := why_not_bind(
            self.hass, candidate, self._others, self._subentry_type
        ):
            errors[CONF_ENTITY_ID] = reason
            return None
        return candidate

    @property
    def _others(self) -> list[Part]:
        """The other parts of the home."""
        own = self._reconfigure_subentry_id if self._is_reconfigure else None
        return parts(self._get_entry().subentries.values(), own)

    def _form(
        self,
        step_id: str,
        schema: dict[vol.Marker, Any],
        suggested: Input,
        errors: Errors,
        placeholders: dict[str, str] | None = None,
        *,
        is_last: bool = True,
    ) -> SubentryFlowResult:
        """Show a step; what was typed stays."""
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                vol.Schema(schema), suggested
            ),
            errors=errors,
            description_placeholders=placeholders,
            last_step=is_last,
        )

    def _finish(
        self,
        options: DetectorOptions
        | ActuatorOptions
        | ContactOptions
        | RoutineOptions
        | CodeOptions
        | ReceiverOptions,
    ) -> SubentryFlowResult:
        """Make the subentry, or change it; the update listener reloads the home."""
        if isinstance(options, DetectorOptions | ActuatorOptions):
            options = with_registry_ids(self.hass, options)
        if self._is_reconfigure:
            return self.async_update_and_abort(
                self._get_entry(),
                self._get_reconfigure_subentry(),
                title=options.name,
                data=options.as_data(),
                reason=SAVED,
            )
        return self.async_create_entry(title=options.name, data=options.as_data())


def text(user_input: Input, key: str, errors: Errors) -> str:
    """Return a text that may not be empty."""
    value: str = user_input[key].strip()
    if not value:
        errors[key] = f"{key}_missing"
    return value


def name_of(user_input: Input, errors: Errors) -> str:
    """Return the name that a person gave."""
    return text(user_input, CONF_NAME, errors)
