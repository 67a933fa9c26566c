"""Names that more than one part of the integration uses."""

from typing import Final

DOMAIN: Final = "zhian"

CONF_ROLE: Final = "role"
ROLE_HOME: Final = "home"
ROLE_STATION: Final = "station"
