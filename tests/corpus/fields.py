"""bbox, area and iscrowd."""

from __future__ import annotations

from typing import Any

from .base import ALL, HEIGHT, WIDTH, Case, annotation, kinds, lacking, rewritten, square


def _works(name: str, *found: str, notes: tuple[str, ...] = (), **fields: Any) -> Case:
    return Case(name, annotation(**fields), kinds(*found), notes=frozenset(notes))


def _triangle(**fields: Any) -> dict[str, Any]:
    return {
        "segmentation": [[3, 8, 43, 8, 3, 38]],
        "area": 600,
        "bbox": [3, 8, 40, 30],
        **fields,
    }


# Annotation 5 is a square of 21 pixels at (3, 8), its area 441.
CASES = [
    _works("bbox as corners", "bbox-order", bbox=[3, 8, 24, 29]),
    _works("bbox of a triangle as corners", "bbox-order", **_triangle(bbox=[3, 8, 43, 38])),
    _works("bbox with y first", "bbox-order", **_triangle(bbox=[8, 3, 30, 40])),
    _works("bbox from its centre", "bbox-order", **_triangle(bbox=[23, 23, 40, 30])),
    _works("bbox elsewhere", "bbox-mask", bbox=[40, 20, 9, 9]),
    _works("bbox as fractions of the photo", "bbox-mask", bbox=[0.1, 0.2, 0.3, 0.4], notes=()),
    _works("bbox a pixel off", bbox=[4, 8, 20, 21]),
    _works("bbox outside", "bbox-outside", segmentation=[square(51, 8, 21)], bbox=[51, 8, 22, 21]),
    _works("bbox of three numbers", "bbox-malformed", bbox=[3, 8, 21]),
    _works("bbox of negative width", "bbox-malformed", bbox=[24, 8, -21, 21]),
    _works("bbox of text", "bbox-malformed", bbox=["3", "8", "21", "21"]),
    _works("bbox an object", "bbox-malformed", bbox={"x": 3}),
    _works("bbox of huge numbers", "bbox-malformed", bbox=[3, 8, 10**400, 21]),
    _works("bbox empty", bbox=[], notes=("bbox-missing",)),
    _works("bbox null", bbox=None, notes=("bbox-missing",)),
    _works("bbox with fractions", bbox=[3.2, 8.1, 20.9, 20.9], notes=("bbox-fractional",)),
    Case("no bbox", lacking("annotations", 4, "bbox"), kinds(), notes=kinds("bbox-missing")),
    _works("area of the box", "area-box", **_triangle(area=1200)),
    _works("area 0", "area-missing", area=0),
    _works("negative area", "area-missing", area=-441),
    _works("area null", "area-missing", area=None),
    Case("no area", lacking("annotations", 4, "area"), kinds("area-missing")),
    _works("area elsewhere", "area-mask", area=50),
    _works("area as a share of the photo", "area-mask", area=441 / (WIDTH * HEIGHT)),
    _works("area 1 % off", area=445.5, notes=("area-rounded",)),
    Case(
        "area as text",
        annotation(area="441"),
        kinds("record-malformed"),
        "str instead of float .* in area",
        ALL,
    ),
    Case("iscrowd 2", annotation(iscrowd=2), kinds("crowd-value"), "0 or 1, found 2", ALL),
    Case("iscrowd -1", annotation(iscrowd=-1), kinds("crowd-value"), "0 or 1, found -1", ALL),
    Case("iscrowd true", annotation(iscrowd=True), kinds("crowd-value"), "0 or 1, .*bool", ALL),
    Case("iscrowd text", annotation(iscrowd="0"), kinds("crowd-value"), "0 or 1, .*str", ALL),
    Case("iscrowd null", annotation(iscrowd=None), kinds("crowd-value"), "0 or 1, .*null", ALL),
    Case("no iscrowd", lacking("annotations", 4, "iscrowd"), kinds(), notes=kinds("crowd-missing")),
    Case(
        "iscrowd twice in a record",
        rewritten(lambda text: text.replace(b'"iscrowd": 0', b'"iscrowd": 7, "iscrowd": 0', 1)),
        kinds("crowd-value"),
        "0 or 1, found 7",
        ALL,
    ),
    _works("crowd of one polygon", "crowd-single", iscrowd=1),
    _works(
        "crowd of one region",
        "crowd-single",
        iscrowd=1,
        segmentation={
            "size": [HEIGHT, WIDTH],
            "counts": [0, 10 * HEIGHT, (WIDTH - 10) * HEIGHT],
        },
        area=10 * HEIGHT,
        bbox=[0, 0, 10, HEIGHT],
        notes=("rle-uncompressed",),
    ),
    _works(
        "crowd of two regions",
        iscrowd=1,
        segmentation={
            "size": [HEIGHT, WIDTH],
            "counts": [0, 5 * HEIGHT, 20 * HEIGHT, 5 * HEIGHT, (WIDTH - 30) * HEIGHT],
        },
        area=10 * HEIGHT,
        bbox=[0, 0, 30, HEIGHT],
        notes=("rle-uncompressed",),
    ),
]
