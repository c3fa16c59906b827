"""The picture of a split: each fold's share of each class relative to 1/k.

It has a panel each for photos, objects and area. It is drawn with Pillow: for a table of coloured
cells matplotlib takes longer than the split.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from trashdata.lettering import elide, font, plain_text

from ..report import Balance

_TITLES = ("photos with the class", "objects", "pixel area")
_NUMBERED_FOLDS = 12
_MARGIN, _NAMES, _GAP = 24, 340, 22
_HEAD, _ROW, _FOOT = 132, 26, 78
_WIDTHS = (58, 24)  # of a cell with a number, and without
_INK, _DIM, _FAINT, _ABSENT = "#222222", "#555555", "#777777", "#d9d9d9"
# Blue, white, red: from 0 through an even share to twice as much.
_SCALE = ((5, 48, 97), (67, 147, 195), (247, 247, 247), (214, 96, 77), (103, 0, 31))


def draw(balance: Balance) -> bytes:
    """PNG bytes; classes from frequent to rare, uneven cells hold their share in percent."""
    cell = _WIDTHS[balance.folds > _NUMBERED_FOLDS]
    panel = max(cell * balance.folds, 200)
    cell = panel // balance.folds
    width = 2 * _MARGIN + _NAMES + 3 * panel + 2 * _GAP
    sheet = Image.new("RGB", (width, _HEAD + _ROW * len(balance.names) + _FOOT), "white")
    pen = ImageDraw.Draw(sheet)
    _describe(pen, balance)
    _name_rows(pen, balance)
    for number, (shares, title) in enumerate(zip(balance.shares, _TITLES, strict=True)):
        left = _MARGIN + _NAMES + number * (panel + _GAP)
        _draw_panel(pen, shares[:, balance.order].T, title, left, cell)
    _draw_scale(pen, balance.folds, sheet.height - _FOOT + 24)
    info = PngInfo()
    info.add_text("Software", "trashdata")
    stream = io.BytesIO()
    sheet.save(stream, format="png", pnginfo=info)
    return stream.getvalue()


def _colour(ratio: float) -> tuple[int, int, int]:
    """Colour of a share that is ``ratio`` times an even share.

    >>> _colour(1.0), _colour(7.0)
    ((247, 247, 247), (103, 0, 31))
    """
    position = min(ratio, 2) * (len(_SCALE) - 1) / 2
    channels = (
        np.interp(position, range(len(_SCALE)), values) for values in zip(*_SCALE, strict=True)
    )
    red, green, blue = (round(float(value)) for value in channels)
    return red, green, blue


def _describe(pen: ImageDraw.ImageDraw, balance: Balance) -> None:
    end, sizes = balance.end, balance.sizes
    size = f"{sizes.min():,}" if sizes.min() == sizes.max() else f"{sizes.min():,}–{sizes.max():,}"
    title = f"{balance.folds} folds of {size} photos"
    pen.text((_MARGIN, 34), title, _INK, font(20, bold=True), anchor="lm")
    note = (
        "mean over classes of the largest deviation from an even share: "
        f"photos {end.photos:.1%}, objects {end.objects:.1%}, area {end.area:.1%}"
    )
    pen.text((_MARGIN, 62), note, _DIM, font(13), anchor="lm")


def _name_rows(pen: ImageDraw.ImageDraw, balance: Balance) -> None:
    right = _MARGIN + _NAMES - 10
    pen.text((right, _HEAD - 14), "photos", _FAINT, font(11), anchor="rm")
    for row, index in enumerate(balance.order):
        y = _HEAD + row * _ROW + _ROW // 2
        name = elide(plain_text(balance.names[index]), 13, _NAMES - 70)
        pen.text((right - 52, y), name, _INK, font(13), anchor="rm")
        pen.text((right, y), f"{balance.photos[index]:,}", _FAINT, font(13), anchor="rm")


def _draw_panel(
    pen: ImageDraw.ImageDraw, shares: NDArray[np.float64], title: str, left: int, cell: int
) -> None:
    """Shares (C, k) as coloured cells; a missing class is gray."""
    folds = shares.shape[1]
    pen.text((left + cell * folds / 2, _HEAD - 38), title, _INK, font(14, bold=True), anchor="mm")
    for fold in range(folds):
        x = left + fold * cell + cell // 2
        pen.text((x, _HEAD - 14), str(fold), _DIM, font(12), anchor="mm")
    for (row, fold), share in np.ndenumerate(shares):
        x, y = left + fold * cell, _HEAD + row * _ROW
        colour = _colour(share * folds) if share else _ABSENT
        pen.rectangle((x, y, x + cell - 2, y + _ROW - 2), fill=colour)
        # An even share needs no number.
        if folds <= _NUMBERED_FOLDS and abs(share * folds - 1) >= 0.2:
            _write_share(pen, share, folds, (x + cell // 2 - 1, y + _ROW // 2 - 1))


def _write_share(
    pen: ImageDraw.ImageDraw, share: float, folds: int, centre: tuple[int, int]
) -> None:
    dark = share > 0 and abs(share * folds - 1) > 0.65
    text = f"{100 * share:.0f}" if share else "–"
    pen.text(centre, text, "white" if dark else _INK, font(12), anchor="mm")


def _draw_scale(pen: ImageDraw.ImageDraw, folds: int, top: int) -> None:
    left, width = _MARGIN + _NAMES, 280
    pen.text((left - 10, top + 7), "share in the fold, percent", _DIM, font(12), anchor="rm")
    for x in range(width):
        pen.line((left + x, top, left + x, top + 14), fill=_colour(2 * x / (width - 1)))
    words = ("0", f"even: {100 / folds:.3g}", f"{200 / folds:.3g}+")
    for index, text in enumerate(words):
        at = (left + index * width // 2, top + 28)
        pen.text(at, text, _DIM, font(11), anchor="mm")
