"""A page in inches for matplotlib: positions of axes, fitting text, PNG bytes."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

from trashdata.errors import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Colour = str | tuple[float, float, float]

DPI = 110
DARK, DIM, PALE, BAND = "#222222", "#666666", "#b3b3b3", "#f3f4f6"


class Sheet:
    """A page; positions are in inches from the upper left corner, axes have no frame or ticks."""

    def __init__(self, width: float, height: float) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.width, self.height = width, height
        self.figure: Figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
        FigureCanvasAgg(self.figure)

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Bare axes, transparent."""
        bottom = self.height - top - height
        axes = self.figure.add_axes(
            (
                left / self.width,
                bottom / self.height,
                width / self.width,
                height / self.height,
            )
        )
        axes.set_axis_off()
        return axes

    def box(self, left: float, top: float, width: float, height: float, colour: Colour) -> None:
        """A filled rectangle behind everything else."""
        from matplotlib.patches import Rectangle

        corner = left / self.width, 1 - (top + height) / self.height
        size = width / self.width, height / self.height
        self.figure.add_artist(Rectangle(corner, *size, facecolor=colour, linewidth=0, zorder=-1))

    def text(
        self,
        left: float,
        top: float,
        text: str,
        *,
        size: float = 8,
        colour: Colour = DARK,
        bold: bool = False,
        align: str = "left",
        turned: bool = False,
    ) -> None:
        """Draw text centred vertically at ``top``; turned text begins there and runs upwards."""
        self.figure.text(
            left / self.width,
            1 - top / self.height,
            text,
            fontsize=size,
            color=colour,
            fontweight="bold" if bold else "normal",
            ha="center" if turned else align,
            va="bottom" if turned else "center_baseline",
            rotation=90 if turned else 0,
        )

    def png(self) -> bytes:
        """The picture as PNG, without time and version."""
        stream = io.BytesIO()
        self.figure.savefig(stream, format="png", metadata={"Software": "trashdata"})
        return stream.getvalue()


def drawn(draw: Callable[[], bytes]) -> bytes:
    """Call ``draw`` with matplotlib's defaults, ignoring the user's style."""
    from matplotlib import style

    with warnings.catch_warnings():
        # Characters that the font lacks are drawn as boxes, without a warning.
        warnings.filterwarnings("ignore", message="Glyph")
        # A $ in a name does not begin a formula.
        with style.context(["default", {"text.parse_math": False}]):
            return draw()


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of the text in inches at this size in points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(size=size, weight="bold" if bold else "normal")
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    # Hinting at the picture's resolution makes most texts a little wider.
    return 1.05 * float(width) / 72


def fitting(text: str, size: float, room: float, *, bold: bool = False) -> str:
    """The text on one line, shortened at the end if wider than ``room`` inches."""
    text = printable(text)
    if text_width(text, size, bold=bold) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(text[:middle] + "…", size, bold=bold) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…"
