"""Names that the parts of the station share."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.util.signal_type import SignalType

from ..const import DOMAIN

if TYPE_CHECKING:
    from .cases import Case

CONF_ADDRESSES: Final = "addresses"
CONF_ANNOUNCE: Final = "announce"
CONF_COMMUNITY: Final = "community"
CONF_HEARTBEAT_SECONDS: Final = "heartbeat_seconds"
DEFAULT_HEARTBEAT_SECONDS: Final = 60
DELETED_WITHIN: Final = timedelta(hours=24)
"""By when something is deleted, counted from the request."""

CONF_RETENTION_DAYS: Final = "retention_days"
DEFAULT_RETENTION_DAYS: Final = 365
"""As long as a household itself remembers, and as a dispute about a visit may come."""

DATABASE: Final = ("zhian", "station.db")
"""In the configuration folder. Not the home's file: reports of a whole community
must never stand between a home's alarm and its own journal."""

SIGNAL_CASE: Final[SignalType[Case]] = SignalType(f"{DOMAIN}_station_case")
"""An incident is new or has changed."""
SIGNAL_CASES: Final[SignalType[Sequence[Case]]] = SignalType(f"{DOMAIN}_station_cases")
"""The same for all that are shown together."""
SIGNAL_SHOWN: Final[SignalType[()]] = SignalType(f"{DOMAIN}_station_shown")
"""All that has changed is shown: what counts incidents counts them once."""
SIGNAL_HOUSEHOLDS: Final[SignalType[()]] = SignalType(f"{DOMAIN}_station_households")
"""A household has enrolled, was lost or is heard again."""
SIGNAL_ORDERS: Final[SignalType[()]] = SignalType(f"{DOMAIN}_station_orders")
"""An order is new or signed, or the line to the station above has changed."""
