"""Before a home is enrolled: what would be sent is shown, and then agreed to or not."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigFlow, ConfigFlowResult

from .enrolment_preview import enrolment_messages, shown
from .options import HomeOptions, StationOptions
from .station_flow import Ticket, enrol_with
from .subentry_flow import Errors, Input


@dataclass(frozen=True, slots=True)
class Asked:
    """What waits for somebody to agree."""

    home: HomeOptions
    entry: ConfigEntry[Any] | None
    ticket: Ticket
    enrolled: Callable[[StationOptions], Awaitable[ConfigFlowResult]]
    """What follows once the station has the home."""
    refused: Callable[[Errors], ConfigFlowResult]
    """Shows the page before again, with what is wrong."""


class AgreeFlow(ConfigFlow):
    """The step that shows it. Nothing is sent before it is answered."""

    asked: Asked

    async def async_step_agree(
        self, user_input: Input | None = None
    ) -> ConfigFlowResult:
        """Show what would be sent; enrol who agrees."""
        asked = self.asked
        if user_input is not None:
            errors: Errors = {}
            station = await enrol_with(self.hass, asked.home, asked.ticket, errors)
            if station is None:
                return asked.refused(errors)
            return await asked.enrolled(station)
        ticket = asked.ticket
        enrolment, alarm = enrolment_messages(
            self.hass, asked.home, ticket.code, ticket.agreement, asked.entry
        )
        return self.async_show_form(
            step_id="agree",
            description_placeholders={
                "address": ticket.addresses[0],
                "enrolment": shown([enrolment]),
                "alarm": shown([alarm]),
            },
            last_step=True,
        )
