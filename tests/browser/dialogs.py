"""The integration's dialogs, used as a person uses them."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

DIALOG = "dialog-data-entry-flow"
INTEGRATION = "/config/integrations/integration/zhian"


class Dialog:
    """One dialog on a page, from its menu to its last words."""

    def __init__(self, page: Page, words: dict[str, Any]) -> None:
        """Open the menu of what can be changed of the first entry, on a fresh page."""
        page.wait_for_load_state()  # a page that is still opening cannot be reloaded
        page.reload(wait_until="commit")
        self._page = page
        self._words = words
        row = page.locator("ha-config-entry-row").first
        menu = row.locator("div.config-entry-wrapper > ha-row-item > ha-dropdown")
        menu.locator("ha-icon-button").first.click()
        menu.locator('ha-dropdown-item[value="reconfigure"]').click()

    @property
    def shown(self) -> Locator:
        """All of the dialog."""
        return self._page.locator(DIALOG)

    def choose(self, step: str) -> None:
        """Choose an entry of the menu by its words, and wait for its page."""
        options = self._words["config"]["step"]["reconfigure"]["menu_options"]
        self.shown.get_by_text(options[step], exact=True).click()
        expect(self.shown.locator("step-flow-form")).to_be_visible()

    def field(self, name: str) -> Locator:
        """Return a field of the form; its name is a property, not an attribute."""
        fields = self.shown.locator("ha-selector")
        expect(fields.first).to_be_visible()
        names = fields.evaluate_all("found => found.map(field => field.name)")
        return fields.nth(names.index(name))

    def type(self, name: str, text: str) -> None:
        """Type into a field."""
        self.field(name).locator("input").first.fill(text)

    def typed(self, name: str) -> str:
        """Return what stands in a field."""
        return self.field(name).locator("input").first.input_value()

    def tick(self, name: str, value: str) -> None:
        """Press a box of a list."""
        self.field(name).locator(f'ha-checkbox[value="{value}"]').click()

    def ticked(self, name: str) -> list[str]:
        """Return the boxes of a list that are ticked."""
        boxes = self.field(name).locator("ha-checkbox")
        found: list[str] = boxes.evaluate_all(
            "found => found.filter(box => box.checked).map(box => box.value)"
        )
        return found

    def submit(self) -> None:
        """Send the form, be it the last or not."""
        words = self._page.evaluate(
            """() => ["submit", "next"].map(word =>
              document.querySelector("home-assistant").hass.localize(
                `ui.panel.config.integrations.config_flow.${word}`))"""
        )
        self.shown.locator("ha-button[slot], ha-button").filter(
            has_text=re.compile("|".join(map(re.escape, words)))
        ).last.click()

    def expect_error(self, key: str) -> None:
        """Wait for an error of the dialog, in the person's words."""
        expect(
            self.shown.get_by_text(self._words["config"]["error"][key])
        ).to_be_visible()

    def expect_end(self, key: str) -> None:
        """Wait for the dialog's last words."""
        expect(
            self.shown.get_by_text(self._words["config"]["abort"][key])
        ).to_be_visible()
