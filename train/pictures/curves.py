"""Training curves as a picture: loss and learning rate, mIoU, IoU of each class."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trashdata.errors import printable
from trashdata.palette import palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DPI = 110
_LISTED = 14
_TEXT, _DIM, _GRID, _INK, _SECOND = "#222222", "#707070", "#e6e6e6", "#1f5fa8", "#c8641a"


def draw_curves(rows: Sequence[dict[str, Any]], title: str) -> bytes:
    """Draw the curves as PNG bytes; ``rows``: the history, one per epoch."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13.5, 4.6), dpi=_DPI, facecolor="white")
    FigureCanvasAgg(figure)
    loss, mean, classes = figure.subplots(1, 3, width_ratios=(1, 1, 1))
    _draw_loss(loss, rows)
    _draw_mean(mean, rows)
    _draw_classes(classes, rows)
    for axis in (loss, mean, classes):
        _tidy(axis)
    figure.suptitle(printable(title), x=0.045, ha="left", fontsize=14, color=_TEXT)
    figure.subplots_adjust(left=0.045, right=0.86, top=0.83, bottom=0.12, wspace=0.28)
    stream = io.BytesIO()
    with warnings.catch_warnings():
        # Characters that the font lacks are drawn as boxes, without a warning.
        warnings.filterwarnings("ignore", message="Glyph")
        figure.savefig(stream, format="png", metadata={"Software": "trashdata"})
    return stream.getvalue()


def _column(rows: Sequence[dict[str, Any]], name: str) -> NDArray[np.float64]:
    return np.array([np.nan if row[name] is None else row[name] for row in rows], dtype=np.float64)


def _draw_loss(axis: Axes, rows: Sequence[dict[str, Any]]) -> None:
    axis.plot(_column(rows, "epoch"), _column(rows, "loss"), ".-", color=_INK, markersize=4)
    axis.set_title("training loss, and learning rate (dotted)", fontsize=10, color=_TEXT)
    axis.set_ylim(bottom=0)
    rates = axis.twinx()
    rates.plot(_column(rows, "epoch"), _column(rows, "lr"), ":", color=_DIM, linewidth=1)
    rates.set_ylim(bottom=0)
    rates.ticklabel_format(axis="y", style="sci", scilimits=(0, 0))
    rates.tick_params(labelsize=8, labelcolor=_DIM, length=0)
    rates.yaxis.get_offset_text().set(fontsize=8, color=_DIM)
    rates.spines[:].set_visible(False)


def _draw_mean(axis: Axes, rows: Sequence[dict[str, Any]]) -> None:
    epochs = _column(rows, "epoch")
    for name, colour, label in (
        ("miou", _INK, "all classes"),
        ("miou_foreground", _SECOND, "without background"),
    ):
        axis.plot(epochs, _column(rows, name), ".-", color=colour, markersize=4, label=label)
    values = _column(rows, "miou")
    best = int(np.nanargmax(values))
    axis.plot(epochs[best], values[best], "o", markersize=9, fillstyle="none", color=_INK)
    title = f"mIoU on validation; best {values[best]:.3f} in epoch {int(epochs[best])}"
    axis.set_title(title, fontsize=10, color=_TEXT)
    axis.set_ylim(0, 1)
    axis.legend(fontsize=8, frameon=False, loc="upper left")


def _draw_classes(axis: Axes, rows: Sequence[dict[str, Any]]) -> None:
    columns = [name for name in rows[0] if name.startswith("iou ")]
    colours = palette() / 255
    for index, column in enumerate(columns):
        label = printable(column.removeprefix("iou "))
        label = label if len(label) <= 20 else f"{label[:19]}…"
        colour = "#999999" if index == 0 else colours[index]
        axis.plot(_column(rows, "epoch"), _column(rows, column), color=colour, label=label)
    axis.set_title("IoU of each class", fontsize=10, color=_TEXT)
    axis.set_ylim(0, 1)
    if len(columns) <= _LISTED:
        axis.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1.02, 1.02))


def _tidy(axis: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    axis.set_xlabel("epoch", fontsize=9, color=_DIM)
    axis.grid(color=_GRID, linewidth=0.8)
    axis.set_axisbelow(True)
    axis.tick_params(labelsize=8, labelcolor=_DIM, length=0)
    axis.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)
