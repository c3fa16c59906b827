"""A confusion matrix as a picture: rows true, columns predicted, in percent of the true pixels."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trashdata.errors import printable
from trashdata.inference.confusion import Matrix, Scores, scores

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_NAME = 22
_DPI = 110
# In inches.
_CELL, _SMALL_CELL, _WIDEST_LETTER, _NARROWEST = 0.46, 0.2, 0.085, 5.6
_LEAST_SHOWN = 0.005
# With more classes than this, cells are too small for numbers at a legible size.
_NUMBERED = 30
_TEXT, _DIM, _EMPTY = "#222222", "#707070", "#efefef"


def draw_confusion(matrix: Matrix, names: Sequence[str], title: str) -> bytes:
    """PNG bytes.

    Parameters
    ----------
    matrix : (C, C) int64, rows true, columns predicted.
    names : of its classes, the background first; the IoU of each is on the right.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    side = len(names) * (_CELL if len(names) <= _NUMBERED else _SMALL_CELL)
    named = _WIDEST_LETTER * max(len(_short(name)) for name in names)
    left, right, top, bottom = 0.75 + named, 1.25, 1.25 + named, 0.65
    width, height = max(_NARROWEST, left + side + right), top + side + bottom
    figure = Figure(figsize=(width, height), dpi=_DPI, facecolor="white")
    FigureCanvasAgg(figure)
    axis = figure.add_axes((left / width, bottom / height, side / width, side / height))
    shares = _shares(matrix)
    image = _cells(axis, shares)
    found = scores(matrix, names)
    _name_axes(axis, names, found, matrix.sum(axis=1))
    if len(names) <= _NUMBERED:
        _write_numbers(axis, shares)
    _describe(figure, title, found)
    _scale(figure, image, (left / width, 0.3 / height, 2.0 / width, 0.1 / height))
    stream = io.BytesIO()
    with warnings.catch_warnings():
        # Characters that the font lacks are drawn as boxes, without a warning.
        warnings.filterwarnings("ignore", message="Glyph")
        figure.savefig(stream, format="png", metadata={"Software": "trashdata"})
    return stream.getvalue()


def _shares(matrix: Matrix) -> NDArray[np.float64]:
    """Each row over its sum; nan in the rows of classes without a true pixel."""
    true = matrix.sum(axis=1, keepdims=True).astype(np.float64)
    shares = np.full(matrix.shape, np.nan)
    np.divide(matrix, true, out=shares, where=true > 0)
    return shares


def _cells(axis: Axes, shares: NDArray[np.float64]) -> Any:
    from matplotlib.colors import LinearSegmentedColormap, PowerNorm

    colours = LinearSegmentedColormap.from_list("share", ("#ffffff", "#7fb0d6", "#0b3c6f"))
    axis.set_facecolor(_EMPTY)
    # Shares of a few percent are of interest; on a linear scale they would look white.
    norm = PowerNorm(0.5, 0, 1)
    image = axis.imshow(np.ma.masked_invalid(shares), cmap=colours, norm=norm, aspect="equal")
    edges = np.arange(1, len(shares)) - 0.5
    axis.vlines(edges, -0.5, len(shares) - 0.5, color="#e2e2e2", linewidth=0.6)
    axis.hlines(edges, -0.5, len(shares) - 0.5, color="#e2e2e2", linewidth=0.6)
    for side in axis.spines.values():
        side.set_color("#c8c8c8")
    return image


def _name_axes(axis: Axes, names: Sequence[str], found: Scores, true: NDArray[np.int64]) -> None:
    short = [_short(name) for name in names]
    positions = range(len(names))
    size = 9 if len(names) <= _NUMBERED else 7
    axis.xaxis.tick_top()
    # parse_math: $ in a name does not begin a formula.
    axis.set_xticks(positions, short, rotation=90, fontsize=size, parse_math=False)
    axis.set_yticks(positions, short, fontsize=size, parse_math=False)
    axis.tick_params(length=0, colors=_TEXT, pad=4)
    axis.set_xlabel("predicted", fontsize=10, color=_DIM, labelpad=6)
    axis.xaxis.set_label_position("top")
    axis.set_ylabel("true", fontsize=10, color=_DIM, labelpad=6)
    note: dict[str, Any] = {"annotation_clip": False, "textcoords": "offset points", "va": "center"}
    for row, (name, pixels) in enumerate(zip(names, true.tolist(), strict=True)):
        iou = found.iou[name]
        text = "–" if iou is None else f"{100 * iou:.1f}"
        axis.annotate(
            text, (1, row), xycoords=("axes fraction", "data"), xytext=(34, 0), ha="right",
            fontsize=size, color=_TEXT if pixels else _DIM, **note,
        )  # fmt: skip
    axis.annotate(
        "IoU %", (1, 1), xycoords="axes fraction", xytext=(34, 8), ha="right", fontsize=size,
        color=_DIM, **note,
    )  # fmt: skip


def _short(name: str, letters: int = _NAME) -> str:
    plain = printable(name)
    return plain if len(plain) <= letters else plain[: letters - 1] + "…"


def _write_numbers(axis: Axes, shares: NDArray[np.float64]) -> None:
    for row, column in np.argwhere(shares >= _LEAST_SHOWN).tolist():
        share = shares[row, column]
        colour = "white" if share > 0.35 else _TEXT
        weight = "bold" if row == column else "normal"
        axis.text(
            column, row, f"{100 * share:.0f}", ha="center", va="center", fontsize=8,
            color=colour, weight=weight,
        )  # fmt: skip


def _describe(figure: Figure, title: str, found: Scores) -> None:
    width, height = figure.get_size_inches().tolist()
    figure.text(
        0.2 / width, 1 - 0.3 / height, _short(title, int(width / 0.13)), fontsize=13, weight="bold",
        va="center", color=_TEXT, parse_math=False,
    )  # fmt: skip
    figure.text(
        0.2 / width, 1 - 0.58 / height,
        f"mIoU {found.miou:.4f}   foreground {found.miou_foreground:.4f}   "
        f"pixel accuracy {found.pixel_accuracy:.4f}",
        fontsize=9, va="center", color=_DIM,
    )  # fmt: skip


def _scale(figure: Figure, image: Any, box: tuple[float, float, float, float]) -> None:
    axis = figure.add_axes(box)
    bar = figure.colorbar(image, cax=axis, orientation="horizontal")
    bar.outline.set_visible(False)
    bar.set_ticks([0, 0.05, 0.25, 1], labels=["0", "5", "25", "100 % of true pixels"])
    bar.ax.tick_params(labelsize=7.5, length=0, colors=_DIM)
