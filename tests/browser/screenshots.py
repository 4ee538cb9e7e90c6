"""Takes the picture of the results page that the README shows, from a Kindred that is running.

.venv/bin/python -m tests.browser.screenshots http://127.0.0.1:8000 docs/results.png
"""

import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import QUIET, find_chromium

_STORY = (
    "I came home on Tuesday after bowel surgery with an ileostomy. The bag leaks at night and I'm scared to go out."
)
_WIDTH, _HEIGHT = 1000, 1080


def photograph_results(browser: Browser, address: str, path: Path) -> None:
    """From the first page to the groups, as a newcomer in the United Kingdom."""
    page = browser.new_page(viewport={"width": _WIDTH, "height": _HEIGHT}, timezone_id="Europe/London")
    page.goto(f"{address}/#step-practical")
    page.get_by_label("Which country are you in?").select_option("GB")
    page.goto(f"{address}/#step-story")
    page.get_by_label("In your own words").fill(_STORY)
    page.get_by_role("button", name="See groups now").locator("visible=true").click()
    page.get_by_label("Yes").first.check()
    page.get_by_role("button", name="Show me groups").locator("visible=true").click()
    page.locator("#list").wait_for()
    path.parent.mkdir(exist_ok=True)
    page.screenshot(path=path)


if __name__ == "__main__":
    chromium = find_chromium()
    if chromium is None:
        sys.exit("There is no Chromium on this machine. Get one with: apt-get install chromium")
    with sync_playwright() as playwright:
        photograph_results(
            playwright.chromium.launch(executable_path=chromium, args=QUIET), sys.argv[1], Path(sys.argv[2])
        )
