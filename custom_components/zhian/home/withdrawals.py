"""Taking consent back: at once at home, then at the station, until it is confirmed.

From that moment a receiver hears of nothing new. One alarm is an exception: an open one
that it has been told of is reported to its end, because people may be on their way to
it. What waits of closed ones is dropped and written down. Then the station is asked to
delete the household, again and again, over restarts, until it says that this is done.
"""

import asyncio
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
import logging
from typing import Any, Final
from uuid import uuid4

from homeassistant.components import persistent_notification
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.storage import Store
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..link.addresses import BadAddress
from ..link.client import StationClient, StationError
from ..link.signatures import Key
from .options import HomeOptions, StationOptions
from .queues import Queue
from .receivers import Line
from .timelines import STATION, Timelines

_LOGGER: Final = logging.getLogger(__name__)

VERSION: Final = 1
KEPT: Final = 50
LOOK_EVERY: Final = timedelta(seconds=5)
"""Between looks whether the last alarm is over."""
TRY_EVERY: Final = 60.0
LONGEST_PAUSE: Final = 3600.0
WITHDRAWN: Final = "withdrawn"
"""Why something was dropped."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """One consent that was taken back."""

    id: str
    receiver: str
    """`station`, or the subentry's id."""
    name: str
    at: str
    is_open: bool
    """Whether an alarm is still reported to its end."""
    dropped: int = 0
    """How many closed incidents were waiting and are not sent."""
    household: str | None = None
    url: str | None = None
    """The first of the station's addresses."""
    others: tuple[str, ...] = ()
    identity: str | None = None
    """The station's public key; whoever cannot prove it has not confirmed anything."""
    proven: str | None = None
    allow_http: bool = False
    private_key: str | None = None
    """Only until the station has confirmed."""
    due: str | None = None
    confirmed_at: str | None = None

    @property
    def is_to_be_confirmed(self) -> bool:
        """Whether a station has to be asked, or asked again."""
        return not self.is_open and self.url is not None and self.confirmed_at is None

    def shown(self) -> dict[str, Any]:
        """Return it for a person."""
        return {
            "receiver": self.name,
            "at": self.at,
            "dropped": self.dropped,
            "deletion_due": self.due,
            "deletion_confirmed_at": self.confirmed_at,
        }


class Withdrawals:
    """What was taken back, on the disk at once."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Begin with nothing."""
        self._hass = hass
        self._entry = entry
        self._store: Store[list[dict[str, Any]]] = storage(hass, entry.entry_id)
        self.all: list[Withdrawal] = []

    async def load(self) -> None:
        """Remember; what cannot be understood is left out."""
        for kept in await self._store.async_load() or ():
            try:
                self.all.append(_read(kept))
            except TypeError:
                _LOGGER.error("A withdrawal cannot be read")
        station = _station_of(self._entry)
        for known in tuple(self.all):
            if known.receiver != STATION:
                continue
            if station is None or station.household != known.household:
                if known.is_open:  # it went away just before the last run ended
                    await self._put(replace(known, is_open=False))
            elif known.confirmed_at is None and known.url is not None:
                await self._put(_met_again(known, station))

    def is_leaving(self, receiver: str) -> bool:
        """Whether a receiver hears of nothing new and is still there for one alarm."""
        return any(w.is_open and w.receiver == receiver for w in self.all)

    async def _put(self, withdrawal: Withdrawal) -> None:
        others = [w for w in self.all if w.id != withdrawal.id]
        self.all = [*others, withdrawal][-KEPT:]
        await self._store.async_save([asdict(w) for w in self.all])

    async def note(
        self, receiver: str, name: str, *, is_open: bool, dropped: int = 0
    ) -> Withdrawal:
        """Write down that consent was taken back; returns when it is on the disk."""
        noted = Withdrawal(
            id=str(uuid4()),
            receiver=receiver,
            name=name,
            at=dt_util.utcnow().isoformat(timespec="microseconds"),
            is_open=is_open,
            dropped=dropped,
        )
        station = _station_of(self._entry)
        if receiver == STATION and station is not None:
            noted = replace(
                noted,
                household=station.household,
                url=station.url,
                others=station.others,
                identity=station.identity,
                proven=station.proven,
                allow_http=station.allow_http,
                private_key=self._entry.data["private_key"],
            )
        await self._put(noted)
        await self._tell(noted, "withdrawal_noted")
        return noted

    async def finish(self, receiver: str) -> None:
        """Take a receiver away: nothing that it was told of is open any more."""
        for known in tuple(self.all):
            if known.is_open and known.receiver == receiver:
                await self._put(replace(known, is_open=False))
        if receiver == STATION:
            data = {**self._entry.data, STATION: None}
            self._hass.config_entries.async_update_entry(self._entry, data=data)
        elif receiver in self._entry.subentries:
            self._hass.config_entries.async_remove_subentry(self._entry, receiver)

    async def run(self) -> None:
        """Ask the stations that have not confirmed, until all have."""
        pause = TRY_EVERY
        while waiting := [w for w in self.all if w.is_to_be_confirmed]:
            for withdrawal in waiting:
                await self._ask(withdrawal)
            if not any(w.is_to_be_confirmed for w in self.all):
                return
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _ask(self, withdrawal: Withdrawal) -> None:
        """Ask one station to delete the household, and hear how far it is."""
        assert withdrawal.url is not None
        assert withdrawal.private_key is not None
        try:
            client = StationClient(
                async_get_clientsession(self._hass),
                withdrawal.url,
                Key.from_base64(withdrawal.private_key),
                withdrawal.household,
                allow_http=withdrawal.allow_http,
                others=withdrawal.others,
                identity=withdrawal.identity,
                proven=withdrawal.proven,
            )
            answer = await client.delete_household()
        except (StationError, BadAddress) as error:
            _LOGGER.debug("A station has not been asked to delete yet: %s", error)
            return
        if answer is None:
            await self._confirm(withdrawal, dt_util.utcnow().isoformat())
        elif answer.deleted_at is not None:
            await self._confirm(withdrawal, answer.deleted_at.isoformat())
        elif withdrawal.due is None:
            await self._put(replace(withdrawal, due=answer.due.isoformat()))

    async def _confirm(self, withdrawal: Withdrawal, at: str) -> None:
        done = replace(withdrawal, confirmed_at=at, private_key=None)
        await self._put(done)
        _LOGGER.info("The station has confirmed the deletion")
        await self._tell(done, "withdrawal_confirmed")

    async def _tell(self, withdrawal: Withdrawal, key: str) -> None:
        """Say on the home's page what has happened; nobody is rung."""
        path = f"component.{DOMAIN}.exceptions.{key}.message"
        texts = await async_get_translations(
            self._hass, self._hass.config.language, "exceptions", {DOMAIN}
        )
        at = dt_util.parse_datetime(withdrawal.confirmed_at or withdrawal.at)
        assert at is not None
        persistent_notification.async_create(
            self._hass,
            texts.get(path, key).format(
                name=withdrawal.name.replace("`", "'"),
                at=f"{dt_util.as_local(at):%Y-%m-%d %H:%M}",
            ),
            title="Zhi'an",
            notification_id=f"zhian_withdrawal_{withdrawal.id}",
        )


class Leaving:
    """Sees a receiver off: nothing new, the open alarm to its end, then away."""

    def __init__(
        self, withdrawals: Withdrawals, timelines: Timelines, lines: tuple[Line, ...]
    ) -> None:
        """Take up what a former run has left open."""
        self._withdrawals = withdrawals
        self._timelines = timelines
        self._queues = {line.id: line.queue for line in lines}
        self._names = {line.id: line.options.name for line in lines}
        timelines.is_leaving = withdrawals.is_leaving(STATION)
        for queue in self._queues.values():
            queue.is_leaving = withdrawals.is_leaving(queue.receiver)

    @property
    def open(self) -> list[str]:
        """The receivers that are still told the end of an alarm."""
        return [w.receiver for w in self._withdrawals.all if w.is_open]

    async def begin(self, receiver: str, name: str) -> None:
        """Let a receiver hear of nothing new from this moment on."""
        if self._withdrawals.is_leaving(receiver):
            return
        queue = self._queues.get(receiver)
        if queue is None:
            self._timelines.is_leaving = True
        else:
            queue.is_leaving = True
        dropped = self._drop(queue)
        await self._withdrawals.note(receiver, name, is_open=True, dropped=dropped)
        await self.look()

    def _drop(self, queue: Queue | None) -> int:
        """Drop what waits of incidents that are over; count those that all may see."""
        dropped = 0
        for timeline in self._timelines.all().values():
            incident = timeline.incident
            if incident.is_open or not self._owes(queue, incident.id):
                continue
            if queue is None:
                self._timelines.mark_abandoned(incident.id, timeline.wanted, WITHDRAWN)
            else:
                wanted = queue.progress(incident.id).wanted
                queue.give_up(incident.id)
                self._timelines.mark_abandoned(
                    incident.id, wanted, WITHDRAWN, queue.receiver
                )
            dropped += not incident.silent
        return dropped

    def _owes(self, queue: Queue | None, incident: str) -> bool:
        if queue is not None:
            return queue.owes(incident)
        timeline = self._timelines.get(incident)
        return timeline is not None and timeline.is_owed

    def _is_done(self, receiver: str) -> bool:
        """Whether a receiver knows the end of all that it was told of."""
        queue = self._queues.get(receiver)
        for timeline in self._timelines.all().values():
            incident = timeline.incident
            wanted = queue.progress(incident.id).wanted if queue else timeline.wanted
            if wanted and (incident.is_open or self._owes(queue, incident.id)):
                return False
        return True

    @callback
    def start(self, hass: HomeAssistant) -> CALLBACK_TYPE:
        """Look now and then; return the end."""

        async def look(_: datetime) -> None:
            await self.look()

        return async_track_time_interval(hass, look, LOOK_EVERY)

    async def look(self) -> None:
        """Take away the receivers that nothing more is to be told."""
        for receiver in self.open:
            if self._is_done(receiver):
                await self._withdrawals.finish(receiver)


async def withdraw_without_home(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Take the station's consent back of a home that does not run."""
    station = _station_of(entry)
    if station is None:
        return
    withdrawals = Withdrawals(hass, entry)
    await withdrawals.load()
    await withdrawals.note(STATION, station.station, is_open=False)
    data = {**entry.data, STATION: None}
    hass.config_entries.async_update_entry(entry, data=data)


def storage(hass: HomeAssistant, entry_id: str) -> Store[list[dict[str, Any]]]:
    """Return where withdrawals are kept."""
    return Store(
        hass,
        VERSION,
        f"{DOMAIN}.withdrawals_{entry_id}",
        atomic_writes=True,
        private=True,
    )


def _read(kept: dict[str, Any]) -> Withdrawal:
    """Read one as it is kept; raises TypeError."""
    return Withdrawal(**{**kept, "others": tuple(kept.get("others", ()))})


def _station_of(entry: ConfigEntry[Any]) -> StationOptions | None:
    return HomeOptions.from_mapping(entry.data).station


def _met_again(known: Withdrawal, station: StationOptions) -> Withdrawal:
    """Return what becomes of a withdrawal whose station is in the entry.

    Who has enrolled there again wants to be known there. Else the entry is an old one:
    Home Assistant writes it a moment later than we write this.
    """
    chosen = station.agreement.at if station.agreement else ""
    if chosen > known.at:
        return replace(known, url=None, private_key=None)
    return replace(known, is_open=True)
