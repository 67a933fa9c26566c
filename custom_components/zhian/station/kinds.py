"""Homes and stations: what may become which with a pairing code."""

from sqlalchemy import Connection, Row, select

from ..link.messages import EnrolmentRequest
from ..link.problems import Reason
from ..store.schema import households
from .refused import Refused


def check_kind(
    connection: Connection,
    code: Row[tuple[object, ...]],
    known: Row[tuple[object, ...]] | None,
    application: EnrolmentRequest,
) -> None:
    """Refuse a home that would be a station, and the other way round.

    A station speaks for others: nobody becomes one with a code that a home was given.
    """
    is_station = application.station is not None
    if code.household is not None:
        query = select(households).where(households.c.id == code.household)
        known = connection.execute(query).one()
    elif bool(code.for_station) is not is_station:
        raise Refused(Reason.BAD_CODE)
    if known is not None and (known.station is not None) is not is_station:
        raise Refused(Reason.BAD_CODE)
