"""The kernel without what stands around it."""

from pathlib import Path
import sys
from types import ModuleType

PACKAGE = "custom_components.zhian"


def stand_alone() -> None:
    """Let the integration's package be a bare folder in this process.

    Its own start imports Home Assistant. That takes as long as a thousand accidents, in
    each process, and the kernel uses none of it.
    """
    if PACKAGE not in sys.modules:
        package = ModuleType(PACKAGE)
        root = Path(__file__).parents[2]
        package.__path__ = [str(root.joinpath(*PACKAGE.split(".")))]
        sys.modules[PACKAGE] = package
