"""What the station is to know of the home: said after each start, until it is heard."""

import asyncio
from dataclasses import replace
import logging
from typing import TYPE_CHECKING, Final

from ..link.client import StationClient, StationError, StationRefused
from ..link.messages import MAX_ADDRESSES, HouseholdFacts
from .enrolment import facts_of, usable_of
from .options import StationOptions
from .timelines import STATION

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
            kept = await client.tell_facts(facts)
        except StationError as error:
            if isinstance(error, StationRefused) and error.is_final:
                _LOGGER.warning("The station does not take what is agreed: %s", error)
                return
            await asyncio.sleep(TRY_EVERY)
        else:
            _take_up(home, station, kept.addresses)
            return


def _take_up(home: Home, station: StationOptions, addresses: tuple[str, ...]) -> None:
    """Take up where else the station can be reached now; it has to prove itself there.

    Behind those that are known, which a person may have put in order. The home begins
    anew with them, and so not in an incident: the next start will do.
    """
    if station.identity is None or home.guard.state.incidents:
        return
    named = tuple(usable_of(addresses, allow_http=station.allow_http))
    known = {*station.addresses, *station.offered}
    room = MAX_ADDRESSES - len(station.addresses)
    new = [address for address in named if address not in known][: max(room, 0)]
    if not new:
        return
    changed = replace(
        station,
        others=(*station.others, *new),
        offered=(*station.offered, *new)[-2 * MAX_ADDRESSES :],
    )
    _LOGGER.info("The station can be reached at %d more address(es)", len(new))
    data = {**home.entry.data, STATION: changed.as_data()}
    home.hass.config_entries.async_update_entry(home.entry, data=data)
