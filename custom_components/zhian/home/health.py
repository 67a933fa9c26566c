"""Repairs of the home: bound entities that are gone or renamed, a disk that refuses."""

from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.helpers.issue_registry import IssueSeverity

from ..const import DOMAIN
from ..link.problems import Reason
from .bindings import Binding
from .issues import take_back
from .names import renames
from .options import ActuatorOptions, DetectorOptions
from .station_link import LinkStatus

TROUBLESHOOTING = "https://github.com/zhian-home/zhian#troubleshooting"

MISSING = "entity_missing"
RENAMED = "entity_renamed"
DISK = "journal_unavailable"
UNREADABLE = "timeline_unreadable"
LINK_LOST = "station_lost"
LINK_REFUSED = "station_refused"
LINK_REVOKED = "station_revoked"
LINK_DELETED = "station_deleted"


def resolve(hass: HomeAssistant, options: DetectorOptions | ActuatorOptions) -> str:
    """Return the entity that a binding means, also after it was renamed."""
    if options.registry_id is not None:
        entry = er.async_get(hass).async_get(options.registry_id)
        if entry is not None:
            return entry.entity_id
    return options.entity_id


@callback
def exists(hass: HomeAssistant, entity_id: str) -> bool:
    """Whether Home Assistant knows an entity, alive or not."""
    return (
        hass.states.get(entity_id) is not None
        or er.async_get(hass).async_get(entity_id) is not None
    )


class BindingHealth:
    """Raises a repair for each bound entity that is gone or renamed, and clears it."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry_id: str,
        bindings: tuple[Binding, ...],
    ) -> None:
        """Keep what is bound."""
        self._hass = hass
        self._entry_id = entry_id
        self._prefixes = (f"{MISSING}_{entry_id}", f"{RENAMED}_{entry_id}")
        self._bindings = bindings
        self._watched = frozenset(
            entity_id for b in bindings for entity_id in (*b.entity_ids, b.entity_id)
        )

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Check now and whenever an entity comes, goes or is renamed."""
        self.check()
        ends = (
            self._hass.bus.async_listen(
                er.EVENT_ENTITY_REGISTRY_UPDATED, self._on_registry
            ),
            async_track_state_change_event(self._hass, self._watched, self._on_state),
        )

        @callback
        def end() -> None:
            for stop in ends:
                stop()

        return end

    @callback
    def _on_state(self, event: Event[EventStateChangedData]) -> None:
        """Look again when a state comes or goes, not when it only changes."""
        if event.data["old_state"] is None or event.data["new_state"] is None:
            self.check()

    @callback
    def _on_registry(self, event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        old = event.data.get("old_entity_id")
        if event.data["entity_id"] not in self._watched and old not in self._watched:
            return
        if any(
            resolve(self._hass, b.options) != b.entity_id
            or any(renames(self._hass, b.options))
            for b in self._bindings
        ):
            # Nobody listens to the new name yet: begin anew with it, now.
            self._hass.config_entries.async_schedule_reload(self._entry_id)
        else:
            self.check()

    @callback
    def check(self) -> None:
        """Bring the repairs in line with what is there."""
        wanted: set[str] = set()
        for binding in self._bindings:
            meant = resolve(self._hass, binding.options)
            if meant != binding.options.entity_id:
                wanted.add(self._raise(RENAMED, binding, meant))
            else:
                for field, before, now in binding.renamed:
                    wanted.add(self._raise(RENAMED, binding, now, field, before))
                    break  # one after the other, as each is kept in the settings
            for entity_id in binding.entity_ids:
                if not exists(self._hass, entity_id):
                    wanted.add(self._raise(MISSING, binding, entity_id))
        take_back(self._hass, *self._prefixes, but=wanted)

    def _raise(
        self,
        kind: str,
        binding: Binding,
        entity_id: str,
        field: str = "entity_id",
        before: str | None = None,
    ) -> str:
        issue_id = f"{kind}_{self._entry_id}_{binding.id}"
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            is_fixable=kind == RENAMED,
            severity=IssueSeverity.ERROR,
            translation_key=kind,
            learn_more_url=TROUBLESHOOTING,
            translation_placeholders={
                "name": binding.options.name,
                "entity_id": entity_id,
                "old_entity_id": before or binding.options.entity_id,
            },
            data={
                "entry_id": self._entry_id,
                "subentry_id": binding.id,
                "entity_id": entity_id,
                "field": field,
            },
        )
        return issue_id


@callback
def show_disk(hass: HomeAssistant, failure: Exception | None) -> None:
    """Raise or clear the repair about a disk that does not take the journal."""
    if failure is None:
        ir.async_delete_issue(hass, DOMAIN, DISK)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        DISK,
        is_fixable=False,
        severity=IssueSeverity.CRITICAL,
        translation_key=DISK,
        learn_more_url=TROUBLESHOOTING,
    )


@callback
def show_unreadable(hass: HomeAssistant, incidents: list[str]) -> None:
    """Raise or clear the repair about incidents that cannot be read any more."""
    if not incidents:
        ir.async_delete_issue(hass, DOMAIN, UNREADABLE)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        UNREADABLE,
        is_fixable=False,
        severity=IssueSeverity.ERROR,
        translation_key=UNREADABLE,
        learn_more_url=TROUBLESHOOTING,
        translation_placeholders={"incidents": ", ".join(incidents)},
    )


@callback
def show_link(
    hass: HomeAssistant, status: LinkStatus, station: str, reason: str | None
) -> None:
    """Raise or clear the repairs about the line to the station."""
    revoked, deleted = reason == Reason.REVOKED, reason == Reason.DELETED
    for about, key, applies in (
        (LinkStatus.LOST, LINK_LOST, True),
        (LinkStatus.REFUSED, LINK_REFUSED, not revoked and not deleted),
        (LinkStatus.REFUSED, LINK_REVOKED, revoked),
        (LinkStatus.REFUSED, LINK_DELETED, deleted),
    ):
        if status is about and applies:
            ir.async_create_issue(
                hass,
                DOMAIN,
                key,
                is_fixable=False,
                severity=IssueSeverity.ERROR,
                translation_key=key,
                learn_more_url=TROUBLESHOOTING,
                translation_placeholders={"station": station, "reason": reason or "?"},
            )
        elif status is not LinkStatus.CONNECTING:
            ir.async_delete_issue(hass, DOMAIN, key)
