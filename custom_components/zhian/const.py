"""Names that more than one part of the integration uses."""

from typing import Final

DOMAIN: Final = "zhian"

CONF_ROLE: Final = "role"
ROLE_HOME: Final = "home"
ROLE_STATION: Final = "station"

SAVED: Final = "reconfigure_successful"
"""How a dialog that changes something ends. Said aloud, so that our own words follow:
Home Assistant's are not in every language."""
