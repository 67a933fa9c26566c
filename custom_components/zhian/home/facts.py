"""What the station is to know of the home: said after each start, until it is heard."""

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from ..link.client import StationClient, StationError, StationRefused
from ..link.messages import HouseholdFacts
from .enrolment import facts_of

if TYPE_CHECKING:
    from . import Home

_LOGGER: Final = logging.getLogger(__name__)
TRY_EVERY: Final = 60.0


async def tell(home: Home, client: StationClient) -> None:
    """Say it; a change in the dialog starts the home anew and so says it again.

    A home whose people were never asked says nothing: its station knows what it had
    agreed to when it was enrolled.
    """
    station = home.options.station
    if station is None or station.agreement is None:
        return
    facts = HouseholdFacts(
        home=facts_of(home.hass, home.options, station.agreement),
        consents=station.agreement.consents,
    )
    while True:
        try:
            await client.tell_facts(facts)
        except StationError as error:
            if isinstance(error, StationRefused) and error.is_final:
                _LOGGER.warning("The station does not take what is agreed: %s", error)
                return
            await asyncio.sleep(TRY_EVERY)
        else:
            return
