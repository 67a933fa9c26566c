"""Walking through flows as a browser does, and reading what a person would read."""

from collections.abc import Iterator
from contextlib import contextmanager
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er

from pytest_homeassistant_custom_component.common import MockConfigEntry

import custom_components.zhian
from custom_components.zhian.const import DOMAIN
from custom_components.zhian.link.signatures import Key

TRANSLATIONS = Path(custom_components.zhian.__file__).parent / "translations"
LANGUAGES = ("en", "zh-Hans")

HOME_ID = "6f4c2f8e-3b0a-4a55-9d0c-5b8e0a1c7d21"
PRIVATE_KEY = Key.generate().private
STATION = {
    "url": "https://station.example.org",
    "allow_http": False,
    "household": "0198c0de-0000-7000-8000-000000000001",
    "community": "Riverside",
    "station": "Riverside Station",
    "heartbeat_seconds": 60,
}

type Result = Any


def home_entry(hass: HomeAssistant, **data: Any) -> MockConfigEntry:
    """Add a home as the flow would have made it."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Riverside 12",
        unique_id="home",
        data={
            "role": "home",
            "home_id": HOME_ID,
            "name": "Riverside 12",
            "gas": "natural_gas",
            "lel": 4.4,
            "address": None,
            "private_key": PRIVATE_KEY,
            "station": None,
            **data,
        },
    )
    entry.add_to_hass(hass)
    return entry


@contextmanager
def nothing_is_set_up() -> Iterator[None]:
    """Look at the flows alone: entries are made but not started."""
    with (
        patch(
            "custom_components.zhian.async_setup_entry", return_value=True, create=True
        ),
        patch(
            "custom_components.zhian.async_unload_entry", return_value=True, create=True
        ),
    ):
        yield


def register(
    hass: HomeAssistant,
    entity_id: str,
    state: str = "off",
    attributes: dict[str, Any] | None = None,
    **registered: Any,
) -> er.RegistryEntry:
    """Give Home Assistant an entity with a registry entry and a state."""
    domain, object_id = entity_id.split(".")
    hass.states.async_remove(entity_id)
    entry = er.async_get(hass).async_get_or_create(
        domain,
        registered.pop("platform", "test"),
        registered.pop("unique_id", object_id),
        suggested_object_id=object_id,
        **registered,
    )
    hass.states.async_set(entity_id, state, attributes)
    return entry


class Dialog:
    """A flow in a browser. Every page that it shows has to be translated."""

    def __init__(self, manager: Any, section: str) -> None:
        """Begin with nothing on the screen."""
        self._manager = manager
        self._section = section
        self.result: Result = None
        self.agrees = True
        """Whether what would be sent is agreed to as soon as it is shown."""

    async def start(self, handler: object, **context: Any) -> Result:
        """Open it."""
        self.result = await self._manager.async_init(handler, context=context)
        self._read()
        return self.result

    async def submit(self, **user_input: Any) -> Result:
        """Fill in the page and send it."""
        agrees = user_input.pop("consent", True) if self.agrees else True
        if self.agrees and self.result.get("step_id") == "agree":
            return await self.press(consent=agrees)
        await self.press(**user_input)
        if self.agrees and self.result.get("step_id") == "agree":
            schema = self.result["data_schema"]
            await self.press(**({"consent": agrees} if schema else {}))
        return self.result

    async def press(self, **user_input: Any) -> Result:
        """Send the page as it is, and look at the next."""
        self.result = await self._manager.async_configure(
            self.result["flow_id"], user_input
        )
        self._read()
        return self.result

    async def choose(self, step: str) -> Result:
        """Choose from a menu."""
        return await self.submit(next_step_id=step)

    @property
    def step(self) -> str:
        """The page that is shown."""
        assert self.result["type"] in (FlowResultType.FORM, FlowResultType.MENU)
        return str(self.result["step_id"])

    @property
    def errors(self) -> dict[str, str]:
        """The errors on the page, by field."""
        assert self.result["type"] is FlowResultType.FORM
        errors: dict[str, str] = self.result["errors"]
        fields = {marker.schema for marker in self.result["data_schema"].schema}
        assert set(errors) <= fields, "an error has to stand at a field of the page"
        return errors

    @property
    def filled_in(self) -> dict[str, Any]:
        """What the fields hold when the page appears."""
        fields: dict[str, Any] = {}
        for marker in self.result["data_schema"].schema:
            if marker.description and "suggested_value" in marker.description:
                fields[marker.schema] = marker.description["suggested_value"]
            elif callable(marker.default):
                fields[marker.schema] = marker.default()
        return fields

    def _read(self) -> None:
        for language in LANGUAGES:
            text = json.loads((TRANSLATIONS / f"{language}.json").read_text("utf-8"))
            for part in self._section.split("."):
                text = text[part]
            self._read_page(text)

    def _read_page(self, text: dict[str, Any]) -> None:
        result = self.result
        placeholders = result.get("description_placeholders") or {}
        match result["type"]:
            case FlowResultType.FORM:
                page = text["step"][result["step_id"]]
                assert page["title"]
                page.get("description", "").format(**placeholders)
                schema = result["data_schema"]
                for marker in schema.schema if schema else ():
                    assert page["data"][marker.schema]
                    page["data_description"][marker.schema].format(**placeholders)
                for error in (result["errors"] or {}).values():
                    assert text["error"][error].format(**placeholders)
            case FlowResultType.MENU:
                page = text["step"][result["step_id"]]
                assert set(result["menu_options"]) <= set(page["menu_options"])
            case FlowResultType.CREATE_ENTRY if result.get("description"):
                assert text["create_entry"][result["description"]]
            case FlowResultType.ABORT:  # in our words: core has not all of its own
                assert text["abort"][result["reason"]]


def config_dialog(hass: HomeAssistant) -> Dialog:
    """Return a dialog for a config entry."""
    return Dialog(hass.config_entries.flow, "config")


async def reconfigure(hass: HomeAssistant, entry: MockConfigEntry) -> Dialog:
    """Open the dialog that changes an entry."""
    dialog = config_dialog(hass)
    await dialog.start(DOMAIN, source="reconfigure", entry_id=entry.entry_id)
    return dialog


async def add(hass: HomeAssistant, entry: MockConfigEntry, kind: str) -> Dialog:
    """Open the dialog that adds a subentry."""
    dialog = Dialog(hass.config_entries.subentries, f"config_subentries.{kind}")
    await dialog.start((entry.entry_id, kind), source="user")
    return dialog


async def change(hass: HomeAssistant, entry: MockConfigEntry, kind: str) -> Dialog:
    """Open the dialog that changes the only subentry of a kind."""
    (subentry,) = entry.get_subentries_of_type(kind)
    dialog = Dialog(hass.config_entries.subentries, f"config_subentries.{kind}")
    await dialog.start(
        (entry.entry_id, kind),
        source="reconfigure",
        subentry_id=subentry.subentry_id,
    )
    return dialog


def only(entry: MockConfigEntry, kind: str) -> dict[str, Any]:
    """Return the data of the only subentry of a kind."""
    (subentry,) = entry.get_subentries_of_type(kind)
    return dict(subentry.data)
