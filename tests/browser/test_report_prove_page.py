"""The findings of the report in a real browser, on a desk's and a phone's width.

Needs Debian's Chromium (apt-get install chromium); without it, these tests skip.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from helpers.browser import LOW_CONTRAST, Opened
from helpers.report import box_set, write_json
from prove.made_findings import finding, many_rows, row, usual_rows

from trashdata.prove.findings import Finding, as_plain
from trashdata.report import ReportOptions, report


def page_with(folder: Path, findings: list[Finding]) -> Path:
    data = folder / "data"
    write_json(data / "train_all.json", box_set(data))
    write_json(folder / "prove.json", {"findings": as_plain(findings)})
    out = folder / "page.html"
    report(data, ReportOptions(out=out, prove=folder))
    return out


def test_many_arms_and_classes_fit(opened: Opened, tmp_path: Path) -> None:
    names = [f"일반 쓰레기 {k}" for k in range(30)]
    names += [f"Wrapper of an unusual length, number {k}" for k in range(30)]
    made = [finding(many_rows(names, seed=k), arm=f"arm {k}") for k in range(8)]
    page = opened.show(page_with(tmp_path, made))
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate(LOW_CONTRAST) == []
    # Tables of findings fit, and only the overview scrolls sideways.
    assert page.evaluate("""[...document.querySelectorAll('.finding .scroll')]
        .every(one => one.scrollWidth <= one.clientWidth)""")


def test_nothing_lies_on_the_words(opened: Opened, tmp_path: Path) -> None:
    small = many_rows([f"class {k}" for k in range(12)], spread=0.005)
    extreme = [row("Giant", 0.6, 0.1), row("Dwarf", -0.6, 0.05), *usual_rows()[2:]]
    made = finding([*small, *extreme], noise={})
    page = opened.show(page_with(tmp_path, [made]))
    overlaps = page.evaluate("""() => {
      const found = [];
      for (const line of document.querySelectorAll('.prove tbody tr:not(.group)')) {
        const boxes = [...line.querySelectorAll('th, .mark, .num, .said')].map(one => {
          const words = document.createRange();
          words.selectNodeContents(one);
          const shape = one.matches('.mark') ? one : words;
          return [one.className, shape.getBoundingClientRect()];
        });
        for (const [a, one] of boxes) for (const [b, two] of boxes)
          if (one !== two && one.left < two.right - 1 && two.left < one.right - 1
              && one.top < two.bottom - 1 && two.top < one.bottom - 1)
            found.push([line.textContent, a, b]);
      }
      return found;
    }""")
    assert overlaps == []
    ticks = page.locator(".axis .field span").all()
    ends = [(box["x"], box["x"] + box["width"]) for one in ticks if (box := one.bounding_box())]
    assert len(ends) > 4
    assert all(one[1] < two[0] for one, two in pairwise(ends))


def test_marks_are_where_the_axis_says(opened: Opened, tmp_path: Path) -> None:
    rows = [row("mean", 0.1, 0.05), row("Glass", -0.1, 0.05), row("Cup", 0.0, 0.1)]
    page = opened.show(page_with(tmp_path, [finding(rows)]))

    def middles(selector: str) -> list[float]:
        boxes = [one.bounding_box() for one in page.locator(selector).all()]
        return [box["x"] + box["width"] / 2 for box in boxes if box]

    axis = dict(
        zip(
            page.locator(".axis .field span").all_text_contents(),
            middles(".axis .field span"),
            strict=True,
        )
    )
    assert list(axis) == ["-10", "0", "+10"]
    expected = [axis["+10"], axis["-10"], axis["0"]]
    assert middles("tbody .field .mark") == pytest.approx(expected, abs=1)
    assert middles("tbody .field .interval") == pytest.approx(expected, abs=1)
    assert middles("tbody .field .noise") == pytest.approx([axis["0"]] * 3, abs=1)
