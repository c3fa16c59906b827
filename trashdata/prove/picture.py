"""Findings as a picture: a column a finding, a row a class, differences with their intervals.

A verdict is in the shape of the mark, and in its colour once more.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from trashdata.comparison.verdicts import Row, Verdict
from trashdata.comparison.words import interval, points

from .findings import Finding, key_of, noise_of
from .fonts import FONT, can_write
from .layout import CONTROL, EDGE, Layout, controls, short
from .scale import Scale, scale_of
from .titles import scoring, tally, training

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

_DPI = 110
_TEXT, _DIM, _ZERO, _GRID, _NOISE = "#222222", "#686868", "#444444", "#e4e4e4", "#dcdcdc"
# Blue and vermillion of Okabe and Ito's scheme, which all kinds of colour blindness tell apart.
_COLOURS: dict[Verdict, str] = {
    "helps": "#0072b2",
    "hurts": "#d55e00",
    "no evidence": "#555555",
    "too few photos": "#777777",
}
_MARKS: dict[Verdict, dict[str, Any]] = {
    "helps": {"marker": "^", "markersize": 8.5},
    "hurts": {"marker": "v", "markersize": 8.5},
    "no evidence": {"marker": "o", "markersize": 4},
    "too few photos": {"marker": "o", "markersize": 6, "markerfacecolor": "white"},
}


def draw_prove(findings: Sequence[Finding]) -> bytes:
    """PNG bytes; all findings on one axis, up to eight beside one another.

    Raises
    ------
    ValueError : there is no finding.
    """
    if not findings:
        raise ValueError("there is no finding to draw")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    layout = Layout.of(findings)
    figure = Figure(figsize=(layout.width, layout.height), dpi=_DPI, facecolor="white")
    FigureCanvasAgg(figure)
    scale = scale_of(findings)
    for index, finding in enumerate(findings):
        _draw_panel(figure, layout, scale, index, finding)
    _draw_legend(figure, layout, scale)
    for text in _texts(figure):
        if not can_write(text.get_text(), [FONT]):
            # Few other families have a bold face.
            text.set(family=layout.fonts, weight="normal")
    stream = io.BytesIO()
    with warnings.catch_warnings():
        # Characters that no font has are drawn as boxes, without a warning.
        warnings.filterwarnings("ignore", message="Glyph")
        figure.savefig(stream, format="png", metadata={"Software": "trashdata"})
    return stream.getvalue()


def _texts(figure: Figure) -> list[Text]:
    from matplotlib.text import Text

    return [artist for artist in figure.findobj() if isinstance(artist, Text)]


def _draw_panel(figure: Figure, layout: Layout, scale: Scale, index: int, finding: Finding) -> None:
    left, top = layout.corner(index)
    high = layout.lines * layout.line
    bottom = layout.height - top - high
    box = (left / layout.width, bottom / layout.height)
    size = (layout.panel / layout.width, high / layout.height)
    axis = figure.add_axes((*box, *size))
    axis.set(xlim=(-1.04, 1.04), ylim=(layout.lines, 0))
    for side in axis.spines.values():
        side.set_visible(False)
    ticks = scale.ticks()
    size_of_ticks = 8 if layout.panel > 2 else 7
    axis.set_xticks([at for at, _ in ticks], [text for _, text in ticks], fontsize=size_of_ticks)
    axis.set_yticks([])
    axis.tick_params(length=0, colors=_DIM, pad=3)
    axis.set_xlabel("points of IoU", fontsize=8, color=_DIM, labelpad=2)
    axis.vlines([at for at, _ in ticks], 0, layout.lines, color=_GRID, linewidth=0.8, zorder=0)
    axis.vlines(0, 0, layout.lines, color=_ZERO, linewidth=1, zorder=2)
    for row in finding.rows:
        _draw_row(axis, layout, scale, row, noise_of(finding, row))
    if index % layout.columns == 0:
        _write_names(axis, layout)
    _write_head(figure, layout, left, top, finding)


def _draw_row(axis: Axes, layout: Layout, scale: Scale, row: Row, noise: float) -> None:
    y, colour = layout.heights[key_of(row)], _COLOURS[row.verdict]
    if not math.isnan(noise):
        ends = (scale.position(-noise), scale.position(noise))
        axis.barh(y, ends[1] - ends[0], 0.78, ends[0], color=_NOISE, zorder=1, linewidth=0)
    sure, few = row.verdict in ("helps", "hurts"), row.verdict == "too few photos"
    if not few and not math.isnan(row.low + row.high):
        ends = (scale.position(row.low), scale.position(row.high))
        axis.plot(ends, (y, y), color=colour, linewidth=2.4 if sure else 1.3, zorder=3)
    if not math.isnan(row.mean):
        axis.plot(
            scale.position(row.mean), y, color=colour, zorder=4, clip_on=False, linewidth=0,
            markeredgewidth=1, **_MARKS[row.verdict],
        )  # fmt: skip
    note: dict[str, Any] = {
        "xycoords": ("axes fraction", "data"), "textcoords": "offset points", "va": "center",
        "annotation_clip": False, "fontsize": 8.5 if layout.large else 7.5,
        "color": colour if sure else _DIM, "weight": "bold" if sure else "normal",
    }  # fmt: skip
    numbers = interval(row) if layout.wide else points(row.mean)
    axis.annotate(numbers, (1, y), xytext=(122 if layout.wide else 34, 0), ha="right", **note)
    if layout.wide:
        axis.annotate(row.verdict, (1, y), xytext=(130, 0), **note)


def _write_names(axis: Axes, layout: Layout) -> None:
    size = 9.5 if layout.large else 8
    note: dict[str, Any] = {
        "xycoords": ("axes fraction", "data"), "textcoords": "offset points", "va": "center",
        "annotation_clip": False, "xytext": (-8, 0), "ha": "right", "parse_math": False,
    }  # fmt: skip
    for key, y in layout.heights.items():
        weight = "bold" if key[0] else "normal"
        axis.annotate(layout.labels[key], (0, y), fontsize=size, color=_TEXT, weight=weight, **note)
    for y, text in layout.captions:
        axis.annotate(text, (0, y), fontsize=size - 1.5, color=_DIM, style="italic", **note)


def _write_head(figure: Figure, layout: Layout, left: float, top: float, finding: Finding) -> None:
    """The arm, its controls, and what was trained and scored, above a panel."""
    room = layout.panel + layout.beside
    lines = [(short(finding.arm, int(room / 0.115)), 11.5, _TEXT, "bold", layout.head - 0.2)]
    for number, text in enumerate(controls(finding, room)):
        lines.append((text, 8.5, _TEXT, "normal", layout.head - 0.42 - number * CONTROL))
    below = ((training(finding), _DIM, 0.47), (scoring(finding), _DIM, 0.3))
    for text, colour, above in (*below, (tally(finding), _TEXT, 0.12)):
        lines.append((short(text, int(room / 0.066)), 8, colour, "normal", above))
    for text, size, colour, weight, above in lines:
        figure.text(
            left / layout.width, 1 - (top - above) / layout.height, text, fontsize=size,
            color=colour, weight=weight, va="center", parse_math=False,
        )  # fmt: skip


def _draw_legend(figure: Figure, layout: Layout, scale: Scale) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    marks: list[Any] = [
        Line2D([], [], color=_COLOURS[verdict], linewidth=0, label=verdict, **mark)
        for verdict, mark in _MARKS.items()
    ]
    noise = Patch(color=_NOISE, label="noise: the control against itself")
    figure.legend(
        handles=[*marks, noise], loc="lower left", ncols=5, frameon=False, fontsize=8.5,
        labelcolor=_TEXT, handletextpad=0.3, columnspacing=1.5, borderpad=0, handlelength=1.4,
        bbox_to_anchor=(EDGE / layout.width, 0.3 / layout.height),
    )  # fmt: skip
    said = "Right of zero the arm is better. A line is the interval at which the verdict was made."
    if scale.compressed:
        said += " Large differences are compressed."
    figure.text(
        EDGE / layout.width, 0.16 / layout.height, said, fontsize=8, color=_DIM, va="center"
    )
