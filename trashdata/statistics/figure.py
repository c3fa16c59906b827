"""The picture of the statistics: four lists about photos and objects, then a row for each class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trashdata.classes import MAX_CLASSES
from trashdata.palette import palette

from .bars import Bars, draw_bars, draw_labels, is_wide
from .comparison import Comparison
from .count import Statistics
from .layout import GAP, LIST_ROW, MARGIN, TURNED_SIZE, Layout, lay_out
from .panels import draw_areas, draw_heat_scale, draw_together
from .sheet import BAND, DARK, DIM, PALE, Colour, Sheet, drawn, fitting, text_width
from .words import percent, whole

_ACCENT = "#33608f"
_LIST_WIDTH = 4.5


def draw(comparison: Comparison) -> bytes:
    """PNG bytes; the same for the same statistics."""
    return drawn(lambda: _draw(comparison))


def _draw(comparison: Comparison) -> bytes:
    layout = lay_out(comparison)
    sheet = Sheet(layout.width, layout.height)
    _draw_head(sheet, comparison, layout)
    _draw_lists(sheet, layout)
    if len(layout.rows):
        colours = _colours(layout)
        _draw_bands(sheet, layout)
        _draw_names(sheet, layout, len(comparison.names))
        _draw_counts(sheet, comparison, layout, colours)
        _draw_areas(sheet, comparison, layout, colours)
    if layout.columns.matrices:
        _draw_matrices(sheet, comparison, layout)
    return sheet.png()


def _draw_head(sheet: Sheet, comparison: Comparison, layout: Layout) -> None:
    """Title, and a line for each file."""
    room = layout.width - 2 * MARGIN
    title = fitting(" → ".join(comparison.labels), 14, room, bold=True)
    sheet.text(MARGIN, 0.35, title, size=14, bold=True)
    marked = len(comparison.sides) > 1
    for side, statistics in enumerate(comparison.sides):
        top, left = 0.66 + 0.2 * side, MARGIN
        text = headline(statistics)
        if marked:
            sheet.box(left, top - 0.055, 0.11, 0.11, PALE if side == 0 else _ACCENT)
            text, left = f"{comparison.labels[side]}: {text}", left + 0.18
        sheet.text(left, top, fitting(text, 8.5, room - 0.18), size=8.5, colour=DIM)


def headline(side: Statistics) -> str:
    """What a file holds, in one line."""
    bare = int((side.objects == 0).sum())
    parts = [
        (side.photo_count, "photo", "photos"),
        (side.empty_photos, *["of them empty"] * 2),
        (side.origin.synthetic, *["synthetic"] * 2),
        (side.origin.repeats, "repeat", "repeats"),
        (side.origin.pseudo_labelled, *["pseudo-labelled"] * 2),
        (side.object_count, "object", "objects"),
        (side.origin.pasted, *["of them pasted"] * 2),
        (side.origin.pseudo_labels, "pseudo-label", "pseudo-labels"),
        (side.crowds, "crowd region", "crowd regions"),
        (len(side.class_names), "class", "classes"),
        (bare, *["of them without objects"] * 2),
        (side.ignored, "ignore region", "ignore regions"),
    ]
    always = {"photos", "objects", "classes"}
    shown = [part for part in parts if part[0] or part[2] in always]
    return ", ".join(f"{count:,} {one if count == 1 else more}" for count, one, more in shown)


def _draw_lists(sheet: Sheet, layout: Layout) -> None:
    lists = layout.lists
    width = (layout.width - 2 * MARGIN - (len(lists) - 1) * GAP) / len(lists)
    width = min(width, _LIST_WIDTH)
    for index, (title, labels, counts) in enumerate(lists):
        left, top = MARGIN + index * (width + GAP), layout.lists_top
        sheet.text(left, top, title, size=9, bold=True)
        top += 0.17
        end = left + max((text_width(label, 7) for label in labels), default=0)
        draw_labels(sheet, labels, right=end, top=top, row=LIST_ROW, size=7)
        bars = Bars(counts, [_ACCENT] * len(labels))
        draw_bars(sheet, bars, end + 0.06, top, left + width - end - 0.06, row=LIST_ROW)


def _colours(layout: Layout) -> list[Colour]:
    colours = palette()
    # A COCO file may hold more classes than a mask.
    rows = [colours[1 + index % MAX_CLASSES] / 255 for index in layout.rows.order]
    return [(float(red), float(green), float(blue)) for red, green, blue in rows]


def _draw_bands(sheet: Sheet, layout: Layout) -> None:
    """Shade every other row, for legibility."""
    height = layout.rows.height
    for index in range(1, len(layout.rows), 2):
        top = layout.rows_top + index * height
        sheet.box(MARGIN, top, layout.width - 2 * MARGIN, height, BAND)


def _draw_names(sheet: Sheet, layout: Layout, classes: int) -> None:
    title, shown = "classes by number of objects", len(layout.rows)
    if shown < classes:
        half = shown // 2
        title += f": the {half} commonest and the {half} rarest of {classes:,}"
        break_at = layout.rows_top + half * layout.rows.height
        sheet.box(MARGIN, break_at - 0.01, layout.width - 2 * MARGIN, 0.02, DARK)
    sheet.text(MARGIN, layout.classes_top, title, size=9, colour=DIM)
    box = layout.names_right, layout.rows_top, layout.rows.height
    draw_labels(sheet, layout.rows.names, *box, size=8)


def _draw_heading(sheet: Sheet, layout: Layout, left: float, title: str, note: str = "") -> None:
    top = layout.rows_top - 0.24
    sheet.text(left, top, title, size=9, bold=True)
    if note:
        end = left + text_width(title, 9, bold=True) + 0.1
        sheet.text(end, top, note, size=6.5, colour=DIM)


def _draw_counts(
    sheet: Sheet, comparison: Comparison, layout: Layout, colours: Sequence[Colour]
) -> None:
    order = list(layout.rows.order)
    columns = (
        ("objects", comparison.values("objects"), whole),
        ("photos", comparison.values("photos"), whole),
        ("pixels, %", comparison.shares("pixels"), percent),
    )
    chosen = [[value[order] for value in values] for _, values, _ in columns]
    # All or none, so that lengths are comparable.
    logarithmic = any(map(is_wide, chosen))
    lefts = layout.columns.bars
    for left, (title, _, text), values in zip(lefts, columns, chosen, strict=True):
        bars = Bars(values, colours, text, logarithmic)
        _draw_heading(sheet, layout, left, title, "log scale" if logarithmic else "")
        width, height = layout.columns.bar_width, layout.rows.height
        draw_bars(sheet, bars, left, layout.rows_top, width, row=height)


def _draw_areas(
    sheet: Sheet, comparison: Comparison, layout: Layout, colours: Sequence[Colour]
) -> None:
    order, columns = list(layout.rows.order), layout.columns
    spans = [values[order] for values in comparison.values("area_quantiles")]
    _draw_heading(sheet, layout, columns.areas, "object area, % of photo", "log scale")
    box = columns.areas, layout.rows_top, columns.area_width, layout.rows.height
    draw_areas(sheet, spans, colours, box)
    note = "dot: median, thick: half of the objects, thin: 80 %"
    sheet.text(columns.areas, layout.rows_bottom + 0.22, note, size=6.5, colour=DIM)


def _draw_matrices(sheet: Sheet, comparison: Comparison, layout: Layout) -> None:
    """Draw the matrices of co-occurrence, with names above and on the right."""
    rows, lefts = layout.rows, layout.columns.matrices
    for side, (left, shares) in enumerate(zip(lefts, comparison.together(), strict=True)):
        title = comparison.labels[side] if len(lefts) > 1 else "on the same photos"
        title = fitting(title, 9, rows.matrix_width, bold=True)
        sheet.text(left, layout.classes_top, title, size=9, bold=True)
        for index, name in enumerate(rows.turned_names):
            middle = left + (index + 0.5) * rows.cell
            sheet.text(middle, layout.rows_top - 0.05, name, size=TURNED_SIZE, turned=True)
        chosen = shares[np.ix_(rows.order, rows.order)]
        draw_together(sheet, chosen, left, layout.rows_top, cell=rows.cell, row=rows.height)
    for index, name in enumerate(rows.names):
        sheet.text(layout.right_names_left, layout.middle_of_row(index), name, size=8)
    draw_heat_scale(sheet, lefts[0] + 0.15, layout.rows_bottom + 0.22)
