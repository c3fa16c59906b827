"""Layout of the picture, in inches from its upper left corner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .comparison import Comparison
from .lists import CountList, photo_lists
from .sheet import fitting, text_width

MAX_ROWS = 120
"""Of more classes, only the commonest and the rarest are drawn."""

MARGIN, GAP = 0.35, 0.3
LIST_ROW = 0.18
TURNED_SIZE = 6.5
_NAME_SIZE, _NAME_GAP = 8, 0.08
_NAMES_ROOM, _TURNED_ROOM = 2.2, 1.5
_LEAST_WIDTH, _LEAST_MATRIX = 12.0, 1.6
_SCALE_WIDTH = 4.1  # of the colour scale and its label


@dataclass(frozen=True)
class Rows:
    """The classes that are drawn, U of them.

    ``order``: index of the class in each row; ``names``, ``turned_names``: texts beside the rows
    and above the matrices, shortened if they are long; ``height``: of a row; ``cell``: width of a
    column of the matrices.
    """

    order: tuple[int, ...]
    names: tuple[str, ...]
    turned_names: tuple[str, ...]
    height: float
    cell: float

    def __len__(self) -> int:
        return len(self.order)

    @property
    def names_width(self) -> float:
        return _widest(self.names, _NAME_SIZE)

    @property
    def matrix_width(self) -> float:
        return self.cell * len(self)


@dataclass(frozen=True)
class Columns:
    """Left ends of the columns; ``matrices`` is empty for fewer than two classes."""

    bars: tuple[float, float, float]
    bar_width: float
    areas: float
    area_width: float
    matrices: tuple[float, ...]
    end: float


@dataclass(frozen=True)
class Layout:
    """The whole picture: the lists on top, the rows of classes under them."""

    rows: Rows
    columns: Columns
    lists: list[CountList]
    lists_top: float
    classes_top: float
    rows_top: float
    width: float
    height: float

    @property
    def names_right(self) -> float:
        return self.columns.bars[0] - _NAME_GAP

    @property
    def right_names_left(self) -> float:
        return self.columns.matrices[-1] + self.rows.matrix_width + _NAME_GAP

    @property
    def rows_bottom(self) -> float:
        return self.rows_top + self.rows.height * len(self.rows)

    def middle_of_row(self, index: int) -> float:
        return self.rows_top + (index + 0.5) * self.rows.height


def lay_out(comparison: Comparison) -> Layout:
    """Measure the names, and compute the layout."""
    sides = len(comparison.sides)
    rows = _rows(comparison, sides)
    columns = _columns(rows, sides)
    lists = photo_lists(comparison)
    lists_top = 0.75 + 0.2 * sides
    classes_top = lists_top + 0.6 + LIST_ROW * max(len(count_list.labels) for count_list in lists)
    turned = _widest(rows.turned_names, TURNED_SIZE) if columns.matrices else 0.1
    rows_top = classes_top + 0.35 + turned
    return Layout(
        rows=rows,
        columns=columns,
        lists=lists,
        lists_top=lists_top,
        classes_top=classes_top,
        rows_top=rows_top,
        width=max(_LEAST_WIDTH, columns.end + MARGIN),
        height=rows_top + rows.height * len(rows) + 0.6 if len(rows) else classes_top,
    )


def _rows(comparison: Comparison, sides: int) -> Rows:
    order = drawn_rows(comparison.order)
    chosen = [comparison.names[index] for index in order]
    return Rows(
        order=order,
        names=tuple(fitting(name, _NAME_SIZE, _NAMES_ROOM) for name in chosen),
        turned_names=tuple(fitting(name, TURNED_SIZE, _TURNED_ROOM) for name in chosen),
        height=0.2 if sides == 1 else 0.24,
        cell=_cell(len(order)),
    )


def drawn_rows(order: Sequence[int]) -> tuple[int, ...]:
    """The classes that are drawn, the most common first.

    >>> len(drawn_rows(range(1203))), drawn_rows(range(3))
    (120, (0, 1, 2))
    """
    if len(order) <= MAX_ROWS:
        return tuple(order)
    half = MAX_ROWS // 2
    return (*order[:half], *order[-half:])


def _cell(count: int) -> float:
    """Width of a cell: for numbers with few classes, for turned names with many."""
    if count <= 12:
        return max(0.3, _LEAST_MATRIX / max(count, 1))
    return 0.24 if count <= 24 else 0.13


def _columns(rows: Rows, sides: int) -> Columns:
    bar_width, area_width = (1.6, 2.3) if sides == 1 else (2.1, 2.5)
    first = MARGIN + rows.names_width + _NAME_GAP
    second, third = first + bar_width + GAP, first + 2 * (bar_width + GAP)
    areas = third + bar_width + GAP
    end = areas + area_width
    matrices: tuple[float, ...] = ()
    if len(rows) > 1:
        matrices = tuple(end + GAP + side * (rows.matrix_width + GAP) for side in range(sides))
        names_end = matrices[-1] + rows.matrix_width + _NAME_GAP + rows.names_width
        end = max(names_end, matrices[0] + _SCALE_WIDTH)
    return Columns((first, second, third), bar_width, areas, area_width, matrices, end)


def _widest(texts: Sequence[str], size: float) -> float:
    return max((text_width(text, size) for text in texts), default=0.0)
