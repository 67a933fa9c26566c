"""Why there was no answer of a station, or which one it was."""

from datetime import datetime
from enum import StrEnum

from .problems import Reason


class Trouble(StrEnum):
    """Why there was no answer of the station."""

    CONNECT = "connect"
    TIMEOUT = "timeout"
    TLS = "tls"
    SERVER_ERROR = "server_error"
    REDIRECTED = "redirected"
    NOT_A_STATION = "not_a_station"
    ANOTHER_STATION = "another_station"


class StationError(Exception):
    """The station has not taken it."""

    retry_after: float | None = None
    """Seconds that the station asks to wait."""


class StationUnreachable(StationError):
    """There was no answer, or none of a station; whether it arrived is not known."""

    def __init__(self, trouble: Trouble, retry_after: float | None = None) -> None:
        """Keep what happened."""
        super().__init__(trouble.value)
        self.trouble = trouble
        self.retry_after = retry_after


class StationRefused(StationError):
    """The station has answered no."""

    def __init__(
        self,
        reason: str,
        path: str | None = None,
        retry_after: float | None = None,
        now: datetime | None = None,
        proof: str | None = None,
    ) -> None:
        """Keep the reason: a `Reason`, or the word of a newer station."""
        super().__init__(reason)
        self.reason = reason
        self.path = path
        self.retry_after = retry_after
        self.now = now
        self.proof = proof
        """What the station has signed about it, if it proves itself with it."""

    @property
    def is_passing(self) -> bool:
        """Whether the same message may well be accepted a moment later."""
        return self.reason in Reason and Reason(self.reason).is_passing

    @property
    def is_final(self) -> bool:
        """Whether the same message will be refused again; not so for unknown words."""
        return self.reason in Reason and Reason(self.reason).is_final
