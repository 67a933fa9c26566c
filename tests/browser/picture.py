"""python -m tests.browser.picture [FILE]: the picture of the demo in the README.

The home and the station side by side, some seconds after the gas has gone out.
"""

from pathlib import Path
import sys
import tempfile
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from demo.processes import REPOSITORY
from demo.running import RunningDemo

from .conftest import ARGUMENTS, Place, chromium, login, place

SIZE: Final = (1300, 940)
GAP: Final = 16
LIMIT: Final = 120_000.0


def open_page(browser: Browser, where: Place) -> Page:
    """Return one of the two pages, once its cards are there."""
    context = browser.new_context(viewport={"width": SIZE[0], "height": SIZE[1]})
    context.add_init_script(login(where, "en"))
    page = context.new_page()
    page.goto(where.url + where.page, wait_until="commit")
    expect(page.locator("hui-card").first).to_be_visible(timeout=LIMIT)
    return page


def side_by_side(left: Path, right: Path, file: Path) -> None:
    """Put two pictures into one, small enough for a page."""
    both = Image.new("RGB", (2 * SIZE[0] + GAP, SIZE[1]), "slategray")
    both.paste(Image.open(left), (0, 0))
    both.paste(Image.open(right), (SIZE[0] + GAP, 0))
    both.quantize(128).save(file, optimize=True)


def main(file: Path) -> None:
    """Run the demo, let the gas out, and look."""
    with (
        tempfile.TemporaryDirectory() as folder,
        RunningDemo(Path(folder), "--json") as demo,
        sync_playwright() as playwright,
    ):
        facts = demo.facts()
        home, station = place(facts, "home"), place(facts, "station")
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        pages = [open_page(browser, where) for where in (home, station)]
        home.act("button.press", entity_id="button.controls_leak_large")
        station.wait(lambda state: state["attributes"].get("source") == "zhian")
        home.wait(
            lambda state: (
                state["entity_id"] == "cover.kitchen_window_left_window"
                and state["state"] == "open"
            )
        )
        expect(pages[1].get_by_text("12 Willow Lane").first).to_be_visible()
        expect(pages[0].get_by_text("Leave now").first).to_be_visible()
        shots = [Path(folder) / f"{name}.png" for name in ("home", "station")]
        for page, shot in zip(pages, shots, strict=True):
            page.screenshot(path=shot)
        browser.close()
        side_by_side(*shots, file)


if __name__ == "__main__":
    wanted = sys.argv[1:] or [str(REPOSITORY / "docs" / "images" / "demo.png")]
    main(Path(wanted[0]))
