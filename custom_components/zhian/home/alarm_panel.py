"""The panel as entities: the panel itself, whether it can be armed, what happens to it."""

from homeassistant.components.alarm_control_panel import (
    AlarmControlPanelEntity,
    AlarmControlPanelEntityFeature as Feature,
    AlarmControlPanelState as Shown,
    CodeFormat,
)
from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.components.event import EventEntity
from homeassistant.core import callback

from ..safety.arming import Mode, Panel
from ..safety.panel import in_the_way
from ..safety.vocabulary import Hazard, Phase
from .entity import HomeEntity
from .guard import Guard
from .keypad import LOCKED, NOT_READY, WRONG_CODE, Keypad
from .options import HomeOptions
from .watch_options import MODES
from .words import NOBODY

_SHOWN = {
    Mode.DISARMED: Shown.DISARMED,
    Mode.HOME: Shown.ARMED_HOME,
    Mode.AWAY: Shown.ARMED_AWAY,
    Mode.NIGHT: Shown.ARMED_NIGHT,
    Mode.VACATION: Shown.ARMED_VACATION,
    Mode.CUSTOM: Shown.ARMED_CUSTOM_BYPASS,
}


class PanelEntity(HomeEntity):
    """An entity of the panel."""

    def __init__(
        self, guard: Guard, options: HomeOptions, keypad: Keypad, key: str
    ) -> None:
        """Follow the panel."""
        super().__init__(guard, options, key)
        self._keypad = keypad

    @property
    def _panel(self) -> Panel:
        return self._guard.state.panel


class AlarmPanel(PanelEntity, AlarmControlPanelEntity):
    """Arms and disarms the home."""

    _attr_supported_features = (
        Feature.ARM_HOME
        | Feature.ARM_AWAY
        | Feature.ARM_NIGHT
        | Feature.ARM_VACATION
        | Feature.ARM_CUSTOM_BYPASS
    )

    def __init__(self, guard: Guard, options: HomeOptions, keypad: Keypad) -> None:
        """Ask for a code where there are any."""
        super().__init__(guard, options, keypad, "panel")
        self._attr_code_format = CodeFormat.NUMBER if keypad.needs_code else None
        self._attr_code_arm_required = keypad.needs_code_to_arm

    @callback
    def _refresh(self) -> None:
        panel, state = self._panel, self._guard.state
        incident = state.open_incident(Hazard.INTRUSION)
        if incident is not None and incident.phase is not Phase.PRE_ALARM:
            self._attr_alarm_state = Shown.TRIGGERED
        elif panel.entry_until is not None:
            self._attr_alarm_state = Shown.PENDING
        elif panel.exit_until is not None:
            self._attr_alarm_state = Shown.ARMING
        else:
            self._attr_alarm_state = _SHOWN[panel.mode]
        self._attr_changed_by = None if panel.by == NOBODY else panel.by
        until = panel.entry_until or panel.exit_until
        self._attr_extra_state_attributes = {
            "mode": panel.mode.value,
            "until": until.isoformat() if until else None,
            "open": self._keypad.names(state.openings),
            "bypassed": self._keypad.names(panel.bypassed),
        }

    async def _arm(self, mode: Mode, code: str | None) -> None:
        await self._keypad.arm(mode, code, self._context, force=False)

    async def async_alarm_disarm(self, code: str | None = None) -> None:
        """Disarm."""
        await self._keypad.disarm(code, self._context)

    async def async_alarm_arm_home(self, code: str | None = None) -> None:
        """Arm with people in."""
        await self._arm(Mode.HOME, code)

    async def async_alarm_arm_away(self, code: str | None = None) -> None:
        """Arm when everybody leaves."""
        await self._arm(Mode.AWAY, code)

    async def async_alarm_arm_night(self, code: str | None = None) -> None:
        """Arm for the night."""
        await self._arm(Mode.NIGHT, code)

    async def async_alarm_arm_vacation(self, code: str | None = None) -> None:
        """Arm for a long time."""
        await self._arm(Mode.VACATION, code)

    async def async_alarm_arm_custom_bypass(self, code: str | None = None) -> None:
        """Arm without what is open."""
        await self._arm(Mode.CUSTOM, code)


class ReadyToArm(PanelEntity, BinarySensorEntity):
    """On while nothing keeps the home from being armed for everybody's leave."""

    def __init__(self, guard: Guard, options: HomeOptions, keypad: Keypad) -> None:
        """Make the sensor."""
        super().__init__(guard, options, keypad, "ready_to_arm")

    @callback
    def _refresh(self) -> None:
        state = self._guard.state
        self._attr_is_on = not in_the_way(state, Mode.AWAY)
        self._attr_extra_state_attributes = {
            "open": self._keypad.names(state.openings),
            **{
                mode.value: self._keypad.names(in_the_way(state, mode))
                for mode in MODES
            },
        }


class PanelEvent(PanelEntity, EventEntity):
    """Fires for what happens to the panel."""

    _attr_event_types = [  # noqa: RUF012
        "arming",
        "armed",
        "entry",
        "disarmed",
        NOT_READY,
        WRONG_CODE,
        LOCKED,
    ]

    def __init__(self, guard: Guard, options: HomeOptions, keypad: Keypad) -> None:
        """Make the event."""
        super().__init__(guard, options, keypad, "panel")
        self._before = guard.state.panel

    async def async_added_to_hass(self) -> None:
        """Follow what goes wrong, too."""
        await super().async_added_to_hass()
        self._keypad.listeners.append(self._on_trouble)
        self.async_on_remove(lambda: self._keypad.listeners.remove(self._on_trouble))

    @callback
    def _on_change(self) -> None:
        before, self._before = self._before, self._panel
        if (what := _change(before, self._before)) is not None:
            self._fire(what)
        else:
            super()._on_change()

    @callback
    def _on_trouble(self, what: str) -> None:
        self._fire(what)

    def _fire(self, what: str) -> None:
        panel = self._panel
        self._trigger_event(
            what,
            {
                "mode": panel.mode.value,
                "bypassed": self._keypad.names(panel.bypassed),
            },
        )
        self.async_write_ha_state()


def _change(before: Panel, now: Panel) -> str | None:
    """Return what has happened to a panel."""
    if now is before:
        return None
    if now.mode is Mode.DISARMED:
        # A code in a home that is not armed changes nothing that anybody sees.
        return "disarmed" if before.mode is not Mode.DISARMED else None
    if now.entry_until is not None:
        return "entry" if before.entry_until is None else None
    if now.exit_until is not None:
        return "arming"
    is_new = now.mode is not before.mode or before.exit_until is not None
    return "armed" if is_new else None
