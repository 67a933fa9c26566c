"""Everything that is shown has to be said in the translations, with what it names."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
import json
from pathlib import Path
import string
from typing import Any

from homeassistant.components.repairs import RepairsFlow
from homeassistant.config_entries import ConfigSubentryFlow, OptionsFlow
from homeassistant.data_entry_flow import FlowHandler, FlowManager, FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.selector import SelectSelector

import pytest

import custom_components.zhian
from custom_components.zhian.const import DOMAIN

ENGLISH = Path(custom_components.zhian.__file__).parent / "translations" / "en.json"


@cache
def said() -> Mapping[str, str]:
    """Return every text by its dotted path; test_repository holds Chinese to it."""
    return dict(_leaves(json.loads(ENGLISH.read_text("utf-8"))))


def _leaves(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, str):
            yield path + key, value
        else:
            yield from _leaves(value, f"{path}{key}.")


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


class Texts:
    """What a test has shown and the translations do not say."""

    def __init__(self) -> None:
        """Nothing is missing yet."""
        self.missing: list[str] = []
        self._repairs: dict[str, str] = {}

    def repair(self, issue_id: str, key: str, given: Iterable[str] | None) -> None:
        """Look at a repair, which may have a dialog of its own."""
        self._repairs[issue_id] = key
        self.expect(f"issues.{key}.title", given)
        self.agree(f"issues.{key}.description", given)

    def expect(self, path: str, given: Iterable[str] | None) -> None:
        """Note a text that is not there, or that names what it is not given."""
        if path not in said():
            self.missing.append(path)
        else:
            self.agree(path, given)

    def agree(self, path: str, given: Iterable[str] | None) -> None:
        """Note what a text names and is not given."""
        unknown = _names(said().get(path, "")) - set(given or ())
        self.missing += [f"{path}: {{{name}}}" for name in sorted(unknown)]

    def flow(self, flow: FlowHandler[Any, Any, Any], result: Mapping[str, Any]) -> None:
        """Look at what a dialog shows."""
        if not type(flow).__module__.startswith("custom_components.zhian"):
            return
        section = self._section(flow)
        given = result.get("description_placeholders")
        match result["type"]:
            case FlowResultType.ABORT:
                self.expect(f"{section}.abort.{result['reason']}", given)
            case FlowResultType.MENU:
                step = f"{section}.step.{result['step_id']}"
                self._around(step, given)
                for option in result["menu_options"]:
                    self.expect(f"{step}.menu_options.{option}", given)
            case FlowResultType.FORM:
                step = f"{section}.step.{result['step_id']}"
                self._around(step, given)
                if (schema := result["data_schema"]) is not None:
                    self._fields(step, schema.schema, given)
                for error in (result["errors"] or {}).values():
                    self.expect(f"{section}.error.{error}", given)
            case FlowResultType.CREATE_ENTRY if result.get("description"):
                self.expect(f"{section}.create_entry.{result['description']}", given)

    def _section(self, flow: FlowHandler[Any, Any, Any]) -> str:
        if isinstance(flow, ConfigSubentryFlow):
            return f"config_subentries.{flow.handler[1]}"
        if isinstance(flow, OptionsFlow):
            return "options"
        if isinstance(flow, RepairsFlow):
            return f"issues.{self._repairs[flow.issue_id]}.fix_flow"
        return "config"

    def _around(self, step: str, given: Iterable[str] | None) -> None:
        if not any(path.startswith(f"{step}.") for path in said()):
            self.missing.append(step)
        for part in ("title", "description"):
            self.agree(f"{step}.{part}", given)

    def _fields(
        self, step: str, schema: Mapping[Any, Any], given: Iterable[str] | None
    ) -> None:
        for field, shown in schema.items():
            name = getattr(field, "schema", field)
            if hasattr(shown, "options") and hasattr(shown, "schema"):  # a section
                inside = f"{step}.sections.{name}"
                self.expect(f"{inside}.name", given)
                self._fields(inside, shown.schema.schema, given)
                continue
            self.expect(f"{step}.data.{name}", given)
            self.expect(f"{step}.data_description.{name}", given)
            if isinstance(shown, SelectSelector):
                self._options(shown.config)

    def _options(self, config: Mapping[str, Any]) -> None:
        if (key := config.get("translation_key")) is not None:
            for option in config["options"]:
                value = option["value"] if isinstance(option, dict) else option
                self.expect(f"selector.{key}.options.{value}", ())


def watched(patch: pytest.MonkeyPatch) -> Texts:
    """Return what notes the texts of every dialog, repair and error from now on."""
    texts = Texts()
    step, repair = FlowManager._async_handle_step, ir.IssueRegistry.async_get_or_create
    error = HomeAssistantError.__init__

    async def handle(self: Any, flow: Any, *args: Any, **more: Any) -> Any:
        result = await step(self, flow, *args, **more)
        texts.flow(flow, result)
        return result

    def create(self: Any, domain: str, issue_id: str, **more: Any) -> Any:
        if domain == DOMAIN:
            given = more.get("translation_placeholders")
            texts.repair(issue_id, more["translation_key"], given)
        return repair(self, domain, issue_id, **more)

    def begin(self: Any, *args: Any, **more: Any) -> None:
        error(self, *args, **more)
        if more.get("translation_domain") == DOMAIN:
            given = more.get("translation_placeholders")
            texts.expect(f"exceptions.{more['translation_key']}.message", given)

    patch.setattr(FlowManager, "_async_handle_step", handle)
    patch.setattr(ir.IssueRegistry, "async_get_or_create", create)
    patch.setattr(HomeAssistantError, "__init__", begin)
    return texts
