"""The community's side: the station that takes reports and answers them."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
import logging
from pathlib import Path
from typing import Any, Final
from uuid import uuid7

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import (
    CONF_LATITUDE,
    CONF_LONGITUDE,
    CONF_NAME,
    EVENT_HOMEASSISTANT_STOP,
    Platform,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import (
    ConfigEntryError,
    ConfigEntryNotReady,
    HomeAssistantError,
    ServiceValidationError,
)
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from sqlalchemy import Connection

from ..const import DOMAIN
from ..link.agreed import Consents
from ..link.frames import PING_SECONDS
from ..link.identity import StationProof
from ..link.messages import (
    MAX_ADDRESSES,
    Deletion,
    Enrolment,
    HouseholdFacts,
    StationNotice,
)
from ..link.signatures import PublicKey
from ..link.wire_json import fitting_text
from ..link.withdrawn import IncidentWithdrawn, WithdrawalKept
from ..store.database import Database
from ..store.errors import StoreError, WriteFailed
from .announcing import Announcer
from .arrivals import Arrival, Arrivals, receive as receive_many
from .cases import Case, Cases, act, receive
from .consents import keep_facts
from .const import (
    CONF_ADDRESSES,
    CONF_ANNOUNCE,
    CONF_COMMUNITY,
    CONF_HEARTBEAT_SECONDS,
    CONF_RETENTION_DAYS,
    DATABASE,
    DEFAULT_HEARTBEAT_SECONDS,
    DEFAULT_RETENTION_DAYS,
    SIGNAL_HOUSEHOLDS,
)
from .deletion import Deletions
from .desk import (
    Acknowledge,
    Action,
    Arrive,
    Ask,
    Close,
    DeskRefused,
    Dispatch,
    Disposition,
)
from .federation import Federation
from .geo_location import async_add_incidents
from .identity import Identity, async_load as async_load_identity, chosen_addresses
from .intake import Intake, Request
from .lines import Lines
from .notices import Notices
from .pairing import PairingCode
from .reads import Reads
from .registry import Household, Registry
from .retention import StationRetention
from .sensor import async_add_sensors
from .show import Show
from .withdrawn_words import tell_withdrawn

_LOGGER = logging.getLogger(__name__)

PLATFORMS: Final = (Platform.GEO_LOCATION, Platform.SENSOR)
LOOKS_PER_HEARTBEAT: Final = 60
"""How often silence is looked for: once a second, with a heartbeat a minute."""


class Station:
    """A running station: `entry.runtime_data` of the role station."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Read the entry; nothing is touched before `async_start`."""
        self.hass = hass
        self.entry = entry
        data = entry.data
        self.name: str = data[CONF_NAME]
        self.community: str = data[CONF_COMMUNITY]
        self.latitude: float = data[CONF_LATITUDE]
        self.longitude: float = data[CONF_LONGITUDE]
        self.heartbeat_seconds: int = data.get(
            CONF_HEARTBEAT_SECONDS, DEFAULT_HEARTBEAT_SECONDS
        )
        self.addresses: tuple[str, ...] = tuple(data.get(CONF_ADDRESSES, ()))
        """Where homes reach it, as its staff has said; the best first."""
        self.announced_at: tuple[str, ...] = ()
        self.announcer = Announcer(self)
        self.identity: Identity
        self._look = timedelta(seconds=self.heartbeat_seconds / LOOKS_PER_HEARTBEAT)
        self.database = Database(Path(hass.config.path(*DATABASE)))
        self.registry: Registry = Registry(
            self.database,
            timedelta(seconds=self.heartbeat_seconds),
            self._on_households,
        )
        self.cases: Cases = Cases(self.database)
        self.notices = Notices(self.database)
        self.federation: Federation = Federation(self)
        self.intake = Intake(self)
        self.lines = Lines(self)
        self.reads = Reads(self)
        self.deletions = Deletions(self)
        days: int = data.get(CONF_RETENTION_DAYS, DEFAULT_RETENTION_DAYS)
        self.retention = StationRetention(self, days)
        self._show = Show(hass)
        self._arrivals = Arrivals(
            self.database, self._on_arrival, self.federation.receiving(receive_many)
        )
        self._ends: list[Callable[[], None]] = []

    async def async_start(self) -> None:
        """Open the store, restore what is open and begin to supervise."""
        try:
            await self.database.open()
        except WriteFailed as err:
            raise ConfigEntryNotReady(
                translation_domain=DOMAIN, translation_key="station_store_failed"
            ) from err
        except StoreError as err:
            raise ConfigEntryError(
                translation_domain=DOMAIN, translation_key="station_store_unreadable"
            ) from err
        try:
            self.identity = await async_load_identity(self.hass)
            await self.registry.load()
            await self.cases.load()
            await self.intake.load()
            await self.notices.load()
            await self.federation.load()
            await self.deletions.load()
        except BaseException:
            await self.database.close()
            raise
        self._ends = [
            self.federation.start(),
            self.database.watch_health(self._on_health),
            async_track_time_interval(self.hass, self._look_for_lost, self._look),
            async_track_time_interval(
                self.hass, self._look_at_lines, timedelta(seconds=PING_SECONDS)
            ),
            # Entries are not unloaded when Home Assistant stops.
            self.hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, self._on_stop),
            self.deletions.start(),
            self.retention.start(),
        ]

        if self.entry.data.get(CONF_ANNOUNCE, True):
            self.announcer.start(self.hass, self.entry)

    async def async_unload(self) -> None:
        """Stop supervising and close the store, with everything written."""
        while self._ends:
            self._ends.pop()()
        await self._close()

    @callback
    def add_entities(
        self, platform: Platform, async_add_entities: AddConfigEntryEntitiesCallback
    ) -> None:
        """Add the station's entities of a platform."""
        if platform is Platform.GEO_LOCATION:
            async_add_incidents(self, async_add_entities)
        elif platform is Platform.SENSOR:
            async_add_sensors(self, async_add_entities)

    def diagnostics(self) -> dict[str, Any]:
        """Return how much the station has to do, and nothing of anybody."""
        return {
            "disk_healthy": self.database.healthy,
            "heartbeat_seconds": self.heartbeat_seconds,
            "households": len(self.registry),
            "households_connected": len(self.lines),
            "open_incidents": len(self.cases),
            **self.federation.diagnostics(),
        }

    @property
    def has_unseen(self) -> bool:
        """Return whether something has come that boards and maps do not show yet."""
        return self._show.has_unseen

    @property
    def reachable_at(self) -> tuple[str, ...]:
        """Return the addresses that homes are told; the best first."""
        return (self.addresses or chosen_addresses(self.hass))[:MAX_ADDRESSES]

    def prove(self, authority: str, challenge: str) -> StationProof:
        """Prove to a home that this station answers; raises Refused."""
        own = (*self.addresses, *self.announced_at)
        return self.identity.prove(self.name, own, authority, challenge)

    # What homes send

    async def enrol(self, request: Request, body: bytes) -> Enrolment:
        """Enrol a household; a client that hangs up does not undo it."""
        enrolment = await self.shielded(self.intake.enrol(request, body))
        # Whoever still listens under this name may have another key.
        self.lines.revoke(enrolment.household)
        return enrolment

    async def receive(self, arrival: Arrival) -> Case | None:
        """Take an incident; None if it belongs to another household.

        What has been handed in is written and shown, also if the client has hung up.
        """
        if arrival.document.origins:
            return await self.shielded(
                self.write(
                    lambda connection: receive(
                        connection, arrival.household, arrival.document, arrival.at
                    )
                )
            )
        await self._arrivals.add(arrival)
        return arrival.case

    @callback
    def _on_arrival(self, arrival: Arrival) -> None:
        """Take in what is on the disk: the first thing after the commit."""
        if arrival.case is not None:
            arrival.case = self.cases.absorb(arrival.case)
            self.federation.wake()
            self._show.later(arrival.case)

    async def change_key(self, household: Household, key: PublicKey) -> datetime:
        """Give a household a new key; a client that hangs up does not undo it."""
        return await self.shielded(self.registry.change_key(household, key))

    async def keep_facts(self, household: Household, facts: HouseholdFacts) -> Consents:
        """Take what a home wants to be known of it, and to be honoured."""
        return await self.shielded(keep_facts(self, household, facts))

    async def withdraw(
        self, below: Household, incident: str, withdrawn: IncidentWithdrawn
    ) -> WithdrawalKept | None:
        """Take back what a station below has passed on; None if there is no such."""
        case, kept = await self.shielded(
            self.deletions.withdraw(below, incident, withdrawn)
        )
        if case is not None:
            await tell_withdrawn(self.hass, case, below.name)
        return kept

    async def ask_deletion(self, household: Household, by: str) -> Deletion:
        """Delete a household, now or when nobody works for it any more."""
        return await self.shielded(self.deletions.ask(household, by))

    # Whom the station serves

    async def pair(
        self,
        household: str | None = None,
        actor: str | None = None,
        *,
        for_station: bool = False,
    ) -> PairingCode:
        """Make a pairing code, on wish one that gives a household another key."""
        code = await self.stored(
            self.registry.new_code(
                household, self.name_of(actor), for_station=for_station
            )
        )
        if code is None:
            raise _no_household()
        return code

    async def revoke(self, household: str, actor: str | None) -> None:
        """Serve a household no more."""
        by = self.name_of(actor)
        if not await self.stored(self.registry.revoke(household, by)):
            raise _no_household()
        self.lines.revoke(household)
        self.federation.wake()

    async def delete(self, household: str, actor: str | None) -> Deletion:
        """Delete a household because the staff wants it."""
        registry = self.registry
        if (known := registry.get(household) or registry.former(household)) is None:
            raise _no_household()
        return await self.stored(self.deletions.ask(known, self.name_of(actor)))

    async def announce(
        self, text: str, actor: str | None, lasts: timedelta
    ) -> StationNotice:
        """Say something to all households, until it is over."""
        if not (text := fitting_text(text)):
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="notice_empty"
            )
        until = dt_util.utcnow() + lasts
        notice = await self.stored(
            self.notices.publish(text, self.name_of(actor), until)
        )
        await self.lines.announce(notice)
        return notice

    async def stored[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Finish work, or raise an error in the user's language."""
        try:
            return await self.shielded(work)
        except StoreError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="station_store_failed"
            ) from err

    # What the desk does

    async def acknowledge(self, incident: str, actor: str | None) -> Case:
        """Take an incident, given by id or number."""
        return await self._act(
            incident, Acknowledge(self.name_of(actor), dt_util.utcnow())
        )

    async def dispatch(
        self, incident: str, actor: str | None, unit: str, eta: timedelta | None
    ) -> Case:
        """Send a unit."""
        seconds = None if eta is None else round(eta.total_seconds())
        return await self._act(
            incident,
            Dispatch(self.name_of(actor), dt_util.utcnow(), _printable(unit), seconds),
        )

    async def arrive(self, incident: str, actor: str | None) -> Case:
        """Stamp the unit's arrival."""
        return await self._act(incident, Arrive(self.name_of(actor), dt_util.utcnow()))

    async def ask(self, incident: str, actor: str | None, text: str) -> Case:
        """Ask the home something, such as who holds a key."""
        return await self._act(
            incident,
            Ask(
                self.name_of(actor),
                dt_util.utcnow(),
                str(uuid7()),
                fitting_text(text),
            ),
        )

    async def close(
        self,
        incident: str,
        actor: str | None,
        disposition: Disposition,
        note: str | None = None,
    ) -> Case:
        """End the station's work on an incident."""
        return await self._act(
            incident,
            Close(self.name_of(actor), dt_util.utcnow(), disposition, note),
        )

    async def _act(self, incident: str, request: Action) -> Case:
        """Write an action of the desk, or raise an error in the user's language."""
        try:
            case = await self.shielded(
                self.write(lambda connection: act(connection, incident, request))
            )
        except DeskRefused as err:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key=err.refusal.value,
                translation_placeholders={"incident": incident},
            ) from err
        except StoreError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="station_store_failed"
            ) from err
        assert case is not None  # who is refused is told above
        self.lines.tell(case)
        return case

    def name_of(self, actor: str | None) -> str:
        """Return the name that the household sees: a person's, else the station's."""
        return _printable(actor or "") or self.name

    # Where everything goes through

    async def write(self, work: Callable[[Connection], Case | None]) -> Case | None:
        """Commit, then take in and show what has changed.

        The futures of the store end in the order of their commits, and so an older
        picture of a case never comes after a newer one.
        """
        if (case := await self.database.submit(self.federation.queued(work))) is None:
            return None
        case = self.cases.absorb(case)
        self.federation.wake()
        self._show.now(case)
        if not case.is_open:
            self.deletions.look()
        return case

    async def shielded[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Finish work even if the one who waits for it is cancelled."""
        return await asyncio.shield(self.hass.async_create_task(work))

    def place_of(self, case: Case) -> tuple[float, float]:
        """Return where an incident is: as reported, as enrolled, else at the station."""
        home = case.document.home
        if home.latitude is not None and home.longitude is not None:
            return home.latitude, home.longitude
        household = self.registry.get(case.household)
        if household and household.latitude is not None:
            assert household.longitude is not None
            return household.latitude, household.longitude
        return self.latitude, self.longitude

    @callback
    def _on_households(self) -> None:
        async_dispatcher_send(self.hass, SIGNAL_HOUSEHOLDS)

    @callback
    def _look_for_lost(self, _: datetime) -> None:
        self.registry.look_for_lost(self._look)

    async def _look_at_lines(self, _: datetime) -> None:
        await self.lines.look()

    @callback
    def _on_health(self, failure: WriteFailed | None) -> None:
        if failure is None:
            _LOGGER.info("The station's database takes writes again")
        else:
            _LOGGER.error(
                "The station's database does not take writes (%s); reports are "
                "refused, homes keep them and try again",
                failure.trouble,
            )

    async def _on_stop(self, _: Event) -> None:
        await self._close()

    async def _close(self) -> None:
        await self.announcer.stop()
        self.federation.stop()
        await self.lines.close()
        self.intake.end()
        self._show.close()
        self.reads.close()
        await self.database.close()


def _no_household() -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key="no_such_household"
    )


def _printable(text: str) -> str:
    """Return a name as every reader takes it."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


async def async_setup_station(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Station:
    """Start the station of an entry; its platforms are set up by the caller."""
    station = Station(hass, entry)
    await station.async_start()
    return station


@callback
def async_find_station(hass: HomeAssistant) -> Station | None:
    """Return the running station, if there is one."""
    for entry in hass.config_entries.async_entries(DOMAIN, include_ignore=False):
        if entry.state is ConfigEntryState.LOADED and isinstance(
            station := getattr(entry, "runtime_data", None), Station
        ):
            return station
    return None


@callback
def async_get_station(hass: HomeAssistant) -> Station:
    """Return the running station; raises an error in the user's language."""
    if (station := async_find_station(hass)) is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="no_station"
        )
    return station
