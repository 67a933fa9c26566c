"""The step that takes in a configuration file: pasted or uploaded, all of it or nothing."""

from pathlib import Path
from typing import Any, Final

from homeassistant.components.file_upload import process_uploaded_file
from homeassistant.config_entries import ConfigFlow, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    FileSelector,
    FileSelectorConfig,
    TextSelector,
    TextSelectorConfig,
)

import voluptuous as vol

from .configuration_import import carry_out, prepare
from .configuration_problems import in_words
from .configuration_reader import MOST_CHARACTERS
from .subentry_flow import Errors, Input

CONF_CONFIGURATION: Final = "configuration"
CONF_FILE: Final = "file"
FILE_UPLOAD: Final = "file_upload"


class ImportFlow(ConfigFlow):
    """The step that imports."""

    async def async_step_import_configuration(
        self, user_input: Input | None = None
    ) -> ConfigFlowResult:
        """Ask for the file; tell every wrong line, and change nothing before all fits."""
        entry = self._get_reconfigure_entry()
        errors: Errors = {}
        problems, count = "", 0
        suggested: Input = {}
        if user_input is not None:
            text = user_input.get(CONF_CONFIGURATION) or ""
            if file := user_input.get(CONF_FILE):
                try:
                    text = await self.hass.async_add_executor_job(
                        _uploaded, self.hass, file
                    )
                except UnicodeDecodeError, ValueError:
                    errors[CONF_FILE] = "import_not_a_text"
            suggested = {CONF_CONFIGURATION: text}
            if not errors and not text.strip():
                errors[CONF_CONFIGURATION] = "import_empty"
            if not errors:
                plan = prepare(self.hass, entry, text)
                if not plan.problems:
                    carry_out(self.hass, entry, plan)
                    done = {
                        "added": str(len(plan.added)),
                        "changed": str(len(plan.changed)),
                    }
                    if plan.codeless:
                        done["codes"] = ", ".join(plan.codeless)
                    return self.async_abort(
                        reason="imported_but_codes" if plan.codeless else "imported",
                        description_placeholders=done,
                    )
                problems = await in_words(self.hass, plan.problems)
                count = len(plan.problems)
                errors[CONF_CONFIGURATION] = "import_wrong_lines"
        fields: dict[vol.Marker, Any] = {
            vol.Optional(CONF_CONFIGURATION): TextSelector(
                TextSelectorConfig(multiline=True)
            )
        }
        if FILE_UPLOAD in self.hass.config.components:
            fields[vol.Optional(CONF_FILE)] = FileSelector(
                FileSelectorConfig(accept=".yaml,.yml,.json")
            )
        return self.async_show_form(
            step_id="import_configuration",
            data_schema=self.add_suggested_values_to_schema(
                vol.Schema(fields), suggested
            ),
            errors=errors,
            description_placeholders={"problems": problems, "count": str(count)},
            last_step=True,
        )


def _uploaded(hass: HomeAssistant, file: str) -> str:
    """Return the text of an uploaded file, which is gone afterwards."""
    path: Path
    with process_uploaded_file(hass, file) as path:
        data = path.read_bytes()
    return data[: 4 * MOST_CHARACTERS + 1].decode("utf-8-sig", errors="strict")
