"""The statistics as tables for the terminal, readable at 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from trashdata.console import Reporter
from trashdata.errors import printable

from .comparison import Comparison
from .count import LEVELS, Statistics, quantiles
from .words import LACKING, arrows, percent, whole

_MEDIAN = LEVELS.index(0.5)
_RAREST = 10
_COMPANIONS = 3
_SIZES = 3
_NAMED = 10


def show(comparison: Comparison, reporter: Reporter) -> None:
    """Print the tables, and the classes that one of two files lacks."""
    _show_tables(comparison, reporter)
    for side, label in enumerate(comparison.labels):
        lacking = comparison.lacking(side)
        if lacking:
            rest = f" and {len(lacking) - _NAMED:,} more" if len(lacking) > _NAMED else ""
            reporter.note(f"{label} does not have: {', '.join(lacking[:_NAMED])}{rest}.")


def _show_tables(comparison: Comparison, reporter: Reporter) -> None:
    """Without ``reporter.verbose``, co-occurrence of the rarest classes only."""
    labels = [printable(label) for label in comparison.labels]
    reporter.table("Photos and objects", ("", *labels), list(overview(comparison)))
    header, rows = class_rows(comparison)
    reporter.table("Classes, by number of objects", header, rows)
    if not any((side.classes_per_photo > 1).any() for side in comparison.sides):
        return
    order = comparison.order if reporter.verbose else comparison.order[-_RAREST:]
    some = len(order) < len(comparison.names)
    whose = f"the {_RAREST} rarest classes' photos" if some else "each class's photos"
    title = f"Others on {whose}, in percent of these"
    reporter.table(title, ("class", *labels), co_occurrence_rows(comparison, order))
    if some:
        reporter.note("With --verbose, this table lists every class.")


def overview(comparison: Comparison) -> Iterator[tuple[str, ...]]:
    """Rows about the files as a whole, without those that are 0 on all sides."""
    columns = [_facts(side) for side in comparison.sides]
    for name in columns[0]:
        cells = [column[name] for column in columns]
        if any(cell != "0" for cell in cells) or name in {"photos", "objects", "classes"}:
            yield (name, *cells)


def _facts(side: Statistics) -> dict[str, str]:
    without = [n for n, k in zip(side.class_names, side.objects, strict=True) if k == 0]
    return {
        "photos": whole(side.photo_count),
        "- empty": whole(side.empty_photos),
        "- synthetic": whole(side.origin.synthetic),
        "- repeats": whole(side.origin.repeats),
        "- pseudo-labelled": whole(side.origin.pseudo_labelled),
        "objects": whole(side.object_count),
        "- pasted": whole(side.origin.pasted),
        "- pseudo-labels": whole(side.origin.pseudo_labels),
        "- crowd regions": whole(side.crowds),
        "ignore regions": whole(side.ignored),
        "classes": whole(len(side.class_names)),
        "- without objects": f"{len(without)}: {', '.join(without)}" if without else "0",
        "objects per photo": _spread(side.objects_per_photo),
        "classes per photo": _spread(side.classes_per_photo),
        "object area, % of photo": _area_text(100 * quantiles(side.relative_area)),
        "sum of areas, % of photos": percent(
            100 * float(side.pixels.sum()) / max(side.total_pixels, 1)
        ),
        "photo sizes": size_text(side.sizes),
    }


def _area_text(area: NDArray[np.float64]) -> str:
    """Text for quantiles (5,) in percent."""
    if np.isnan(area).any():
        return LACKING
    low, median, high = percent(area[0]), percent(area[_MEDIAN]), percent(area[-1])
    return f"median {median}; 80 % from {low} to {high}"


def _spread(numbers: NDArray[np.int64]) -> str:
    if not len(numbers):
        return LACKING
    mean, median = float(numbers.mean()), float(np.median(numbers))
    return f"median {median:g}, mean {mean:.3g}; {numbers.min()} to {numbers.max()}"


def size_text(sizes: NDArray[np.int64]) -> str:
    """Text with the most frequent of sizes (S, 3), and the number of others.

    >>> size_text(np.array([[640, 480, 7], [480, 640, 2]]))
    '640×480 (7), 480×640 (2)'
    """
    if not len(sizes):
        return LACKING
    shown = [f"{width}×{height} ({count:,})" for width, height, count in sizes[:_SIZES].tolist()]
    rest = len(sizes) - len(shown)
    return ", ".join(shown) + (f" and {rest:,} more" if rest else "")


def class_rows(comparison: Comparison) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """Header and rows of the table of classes, the one with the most objects first."""
    counted = [arrows(comparison.values(key)) for key in ("objects", "photos")]
    shared = [
        arrows(columns, percent)
        for columns in (
            comparison.shares("objects"),
            comparison.photo_shares(),
            comparison.shares("pixels"),
            [100 * values[:, _MEDIAN] for values in comparison.values("area_quantiles")],
        )
    ]
    objects, photos = counted
    object_shares, photo_shares, pixels, area = shared
    if len(comparison.sides) > 1:
        # With two numbers per cell there is no room for derived ones.
        header: tuple[str, ...] = ("class", "objects", "objects %", "photos", "pixels %")
        columns = [comparison.names, objects, object_shares, photos, pixels]
    else:
        header = ("class", "objects", "%", "photos", "%", "pixels %", "area %")
        columns = [comparison.names, objects, object_shares, photos, photo_shares, pixels, area]
    return header, [tuple(column[k] for column in columns) for k in comparison.order]


def co_occurrence_rows(comparison: Comparison, order: Sequence[int]) -> list[tuple[str, ...]]:
    """For each class, the classes that co-occur with it most, on each side."""
    matrices = list(comparison.together())
    return [
        (comparison.names[k], *(_most_frequent(matrix[k], comparison.names) for matrix in matrices))
        for k in order
    ]


def _most_frequent(shares: NDArray[np.float64], names: Sequence[str]) -> str:
    """The names with the greatest shares (U,), and these in percent; NaN and 0 don't count.

    >>> _most_frequent(np.array([np.nan, 0.25, 0, 1]), "ABCD")
    'D 100, B 25'
    """
    order = np.argsort(-np.nan_to_num(shares), kind="stable")[:_COMPANIONS].tolist()
    found = [f"{names[k]} {100 * shares[k]:.0f}" for k in order if shares[k] > 0]
    return ", ".join(found) or LACKING
