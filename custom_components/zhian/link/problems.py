"""Why the station says no: problem documents (RFC 9457) with a coded reason."""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Final

CONTENT_TYPE: Final = "application/problem+json"


class Reason(StrEnum):
    """Why a request was refused."""

    UNSIGNED = "unsigned"
    BAD_SIGNATURE = "bad_signature"
    STALE = "stale"
    REPLAYED = "replayed"
    UNKNOWN_HOUSEHOLD = "unknown_household"
    REVOKED = "revoked"
    DELETED = "deleted"
    BAD_DOCUMENT = "bad_document"
    BAD_LOCATION = "bad_location"
    TOO_LARGE = "too_large"
    TOO_OLD = "too_old"
    BAD_CODE = "bad_code"
    EXPIRED_CODE = "expired_code"
    UNKNOWN_INCIDENT = "unknown_incident"
    UNKNOWN_ORDER = "unknown_order"
    LOOP = "loop"
    UPGRADE_REQUIRED = "upgrade_required"
    RATE_LIMITED = "rate_limited"
    NOT_READY = "not_ready"

    @property
    def status(self) -> HTTPStatus:
        """The HTTP status that goes with the reason."""
        return _MEANINGS[self][0]

    @property
    def summary(self) -> str:
        """One sentence for a person who reads the answer."""
        return _MEANINGS[self][1]

    @property
    def is_passing(self) -> bool:
        """Whether the same message may well be accepted a moment later."""
        return self in _PASSING

    @property
    def is_final(self) -> bool:
        """Whether it is the document's own fault: the same again gets the same."""
        return self in _FINAL


_MEANINGS: Final[Mapping[Reason, tuple[HTTPStatus, str]]] = {
    Reason.UNSIGNED: (
        HTTPStatus.UNAUTHORIZED,
        "The request is not signed.",
    ),
    Reason.BAD_SIGNATURE: (
        HTTPStatus.UNAUTHORIZED,
        "The signature does not fit the request.",
    ),
    Reason.STALE: (
        HTTPStatus.UNAUTHORIZED,
        "The request was signed too long ago, or in the future: check the clock.",
    ),
    Reason.REPLAYED: (
        HTTPStatus.UNAUTHORIZED,
        "The request has been received before.",
    ),
    Reason.UNKNOWN_HOUSEHOLD: (
        HTTPStatus.FORBIDDEN,
        "The station does not know this household.",
    ),
    Reason.REVOKED: (
        HTTPStatus.FORBIDDEN,
        "The station no longer serves this household.",
    ),
    Reason.DELETED: (
        HTTPStatus.FORBIDDEN,
        "The station has deleted this household.",
    ),
    Reason.BAD_DOCUMENT: (
        HTTPStatus.BAD_REQUEST,
        "The document is not as the contract wants it.",
    ),
    Reason.BAD_LOCATION: (
        HTTPStatus.UNPROCESSABLE_CONTENT,
        "The location is not a place on earth.",
    ),
    Reason.TOO_LARGE: (
        HTTPStatus.CONTENT_TOO_LARGE,
        "The document is larger than 64 KiB.",
    ),
    Reason.TOO_OLD: (
        HTTPStatus.UNPROCESSABLE_CONTENT,
        "The incident is over and began more than 24 hours ago.",
    ),
    Reason.BAD_CODE: (
        HTTPStatus.FORBIDDEN,
        "The pairing code is wrong or has been used.",
    ),
    Reason.EXPIRED_CODE: (
        HTTPStatus.FORBIDDEN,
        "The pairing code has expired.",
    ),
    Reason.UNKNOWN_INCIDENT: (
        HTTPStatus.NOT_FOUND,
        "The station has no such incident of this household.",
    ),
    Reason.UNKNOWN_ORDER: (
        HTTPStatus.NOT_FOUND,
        "The station has given no such order to this station.",
    ),
    Reason.LOOP: (
        HTTPStatus.CONFLICT,
        "The station is on the path itself, or has this by another way.",
    ),
    Reason.UPGRADE_REQUIRED: (
        HTTPStatus.UPGRADE_REQUIRED,
        "The stream is a WebSocket.",
    ),
    Reason.RATE_LIMITED: (
        HTTPStatus.TOO_MANY_REQUESTS,
        "Too many requests.",
    ),
    Reason.NOT_READY: (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The station is not ready.",
    ),
}
_PASSING: Final = frozenset(
    {Reason.STALE, Reason.REPLAYED, Reason.RATE_LIMITED, Reason.NOT_READY}
)
_FINAL: Final = frozenset(
    {
        Reason.BAD_DOCUMENT,
        Reason.BAD_LOCATION,
        Reason.TOO_LARGE,
        Reason.TOO_OLD,
        Reason.LOOP,
    }
)


def problem(
    reason: Reason,
    status: int | None = None,
    detail: str | None = None,
    **more: str | float,
) -> dict[str, str | int | float]:
    """Return the problem document of a refusal.

    The detail and what is added must hold no personal data: `path` (where in the
    document), `now` (the station's time, for `stale`), `retry_after` (seconds).
    """
    document: dict[str, str | int | float] = {
        "type": f"urn:zhian:problem:{reason}",
        "title": reason.summary,
        "status": int(reason.status if status is None else status),
        "reason": reason.value,
    }
    if detail is not None:
        document["detail"] = detail
    return document | more
