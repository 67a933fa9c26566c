"""Why an enrolment has failed: every failure belongs to a field of the form."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final

from .addresses import AddressFault, BadAddress
from .client import StationError, StationRefused, StationUnreachable, Trouble
from .problems import Reason

_URL: Final = "url"
_CODE: Final = "code"

# The field is the one where the person can do something about it.
_ADDRESS_FAULTS: Final = {
    AddressFault.NOT_AN_ADDRESS: _URL,
    AddressFault.HTTP_NOT_ALLOWED: "allow_http",
    AddressFault.HTTP_TO_PUBLIC: _URL,
}
_TROUBLES: Final = {
    Trouble.TLS: "station_not_trusted",
    Trouble.SERVER_ERROR: "station_not_ready",
    Trouble.REDIRECTED: "not_a_station",
    Trouble.NOT_A_STATION: "not_a_station",
    Trouble.ANOTHER_STATION: "another_station",
}
_REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
    Reason.BAD_CODE: (_CODE, "bad_code"),
    Reason.EXPIRED_CODE: (_CODE, "expired_code"),
    Reason.RATE_LIMITED: (_CODE, "rate_limited"),
    Reason.STALE: (_URL, "clocks_differ"),
    Reason.NOT_READY: (_URL, "station_not_ready"),
    Reason.LOOP: (_URL, "loop"),
}


class EnrolmentFailed(Exception):
    """Nobody is enrolled; nothing has changed."""

    def __init__(self, field: str, error: str) -> None:
        """Keep the field to correct and the key of the sentence that says why."""
        super().__init__(error)
        self.field = field
        self.error = error


async def at_the_first[Enrolled](
    addresses: Iterable[str], enrol: Callable[[str], Awaitable[Enrolled]]
) -> Enrolled:
    """Enrol at the first address where that works; raises EnrolmentFailed.

    A code that was refused is not shown anywhere else: the station itself has said no.
    """
    failure: EnrolmentFailed | None = None
    for address in addresses:
        try:
            return await enrol(address)
        except EnrolmentFailed as error:
            if error.field == _CODE:
                raise
            failure = failure or error
    assert failure is not None, "no address"
    raise failure


def failure_of(error: BadAddress | StationError) -> EnrolmentFailed:
    """Return what to tell the person who has filled in the form."""
    match error:
        case BadAddress():
            return EnrolmentFailed(_ADDRESS_FAULTS[error.fault], error.fault)
        case StationUnreachable():
            return EnrolmentFailed(
                _URL, _TROUBLES.get(error.trouble, "station_unreachable")
            )
        case StationRefused():
            return EnrolmentFailed(
                *_REFUSALS.get(error.reason, (_URL, "station_refused"))
            )
        case _:
            return EnrolmentFailed(_URL, "station_unreachable")
