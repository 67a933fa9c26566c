"""A small defect of the kernel, and who is to notice it."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

type Break = Callable[[pytest.MonkeyPatch], None]


def nothing(*_: object, **__: object) -> None:
    """Do nothing, whatever is asked."""


@dataclass(frozen=True)
class Defect:
    """A way to break the kernel, and the invariants that notice it first."""

    breaks: Break
    caught_by: tuple[str, ...]
    home: int = 0
    """The first home to look in: a rare one need not be waited for."""

    def __str__(self) -> str:
        """Name the defect after what it does."""
        return self.breaks.__name__.strip("_")
