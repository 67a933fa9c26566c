"""What was passed on and nobody stands for any more: told above, heard from below.

What is to be told lies in the table `withdrawals` until the station above has it, also
when the incident itself is gone here. What was heard stands with the case; what has to
be deleted stands in `erasures`, and so its id is taken no second time.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or

from ..link.withdrawn import LONGEST_REASON, IncidentWithdrawn, WithdrawalKept
from ..store.schema import desk_log, erasures, station_incidents, uplink, withdrawals
from .cases import Case, read_case
from .const import DELETED_WITHIN
from .erasing import erase_incidents
from .records import WITHDRAWN

_LONGEST_NAME: Final = 64


def withdraw(
    connection: Connection,
    household: str,
    incident: str,
    withdrawn: IncidentWithdrawn,
    by: str,
    at: datetime,
) -> tuple[Case | None, WithdrawalKept | None]:
    """Write that a station below has taken an incident back, and tell those above.

    Return the case, if that is news, and what is answered; None if there is no such
    incident of that station.
    """
    table = station_incidents
    row = connection.execute(select(table).where(table.c.id == incident)).first()
    if row is None or row.household != household:
        return None, _kept(connection, incident, household)
    if withdrawn.erase:
        connection.execute(
            insert_or(erasures)
            .values(
                incident=incident,
                household=household,
                requested_at=at,
                due=at + DELETED_WITHIN,
            )
            .on_conflict_do_nothing()
        )
    known = row.withdrawn or {}
    if known and (known["erase"] or not withdrawn.erase):
        return None, _kept(connection, incident, household) or WithdrawalKept()
    reason = withdrawn.reason[:LONGEST_REASON]
    # By our own clock: retention counts from there.
    noted = replace(withdrawn, reason=reason, at=at)
    connection.execute(
        update(table).where(table.c.id == incident).values(withdrawn=noted.as_json())
    )
    connection.execute(
        insert(desk_log).values(
            incident=incident,
            at=at,
            by=by[:_LONGEST_NAME],
            action=WITHDRAWN,
            body={"reason": reason},
        )
    )
    _queue(connection, withdrawn, uplink.c.incident == incident)
    kept = _kept(connection, incident, household) or WithdrawalKept()
    return read_case(connection, incident), kept


def _kept(
    connection: Connection, incident: str, household: str
) -> WithdrawalKept | None:
    row = connection.execute(
        select(erasures).where(
            erasures.c.incident == incident, erasures.c.household == household
        )
    ).first()
    return None if row is None else WithdrawalKept(row.due, row.deleted_at)


def withdraw_above(
    connection: Connection, household: str, withdrawn: IncidentWithdrawn
) -> None:
    """Note that the stations above are to be told of a household's incidents.

    Of all of them if they are to be deleted, of the open ones else. All that was
    perhaps sent, because an answer may have been lost.
    """
    table = station_incidents
    of_household = select(table.c.id).where(table.c.household == household)
    if not withdrawn.erase:
        of_household = of_household.where(table.c.closed_at.is_(None))
    _queue(connection, withdrawn, uplink.c.incident.in_(of_household))


def _queue(connection: Connection, withdrawn: IncidentWithdrawn, which: Any) -> None:
    rows = connection.execute(
        select(uplink.c.receiver, uplink.c.incident).where(which)
    ).all()
    for row in rows:
        statement = insert_or(withdrawals).values(
            receiver=row.receiver,
            incident=row.incident,
            reason=withdrawn.reason[:LONGEST_REASON],
            at=withdrawn.at,
            erase=withdrawn.erase,
        )
        new = statement.excluded
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["receiver", "incident"],
                set_={"reason": new.reason, "at": new.at, "erase": new.erase},
                where=new.erase >= withdrawals.c.erase,
            )
        )


def come_back(connection: Connection, household: str) -> None:
    """Forget what was not told yet: the household is served again."""
    table = station_incidents
    ids = select(table.c.id).where(table.c.household == household)
    connection.execute(delete(withdrawals).where(withdrawals.c.incident.in_(ids)))


def erase_withdrawn(connection: Connection) -> list[str]:
    """Delete what has to be and nobody works on; return what is gone of all that.

    The file may still hold it: that ends with `finish`.
    """
    table = station_incidents
    asked = select(erasures.c.incident).where(erasures.c.deleted_at.is_(None))
    wanted = list(connection.scalars(asked))
    rows = connection.execute(
        select(table).where(table.c.id.in_(asked), table.c.closed_at.is_not(None))
    ).all()
    erase_incidents(connection, rows, None)
    left = set(connection.scalars(select(table.c.id).where(table.c.id.in_(asked))))
    return [incident for incident in wanted if incident not in left]


def finish(connection: Connection, incidents: list[str], at: datetime) -> None:
    """Note that nothing is left of what was to be deleted."""
    connection.execute(
        update(erasures).where(erasures.c.incident.in_(incidents)).values(deleted_at=at)
    )


def read_erasures(connection: Connection) -> dict[str, datetime | None]:
    """Return what was to be deleted, and by when; no time if it is done."""
    return {
        row.incident: None if row.deleted_at else row.due
        for row in connection.execute(select(erasures))
    }
