"""Orders given to stations below and taken from the one above, on disk on both sides.

An order is there once, however often it is heard of, and its first signature stays.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid7

from sqlalchemy import Connection, Row, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as insert_new

from ..link.orders import MAX_ORDERS, OrderSigned, StationOrder
from ..store.schema import orders

if TYPE_CHECKING:
    from ..store.database import Database

KEPT: Final = 200
"""Orders of the past that are still shown."""


@dataclass(frozen=True, slots=True)
class Order:
    """One order, and what has become of it."""

    said: StationOrder
    station: str
    """For one from above, who gave it; for one of ours, who is to sign."""
    household: str | None
    """The station below that it is for; None if it came from above."""
    receiver: str | None
    """Who this station is at the one above that gave it."""
    signed: OrderSigned | None = None
    is_told: bool = False
    """Whether the station above knows the signature."""

    @property
    def id(self) -> str:
        """The order's id, given by who gave it."""
        return self.said.id

    @property
    def is_from_above(self) -> bool:
        """Whether somebody here is to sign."""
        return self.household is None

    def as_json(self) -> dict[str, Any]:
        """Return it for the desk's screens."""
        return {
            **self.said.as_json(),
            "from_above": self.is_from_above,
            "station": self.station,
            "household": self.household,
            "signed": self.signed.as_json() if self.signed else None,
        }


class Orders:
    """All orders that count, in memory; every change is on disk first."""

    def __init__(self, database: Database, on_change: Callable[[], None]) -> None:
        """Begin with none."""
        self._database = database
        self._on_change = on_change
        self._orders: dict[str, Order] = {}

    async def load(self) -> None:
        """Read what is not signed, not told, or of late."""
        unsettled = or_(
            orders.c.signed_at.is_(None),
            orders.c.receiver.is_not(None) & orders.c.is_told.is_(False),
        )

        def work(connection: Connection) -> list[Order]:
            late = select(orders).order_by(orders.c.at.desc()).limit(KEPT)
            rows = {row.id: row for row in connection.execute(late)}
            rows |= {
                r.id: r for r in connection.execute(select(orders).where(unsettled))
            }
            return [_order(row) for row in rows.values()]

        self._orders = {one.id: one for one in await self._database.submit(work)}

    @property
    def all(self) -> list[Order]:
        """Return them, the newest first."""
        return sorted(self._orders.values(), key=_given_at, reverse=True)

    @property
    def to_sign(self) -> list[Order]:
        """Return those from above that nobody here has signed for, the oldest first."""
        found = (o for o in self._orders.values() if o.is_from_above and not o.signed)
        return sorted(found, key=_given_at)

    @property
    def unsigned_below(self) -> list[Order]:
        """Return those of ours that nobody below has signed for, the oldest first."""
        given = (o for o in self._orders.values() if not o.is_from_above)
        return sorted((o for o in given if not o.signed), key=_given_at)

    def unsigned_for(self, household: str) -> tuple[StationOrder, ...]:
        """Return what a station below is to be told with its heartbeat."""
        found = [o.said for o in self.unsigned_below if o.household == household]
        return tuple(found[:MAX_ORDERS])

    def untold(self, receiver: str) -> list[Order]:
        """Return those signed here of which the station above has not heard yet."""
        return [
            order
            for order in self._orders.values()
            if order.receiver == receiver and order.signed and not order.is_told
        ]

    def get(self, order: str) -> Order | None:
        """Return an order by its id."""
        return self._orders.get(order)

    async def give(
        self,
        household: str,
        station: str,
        text: str,
        by: str,
        at: datetime,
        incident: str | None,
    ) -> Order:
        """Give an order to a station below."""
        said = StationOrder(id=str(uuid7()), text=text, by=by, at=at, incident=incident)
        order = Order(said, station, household, None)

        def work(connection: Connection) -> None:
            connection.execute(insert(orders).values(_values(order)))

        await self._database.submit(work)
        self._keep(order)
        return order

    async def take(
        self, receiver: str, station: str, said: Iterable[StationOrder]
    ) -> None:
        """Take orders from above; those that are here already stay as they are.

        One that is signed and named all the same has not been heard of there: its
        signature is told again.
        """
        taken = [
            Order(one, station, None, receiver)
            for one in said
            if (known := self._orders.get(one.id)) is None
            or (known.signed is not None and known.is_told)
        ]
        if not taken:
            return

        def work(connection: Connection) -> list[Order]:
            for order in taken:
                connection.execute(
                    insert_new(orders)
                    .values(_values(order))
                    .on_conflict_do_update(
                        index_elements=["id"],
                        set_={"is_told": False},
                        where=orders.c.receiver == receiver,
                    )
                )
            ids = [order.id for order in taken]
            return [
                _order(row)
                for row in connection.execute(
                    select(orders).where(
                        orders.c.id.in_(ids), orders.c.receiver == receiver
                    )
                )
            ]

        for order in await self._database.submit(work):
            self._keep(order)

    async def sign(self, order: Order, signed: OrderSigned) -> Order:
        """Sign for an order; the first signature stays. Return it as it is then."""

        def work(connection: Connection) -> Order:
            connection.execute(
                update(orders)
                .where(orders.c.id == order.id, orders.c.signed_at.is_(None))
                .values(signed_by=signed.by, signed_at=signed.at)
            )
            return _order(
                connection.execute(select(orders).where(orders.c.id == order.id)).one()
            )

        current = await self._database.submit(work)
        self._keep(current)
        return current

    async def signed_below(
        self, household: str, order: str, signed: OrderSigned
    ) -> OrderSigned | None:
        """Take a signature from below; None if there is no such order for it."""
        query = select(orders).where(
            orders.c.id == order, orders.c.household == household
        )
        row = await self._database.submit(lambda c: c.execute(query).first())
        if row is None:
            return None
        return (await self.sign(_order(row), signed)).signed

    async def told(self, order: str) -> None:
        """Note that the station above has heard who signed."""

        def work(connection: Connection) -> Order:
            connection.execute(
                update(orders).where(orders.c.id == order).values(is_told=True)
            )
            query = select(orders).where(orders.c.id == order)
            return _order(connection.execute(query).one())

        self._keep(await self._database.submit(work))

    def _keep(self, order: Order) -> None:
        self._orders[order.id] = order
        self._on_change()


def _given_at(order: Order) -> tuple[datetime, str]:
    return order.said.at, order.id


def _values(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "household": order.household,
        "receiver": order.receiver,
        "station": order.station,
        "incident": order.said.incident,
        "text": order.said.text,
        "by": order.said.by,
        "at": order.said.at,
        "is_told": False,
    }


def _order(row: Row[Any]) -> Order:
    return Order(
        said=StationOrder(
            id=row.id, text=row.text, by=row.by, at=row.at, incident=row.incident
        ),
        station=row.station,
        household=row.household,
        receiver=row.receiver,
        signed=OrderSigned(row.signed_by, row.signed_at) if row.signed_at else None,
        is_told=row.is_told,
    )
