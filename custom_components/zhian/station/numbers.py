"""The numbers of incidents that are deleted: none of them is given again."""

from collections.abc import Iterable

from sqlalchemy import Connection, case, select
from sqlalchemy.dialects.sqlite import insert

from ..store.schema import numbers_given


def last_kept(connection: Connection, year: int) -> int:
    """Return the highest number of a year among incidents that are deleted."""
    query = select(numbers_given.c.last).where(numbers_given.c.year == f"{year:04d}")
    return connection.scalar(query) or 0


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
