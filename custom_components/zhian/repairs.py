"""Repairs that a person can have made with one press."""

from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow
from homeassistant.components.repairs.models import RepairsFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .home import async_find_home
from .home.health import RENAMED
from .home.on_site import is_on_site
from .home.upkeep_issues import EXERCISE_DUE, PREFIX
from .home.voice_exposure import EXPOSED, take_from_voices
from .home.words import NOBODY


class KeepNewName(ConfirmRepairFlow):
    """Keep the new name of a bound entity in the settings."""

    def __init__(
        self, entry_id: str, subentry_id: str, entity_id: str, field: str
    ) -> None:
        """Remember what was renamed."""
        self._field = field
        self._entry_id = entry_id
        self._subentry_id = subentry_id
        self._entity_id = entity_id

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask, then keep the name; the entry's listener takes it up."""
        entry = self.hass.config_entries.async_get_entry(self._entry_id)
        subentry = entry.subentries.get(self._subentry_id) if entry else None
        if entry is None or subentry is None:
            return self.async_abort(reason="gone")
        placeholders = {
            "name": subentry.title,
            "entity_id": self._entity_id,
            "old_entity_id": subentry.data[self._field],
        }
        if user_input is None:
            return self.async_show_form(
                step_id="confirm", description_placeholders=placeholders
            )
        self.hass.config_entries.async_update_subentry(
            entry, subentry, data={**subentry.data, self._field: self._entity_id}
        )
        return self.async_create_entry(data={})


class ExerciseGasValve(ConfirmRepairFlow):
    """Close a gas valve for a person at home, who opens it again."""

    def __init__(self, actuator: str) -> None:
        """Remember which one."""
        self._actuator = actuator

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Say what is to be done, then close the valve."""
        home = async_find_home(self.hass)
        binding = home.guard.actuators.get(self._actuator) if home else None
        if home is None or binding is None:
            return self.async_abort(reason="gone")
        if not is_on_site(self.hass):
            return self.async_abort(reason="not_on_site")
        if user_input is None:
            return self.async_show_form(
                step_id="confirm",
                description_placeholders={"name": binding.options.name},
            )
        try:
            await home.upkeep.exercises.ask(self._actuator, NOBODY, local=True)
        except HomeAssistantError:
            return self.async_abort(reason="not_now")
        return self.async_create_entry(data={})


class TakeFromVoices(ConfirmRepairFlow):
    """Let no voice assistant move the device behind a gas valve."""

    def __init__(self, entity_id: str, name: str) -> None:
        """Remember the device."""
        self._entity_id = entity_id
        self._name = name

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Ask, then hide the device from every assistant; the repair clears itself."""
        if user_input is None:
            return self.async_show_form(
                step_id="confirm",
                description_placeholders={
                    "name": self._name,
                    "entity_id": self._entity_id,
                },
            )
        take_from_voices(self.hass, self._entity_id)
        return self.async_create_entry(data={})


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the dialog that mends an issue."""
    if issue_id.startswith(RENAMED) and data:
        return KeepNewName(
            str(data["entry_id"]),
            str(data["subentry_id"]),
            str(data["entity_id"]),
            str(data.get("field", "entity_id")),
        )
    if issue_id.startswith(PREFIX) and f"_{EXERCISE_DUE}_" in issue_id and data:
        return ExerciseGasValve(str(data["subject"]))
    if issue_id.startswith(EXPOSED) and data:
        return TakeFromVoices(str(data["entity_id"]), str(data["name"]))
    return ConfirmRepairFlow()
