"""One world with an open incident, and a browser that is logged in."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
import json
from pathlib import Path
import shutil
import time
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, expect, sync_playwright
import pytest

from demo.running import RunningDemo, call

expect.set_options(timeout=60_000)  # a page is slow where two systems have just started

CHROMIUM = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run"]
TRANSLATIONS = (
    Path(__file__).parents[2] / "custom_components" / "zhian" / "translations"
)


@dataclass(frozen=True)
class Place:
    """One of the two Home Assistants."""

    url: str
    page: str
    token: str

    def states(self) -> list[dict[str, Any]]:
        """Return all states."""
        states: list[dict[str, Any]] = call(
            self.url, self.token, "GET", "/api/states", None
        )
        return states

    def act(self, action: str, **data: object) -> None:
        """Call an action."""
        path = f"/api/services/{action.replace('.', '/')}"
        call(self.url, self.token, "POST", path, data)

    def ask(self, action: str, **data: object) -> dict[str, Any]:
        """Call an action that answers, and return its answer."""
        path = f"/api/services/{action.replace('.', '/')}?return_response"
        answer = call(self.url, self.token, "POST", path, data)
        said: dict[str, Any] = answer["service_response"]
        return said

    def wait(
        self, is_it: Callable[[dict[str, Any]], bool], limit: float = 60
    ) -> dict[str, Any]:
        """Return the first state that is as wanted."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            for state in self.states():
                if is_it(state):
                    return state
            time.sleep(0.25)
        raise AssertionError("the state never came")


@pytest.fixture(scope="session")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Any]]:
    """Start the demo, let the gas out, and wait until the station knows."""
    with RunningDemo(tmp_path_factory.mktemp("world"), "--json") as demo:
        facts = demo.facts()
        home, station = place(facts, "home"), place(facts, "station")
        home.act("button.press", entity_id="button.controls_leak_large")
        station.wait(lambda state: state["attributes"].get("source") == "zhian")
        yield facts


def place(facts: Mapping[str, Any], role: str) -> Place:
    """Return one of the two."""
    parts = urlsplit(facts[role])
    return Place(f"{parts.scheme}://{parts.netloc}", parts.path, facts[f"{role}_token"])


@pytest.fixture(scope="session")
def home(facts: Mapping[str, Any]) -> Place:
    """Return the home."""
    return place(facts, "home")


@pytest.fixture(scope="session")
def station(facts: Mapping[str, Any]) -> Place:
    """Return the station."""
    return place(facts, "station")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the machine's own Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


def chromium() -> str:
    """Return the machine's own Chromium."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    assert path, "no Chromium: run scripts/setup --browser"
    return path


@pytest.fixture
def look(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Open a page in a language, logged in; a picture of it is kept."""
    pages: list[Page] = []

    def open_page(where: Place, path: str, language: str) -> Page:
        context = browser.new_context(
            viewport={"width": 1280, "height": 900}, locale=language
        )
        context.add_init_script(login(where, language))
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(where.url + path, wait_until="commit")
        pages.append(page)
        return page

    yield open_page
    for number, page in enumerate(pages):
        page.screenshot(path=tmp_path / f"page{number}.png")
        page.context.close()


def login(where: Place, language: str) -> str:
    """Return the script that puts the token where the frontend looks for it.

    `expires` lies far ahead: the frontend never tries to renew the token.
    """
    tokens = {
        "hassUrl": where.url,
        "clientId": f"{where.url}/",
        "access_token": where.token,
        "token_type": "Bearer",
        "refresh_token": "",
        "expires_in": 10**9,
        "expires": int(time.time() * 1000) + 10**12,
    }
    return f"""
        if (location.origin === {json.dumps(where.url)}) {{
          localStorage.setItem("hassTokens", {json.dumps(json.dumps(tokens))});
          localStorage.setItem("selectedLanguage", {json.dumps(json.dumps(language))});
        }}"""


def words(language: str) -> dict[str, Any]:
    """Return the integration's own words."""
    found: dict[str, Any] = json.loads((TRANSLATIONS / f"{language}.json").read_text())
    return found
