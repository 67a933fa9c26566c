"""The numbers of incidents: one after the other, each once, whatever is deleted."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, case, select
from sqlalchemy.dialects.sqlite import insert

from ..store.schema import numbers_given, station_incidents


def next_number(connection: Connection, at: datetime) -> str:
    """Return the next number of the year, such as 2026-000001.

    Read and used in one transaction of the only writer: no number is given twice.
    """
    year = f"{at.year:04d}"
    number = station_incidents.c.number
    last = connection.scalar(
        select(number)
        .where(number > f"{year}-", number < f"{year}.")  # "." follows "-"
        .order_by(number.desc())
        .limit(1)
    )
    count = int(last.partition("-")[2]) if last else 0
    query = select(numbers_given.c.last).where(numbers_given.c.year == year)
    count = max(count, connection.scalar(query) or 0)
    return f"{year}-{count + 1:06d}"


def keep_numbers(connection: Connection, numbers: Iterable[str]) -> None:
    """Remember the highest number of each year before its incidents are deleted."""
    highest: dict[str, int] = {}
    for number in numbers:
        year, _, count = number.partition("-")
        highest[year] = max(highest.get(year, 0), int(count))
    for year, last in highest.items():
        statement = insert(numbers_given).values(year=year, last=last)
        new, old = statement.excluded.last, numbers_given.c.last
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["year"],
                set_={"last": case((new > old, new), else_=old)},
            )
        )
