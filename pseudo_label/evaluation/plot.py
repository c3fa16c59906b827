"""The picture of ``--report``: the share kept of each class, and the curve over thresholds."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from trashdata.lettering import plain_text

_INK, _DIM, _GRID, _BAR = "#222222", "#666666", "#dddddd", "#cfd8e3"
# Markers that coincide stay visible: a ring, a small square in it, a diamond in that.
_MARKS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("precision", "precision", "#1b6ca8", {"marker": "o", "markersize": 10, "mfc": "none"}),
    ("recall", "recall", "#c4572b", {"marker": "s", "markersize": 6.5}),
    ("iou", "IoU of what is kept", "#2e7d4f", {"marker": "D", "markersize": 4.5}),
)
_LONGEST = 24
_TICKS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999)


def draw(
    title: str,
    rows: Sequence[dict[str, Any]],
    points: Sequence[dict[str, Any]],
    kind: str,
    chosen: float,
) -> bytes:
    """PNG bytes.

    Parameters
    ----------
    rows : of classes, see `truth_counts.class_rows`, drawn from above.
    points : see `truth_counts.curve`; ``chosen``: the value of ``kind`` in use.
    """
    from matplotlib.figure import Figure

    height = max(4.8, 1.7 + 0.3 * len(rows))
    figure = Figure(figsize=(13, height), dpi=110, facecolor="white")
    top, bottom = 1 - 1.05 / height, 0.62 / height
    left = figure.add_axes((0.21, bottom, 0.35, top - bottom))
    _draw_classes(left, rows)
    curve_height = min(top - bottom, 4.0 / height)
    right = figure.add_axes((0.635, top - curve_height, 0.345, curve_height))
    _draw_curve(right, points, kind, chosen)
    figure.text(
        0.012, 1 - 0.3 / height, plain_text(title), fontsize=14, weight="bold", color=_INK,
        va="center", parse_math=False,
    )  # fmt: skip
    stream = io.BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": "trashdata"})
    return stream.getvalue()


def _draw_classes(axes: Any, rows: Sequence[dict[str, Any]]) -> None:
    positions = range(len(rows))
    kept = [100 * min(1.0, row["kept"] or 0) for row in rows]
    axes.barh(positions, kept, height=0.72, color=_BAR, label="share of its pixels kept", zorder=1)
    for key, label, colour, style in _MARKS:
        known = [(100 * row[key], y) for y, row in enumerate(rows) if row[key] is not None]
        values, heights = [value for value, _ in known], [y for _, y in known]
        axes.plot(
            values, heights, color=colour, linestyle="none", mew=2, label=label, zorder=3,
            clip_on=False, **style,
        )  # fmt: skip
    for y, row in enumerate(rows):
        name = plain_text(row["class"])
        name = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
        _beside(axes, y, name, 62, _INK)
        _beside(axes, y, _threshold(row), 10, _DIM)
        if not row["pixels"] and row["precision"] is None:
            axes.text(1, y, "no pixel of it", fontsize=9, color=_DIM, va="center")
    _beside(axes, -0.95, "threshold", 10, _DIM)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_yticks([])
    axes.set_xlim(0, 100)
    axes.set_xlabel("percent of pixels", fontsize=9, color=_DIM)
    _dress(axes)
    axes.legend(
        loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=4, frameon=False, fontsize=9,
        handletextpad=0.4, columnspacing=1.1,
    )  # fmt: skip


def _beside(axes: Any, y: float, text: str, offset: int, colour: str) -> None:
    """Text to the left of the axes, its right end ``offset`` points away."""
    axes.annotate(
        text, (0, y), (-offset, 0), textcoords="offset points", ha="right", va="center",
        fontsize=9.5, color=colour, parse_math=False, annotation_clip=False,
    )  # fmt: skip


def _threshold(row: dict[str, Any]) -> str:
    return "none" if row["threshold"] is None else f"{row['threshold']:.4f}"


def _draw_curve(axes: Any, points: Sequence[dict[str, Any]], kind: str, chosen: float) -> None:
    """Lines over the threshold, on a scale that is stretched near 1."""
    lines = (
        *((key, f"{label}, all but background", colour, "-") for key, label, colour, _ in _MARKS),
        ("kept", "kept of all pixels", _DIM, "--"),
    )
    for key, label, colour, style in lines:
        known = [(p[kind], 100 * p[key]) for p in points if p.get(key) is not None]
        if known:
            axes.plot(*zip(*known, strict=True), style, color=colour, linewidth=1.8, label=label)
    if kind == "threshold":
        axes.set_xscale("function", functions=(_stretch, _relax))
        axes.set_xticks(_TICKS, [f"{tick:g}" for tick in _TICKS])
    axes.set_xlim(min(p[kind] for p in points), max(p[kind] for p in points))
    axes.axvline(chosen, color=_INK, linewidth=1, linestyle=":")
    low = chosen < 0.3
    axes.annotate(
        f"in use: {chosen:g}", (chosen, 0), (4 if low else -4, 5), textcoords="offset points",
        ha="left" if low else "right", fontsize=9, color=_INK,
    )  # fmt: skip
    axes.set_ylim(0, 101)
    axes.set_xlabel(f"--{kind}", fontsize=9, color=_DIM)
    _dress(axes)
    axes.yaxis.grid(visible=True, color=_GRID, linewidth=0.8)
    axes.set_ylabel("percent", fontsize=9, color=_DIM)
    axes.legend(
        loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=2, frameon=False, fontsize=9,
        handletextpad=0.4, columnspacing=1.2, handlelength=1.6,
    )  # fmt: skip


def _stretch(threshold: Any) -> Any:
    import numpy as np

    return -np.log10(1.002 - np.minimum(threshold, 1.0))


def _relax(position: Any) -> Any:
    import numpy as np

    return 1.002 - 10.0 ** -np.asarray(position, dtype=np.float64)


def _dress(axes: Any) -> None:
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_GRID)
    axes.tick_params(colors=_DIM, labelsize=9, length=0)
    axes.xaxis.grid(visible=True, color=_GRID, linewidth=0.8, zorder=0)
    axes.set_axisbelow(True)
