"""What a household lets this station do: asked here, and nowhere else."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, update

from ..link.agreed import Consents
from ..link.messages import HouseholdFacts
from ..store.schema import households
from .registry import Household, read_household

if TYPE_CHECKING:
    from . import Station


def may_go_up(household: Household | None) -> bool:
    """Whether stations above this one may see a household's incidents.

    Nobody asked, or nobody answered: no. Who is leaving is passed on to nobody. What
    comes from a station below was agreed to there.
    """
    if household is None or household.is_leaving:
        return False
    if household.station is not None:
        return True
    return household.consents is not None and household.consents.higher


def may_be_counted(household: Household | None) -> bool:
    """Whether something may stay of a household's incidents that names nobody."""
    return bool(household and household.consents and household.consents.statistics)


async def keep_facts(
    station: Station, household: Household, facts: HouseholdFacts
) -> Consents:
    """Write what a home says of itself; return the choice that counts."""
    home = facts.home
    return await _keep(
        station,
        household,
        facts.consents,
        {
            "name": home.name,
            "address": home.address,
            "latitude": home.latitude,
            "longitude": home.longitude,
            "contact": home.contact,
        },
    )


async def keep_consents(
    station: Station, household: Household, consents: Consents | None
) -> None:
    """Write what came with a report, if it is newer than what is known.

    What a station below passes on is agreed to there; its own record says nothing.
    """
    if household.station is not None or consents is None:
        return
    if _is_newer(consents, household.consents):
        await _keep(station, household, consents, {})


def _is_newer(consents: Consents, known: Consents | None) -> bool:
    return known is None or consents.at > known.at


async def _keep(
    station: Station,
    household: Household,
    consents: Consents,
    facts: dict[str, str | float | None],
) -> Consents:
    def work(connection: Connection) -> Household:
        known = read_household(connection, household.id)
        before: datetime | None = known.consents.at if known.consents else None
        if before is None or consents.at >= before:
            connection.execute(
                update(households)
                .where(households.c.id == household.id)
                .values(consents=consents.as_json(), **facts)
            )
        return read_household(connection, household.id)

    kept = await station.database.submit(work)
    station.registry.changed(kept)
    return kept.consents or consents
