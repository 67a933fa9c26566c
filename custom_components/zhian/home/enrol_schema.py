"""What is asked about a station: where it is, and the code that it has given."""

from typing import Final

from homeassistant.const import CONF_CODE, CONF_URL
from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

import voluptuous as vol

from .enrolment import CONF_ALLOW_HTTP

ENROL_SCHEMA: Final = vol.Schema(
    {
        vol.Optional(CONF_URL): TextSelector(
            TextSelectorConfig(type=TextSelectorType.URL)
        ),
        vol.Optional(CONF_CODE): TextSelector(TextSelectorConfig(autocomplete="off")),
        vol.Optional(CONF_ALLOW_HTTP, default=False): BooleanSelector(),
    }
)
