"""What is asked about a station: where it is, its code, and what it may be told."""

from typing import Final

from homeassistant.const import CONF_CODE, CONF_URL
from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

import voluptuous as vol

from .consent_fields import station_fields
from .enrolment import CONF_ALLOW_HTTP

ENROL_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_URL): TextSelector(
            TextSelectorConfig(type=TextSelectorType.URL)
        ),
        vol.Optional(CONF_CODE): TextSelector(TextSelectorConfig(autocomplete="off")),
        vol.Optional(CONF_ALLOW_HTTP, default=False): BooleanSelector(),
        **station_fields(),
    }
)
