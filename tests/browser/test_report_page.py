"""The report in a real browser: clicks, keys and pictures, on a desk's and a phone's width.

Needs Debian's Chromium (apt-get install chromium); without it, these tests skip.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from helpers.browser import (
    CARDS,
    LOW_CONTRAST,
    Opened,
    opened_page,
    visible,
    wait_until,
)
from helpers.report import (
    HOSTILE_CLASS,
    HOSTILE_FILE,
    box_set,
    hostile_set,
    make_run,
    mixed_set,
    write_json,
)
from PIL import Image

from trashdata.coco.read import read_document
from trashdata.masks.labelmap import label_map
from trashdata.palette import palette
from trashdata.report import ReportOptions, report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    with opened_page(browser, "desk") as found:
        yield found.page


@pytest.fixture(scope="module")
def mixed(
    browser: Browser,  # noqa: ARG001 - first, so that nothing is made where tests skip
    sample_set: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    return mixed_set(sample_set, tmp_path_factory.mktemp("mixed") / "data")


@pytest.fixture(scope="module")
def mixed_page(mixed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    run = make_run(folder / "exp")
    out = folder / "mixed.html"
    report(mixed, ReportOptions(json="mixed.json", compare="train.json", run=str(run), out=out))
    return out


def goto_gallery(page: Page) -> None:
    """Scroll there, and wait for the first two photos' masks: tests look at no more."""
    page.evaluate("document.getElementById('gallery').scrollIntoView()")
    first_two = "[...document.querySelectorAll('#grid canvas')].slice(0, 2)"
    wait_until(page, f"{first_two}.every(canvas => canvas.width > 0)")


def shot(page: Page) -> np.ndarray[Any, Any]:
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        return np.asarray(picture.convert("RGB"))


# --- what is seen ---------------------------------------------------------------------------


def test_page_is_as_wide_as_its_window(opened: Opened, mixed_page: Path) -> None:
    page = opened.show(mixed_page)
    assert page.evaluate("document.documentElement.scrollWidth") == page.viewport_size["width"]
    for section in ("classes", "counts", "together", "training", "gallery"):
        box = page.locator(f"#{section}").bounding_box()
        assert box is not None
        assert box["width"] > 0.85 * page.viewport_size["width"]
        assert box["height"] > 100


def test_photos_are_seen_with_their_masks(opened: Opened, mixed_page: Path) -> None:
    page = opened.show(mixed_page)
    goto_gallery(page)
    wait_until(page, "document.querySelector('#grid img').complete")
    page.wait_for_timeout(200)
    with_masks = shot(page)
    page.get_by_label("Masks", exact=True).uncheck()
    page.wait_for_timeout(200)
    without = shot(page)
    assert len(np.unique(without.reshape(-1, 3), axis=0)) > 2000
    assert 0.02 < (with_masks != without).any(axis=2).mean() < 0.6


def test_masks_are_the_label_maps(desk: Page, mixed: Path, mixed_page: Path) -> None:
    desk.goto(mixed_page.as_uri())
    document = read_document(mixed / "mixed.json")
    found = desk.evaluate(
        """() => JSON.parse(document.getElementById('gallery-data').textContent).photos.map(photo =>
          Array.from(ownersOf(photo, () => true), k => k ? photo.objects[k - 1][0] + 1 : 0))"""
    )
    for image, labels in zip(document.images, found, strict=True):
        assert (
            np.array(labels).reshape(image.height, image.width) == label_map(document, image)
        ).all()


def test_colours_are_the_palette(desk: Page, mixed_page: Path) -> None:
    desk.goto(mixed_page.as_uri())
    goto_gallery(desk)
    colours = desk.evaluate(
        """() => [...document.querySelectorAll('#chips .swatch')].map(
          swatch => getComputedStyle(swatch).backgroundColor.match(/\\d+/g).map(Number))"""
    )
    assert colours == palette()[1 : len(colours) + 1].tolist()
    edges = desk.evaluate(
        """() => { const canvas = document.querySelector('#grid canvas');
          const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
          const seen = new Set();
          for (let k = 0; k < data.length; k += 4)
            if (data[k + 3] === 255) seen.add(data[k] + ',' + data[k + 1] + ',' + data[k + 2]);
          return [...seen]; }"""
    )
    assert edges
    assert {tuple(map(int, edge.split(","))) for edge in edges} <= {tuple(c) for c in colours}


# --- what can be done -----------------------------------------------------------------------


def test_classes_are_switched_off_and_on(opened: Opened, mixed_page: Path) -> None:
    page = opened.show(mixed_page)
    goto_gallery(page)
    painted = """() => [...document.querySelectorAll('#grid canvas')].slice(0, 2).map(canvas => {
      const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      let count = 0;
      for (let k = 3; k < data.length; k += 4) count += data[k] > 0;
      return count; })"""
    before = page.evaluate(painted)
    page.get_by_role("button", name="None").click()
    wait_until(page, f"!({painted})().some(count => count > 0)")
    assert page.locator("#chips [aria-pressed=true]").count() == 0
    page.get_by_role("button", name="Paper", exact=True).click()
    wait_until(page, f"({painted})().some(count => count > 0)")
    assert 0 < sum(page.evaluate(painted)) < sum(before)
    page.get_by_role("button", name="All classes").click()
    wait_until(page, f"({painted})().join() == '{before[0]},{before[1]}'")


def test_photos_are_filtered_and_sorted(opened: Opened, mixed: Path, mixed_page: Path) -> None:
    content = json.loads((mixed / "mixed.json").read_text(encoding="utf-8"))
    page = opened.show(mixed_page)
    count = len(content["images"])
    assert page.locator("#count").text_content() == f"{count} photos"
    assert visible(page) == sorted(image["file_name"] for image in content["images"])

    page.get_by_label("With", exact=True).select_option(
        label=page.locator("#class option").nth(3).text_content()
    )
    wanted = {a["image_id"] for a in content["annotations"] if a["category_id"] == 3}
    names = {i["id"]: i["file_name"] for i in content["images"]}
    assert visible(page) == sorted(names[key] for key in wanted)
    assert page.locator("#count").text_content() == f"{len(wanted)} of {count} photos"

    page.get_by_label("With", exact=True).select_option(label="any class")
    page.get_by_label("From", exact=True).select_option(label="copy-paste")
    assert visible(page) == [f"mixed/images/{k:06}.jpg" for k in range(5)]
    page.get_by_label("From", exact=True).select_option(label="pseudo-labels")
    page.get_by_label("Sort by", exact=True).select_option(label="lowest score")
    rising = page.evaluate(
        "visibleScores = () => [...document.querySelectorAll('#grid .note')].map("
        "n => Number(n.textContent.match(/score (.*)/)[1])), visibleScores()"
    )
    assert rising == sorted(rising)
    middle = rising[len(rising) // 2]
    page.get_by_label("Score from", exact=True).fill(str(middle))
    assert 0 < len(visible(page)) < len(rising)
    page.get_by_label("Score from", exact=True).fill("1")
    assert visible(page) == []
    assert page.locator("#count").text_content() == f"0 of {count} photos"


def test_a_class_in_the_table_leads_to_its_photos(opened: Opened, mixed_page: Path) -> None:
    page = opened.show(mixed_page)
    page.get_by_role("link", name="Battery").click()
    assert page.locator("#class option:checked").text_content().startswith("Battery (")
    assert 0 < len(visible(page)) < 24
    top = page.locator("#gallery").bounding_box()
    assert top is not None
    assert abs(top["y"]) < 300


def test_synthetic_photo_beside_its_sources(opened: Opened, mixed_page: Path) -> None:
    page = opened.show(mixed_page)
    page.get_by_label("From", exact=True).select_option(label="copy-paste")
    page.locator(CARDS).first.click()
    dialog = page.get_by_role("dialog")
    assert dialog.get_by_role("heading", level=2).text_content() == "mixed/images/000000.jpg"
    assert dialog.get_by_text("Background").is_visible()
    assert dialog.get_by_text("Donor of Battery").first.is_visible()
    shapes = page.evaluate(
        "[...document.querySelectorAll('#detail img')].map(i => [i.naturalWidth, i.clientWidth])"
    )
    assert len(shapes) >= 3
    assert all(natural == 96 and shown > 100 for natural, shown in shapes)
    assert "pasted" in (page.locator("#detail-objects").text_content() or "")
    main, first = (page.locator("#detail .frame").nth(k).bounding_box() for k in (0, 1))
    assert main is not None
    assert first is not None
    beside = first["x"] > main["x"] + main["width"]
    assert beside == (page.viewport_size["width"] > 1000)


# --- by keyboard ----------------------------------------------------------------------------


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.getAttribute('aria-label') ?? ''"))


def wait_for_focus(page: Page, name: str) -> None:
    """Wait until the focus is on the photo: what a key does may come a moment after it."""
    for _ in range(100):
        if focused(page).startswith(name):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"the focus is on {focused(page)!r}, not on {name!r}")


def test_everything_by_keyboard(opened: Opened, mixed_page: Path) -> None:
    page = opened.show(mixed_page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the photos"
    page.keyboard.press("Enter")
    names = visible(page)
    for _ in range(40):
        page.keyboard.press("Tab")
        if focused(page).startswith(names[0]):
            break
    assert focused(page).startswith(names[0])
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("ArrowRight")
    wait_for_focus(page, names[1])
    page.keyboard.press("End")
    wait_for_focus(page, names[-1])
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    columns = page.evaluate(
        "document.querySelectorAll('#grid li').length && "
        "getComputedStyle(document.querySelector('#grid ul'))"
        ".gridTemplateColumns.split(' ').length"
    )
    wait_for_focus(page, names[columns])
    page.keyboard.press("Enter")
    heading = page.locator("#detail-name")
    assert heading.text_content() == names[columns]
    page.keyboard.press("ArrowRight")
    assert heading.text_content() == names[columns + 1]
    for _ in names:
        page.keyboard.press("ArrowLeft")
    assert heading.text_content() == names[0]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    wait_for_focus(page, names[1])


def test_controls_have_names_and_text_is_legible(opened: Opened, mixed_page: Path) -> None:
    page = opened.show(mixed_page)
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, select, input, a, img, svg')].filter(e =>
          e.checkVisibility() && !(e.getAttribute('aria-label') || e.labels?.length
            || e.textContent.trim() || e.hasAttribute('alt'))).map(e => e.outerHTML)"""
    )
    assert nameless == []
    assert page.evaluate(LOW_CONTRAST) == []


# --- what may stand in the files ------------------------------------------------------------


def test_hostile_names_run_nothing(opened: Opened, tmp_path: Path) -> None:
    data = hostile_set(tmp_path / "hostile")
    out = tmp_path / "hostile.html"
    report(data, ReportOptions(out=out, run=str(make_run(tmp_path / "run"))))
    page = opened.show(out)
    goto_gallery(page)
    assert page.locator("script").count() == 3
    assert page.evaluate("document.documentElement.scrollWidth") == page.viewport_size["width"]
    assert page.get_by_role("link", name=HOSTILE_CLASS).count() == 1
    assert page.get_by_role("button", name=HOSTILE_CLASS, exact=True).count() == 1
    names = visible(page)
    assert "{{ 7 * 7 }}.jpg" in names
    assert HOSTILE_FILE.replace("\u2028", "\\u2028") in names
    page.locator(CARDS).nth(names.index(HOSTILE_FILE.replace("\u2028", "\\u2028"))).click()
    assert HOSTILE_CLASS in (page.locator("#detail-objects").text_content() or "")
    assert page.locator("#grid img[onerror], [onload], body > img").count() == 0


def test_another_script_would_not_run(desk: Page, mixed_page: Path, tmp_path: Path) -> None:
    text = mixed_page.read_text(encoding="utf-8")
    changed = tmp_path / "changed.html"
    added = (
        "<script>document.title = 'taken'</script><img src=x onerror=\"document.title='taken'\">"
    )
    changed.write_text(text.replace("</main>", f"{added}</main>"), encoding="utf-8")
    told: list[str] = []
    context = desk.context.browser.new_context()
    page = context.new_page()
    page.on("console", lambda message: told.append(message.text))
    page.goto(changed.as_uri())
    page.wait_for_timeout(100)
    assert page.title() == "mixed.json – trashdata report"
    assert sum("Content Security Policy" in text for text in told) >= 2
    context.close()


# --- many photos, and none ------------------------------------------------------------------


def test_two_thousand_photos_are_drawn_where_one_looks(opened: Opened, tmp_path: Path) -> None:
    write_json(tmp_path / "train_all.json", box_set(tmp_path, photos=2000))
    out = tmp_path / "many.html"
    report(tmp_path, ReportOptions(out=out, num=2000))
    page = opened.show(out)
    assert "None of the photos can be shown" in (
        page.locator("#gallery .notice").text_content() or ""
    )
    drawn = "[...document.querySelectorAll('#grid canvas')].filter(c => c.width).length"
    goto_gallery(page)
    page.wait_for_timeout(200)
    assert 0 < page.evaluate(drawn) < 150
    assert page.locator("#grid li").count() == 2000
    page.locator(CARDS).first.focus()
    page.keyboard.press("End")
    wait_until(page, "document.activeElement.querySelector('canvas').width > 0")
    assert focused(page).startswith("01999.jpg")
    assert page.locator(f"{CARDS} >> nth=1999").is_visible()
    page.wait_for_timeout(200)
    assert 0 < page.evaluate(drawn) < 150
    page.get_by_label("With", exact=True).select_option(index=1)
    assert page.locator("#count").text_content() == "1,000 of 2,000 photos"
    assert len(visible(page)) == 1000


def test_a_file_without_anything(opened: Opened, tmp_path: Path) -> None:
    empty = {"images": [], "annotations": [], "categories": []}
    write_json(tmp_path / "train_all.json", empty)
    report(tmp_path, ReportOptions(out=tmp_path / "empty.html"))
    page = opened.show(tmp_path / "empty.html")
    assert page.locator("#count").text_content() == "0 photos"
    assert not page.locator("#toggles").is_visible()
