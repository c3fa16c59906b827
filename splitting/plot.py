"""The picture: each fold's share of each class against 1/k, for photos, objects and area."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from trashdata.errors import printable

from .report import Balance

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_TITLES = ("photos with the class", "objects", "pixel area")
_NUMBERED_FOLDS = 12
_ROW = 0.24
_CELL = 0.52
_NAME = 30


def draw(balance: Balance) -> bytes:
    """PNG bytes; classes from frequent to rare, uneven cells hold their share in percent."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows, folds = len(balance.names), balance.folds
    width = 3.4 + 3 * (_CELL * min(folds, 20) + 0.3)
    height = 2.0 + _ROW * rows
    figure = Figure(figsize=(width, height), dpi=110, facecolor="white")
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(
        1, 3, left=3.2 / width, right=1 - 0.25 / width, wspace=0.08,
        top=1 - 1.15 / height, bottom=0.75 / height,
    )  # fmt: skip
    axes = [figure.add_subplot(grid[0, column]) for column in range(3)]
    image = None
    for axis, shares, title in zip(axes, balance.shares, _TITLES, strict=True):
        image = _panel(axis, shares[:, balance.order].T, title)
    _name_rows(axes[0], balance)
    _describe(figure, balance, width, height)
    _scale(figure, image, balance.folds, width, height)
    stream = io.BytesIO()
    with warnings.catch_warnings():
        # A class name in a script that the font lacks is drawn as boxes, and that is all.
        warnings.filterwarnings("ignore", message="Glyph")
        figure.savefig(stream, format="png", metadata={"Software": "trashdata"})
    return stream.getvalue()


def _panel(axis: Axes, shares: NDArray[np.float64], title: str) -> Any:
    """Shares (C, k) as a heat map around 1/k; a missing class is a dash on gray."""
    from matplotlib.colors import TwoSlopeNorm

    folds = shares.shape[1]
    axis.set_facecolor("#d9d9d9")
    shown = np.ma.masked_where(shares == 0, shares)
    norm = TwoSlopeNorm(1 / folds, 0, 2 / folds)
    image = axis.imshow(shown, cmap="RdBu_r", norm=norm, aspect="auto", interpolation="nearest")
    axis.set_title(title, fontsize=10, pad=20, weight="bold")
    axis.set_xticks(range(folds), [str(fold) for fold in range(folds)])
    axis.xaxis.tick_top()
    axis.set_yticks([])
    axis.tick_params(length=0, labelsize=8, colors="#555555", pad=1)
    for side in axis.spines.values():
        side.set_visible(False)
    axis.vlines(np.arange(1, folds) - 0.5, -0.5, len(shares) - 0.5, color="white", linewidth=1)
    axis.hlines(np.arange(1, len(shares)) - 0.5, -0.5, folds - 0.5, color="white", linewidth=1)
    if folds <= _NUMBERED_FOLDS:
        _write_numbers(axis, shares)
    return image


def _write_numbers(axis: Axes, shares: NDArray[np.float64]) -> None:
    """Percent where a share is off by a fifth or more: what is even needs no number."""
    off = np.abs(shares * shares.shape[1] - 1)
    for row, fold in np.argwhere(off >= 0.2).tolist():
        share = shares[row, fold]
        text = "–" if share == 0 else f"{100 * share:.0f}"
        colour = "#666666" if share == 0 else "white" if off[row, fold] > 0.65 else "#222222"
        axis.text(fold, row, text, ha="center", va="center", fontsize=7, color=colour)


def _name_rows(axis: Axes, balance: Balance) -> None:
    for row, index in enumerate(balance.order):
        name = printable(balance.names[index])
        name = name if len(name) <= _NAME else name[: _NAME - 1] + "…"
        # By hand, as tick labels can't hold two columns; $ in a name is no formula.
        for offset, text, colour in (
            (-38, name, "#222222"),
            (-6, f"{balance.photos[index]:,}", "#777777"),
        ):
            axis.annotate(
                text, (0, row), xycoords=("axes fraction", "data"), xytext=(offset, 0),
                textcoords="offset points", ha="right", va="center", fontsize=8, color=colour,
                annotation_clip=False, parse_math=False,
            )  # fmt: skip
    axis.annotate(
        "photos", (0, 1), xycoords="axes fraction", xytext=(-6, 5), textcoords="offset points",
        ha="right", fontsize=7, color="#777777",
    )  # fmt: skip


def _describe(figure: Figure, balance: Balance, width: float, height: float) -> None:
    end, sizes = balance.end, balance.sizes
    size = f"{sizes.min():,}" if sizes.min() == sizes.max() else f"{sizes.min():,}–{sizes.max():,}"
    figure.text(
        0.25 / width, 1 - 0.3 / height, f"{balance.folds} folds of {size} photos",
        fontsize=13, weight="bold", va="center",
    )  # fmt: skip
    figure.text(
        0.25 / width, 1 - 0.55 / height,
        "mean over classes of the largest deviation from an even share: "
        f"photos {end.photos:.1%}, objects {end.objects:.1%}, area {end.area:.1%}",
        fontsize=8.5, color="#555555", va="center",
    )  # fmt: skip


def _scale(figure: Figure, image: Any, folds: int, width: float, height: float) -> None:
    axis = figure.add_axes((3.2 / width, 0.42 / height, 2.6 / width, 0.12 / height))
    bar = figure.colorbar(image, cax=axis, orientation="horizontal")
    bar.outline.set_visible(False)
    bar.set_ticks([0, 1 / folds, 2 / folds], labels=["0", f"even: {100 / folds:.3g} %", "double"])
    bar.ax.tick_params(labelsize=7.5, length=0, colors="#555555")
    figure.text(
        3.2 / width - 0.08 / width, 0.48 / height, "share in the fold, percent", fontsize=8,
        color="#555555", ha="right", va="center",
    )  # fmt: skip
