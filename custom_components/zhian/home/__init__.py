"""The household's side: the home that is guarded."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
import hashlib
import logging
from pathlib import Path
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.start import async_at_started

from ..const import DOMAIN
from ..link.addresses import BadAddress
from ..link.client import StationClient
from ..link.documents import Home as HomeOnTheWire, IncidentDocument
from ..link.signatures import Key
from ..safety.decide import go_on
from ..safety.exposure import with_former_doses
from ..safety.household import Detector, Household
from ..safety.incident import Incident
from ..safety.orders import Tell
from ..safety.reporting import priority_of
from ..safety.vocabulary import ActuatorRole, Hazard
from ..store.archive import Archive
from ..store.database import Database
from ..store.errors import StoreError
from ..store.journal import Journal
from ..store.outbox import Outbox
from . import key_renewal
from .alarm_panel import AlarmPanel, PanelEvent, ReadyToArm
from .binary_sensor import HazardSensor
from .bindings import ActuatorBinding, Binding, DetectorBinding
from .button import AcknowledgeButton, ResetButton, TestButton
from .clock import Clock
from .codes import Codes
from .companions import companions_of
from .contact_health import ContactHealth
from .contact_options import ContactOptions, ladder_of
from .doses import Doses
from .drills import DrillBook
from .event import IncidentEvent
from .guard import Guard
from .health import BindingHealth, resolve, show_disk, show_link, show_unreadable
from .interlocked import InterlockedValve, InterlockedWindow
from .keypad import Keypad
from .memory import Memory
from .names import followed, renames
from .news import Herald
from .options import ActuatorOptions, DetectorOptions, HomeOptions
from .panel_memory import PanelMemory
from .people import Contact, People
from .places import zone_of
from .plan_choices import priorities_of
from .prompts import Prompts
from .receiver_entities import entities as receiver_entities
from .receivers import Receivers
from .reopening import reopen
from .report import document
from .report_delay_flow import report_after_of
from .retention import Retention
from .routine_entities import entities as routine_entities
from .routine_health import RoutineHealth
from .routine_options import ROUTINE, RoutineBinding, RoutineOptions
from .routines import Routines
from .sensor import SENSORS, BloodSensor, HomeSensor, LevelSensor, StationLinkSensor
from .snapshots import Snapshots
from .station_link import LinkStatus, StationLink
from .station_notices import StationNotices
from .subentry_flow import ACTUATOR, CODE, CONTACT, DETECTOR
from .switch import DrillSwitch
from .tally import IncidentsThisYear, LastIncident, Tally
from .timelines import Timeline, Timelines
from .upkeep import Upkeep
from .upkeep_entities import LastDrillSensor, LastExercisedSensor, ProtectionSensor
from .voice_exposure import VoiceExposure
from .watch_options import CodeOptions, PanelOptions, WatchOptions

_LOGGER = logging.getLogger(__name__)

DATABASE: Final = ("zhian", "home.db")

PLATFORMS: Final = (
    Platform.ALARM_CONTROL_PANEL,
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.COVER,
    Platform.EVENT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.VALVE,
)


class Home:
    """A guarded home: `entry.runtime_data` of the role home."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
        """Read the entry; nothing is watched before `start`."""
        self.hass = hass
        self.entry = entry
        self.options = HomeOptions.from_mapping(entry.data)
        self.detectors = tuple(self._detectors())
        self.actuators = tuple(self._actuators())
        self._places = {
            binding.id: zone_of(hass, binding.entity_id, binding.options.area)
            for binding in self._bindings()
        }
        self.people = People(
            hass,
            self.options.name,
            tuple(
                Contact(s.subentry_id, ContactOptions.from_mapping(s.data))
                for s in entry.get_subentries_of_type(CONTACT)
            ),
            hashlib.sha256(self.options.private_key.encode()).digest(),
        )
        self.routines = Routines(hass, entry.entry_id, self._routines())
        self.prompts = Prompts(hass, self.routines.bindings)
        self.clock = Clock()
        self.panel = PanelOptions.from_mapping(self.options.panel)
        self.database: Database | None = None
        self._doses = Doses(hass, entry.entry_id)
        self._ends: list[Callable[[], None]] = []
        self.link: StationLink | None = None
        self.receivers = Receivers(hass, entry, self.options.private_key)
        self.memory = Memory(hass, entry.entry_id)
        self.guard: Guard
        self.herald: Herald
        self.tally: Tally
        self.keypad: Keypad
        self.upkeep: Upkeep
        self.drills: DrillBook

    def _detectors(self) -> Iterable[DetectorBinding]:
        for subentry in self.entry.get_subentries_of_type(DETECTOR):
            options = DetectorOptions.from_mapping(subentry.data)
            yield DetectorBinding(
                subentry.subentry_id,
                followed(self.hass, options),
                resolve(self.hass, options),
                self.options.lel,
                tuple(renames(self.hass, options)),
            )

    def _actuators(self) -> Iterable[ActuatorBinding]:
        for subentry in self.entry.get_subentries_of_type(ACTUATOR):
            options = ActuatorOptions.from_mapping(subentry.data)
            yield ActuatorBinding(
                subentry.subentry_id,
                followed(self.hass, options),
                resolve(self.hass, options),
                tuple(renames(self.hass, options)),
            )

    def _routines(self) -> Iterable[RoutineBinding]:
        for subentry in self.entry.get_subentries_of_type(ROUTINE):
            options = RoutineOptions.from_mapping(subentry.data)
            yield RoutineBinding.of(self.hass, subentry.subentry_id, options)

    def _bindings(self) -> Iterator[Binding]:
        yield from self.detectors
        yield from self.actuators

    def _household(self) -> Household:
        return Household(
            self.options.home_id,
            {
                d.id: Detector(
                    d.id,
                    d.options.hazard,
                    self._places[d.id],
                    self._lost_after(d),
                    d.options.standard,
                    watch=(d.options.watch or WatchOptions()).watch(),
                    quorum=d.options.quorum,
                    window=d.options.quorum_window,
                )
                for d in self.detectors
            }
            | {
                r.id: Detector(r.id, Hazard.INACTIVITY, asks=r.options.asks)
                for r in self.routines.bindings
            },
            {
                a.id: a.options.actuator(a.id, self._places[a.id])
                for a in self.actuators
            },
            ladder_of(
                self.options.ladder, ((c.id, c.options) for c in self.people.contacts)
            ),
            report_after_of(self.options.report_after),
            self.panel.settings(),
            priorities_of(self.options.priorities),
        )

    def _lost_after(self, detector: DetectorBinding) -> float:
        """Return the seconds without protection after which people are told."""
        if detector.options.lost_after is not None:
            return 60.0 * detector.options.lost_after
        return companions_of(self.hass, detector.entity_id).grace

    async def start(self) -> None:
        """Remember what was, then watch."""
        timelines, incidents = await self._open_journal()
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
        self._ends.append(self.receivers.start(self.guard, self._whole_document))
        self.tally = Tally(self.guard)
        self.guard.start()
        self._ends.append(self._doses.start(self.guard))
        await self.routines.load(self.guard)
        self._ends.append(self.routines.start())
        if self.database is not None:
            self._use(self.database)
        else:
            self._reopen_journal(timelines)
        health = BindingHealth(self.hass, self.entry.entry_id, tuple(self._bindings()))
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
        self._ends.append(health.clear)
        self._ends.append(contacts.clear)
        self._ends.append(voices.clear)
        self._ends.append(routines.clear)
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

    async def _open_journal(self) -> tuple[Timelines, list[Incident]]:
        """Open the journal; without one the home is guarded all the same."""
        make = partial(
            Timelines,
            is_enrolled=self.options.station is not None,
            now=self.clock.now,
            queues=self.receivers.queues,
        )
        database = Database(Path(self.hass.config.path(*DATABASE)))
        try:
            await database.open()
            timelines = make(Journal(database), Outbox(database))
            await timelines.let_go_of_former_receivers()
            incidents = await timelines.load()
        except StoreError as error:
            _LOGGER.error("Incidents cannot be kept: %s", error)
            await database.close()
            show_disk(self.hass, error)
            return make(None, None), []
        self._keep(database)
        show_unreadable(self.hass, timelines.unreadable)
        return timelines, incidents

    @callback
    def _reopen_journal(self, timelines: Timelines) -> None:
        """Try to open the journal until the disk is well; nothing waits for it."""

        def keep(database: Database) -> None:
            self._keep(database)
            self._use(database)

        def begin_anew() -> None:
            self.hass.config_entries.async_schedule_reload(self.entry.entry_id)

        reopening = self.entry.async_create_background_task(
            self.hass,
            reopen(Path(self.hass.config.path(*DATABASE)), timelines, keep, begin_anew),
            "zhian journal",
        )

        @callback
        def stop() -> None:
            reopening.cancel()

        self._ends.append(stop)

    def _keep(self, database: Database) -> None:
        """Close this database at the end, and tell of its health until then."""
        self.database = database
        show_disk(self.hass, None)
        self._ends.append(database.watch_health(partial(show_disk, self.hass)))

    def _use(self, database: Database) -> None:
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
            )
        except BadAddress as error:
            _LOGGER.error("The station's address cannot be used: %s", error)
            return
        self.link = StationLink(
            client, self.guard, self._document, station.heartbeat_seconds
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

    def _whole_document(self, timeline: Timeline) -> IncidentDocument:
        """Return the document with every entry, for those who need to compare."""
        return self._document(timeline, 0)

    def _document(
        self, timeline: Timeline, since: int | None = None
    ) -> IncidentDocument:
        names = {a.id: a.options.name for a in self.actuators}
        areas = ar.async_get(self.hass)

        def zone_name(zone: str) -> str:
            area = areas.async_get_area(zone)
            return area.name if area else zone

        config = self.hass.config
        return document(
            timeline,
            HomeOnTheWire(
                name=self.options.name,
                address=self.options.address,
                latitude=config.latitude,
                longitude=config.longitude,
            ),
            lambda actuator: names.get(actuator, actuator),
            zone_name,
            self.guard.state.latest_value(timeline.incident),
            partial(priority_of, self.guard.state.household),
            since,
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

    async def _close(self) -> None:
        await self._doses.save()
        await self.routines.save()
        if self.database is not None:
            await self.database.close()

    def diagnostics(self) -> dict[str, Any]:
        """Return what the guard knows now."""
        state = self.guard.state
        return {
            "disk_healthy": self.database is not None and self.database.healthy,
            "link": self.link.status if self.link else None,
            "receivers": self.receivers.diagnostics(),
            "detectors": {
                d.id: {
                    "hazard": d.options.hazard,
                    "level": sensed.level if sensed else None,
                    "value": sensed.value if sensed else None,
                }
                for d in self.detectors
                for sensed in (state.readings.get(d.id),)
            },
            "actuators": {
                a.id: {
                    "role": a.options.role,
                    "position": known.position if known else None,
                }
                for a in self.actuators
                for known in (state.positions.get(a.id),)
            },
            "incidents": [
                {
                    "id": incident.id,
                    "hazard": incident.hazard,
                    "phase": incident.phase,
                    "drill": incident.drill,
                    "revision": incident.seq,
                    "steps": [
                        {"id": s.id, "outcome": s.outcome, "reason": s.reason}
                        for s in incident.steps
                    ],
                }
                for incident in state.shown
            ],
            "panel": {"mode": state.panel.mode, "open": len(state.openings)},
            "reports_waiting": sum(
                not t.incident.silent for t in self.guard.timelines.owed()
            ),
        }

    @callback
    def add_entities(
        self, platform: Platform, async_add_entities: AddConfigEntryEntitiesCallback
    ) -> None:
        """Add the home's entities of a platform."""
        async_add_entities(self._home_entities(platform))
        for binding in self.actuators:
            if (entity := self._stand_in(platform, binding)) is not None:
                async_add_entities([entity], config_subentry_id=binding.id)
            if platform is Platform.SENSOR and binding.options.exercise:
                moved = LastExercisedSensor(
                    self.guard, self.options, binding, self.upkeep
                )
                async_add_entities([moved], config_subentry_id=binding.id)
        for line in self.receivers.lines:
            shown = receiver_entities(
                platform, self.guard, self.options, line, self.receivers.links[line.id]
            )
            async_add_entities(shown, config_subentry_id=line.id)
        for activity in self.routines.activities:
            found = routine_entities(platform, self.guard, self.options, activity)
            async_add_entities(found, config_subentry_id=activity.binding.id)

    def _home_entities(self, platform: Platform) -> list[Entity]:
        guard, options = self.guard, self.options
        hazards = dict.fromkeys(d.options.hazard for d in self.detectors)
        has_panel = Hazard.INTRUSION in hazards
        match platform:
            case Platform.ALARM_CONTROL_PANEL if has_panel:
                return [AlarmPanel(guard, options, self.keypad)]
            case Platform.BINARY_SENSOR:
                if self.routines.bindings:
                    hazards[Hazard.INACTIVITY] = None
                sensors: list[Entity] = [
                    HazardSensor(guard, options, hazard) for hazard in hazards
                ]
                if has_panel:
                    sensors.append(ReadyToArm(guard, options, self.keypad))
                return sensors
            case Platform.BUTTON:
                return [
                    AcknowledgeButton(guard, options),
                    ResetButton(guard, options),
                    TestButton(guard, options, self.people),
                ]
            case Platform.EVENT:
                events: list[Entity] = [IncidentEvent(guard, options)]
                if has_panel:
                    events.append(PanelEvent(guard, options, self.keypad))
                return events
            case Platform.SENSOR:
                return [
                    *(HomeSensor(guard, options, about) for about in SENSORS),
                    ProtectionSensor(guard, options, self.upkeep),
                    LastDrillSensor(guard, options, self.drills),
                    StationLinkSensor(guard, options, self.link),
                    IncidentsThisYear(guard, options, self.tally),
                    LastIncident(guard, options, self.tally),
                    *self._level_sensors(),
                ]
            case Platform.SWITCH:
                return [DrillSwitch(guard, options)]
            case _:
                return []

    def _level_sensors(self) -> Iterable[Entity]:
        numeric = [d for d in self.detectors if d.options.unit is not None]
        if any(d.options.hazard is Hazard.CARBON_MONOXIDE for d in numeric):
            yield BloodSensor(self.guard, self.options)
        for hazard in dict.fromkeys(d.options.hazard for d in numeric):
            yield LevelSensor(
                self.guard,
                self.options,
                hazard,
                tuple(d for d in numeric if d.options.hazard is hazard),
            )

    def _stand_in(self, platform: Platform, binding: ActuatorBinding) -> Entity | None:
        match platform, binding.options.role:
            case Platform.VALVE, ActuatorRole.GAS_VALVE | ActuatorRole.WATER_VALVE:
                return InterlockedValve(self.guard, self.options, binding)
            case Platform.COVER, ActuatorRole.WINDOW:
                return InterlockedWindow(self.guard, self.options, binding)
            case _:
                return None


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
