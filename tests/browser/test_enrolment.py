"""A person enrols, agrees to what the station is told, sees it, and changes it."""

from collections.abc import Callable
import json
from typing import Any

from conftest import Place, words
from dialogs import INTEGRATION, Dialog
from playwright.sync_api import Page, expect
import pytest

LANGUAGES = ("en", "zh-Hans")
CONTACT = "Anna 138 0000 0000"

type Look = Callable[[Place, str, str], Page]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_person_enrols_and_says_what_the_station_is_told(
    home: Place, station: Place, look: Look, language: str
) -> None:
    said = words(language)
    code = station.ask("zhian.pairing_code")["code"]
    page = look(home, INTEGRATION, language)

    dialog = Dialog(page, said)
    dialog.choose("enrol")
    texts = said["config"]["step"]["enrol"]
    expect(dialog.shown.get_by_text(texts["description"])).to_be_visible()
    for name in texts["data"]:
        expect(
            dialog.field(name).get_by_text(texts["data_description"][name])
        ).to_be_visible()
    assert dialog.typed("url") == station.url, "where it is enrolled already"
    for purpose in said["selector"]["purpose"]["options"].values():
        expect(dialog.shown.get_by_text(purpose, exact=True)).to_be_visible()
    agreed = {"place", "readings", "contact"}
    for purpose in {*dialog.ticked("purposes")} ^ agreed:
        dialog.tick("purposes", purpose)

    # What is wrong is told at its field, all at once, and nothing typed is lost.
    dialog.type("contact", "")
    dialog.type("code", "")
    dialog.submit()
    dialog.expect_error("contact_missing")
    dialog.expect_error("code_missing")
    assert {*dialog.ticked("purposes")} == agreed
    dialog.type("contact", CONTACT)
    dialog.type("code", code)
    dialog.type("keep_days", "99999")
    dialog.submit()
    dialog.expect_error("number_too_large")
    assert dialog.typed("contact") == CONTACT
    dialog.type("keep_days", "30")
    dialog.submit()
    # What would be sent is shown before it is.
    sent = dialog.shown.locator("ha-markdown pre").first
    expect(sent).to_contain_text(CONTACT)
    dialog.submit()
    dialog.expect_end("reconfigure_successful")
    assert seen_at(station, look, language)["contact"] == CONTACT

    # What would be sent is shown, to be read by a person.
    dialog = Dialog(page, said)
    dialog.choose("preview")
    shown = dialog.shown.locator("ha-markdown pre").inner_text()
    assert json.loads(shown)["home"]["contact"] == CONTACT
    assert len(shown.splitlines()) > 20, "not one endless line"

    # And taken back.
    dialog = Dialog(page, said)
    dialog.choose("consents")
    assert dialog.typed("keep_days") == "30"
    dialog.tick("purposes", "contact")
    dialog.submit()
    dialog.expect_end("reconfigure_successful")
    assert seen_at(station, look, language, until=None)["contact"] is None


def seen_at(
    station: Place, look: Look, language: str, until: str | None = CONTACT
) -> dict[str, Any]:
    """Return the household as the desk sees it, once it knows whom to call."""
    page = look(station, station.page, language)
    expect(page.locator("hui-root")).to_be_visible()
    household: dict[str, Any] = page.evaluate(
        """async wanted => {
          const hass = document.querySelector("home-assistant").hass;
          for (let looks = 0; looks < 240; looks += 1) {
            const answer = await hass.callWS({type: "zhian/station/incidents"});
            const [incident] = answer.incidents;
            if (incident && incident.household.contact === wanted)
              return incident.household;
            await new Promise(soon => setTimeout(soon, 250));
          }
          throw new Error(`the desk never saw ${wanted}`);
        }""",
        until,
    )
    return household
