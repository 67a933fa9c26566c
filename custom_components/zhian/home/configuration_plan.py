"""What a configuration file would change, and what keeps it from that."""

from dataclasses import dataclass, field
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry

from .configuration_problems import Problem
from .contact_options import ContactOptions
from .options import ActuatorOptions, DetectorOptions
from .routine_options import RoutineOptions
from .watch_options import CodeOptions

type Options = (
    DetectorOptions | ActuatorOptions | ContactOptions | RoutineOptions | CodeOptions
)

FLOW: Final = "config_subentries.{}.error"
"""Where the texts of a flow's errors stand: a file is told the same as a person."""


@dataclass(slots=True)
class Import:
    """All of it is done, or nothing."""

    home: dict[str, Any] | None = None
    changed: list[tuple[ConfigSubentry, Options]] = field(default_factory=list)
    added: list[tuple[str, Options]] = field(default_factory=list)
    codeless: list[str] = field(default_factory=list)
    """People of the file who have no code here: nobody but them can enter one."""
    problems: list[Problem] = field(default_factory=list)
