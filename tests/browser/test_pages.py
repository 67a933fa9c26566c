"""What people see of an incident, in both languages."""

from collections.abc import Callable

from conftest import Place, words
from playwright.sync_api import Page, expect
import pytest

LANGUAGES = ("en", "zh-Hans")

type Look = Callable[[Place, str, str], Page]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_home_shows_its_open_incident(
    home: Place, look: Look, language: str
) -> None:
    page = look(home, home.page, language)
    expect(page.locator("hui-root")).to_be_visible()
    phases = words(language)["entity"]["sensor"]["incident_phase"]["state"]
    shown = page.get_by_text(phases["alarm"]).or_(page.get_by_text(phases["clearing"]))
    expect(shown.first).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_station_shows_the_incident_on_its_map_and_at_its_desk(
    station: Place, look: Look, language: str
) -> None:
    page = look(station, station.page, language)
    incident = station.wait(lambda s: s["attributes"].get("source") == "zhian")
    initials = "".join(
        word[0] for word in incident["attributes"]["friendly_name"].split()[:3]
    )
    marker = page.locator("hui-map-card").get_by_text(initials, exact=True)
    expect(marker.first).to_be_visible()
    expect(page.get_by_text("12 Willow Lane").first).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", ["home", "station"])
def test_the_integration_page_opens_without_an_error(
    request: pytest.FixtureRequest, look: Look, role: str, language: str
) -> None:
    where: Place = request.getfixturevalue(role)
    page = look(where, "/config/integrations/integration/zhian", language)
    expect(page.locator("ha-config-entry-row").first).to_be_visible()
    text = page.locator("ha-config-integration-page").inner_text()
    for problem in ("Failed", "Retrying", "失败", "重试"):
        assert problem not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_subentry_type_has_its_button_in_the_persons_language(
    home: Place, look: Look, language: str
) -> None:
    page = look(home, "/config/integrations/integration/zhian", language)
    for kind, texts in words(language)["config_subentries"].items():
        button = page.get_by_text(texts["initiate_flow"]["user"], exact=True)
        expect(button.first, kind).to_be_visible()
