"""What a station would be sent, shown before anybody agrees: made by what sends it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..link.client import applied, written
from ..link.receiver import Report
from ..safety.household import Household
from ..safety.state import State
from ..safety.vocabulary import Hazard
from .agreement import Agreement
from .documents import Documents, Named
from .enrolment import application_of
from .household import household_of
from .legible import legible
from .options import HomeOptions
from .preview import example
from .receiver_kinds import make
from .receiver_options import ReceiverOptions


@dataclass(frozen=True, slots=True)
class _NotRunning:
    """A home that has no devices yet, or does not run."""

    state: State
    actuators: dict[str, Named]


def shown(messages: Iterable[bytes]) -> str:
    """Return messages as a page shows them: the same words, one under the other."""
    text = "\n".join(map(legible, messages))
    return "\n".join(f"    {line}" for line in text.splitlines())


def enrolment_messages(
    hass: HomeAssistant,
    home: HomeOptions,
    code: str,
    agreement: Agreement | None,
    entry: ConfigEntry[Any] | None,
) -> list[bytes]:
    """Return what enrols a home, and what its first gas alarm would be."""
    documents, household = _of(hass, home, entry)
    timeline = example(household, dt_util.utcnow())
    return [
        applied(application_of(hass, home, code, agreement)),
        written(documents.for_agreement(timeline, agreement)),
    ]


async def receiver_messages(
    hass: HomeAssistant,
    home: HomeOptions,
    options: ReceiverOptions,
    entry: ConfigEntry[Any],
) -> list[bytes]:
    """Return what a receiver would be sent at the beginning of an alarm."""
    documents, household = _of(hass, home, entry)
    hazard = Hazard.GAS if Hazard.GAS in options.hazards else options.hazards[0]
    timeline = example(household, dt_util.utcnow(), hazard)
    receiver = make(hass, options, home.private_key, _no_number)
    return receiver.written(Report(documents.for_receiver(options, timeline)))


async def _no_number(_: str) -> int:
    raise ValueError("a preview is not sent")


def _of(
    hass: HomeAssistant, home: HomeOptions, entry: ConfigEntry[Any] | None
) -> tuple[Documents, Household]:
    if entry is not None and entry.state is ConfigEntryState.LOADED:
        running = getattr(entry, "runtime_data", None)
        if running is not None:
            known = running.guard.state.household
            return Documents(hass, home, running.guard), known
    household = household_of(hass, home, (), (), (), ())
    return Documents(hass, home, _NotRunning(State(household), {})), household
