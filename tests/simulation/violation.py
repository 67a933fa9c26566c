"""What is raised when the kernel breaks an invariant."""


class Violation(AssertionError):
    """The kernel broke an invariant."""

    def __init__(self, invariant: str, what: str) -> None:
        """Name the invariant and say what happened."""
        super().__init__(f"{invariant}: {what}")
        self.invariant = invariant
        self.what = what
