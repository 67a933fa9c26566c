"""A request that the station turns down, on its way to becoming a problem document."""

from ..link.problems import Reason


class Refused(Exception):
    """The station says no; the reason and what goes with it hold no personal data."""

    def __init__(
        self, reason: Reason, detail: str | None = None, **more: str | float
    ) -> None:
        """Keep what the answer says."""
        super().__init__(reason.value)
        self.reason = reason
        self.detail = detail
        self.more = more
