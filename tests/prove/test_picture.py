"""The picture of findings."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from prove.made_findings import NAN, finding, many_rows, row, usual_rows

from trashdata.prove import fonts
from trashdata.prove.findings import Finding
from trashdata.prove.fonts import FONT, can_write, families
from trashdata.prove.layout import Layout, short
from trashdata.prove.picture import draw_prove

BLUE, RED, NOISE = (0, 114, 178), (213, 94, 0), (220, 220, 220)
# Anatolian hieroglyphs, which few machines have a font for.
RARE = "\U00014400\U00014401"


def pixels(findings: Sequence[Finding]) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(draw_prove(findings))) as picture:
        assert picture.format == "PNG"
        return np.asarray(picture.convert("RGB"))


@cache
def usual() -> NDArray[np.uint8]:
    return pixels([finding()])


def count(picture: NDArray[np.uint8], colour: tuple[int, int, int]) -> int:
    return int((picture == colour).all(axis=2).sum())


def test_size_follows_the_content() -> None:
    height, width, _ = usual().shape
    layout = Layout.of([finding()])
    assert (width, height) == (int(layout.width * 110), int(layout.height * 110))
    # Eight lines: six rows, and room above two groups.
    assert layout.lines == pytest.approx(6 + 2 * 1.2)
    assert Layout.of([finding(many_rows([f"class {k}" for k in range(60)]))]).height < 15
    # Nine findings are two bands, as even as can be.
    nine = Layout.of([finding()] * 9)
    assert (nine.columns, nine.bands) == (5, 2)


def test_same_findings_same_bytes() -> None:
    assert draw_prove([finding()]) == draw_prove([finding()])


@pytest.mark.parametrize(
    "change", [{"mean": 0.05}, {"high": 0.05}, {"verdict": "hurts"}, {"name": "m"}]
)
def test_what_is_in_a_row_is_seen(change: dict[str, object]) -> None:
    first, *rest = usual_rows()
    changed = dataclasses.replace(first, **change)  # type: ignore[arg-type]
    other = pixels([finding([changed, *rest], noise=finding().noise)])
    assert other.shape != usual().shape or (other != usual()).any()


@pytest.mark.parametrize(
    "change",
    [{"arm": "b"}, {"against": ("b",)}, {"steps": 7}, {"seeds": 2}, {"photos": 9}, {"look": 2}],
)
def test_what_it_speaks_of_is_seen(change: dict[str, object]) -> None:
    assert (pixels([finding(**change)]) != usual()).any()


def test_the_legend_alone_has_a_colour_without_verdicts() -> None:
    alone = pixels([finding([row("mean", 0.0, 0.1)])])
    helps, hurts = (pixels([finding([row("mean", m, 0.1)])]) for m in (0.3, -0.3))
    assert 0 < count(alone, BLUE) == count(hurts, BLUE) < count(helps, BLUE)
    assert 0 < count(alone, RED) == count(helps, RED) < count(hurts, RED)


def test_verdicts_differ_without_colour() -> None:
    """The mark alone: the same numbers, in grey."""
    one = row("mean", 0.0, 0.1)
    drawn = [
        pixels([finding([dataclasses.replace(one, verdict=verdict)])] * 3).mean(axis=2)
        for verdict in ("helps", "hurts", "no evidence", "too few photos")
    ]
    for index, picture in enumerate(drawn):
        for other in drawn[index + 1 :]:
            assert (np.abs(picture - other) > 60).sum() > 30


def test_noise_is_a_band_where_it_is_known() -> None:
    rows = [row("mean", 0.0, 0.1)]
    without, thin, wide = (
        count(pixels([finding(rows, noise={"mean": noise})]), NOISE) for noise in (NAN, 0.01, 0.05)
    )
    assert without < thin < wide
    # The band less what lies on it.
    assert wide - without == pytest.approx(5 * (thin - without), rel=0.25)


def test_too_few_photos_have_no_interval() -> None:
    few = [row("mean", 0.1, half, verdict="too few photos") for half in (0.01, 0.4)]
    near, far = (pixels([finding([one], noise={})]) for one in few)
    assert (near == far).all()


def test_a_class_without_true_pixels_has_no_mark() -> None:
    ghost = row("mean", NAN, NAN, verdict="too few photos", groups=0)
    assert (pixels([finding([ghost])]) != pixels([finding([row("mean", 0.0, 0.01)])])).any()


def test_arms_may_have_other_classes() -> None:
    one, two = finding(usual_rows()[:3]), finding([*usual_rows()[:1], row("Cup", 0.1, 0.02)])
    assert list(Layout.of([one, two]).labels.values()) == ["mean", "Battery", "Clothing", "Cup"]
    pixels([one, two])


def test_names_that_no_font_can_write_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_installed", cache(dict))
    monkeypatch.setattr(fonts, "_look_again", lambda: None)
    rows = [usual_rows()[0], row(RARE, 0.1, 0.2), row(RARE[::-1], 0.1, 0.2)]
    assert list(Layout.of([finding(rows)]).labels.values()) == ["mean", "class 1", "class 2"]


def test_hangul_is_written_where_there_is_a_font() -> None:
    names = families(["배터리"])
    if names == [FONT]:
        pytest.skip("needs a font with Hangul, such as apt-get install fonts-nanum")
    assert can_write("배터리 Battery", names)
    labels = Layout.of([finding([row("배터리", 0.1, 0.2)])]).labels
    assert list(labels.values()) == ["배터리"]
    # Other syllables are other pixels.
    one, two = (pixels([finding([row(name, 0.1, 0.2)])]) for name in ("배터리", "유리병"))
    assert (one != two).any()


def test_own_font_is_enough_for_most() -> None:
    assert families(["Plástico", "Батарея", "–…"]) == [FONT]


def test_signs_in_names_are_no_formulas_and_no_controls() -> None:
    names = ("$x", "a $b$ c", "\\frac", "tab\there", "{{ x }}", "")
    pixels([finding([row(name, 0.1, 0.2) for name in names], arm="$a_", against=("^$",))])


def test_long_names_are_shortened_in_the_middle() -> None:
    long = "Other plastic wrapper of an unusual length, number 7"
    assert short(long) == "Other plastic wr…ength, number 7"
    # Syllables are as wide as two letters.
    assert short("배터" * 20, 11) == "배터배…배터"
    assert short("Battery") == "Battery"
    wide = Layout.of([finding([row(long * 4, 0.1, 0.2)], arm=long * 9, against=(long * 9,))])
    assert wide.width < 12


def test_no_finding_is_refused() -> None:
    with pytest.raises(ValueError, match="no finding"):
        draw_prove([])
