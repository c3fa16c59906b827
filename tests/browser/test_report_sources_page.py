"""The report in a real browser: photos of one fold, donors of another file.

Needs Debian's Chromium (apt-get install chromium); without it, these tests skip.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from helpers.browser import CARDS, Opened, visible, wait_until
from helpers.report import borrowed_set

from trashdata.report import ReportOptions, report

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def borrowed_page(
    browser: Browser,  # noqa: ARG001 - first, so that nothing is made where tests skip
    sample_set: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    folder = tmp_path_factory.mktemp("borrowed")
    data = borrowed_set(sample_set, folder / "data")
    content = json.loads((data / "mixed.json").read_text(encoding="utf-8"))
    rows = ["image_id,file_name,fold,group"]
    for k, image in enumerate(content["images"]):
        fold = "synthetic" if "background_image_id" in image.get("trashdata", {}) else k % 2
        rows.append(f"{image['id']},{image['file_name']},{fold},{k}")
    (data / "kfold.csv").write_text("\n".join(rows), encoding="utf-8")
    report(data, ReportOptions(json="mixed.json", out=folder / "page.html"))
    return folder / "page.html"


def test_photos_of_one_fold(opened: Opened, borrowed_page: Path) -> None:
    page = opened.show(borrowed_page)
    fold = page.get_by_label("Fold", exact=True)
    words = fold.locator("option").all_text_contents()
    assert [word.partition(" (")[0] for word in words] == [
        "any fold",
        "fold 0",
        "fold 1",
        "no fold: synthetic",
    ]
    everything = visible(page)
    shown: list[str] = []
    for index in (1, 2, 3):
        fold.select_option(index=index)
        assert words[index].endswith(f"({len(visible(page))})")
        shown += visible(page)
    assert sorted(shown) == sorted(everything)
    assert page.evaluate("document.documentElement.scrollWidth") == page.viewport_size["width"]


def test_donors_of_another_file_beside(opened: Opened, borrowed_page: Path) -> None:
    page = opened.show(borrowed_page)
    page.get_by_label("Fold", exact=True).select_option(index=3)
    page.locator(CARDS).first.click()
    parts = page.locator("#detail-parts li")
    donor = parts.filter(has_text="Donor of Battery").first
    assert " of train_all.json" in (donor.text_content() or "")
    assert "not shown here" not in (page.locator("#detail-parts").text_content() or "")
    wait_until(page, "[...document.querySelectorAll('#detail img')].every(i => i.naturalWidth)")
    masked = donor.locator("canvas").evaluate(
        """canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
          .data.filter((value, k) => k % 4 === 3 && value).length"""
    )
    assert masked > 0
