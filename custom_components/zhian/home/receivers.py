"""The receivers beside the station: made from their settings, run, shown, taken back."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.issue_registry import IssueSeverity

from ..const import DOMAIN
from ..link.documents import IncidentDocument
from ..link.receiver import OtherReceiver
from .guard import Guard
from .issues import take_back
from .queues import Queue
from .receiver_kinds import make
from .receiver_link import ReceiverLink
from .receiver_numbers import Numbers
from .receiver_options import RECEIVER, ReceiverOptions
from .station_link import LinkStatus
from .timelines import Timeline

_LOGGER = logging.getLogger(__name__)

RECEIVERS: Final = "https://github.com/zhian-home/zhian/blob/main/docs/receivers.md"
LOST: Final = "receiver_lost"
REFUSED: Final = "receiver_refused"


@dataclass(frozen=True, slots=True)
class Line:
    """One receiver that is set up."""

    id: str
    options: ReceiverOptions
    receiver: OtherReceiver
    queue: Queue


class Receivers:
    """All receivers of a home beside its station."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry[Any], private_key: str
    ) -> None:
        """Read the entry; nothing is sent before `start`."""
        self._hass = hass
        self._entry = entry
        self.lines = tuple(self._lines(private_key))
        self.links: dict[str, ReceiverLink] = {}

    def _lines(self, private_key: str) -> Iterable[Line]:
        subentries = tuple(self._entry.get_subentries_of_type(RECEIVER))
        numbers = Numbers(self._hass, (s.subentry_id for s in subentries))
        for subentry in subentries:
            id_ = subentry.subentry_id
            try:
                options = ReceiverOptions.from_mapping(subentry.data)
                receiver = make(
                    self._hass, options, private_key, partial(numbers.next, id_)
                )
            except (KeyError, ValueError) as error:
                # The home is guarded all the same. No value: it may be a secret.
                _LOGGER.error("A receiver cannot be used: %s", type(error).__name__)
                continue
            yield Line(id_, options, receiver, Queue(id_, options.takes))

    @property
    def queues(self) -> tuple[Queue, ...]:
        """What waits for each of them."""
        return tuple(line.queue for line in self.lines)

    @callback
    def start(
        self,
        guard: Guard,
        build: Callable[[ReceiverOptions, Timeline], IncidentDocument],
    ) -> None:
        """Send from now on, until the home is unloaded."""
        here = {f"{key}_{line.id}" for key in (LOST, REFUSED) for line in self.lines}
        take_back(self._hass, LOST, REFUSED, but=here)
        for line in self.lines:
            link = ReceiverLink(
                line.receiver, line.queue, guard, partial(build, line.options)
            )
            self.links[line.id] = link
            link.subscribe(partial(self._show, line, link))
            self._entry.async_create_background_task(
                self._hass, link.run(), f"zhian receiver {line.options.kind}"
            )

    @callback
    def _show(self, line: Line, link: ReceiverLink) -> None:
        """Raise or clear the repairs about a receiver."""
        for about, key in ((LinkStatus.LOST, LOST), (LinkStatus.REFUSED, REFUSED)):
            if link.status is about:
                ir.async_create_issue(
                    self._hass,
                    DOMAIN,
                    f"{key}_{line.id}",
                    is_fixable=False,
                    severity=IssueSeverity.ERROR,
                    translation_key=key,
                    learn_more_url=RECEIVERS,
                    translation_placeholders={
                        "name": line.options.name,
                        "reason": link.reason or "?",
                    },
                )
            else:
                ir.async_delete_issue(self._hass, DOMAIN, f"{key}_{line.id}")

    def diagnostics(self) -> dict[str, Any]:
        """Return how the lines are."""
        return {
            line.id: {
                "kind": line.options.kind.value,
                "status": link.status.value,
                "reason": link.reason,
                "waiting": link.waiting,
            }
            for line in self.lines
            if (link := self.links.get(line.id)) is not None
        }
