"""The household's side: the home that is guarded."""

from collections.abc import Callable
from functools import partial
import hashlib
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.start import async_at_started

from ..const import DOMAIN
from ..link.addresses import BadAddress
from ..link.client import StationClient
from ..link.signatures import Key
from ..safety.decide import go_on
from ..safety.exposure import with_former_doses
from ..safety.household import Household
from ..safety.orders import Tell
from ..store.archive import Archive
from ..store.database import Database
from ..store.journal import Journal
from . import facts, key_renewal
from .bindings import Binding
from .clearing import clear_repairs
from .clock import Clock
from .codes import Codes
from .contact_health import ContactHealth
from .diagnostics import diagnostics_of
from .documents import Documents
from .doses import Doses
from .drills import DrillBook
from .entities import add_entities
from .guard import Guard
from .health import BindingHealth, show_link
from .household import (
    actuators_of,
    contacts_of,
    detectors_of,
    household_of,
    routines_of,
)
from .journal import HomeJournal
from .keypad import Keypad
from .memory import Memory
from .news import Herald
from .options import HomeOptions
from .panel_memory import PanelMemory
from .people import People
from .prompts import Prompts
from .receivers import Receivers
from .retention import Retention
from .routine_health import RoutineHealth
from .routines import Routines
from .snapshots import Snapshots
from .station_link import LinkStatus, StationLink
from .station_notices import StationNotices
from .subentry_flow import CODE
from .tally import Tally
from .timelines import STATION, Timelines
from .upkeep import Upkeep
from .voice_exposure import VoiceExposure
from .watch_options import CodeOptions, PanelOptions
from .withdrawals import Leaving, Withdrawals

_LOGGER = logging.getLogger(__name__)


class Home:
    """A guarded home: `entry.runtime_data` of the role home."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Read the entry; nothing is watched before `start`."""
        self.hass = hass
        self.entry = entry
        self.options = HomeOptions.from_mapping(entry.data)
        self.detectors = tuple(detectors_of(hass, entry, self.options.lel))
        self.actuators = tuple(actuators_of(hass, entry))
        self.people = People(
            hass,
            self.options.name,
            tuple(contacts_of(entry)),
            hashlib.sha256(self.options.private_key.encode()).digest(),
        )
        self.routines = Routines(hass, entry.entry_id, routines_of(hass, entry))
        self.prompts = Prompts(hass, self.routines.bindings)
        self.clock = Clock()
        self.panel = PanelOptions.from_mapping(self.options.panel)
        self._doses = Doses(hass, entry.entry_id)
        self._ends: list[Callable[[], None]] = []
        self.journal = HomeJournal(hass, entry, self._ends.append)
        self.link: StationLink | None = None
        self.receivers = Receivers(hass, entry, self.options.private_key)
        self.memory = Memory(hass, entry.entry_id)
        self.guard: Guard
        self.documents: Documents
        self.herald: Herald
        self.tally: Tally
        self.keypad: Keypad
        self.upkeep: Upkeep
        self.drills: DrillBook
        self.withdrawals = Withdrawals(hass, entry)
        self.leaving: Leaving

    @property
    def database(self) -> Database | None:
        """Return where incidents are kept, if they can be."""
        return self.journal.database

    def _household(self) -> Household:
        return household_of(
            self.hass,
            self.options,
            self.detectors,
            self.actuators,
            self.routines.bindings,
            self.people.contacts,
        )

    async def start(self) -> None:
        """Remember what was, then watch."""
        timelines, incidents = await self.journal.open(
            partial(
                Timelines,
                is_enrolled=self.options.station is not None,
                now=self.clock.now,
                queues=self.receivers.queues,
            )
        )
        await self.withdrawals.load()
        self.leaving = Leaving(self.withdrawals, timelines, self.receivers.lines)
        panel = PanelMemory(self.hass, self.options.home_id)
        await self.memory.load()
        armed = await panel.load()
        state = with_former_doses(
            go_on(self._household(), incidents, self.memory.lost, panel=armed),
            await self._doses.load(),
            self.clock.now(),
        )
        self.guard = Guard(
            self.hass,
            state,
            self.detectors,
            self.actuators,
            timelines,
            self.clock,
            self._tell,
        )
        self.documents = Documents(self.hass, self.options, self.guard)
        self.guard.routines = {r.id: r for r in self.routines.bindings}
        self.herald = Herald(self.hass, self.options.name, self.guard)
        self.keypad = self._keypad(panel)
        self._ends.append(panel.start(self.guard))
        snapshots = Snapshots(self.hass, self.guard, self.panel.cameras)
        self._ends.append(snapshots.start())
        self._ends.append(self.herald.start())
        self._ends.append(self.people.start(self.guard))
        self._ends.append(self.guard.stop)
        self.upkeep = Upkeep(
            self.hass,
            self.entry.entry_id,
            self.guard,
            self.memory,
            self.people.tell,
        )
        known = {c.id: c.options.name for c in self.people.contacts}
        self.drills = DrillBook(self.guard, self.memory, known)
        self._ends.append(self.drills.start())
        self._connect()
        self.entry.async_create_background_task(
            self.hass, self.withdrawals.run(), "zhian withdrawal"
        )
        self._ends.append(self.leaving.start(self.hass))
        self.receivers.start(self.guard, self.documents.for_receiver)
        self.tally = Tally(self.guard)
        self.guard.start()
        self._ends.append(self._doses.start(self.guard))
        await self.routines.load(self.guard)
        self._ends.append(self.routines.start())
        self.journal.use(timelines, self._read_journal)
        bindings: tuple[Binding, ...] = (*self.detectors, *self.actuators)
        health = BindingHealth(self.hass, self.entry.entry_id, bindings)
        contacts = ContactHealth(self.hass, self.entry.entry_id, self.people)
        voices = VoiceExposure(self.hass, self.entry.entry_id, self.actuators)
        routines = RoutineHealth(
            self.hass,
            self.entry.entry_id,
            self.guard,
            self.people,
            self.routines.bindings,
        )

        @callback
        def started(_: HomeAssistant) -> None:
            """Everything that will come has come."""
            self.guard.expect_all()
            self.routines.expect_all()
            self._ends.append(health.start())
            self._ends.append(contacts.start())
            self._ends.append(voices.start())
            self._ends.append(routines.start())
            self._ends.append(self.upkeep.start())

        self._ends.append(async_at_started(self.hass, started))
        # Entries are not unloaded when Home Assistant stops.
        self._ends.append(
            self.hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, self._on_stop)
        )

    def _keypad(self, memory: PanelMemory) -> Keypad:
        codes = (
            CodeOptions.from_mapping(subentry.data)
            for subentry in self.entry.get_subentries_of_type(CODE)
        )
        return Keypad(
            self.hass,
            self.guard,
            Codes(self.hass, codes, self.clock.now),
            memory,
            self.panel,
            self.people,
        )

    @callback
    def _tell(self, order: Tell) -> None:
        """Tell people on their own channels, and ask aloud."""
        self.people.tell(order)
        self.prompts.ask(self.guard, order)

    def _read_journal(self, database: Database) -> None:
        """Begin with what reads the journal."""
        self._ends.append(self.tally.start(self.hass, Archive(database)))
        retention = Retention(self.hass, Journal(database), self.clock.now)
        self._ends.append(retention.start())

    def _connect(self) -> None:
        """Connect with the station, if the home is enrolled at one."""
        station = self.options.station
        if station is None:
            show_link(self.hass, LinkStatus.NOT_ENROLLED, "", None)
            return
        try:
            client = StationClient(
                async_get_clientsession(self.hass),
                station.url,
                Key.from_base64(self.options.private_key),
                station.household,
                allow_http=station.allow_http,
                others=station.others,
                identity=station.identity,
                proven=station.proven,
            )
        except BadAddress as error:
            _LOGGER.error("The station's address cannot be used: %s", error)
            return
        self.link = StationLink(
            client, self.guard, self.documents.for_station, station.heartbeat_seconds
        )
        link, name = self.link, station.station
        notices = StationNotices(self.hass, name)
        link.on_notice, link.on_notices = notices.show, notices.show_all
        self._ends.append(
            link.subscribe(
                lambda: show_link(self.hass, link.status, name, link.refusal)
            )
        )
        self.entry.async_create_background_task(
            self.hass, self.link.run(), "zhian station link"
        )
        self.entry.async_create_background_task(
            self.hass, key_renewal.bring(self.hass, self, client), "zhian new key"
        )
        if not self.withdrawals.is_leaving(STATION):
            self.entry.async_create_background_task(
                self.hass, facts.tell(self, client), "zhian facts"
            )

    async def _on_stop(self, _: Event) -> None:
        await self.memory.save()
        await self._close()

    async def async_unload(self) -> None:
        """Stop watching and close the journal, with everything written."""
        while self._ends:
            self._ends.pop()()
        await self.memory.save()
        await self._close()
        if self.entry.disabled_by is not None:
            clear_repairs(self.hass)

    async def _close(self) -> None:
        await self._doses.save()
        await self.routines.save()
        await self.journal.close()

    def diagnostics(self) -> dict[str, Any]:
        """Return what the guard knows now."""
        return diagnostics_of(self)

    @callback
    def add_entities(
        self, platform: Platform, async_add_entities: AddConfigEntryEntitiesCallback
    ) -> None:
        """Add the home's entities of a platform."""
        add_entities(self, platform, async_add_entities)


async def async_setup_home(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Home:
    """Start the home of an entry; its platforms are set up by the caller."""
    home = Home(hass, entry)
    try:
        await home.start()
    except BaseException:
        await home.async_unload()
        raise
    return home


@callback
def async_find_home(hass: HomeAssistant) -> Home | None:
    """Return the running home, if there is one."""
    for entry in hass.config_entries.async_entries(DOMAIN, include_ignore=False):
        if entry.state is ConfigEntryState.LOADED and isinstance(
            home := getattr(entry, "runtime_data", None), Home
        ):
            return home
    return None


@callback
def async_get_home(hass: HomeAssistant) -> Home:
    """Return the running home; raise an error in the user's language."""
    if (home := async_find_home(hass)) is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="no_home"
        )
    return home
