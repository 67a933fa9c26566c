"""The station among stations: the one above it, and those below that it orders."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from homeassistant.components import persistent_notification
from homeassistant.core import callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util import dt as dt_util

from sqlalchemy import Connection

from ..const import DOMAIN
from ..link.orders import OrderSigned
from ..link.views import StationView
from ..link.wire_json import fitting_text
from . import order_words
from .cases import hear
from .consents import may_go_up
from .const import SIGNAL_ORDERS
from .orders import Order, Orders
from .parent import CONF_PARENT, ParentOptions, client_of, station_id
from .parent_issues import ParentIssues
from .parent_key import bring
from .registry import Household
from .uplink import LineStatus, Uplink
from .upward import want

if TYPE_CHECKING:
    from . import Station
    from .arrivals import Arrival
    from .cases import Case

_LONGEST_NAME: Final = 64


class Federation:
    """What one station has to do with others."""

    def __init__(self, station: Station) -> None:
        """Read the entry; nothing is sent before `start`."""
        self._station = station
        self.id = station_id(station.entry)
        """The station's own name on the path of an incident."""
        self.orders: Orders = Orders(station.database, self._on_orders)
        data = station.entry.data.get(CONF_PARENT)
        self.parent = ParentOptions.from_mapping(data) if data else None
        self.uplink: Uplink | None = None
        self._line: asyncio.Task[None] | None = None
        self._shown: set[str] = set()

    async def load(self) -> None:
        """Read the orders; note what of the open incidents is not above yet."""
        await self.orders.load()
        if self.parent is None:
            return
        receiver = self.parent.household
        going = [c for c in self._station.cases.open if self._may_go_up(c.household)]

        def work(connection: Connection) -> None:
            for case in going:
                want(connection, receiver, case.document)

        await self._station.database.submit(work)

    @callback
    def start(self) -> Callable[[], None]:
        """Speak with the station above from now on; return the end."""
        self._on_orders()
        if self.parent is None:
            return self._clear_orders
        station = self._station
        entry, hass = station.entry, station.hass
        client = client_of(hass, entry)
        self.uplink = uplink = Uplink(station, self.parent, client)
        issues = ParentIssues(hass, uplink)
        uplink.subscribe(self._on_line)
        self._line = entry.async_create_background_task(
            hass, uplink.run(), "zhian uplink"
        )
        entry.async_create_background_task(
            hass, bring(hass, entry, client), "zhian station key"
        )

        def end() -> None:
            issues.clear()
            self._clear_orders()

        return end

    @callback
    def stop(self) -> None:
        """Send nothing more: the database is about to close."""
        if self._line is not None:
            self._line.cancel()

    def queued(
        self, work: Callable[[Connection], Case | None]
    ) -> Callable[[Connection], Case | None]:
        """Return work that also notes, in its transaction, what is to go up."""
        if self.parent is None:
            return work
        receiver = self.parent.household

        def both(connection: Connection) -> Case | None:
            case = work(connection)
            # Looking a household up is safe in the database's thread, too.
            if case is not None and self._may_go_up(case.household):
                want(connection, receiver, case.document)
            return case

        return both

    def receiving(
        self, work: Callable[[Connection, Sequence[Arrival]], None]
    ) -> Callable[[Connection, Sequence[Arrival]], None]:
        """Return the same for reports of homes, many at a time."""
        if self.parent is None:
            return work
        receiver = self.parent.household

        def both(connection: Connection, arrivals: Sequence[Arrival]) -> None:
            work(connection, arrivals)
            for arrival in arrivals:
                if arrival.case and self._may_go_up(arrival.household):
                    want(connection, receiver, arrival.case.document)

        return both

    @callback
    def wake(self) -> None:
        """Send what has just been written."""
        if self.uplink is not None:
            self.uplink.wake()

    def _may_go_up(self, household: str) -> bool:
        known = self._station.registry.get(household)
        return known is not None and may_go_up(known)

    @property
    def status(self) -> LineStatus:
        """How the line to the station above is."""
        return self.uplink.status if self.uplink else LineStatus.NONE

    def diagnostics(self) -> dict[str, Any]:
        """Return how things are, and nothing of anybody."""
        return {
            "parent_status": self.status.value,
            "parent_refusal": self.uplink.refusal if self.uplink else None,
            "incidents_looping": len(self.uplink.looping) if self.uplink else 0,
            "stations_below": len(self._station.registry.stations),
            "orders_to_sign": len(self.orders.to_sign),
            "orders_unsigned_below": len(self.orders.unsigned_below),
        }

    async def hear(self, incident: str, station: str, view: StationView) -> None:
        """Take in how far the station above is, and pass it on."""
        case = await self._station.shielded(
            self._station.write(
                lambda connection: hear(connection, incident, station, view)
            )
        )
        if case is not None:
            self._station.lines.tell(case)

    # Orders

    async def give(
        self, text: str, actor: str | None, below: str | None, incident: str | None
    ) -> Order:
        """Order something of a station below, named by its id or name.

        With an incident it is the station that the incident came from.
        """
        by = self._station.name_of(actor)
        return await self._station.stored(self._give(text, by, below, incident))

    async def _give(
        self, text: str, by: str, below: str | None, incident: str | None
    ) -> Order:
        if not (text := fitting_text(text)):
            raise _refused("order_empty")
        about = None
        if incident is not None:
            about = await self._station.cases.find(incident)
            if about is None:
                raise _refused("unknown_incident", incident=incident)
            below = below or about.household
        household = self._below(below)
        if about is not None and about.household != household.id:
            # The station has no such incident: nobody learns of it by an order.
            raise _refused("order_not_its_incident", name=household.name)
        order = await self.orders.give(
            household.id,
            household.name,
            text,
            by[:_LONGEST_NAME],
            dt_util.utcnow(),
            about.incident if about else None,
        )
        self._station.lines.give(household.id, order.said)
        return order

    def _below(self, named: str | None) -> Household:
        """Return the station below that is meant; the only one needs no name."""
        stations = self._station.registry.stations
        if named is None:
            found = stations
        else:
            found = [s for s in stations if named in (s.id, s.station, s.name)]
        if len(found) != 1:
            raise _refused("no_such_station_below")
        return found[0]

    async def sign(self, order_id: str | None, actor: str | None) -> Order:
        """Sign for an order from above; the only one needs no id."""
        by = self._station.name_of(actor)
        return await self._station.stored(self._sign(order_id, by))

    async def _sign(self, order_id: str | None, by: str) -> Order:
        if order_id is None:
            waiting = self.orders.to_sign
            order = waiting[0] if len(waiting) == 1 else None
        else:
            order = self.orders.get(order_id)
        if order is None or not order.is_from_above:
            raise _refused("no_such_order")
        if order.signed is not None:
            raise _refused("order_already_signed", name=order.signed.by)
        signed = OrderSigned(by[:_LONGEST_NAME], dt_util.utcnow())
        order = await self.orders.sign(order, signed)
        if self.uplink is not None:
            self.uplink.wake_signatures()
        return order

    async def signed_below(
        self, household: str, order: str, signed: OrderSigned
    ) -> OrderSigned | None:
        """Take a signature from a station below; None if there is no such order."""
        return await self._station.shielded(
            self.orders.signed_below(household, order, signed)
        )

    # What people see

    @callback
    def _on_line(self) -> None:
        async_dispatcher_send(self._station.hass, SIGNAL_ORDERS)

    @callback
    def _on_orders(self) -> None:
        """Keep each order in sight until somebody has signed for it."""
        waiting = {order.id: order for order in self.orders.to_sign}
        hass = self._station.hass
        for order in waiting.values():
            if order.id not in self._shown:
                persistent_notification.async_create(
                    hass,
                    order_words.text(order, hass.config.language),
                    title=order_words.title(order, hass.config.language),
                    notification_id=_name(order.id),
                )
        for gone in self._shown - waiting.keys():
            persistent_notification.async_dismiss(hass, _name(gone))
        self._shown = set(waiting)
        async_dispatcher_send(hass, SIGNAL_ORDERS)

    @callback
    def _clear_orders(self) -> None:
        for shown in self._shown:
            persistent_notification.async_dismiss(self._station.hass, _name(shown))
        self._shown = set()


def _name(order: str) -> str:
    return f"zhian_order_{order}"


def _refused(key: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders or None,
    )
