"""The picture of ``trashdata stats``: all of it on the paper, nothing over another, names kept."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image

from trashdata.coco.read import read_document
from trashdata.errors import printable
from trashdata.statistics import Comparison, compare, statistics
from trashdata.statistics.bars import Bars
from trashdata.statistics.figure import draw, headline
from trashdata.statistics.layout import MAX_ROWS
from trashdata.statistics.sheet import Sheet, drawn, fitting, text_width

ODD_NAMES = [
    "$x_1$",
    "a_b^c",
    "100 %",
    "漢字 ごみ",
    "אשפה",
    "W" * 80,
    "line\nbreak",
    r"\frac{1}{2}",
]


def small_file(path: Path, names: list[str], photos: int = 6, objects: int = 30) -> Path:
    """A file whose classes have fewer and fewer objects."""
    rng = np.random.default_rng(5)
    images = [{"id": k, "file_name": f"{k}.jpg", "width": 64, "height": 48} for k in range(photos)]
    annotations = [
        {
            "id": k,
            "image_id": int(rng.integers(photos)),
            "category_id": int(len(names) * rng.random() ** 3),
            "area": float(rng.integers(1, 900)),
        }
        for k in range(objects if photos and names else 0)
    ]
    categories = [{"id": k, "name": name} for k, name in enumerate(names)]
    content = {"images": images, "annotations": annotations, "categories": categories}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def compared(*paths: Path) -> Comparison:
    return compare(*(statistics(read_document(path, masks=False)) for path in paths))


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Bbox]]:
    """What the next picture says, and where on it, in fractions of it."""
    found: list[tuple[str, Bbox]] = []

    def png(self: Sheet) -> bytes:
        canvas = self.figure.canvas
        assert isinstance(canvas, FigureCanvasAgg)
        canvas.draw()
        size = self.figure.bbox.size
        for artist in self.figure.findobj(Text):
            if artist.get_text() and artist.get_visible():
                box = artist.get_window_extent(canvas.get_renderer())
                found.append((artist.get_text(), Bbox(box.get_points() / size)))
        return original(self)

    original = Sheet.png
    monkeypatch.setattr(Sheet, "png", png)
    return found


def check_on_paper(texts: list[tuple[str, Bbox]]) -> None:
    """No text leaves the paper, and none lies over another."""
    assert texts
    for text, box in texts:
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= 1, text
        assert box.y1 <= 1, text
    boxes = np.array([[*box.min, *box.max] for _, box in texts])
    low, high = boxes[:, None, :2], boxes[:, None, 2:]
    slack = 0.0005
    apart = (low >= boxes[None, :, 2:] - slack) | (high <= boxes[None, :, :2] + slack)
    over = ~apart.any(axis=2) & ~np.eye(len(boxes), dtype=np.bool_)
    first = next(iter(np.argwhere(over).tolist()), None)
    assert first is None, [texts[index][0] for index in first]


@pytest.mark.parametrize(
    "names",
    [
        ("taco/annotations.json",),
        ("recycling-512/train.json",),
        ("coco-mini/instances_val2017.json",),
        pytest.param(("recycling-512/train.json", "taco/annotations.json"), marks=pytest.mark.slow),
    ],
)
def test_real_sets_are_legible(
    names: tuple[str, ...], shared_data: Path, texts: list[tuple[str, Bbox]]
) -> None:
    comparison = compared(*(shared_data / name for name in names))
    draw(comparison)
    check_on_paper(texts)
    said = [text for text, _ in texts]
    # Beside the rows at both ends, and above each matrix.
    assert all(said.count(name) == 2 + len(names) for name in comparison.names)


@pytest.mark.parametrize("classes", [0, 1, 2, 3, 13, 40, pytest.param(300, marks=pytest.mark.slow)])
def test_any_number_of_classes(classes: int, tmp_path: Path, texts: list[tuple[str, Bbox]]) -> None:
    names = [f"class number {k}" for k in range(classes)]
    comparison = compared(small_file(tmp_path / "set.json", names, objects=500))
    draw(comparison)
    check_on_paper(texts)
    shown = [name for name in names if any(text == name for text, _ in texts)]
    assert len(shown) == min(classes, MAX_ROWS)
    rarest = comparison.names[comparison.order[-1]] if classes else None
    assert rarest is None or rarest in shown


@pytest.mark.parametrize(("photos", "objects"), [(0, 0), (3, 0)])
def test_nothing_to_count(
    photos: int, objects: int, tmp_path: Path, texts: list[tuple[str, Bbox]]
) -> None:
    path = small_file(tmp_path / "set.json", ["A", "B"], photos, objects)
    draw(compared(path, path))
    check_on_paper(texts)


def test_names_stand_as_they_are(tmp_path: Path, texts: list[tuple[str, Bbox]]) -> None:
    one = small_file(tmp_path / "$a_1$.json", ODD_NAMES)
    two = small_file(tmp_path / "two.json", [*ODD_NAMES[:3], "Glass"])
    draw(compared(one, two))
    check_on_paper(texts)
    said = {text for text, _ in texts}
    whole = {printable(name) for name in ODD_NAMES if len(name) < 80}
    assert whole <= said
    assert any(text.startswith("WWW") and text.endswith("…") for text in said)
    assert any(text.startswith("$a_1$.json → ") for text in said)


def test_it_is_our_png_and_the_style_of_the_user_changes_nothing(tmp_path: Path) -> None:
    comparison = compared(small_file(tmp_path / "set.json", ["A", "B", "C"]))
    expected = draw(comparison)
    with Image.open(io.BytesIO(expected)) as picture:
        assert picture.info["Software"] == "trashdata"
        assert picture.width >= 1300
    own: dict[Any, Any] = {"font.size": 30, "axes.facecolor": "red", "savefig.dpi": 30}
    with matplotlib.rc_context(own):
        before = dict(matplotlib.rcParams)
        assert draw(comparison) == expected
        assert dict(matplotlib.rcParams) == before


def test_what_is_above_zero_can_be_seen() -> None:
    values = [np.array([0.0, 1.0, 50.0, np.nan]), np.array([2.0, 100_000.0, 1.0, 3.0])]
    for logarithmic in (True, False):
        bars = Bars(values, ["red"] * 4, logarithmic=logarithmic)
        lengths = np.stack(bars.lengths())
        assert lengths.max() == pytest.approx(1)
        assert (lengths[0, [0, 3]] == 0).all()
        if logarithmic:
            assert lengths[lengths > 0].min() == pytest.approx(1 / 12)
            assert np.count_nonzero(lengths) == 6
        else:
            assert lengths[0, 2] == pytest.approx(50 / 100_000)


def test_fitting_shortens_what_is_too_wide() -> None:
    assert drawn(lambda: fitting("Paper", 8, 2).encode()) == b"Paper"
    shortened = drawn(lambda: fitting("W" * 60, 8, 2).encode()).decode()
    assert shortened.endswith("…")
    assert text_width(shortened, 8) <= 2 < text_width("W" * 60, 8)


def test_headline_has_singulars(tmp_path: Path) -> None:
    side = compared(small_file(tmp_path / "set.json", ["A"], 1, 1)).sides[0]
    assert headline(side) == "1 photo, 1 object, 1 class"
