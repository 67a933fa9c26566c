"""What of a household may be passed on: one place to ask."""

from .registry import Household


def may_go_up(household: Household) -> bool:
    """Return whether a household's incidents may be told to higher stations."""
    return True
