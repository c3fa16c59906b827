"""The browser, and a page in it on a desk's and a phone's width."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from helpers.browser import SIZES, Opened, opened_page, running_browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


@pytest.fixture(params=SIZES)
def opened(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Opened]:
    with opened_page(browser, request.param) as found:
        yield found
