"""A page in the browser, and what is asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# The photos of a report's gallery.
CARDS = "#grid li button"
SIZES = {"desk": (1280, 900), "phone": (390, 844)}

# Texts whose contrast is under 4.5 to 1, and the contrast (WCAG 2.2, 1.4.3).
LOW_CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const parse = colour => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const linear = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour[3] > 200) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!own || !e.checkVisibility() || e.closest('svg, script, style')) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push([e.textContent.trim().slice(0, 30), ratio]);
  }
  return found;
}"""


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Debian's Chromium (apt-get install chromium); the test skips where there is none."""
    if not CHROMIUM.exists():
        pytest.skip(f"needs {CHROMIUM}: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield running
        running.close()


@contextmanager
def opened_page(browser: Browser, size: str, *own: str) -> Iterator[Opened]:
    """A page of one of the `SIZES`, which may ask for ``file:``, ``data:``, and its ``own``."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce"
    )
    found = Opened(context.new_page(), ("file:", "data:", *own))
    yield found
    context.close()
    assert found.faults == []


@dataclass
class Opened:
    """A page, and what went wrong on it; ``own``: what requests may begin with."""

    page: Page
    own: tuple[str, ...]
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("console", self._note_message)
        self.page.on("dialog", lambda dialog: self.faults.append(f"dialog: {dialog.message}"))
        self.page.on("request", self._note_request)

    def _note_message(self, message: Any) -> None:
        # Said of the tests, which read canvases; the page only writes them.
        if "willReadFrequently" not in message.text:
            self.faults.append(f"console: {message.text}")

    def _note_request(self, request: Any) -> None:
        self.check_address(request.url)

    def check_address(self, url: str) -> None:
        """Note an address that the page may not ask."""
        if not url.startswith(self.own):
            self.faults.append(f"request: {url}")

    def show(self, path: Path) -> Page:
        self.page.goto(path.resolve().as_uri())
        return self.page


def wait_until(page: Page, expression: str) -> None:
    """Wait for at most 15 seconds; Playwright's own way needs `eval`, which the page forbids."""
    for _ in range(300):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never came true: {expression}")


def visible(page: Page) -> list[str]:
    """File names of the photos that are shown, in their order."""
    return page.locator("#grid .file").all_text_contents()
