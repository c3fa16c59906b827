"""Drawing contact sheets of photos with their labels.

`draw_photo` draws one photo, `compose` arranges pictures, legend and title, `encode_png` makes the
file's bytes. All are pure functions on arrays; no input is changed.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from trashdata.lettering import elide, font, plain_text, text_width
from trashdata.palette import palette

Rgb: TypeAlias = tuple[int, int, int]
Box: TypeAlias = tuple[int, int, int, int]
Pixels: TypeAlias = NDArray[np.uint8]
Numbers: TypeAlias = NDArray[np.uint16]
Mask: TypeAlias = NDArray[np.bool_]
Shape: TypeAlias = tuple[int, ...]
Draw: TypeAlias = ImageDraw.ImageDraw

TILE = 384
"""Long side of a photo on the sheet, in pixels."""
MAX_LABELS = 12
IGNORE = 255

_FINE = 2  # outlines and hatching are drawn at this scale, then averaged, for smooth edges
_FILL = 0.35
_DARKEST = 75  # luminance
_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)
_BACKGROUND, _TEXT, _DIM = (24, 26, 30), (238, 238, 238), (156, 160, 168)
_MARGIN, _GAP, _CAPTION, _LINE = 20, 16, 22, 24


@dataclass(frozen=True, slots=True)
class Shown:
    """An object of a photo: its class's name and index (255: ignore); whether it was pasted.

    If there is no room for all names, those of ``wanted`` and pasted objects come first.
    """

    name: str
    index: int
    pasted: bool = False
    wanted: bool = False

    @property
    def first(self) -> bool:
        return self.wanted or self.pasted


@dataclass(frozen=True, slots=True)
class Subject:
    """A photo and its labels.

    ``pixels``: (H, W, 3) uint8 BGR; ``instances``: (H, W) uint16, 0 for background, else 1 + the
    index in ``objects``; ``valid_box``: x, y, width, height in pixels, outside is padding.
    """

    pixels: Pixels
    instances: Numbers
    objects: Sequence[Shown]
    valid_box: Box | None = None


@dataclass(frozen=True, slots=True)
class Tile:
    """A drawn photo, (h, w, 3) uint8 RGB, and its captions on the left and right."""

    picture: Pixels
    name: str
    note: str


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A class on the sheet (index 255: ignore regions), and its number of objects there."""

    name: str
    index: int
    count: int | None = None
    pasted: bool = False


def draw_photo(subject: Subject) -> Pixels:
    """Draw masks, outlines and names over a photo, (h, w, 3) uint8 RGB, long side `TILE`."""
    height, width = subject.instances.shape
    scale = TILE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    photo = cv2.resize(subject.pixels[..., ::-1], size, interpolation=how)
    fine_size = (size[0] * _FINE, size[1] * _FINE)
    # The exact variant samples pixel centres; the other one is off by half a pixel.
    fine = cv2.resize(subject.instances, fine_size, interpolation=cv2.INTER_NEAREST_EXACT)
    instances = fine.astype(np.uint16, copy=False)
    fine_scale = (fine_size[0] / width, fine_size[1] / height)
    padding = _padding(subject.valid_box, fine_scale, instances.shape)
    instances[padding] = 0
    overlay = _overlay(instances, subject.objects, padding)
    overlay = cv2.resize(overlay, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    blended = photo * (1 - overlay[..., 3:]) + overlay[..., :3]
    picture = Image.fromarray(np.clip(np.rint(blended), 0, 255).astype(np.uint8))
    _draw_labels(picture, instances[::_FINE, ::_FINE], subject.objects)
    return np.asarray(picture)


def _padding(valid_box: Box | None, scale: tuple[float, float], shape: Shape) -> Mask:
    """Mask of the padding in a picture of this shape (h, w), scaled in x and y."""
    padding = np.full(shape, valid_box is not None)
    if valid_box is not None:
        x, y, width, height = valid_box
        left, right = (round(column * scale[0]) for column in (x, x + width))
        top, bottom = (round(row * scale[1]) for row in (y, y + height))
        padding[top:bottom, left:right] = False
    return padding


def _overlay(instances: Numbers, objects: Sequence[Shown], padding: Mask) -> NDArray[np.float32]:
    """The overlay, (h, w, 4) float32: RGB times opacity 0 to 1, and the opacity."""
    indices = np.array([0, *(shown.index for shown in objects)], dtype=np.uint8)[instances]
    pasted = np.array([False, *(shown.pasted for shown in objects)])[instances]
    inside = indices > 0
    colour = _colours()[indices]
    opacity = np.where(inside, np.float32(_FILL), np.float32(0))
    halo = ~pasted & (cv2.dilate(pasted.view(np.uint8), _disc(2 * _FINE)) > 0)
    colour[halo] = _WHITE
    opacity[halo] = 1
    edge = inside & ~halo & _near_edge(instances, 2 * _FINE)
    edge |= pasted & _near_edge(instances, 3 * _FINE)
    opacity[edge] = 1
    ignored = (indices == IGNORE) | padding
    colour[ignored] = _hatching(ignored.shape, 4 * _FINE)[ignored][:, None]
    opacity[ignored] = 0.6
    return np.dstack([colour * opacity[..., None], opacity]).astype(np.float32)


def _hatching(shape: Shape, step: int) -> Pixels:
    """Gray stripes that rise to the right, (h, w)."""
    rows, columns = np.indices(shape[:2], sparse=True)
    return np.where((rows + columns) // step % 2 == 0, np.uint8(190), np.uint8(70))


def _disc(radius: int) -> Pixels:
    side = 2 * radius + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)).astype(np.uint8)


def _near_edge(instances: Numbers, radius: int) -> Mask:
    """Pixels at most ``radius`` pixels from another object or background."""
    disc = _disc(radius)
    return np.asarray(cv2.dilate(instances, disc) != cv2.erode(instances, disc), dtype=np.bool_)


def _draw_labels(picture: Image.Image, instances: Numbers, objects: Sequence[Shown]) -> None:
    """Draw the names of objects, most important first, each at its top if there is room."""
    draw = ImageDraw.Draw(picture)
    taken = np.zeros(instances.shape, dtype=np.bool_)
    for number in _to_label(instances, objects):
        shown = objects[number - 1]
        marker = 13 if shown.pasted else 0
        text = elide(plain_text(shown.name), 12, picture.width - marker - 9)
        size = (math.ceil(text_width(text, 12)) + marker + 7, 16)
        mask = instances == number
        x, y = _best_corner(size, mask, (instances > 0) & ~mask, taken)
        under = taken[y : y + size[1], x : x + size[0]]
        if under.mean() > 0.2 and not shown.first:
            continue  # the colour names it as well, and overlapping names are illegible
        under[:] = True
        colour = rgb(shown.index)
        box = (x, y, x + size[0] - 1, y + size[1] - 1)
        draw.rectangle(box, fill=colour, outline=_WHITE if shown.pasted else None)
        if shown.pasted:
            _draw_plus(draw, x, y)
        draw.text((x + marker + 4, y + 8), text, _contrast(colour), font(12), anchor="lm")


def _to_label(instances: Numbers, objects: Sequence[Shown]) -> list[int]:
    """Numbers in the instance map of the objects to name, most important first."""
    areas = np.bincount(instances.ravel(), minlength=len(objects) + 1)
    named = [number for number, shown in enumerate(objects, start=1) if shown.index != IGNORE]
    visible = [number for number in named if areas[number] > 0]
    visible.sort(key=lambda number: (not objects[number - 1].first, -areas[number], number))
    return visible[:MAX_LABELS]


def _best_corner(
    size: tuple[int, int],
    mask: Mask,
    others: Mask,
    taken: Mask,
) -> tuple[int, int]:
    """Best upper left corner of a label of this width, height, inside the picture.

    Covering other labels costs most, then other objects, then much of the object itself.
    """
    height, width = mask.shape
    mask_area = mask.sum()

    def cost(corner: tuple[int, int]) -> float:
        x, y = corner
        under = (slice(y, y + size[1]), slice(x, x + size[0]))
        mask_share = mask[under].sum() / mask_area
        return float(10 * taken[under].sum() + 0.6 * others[under].sum() + 500 * mask_share)

    corners = [
        (min(max(x, 0), max(width - size[0], 0)), min(max(y, 0), max(height - size[1], 0)))
        for x, y in _wanted_corners(size, mask)
    ]
    # The first of equal ones is taken; each later one must be better by a margin.
    return min(enumerate(corners), key=lambda item: cost(item[1]) + 12.0 * item[0])[1]


def _wanted_corners(size: tuple[int, int], mask: Mask) -> Iterator[tuple[int, int]]:
    """Corners for a label, best first: above the top, inside it, beside, below, in the middle."""
    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    peak = int(np.flatnonzero(mask[top]).mean())
    wide, tall = size
    yield peak - wide // 2, top - tall - 3
    yield peak - wide // 2, top + 4
    yield left, top - tall - 3
    yield left + width - wide, top - tall - 3
    yield left + (width - wide) // 2, top + (height - tall) // 2
    yield left + (width - wide) // 2, top + height + 3
    yield left - wide - 3, top + (height - tall) // 2
    yield left + width + 3, top + (height - tall) // 2
    yield left + (width - wide) // 2, top + height - tall - 4


def _draw_plus(draw: Draw, x: int, y: int) -> None:
    """Draw the mark of a pasted object in a label's left end: a black plus on white."""
    draw.rectangle((x, y, x + 13, y + 15), fill=_WHITE)
    draw.rectangle((x + 3, y + 7, x + 10, y + 8), fill=_BLACK)
    draw.rectangle((x + 6, y + 4, x + 7, y + 11), fill=_BLACK)


@cache
def _colours() -> Pixels:
    """The palette, (256, 3) RGB, with its darkest colours lightened to be seen on dark photos."""
    colours = palette().astype(np.float64)
    luminance = colours @ (0.299, 0.587, 0.114)
    white = np.clip((_DARKEST - luminance) / (255 - luminance), 0, 1)[:, None]
    return np.rint(colours + white * (255 - colours)).astype(np.uint8)


def rgb(index: int) -> Rgb:
    """Colour of a class index on the sheet."""
    red, green, blue = (int(channel) for channel in _colours()[index])
    return red, green, blue


def _contrast(colour: Rgb) -> Rgb:
    """Black or white, whichever has more contrast to the colour."""
    red, green, blue = colour
    return _BLACK if 0.299 * red + 0.587 * green + 0.114 * blue > 128 else _WHITE


def compose(title: str, note: str, legend: Sequence[LegendEntry], tiles: Sequence[Tile]) -> Pixels:
    """Compose the sheet, (h, w, 3) uint8 RGB: title and legend above a nearly square grid."""
    columns = math.ceil(math.sqrt(len(tiles)))
    width = max(columns, 2) * (TILE + _GAP) - _GAP + 2 * _MARGIN
    lines = _legend_lines(legend, width - 2 * _MARGIN)
    rows = [tiles[start : start + columns] for start in range(0, len(tiles), columns)]
    tall = [max(tile.picture.shape[0] for tile in row) for row in rows]
    top = _MARGIN + 36 + len(lines) * _LINE + 12
    height = top + sum(tall) + len(rows) * (_CAPTION + _GAP) - _GAP + _MARGIN
    sheet = Image.new("RGB", (width, height), _BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    _draw_title(draw, title, note, width - 2 * _MARGIN)
    for number, line in enumerate(lines):
        _draw_legend_line(draw, line, _MARGIN + 36 + number * _LINE + _LINE // 2)
    for row, row_height in zip(rows, tall, strict=True):
        for column, tile in enumerate(row):
            _draw_tile(sheet, tile, _MARGIN + column * (TILE + _GAP), top, row_height)
        top += row_height + _CAPTION + _GAP
    return np.asarray(sheet)


def _draw_title(draw: Draw, title: str, note: str, room: int) -> None:
    title, note = plain_text(title), plain_text(note)
    title = elide(title, 22, max(room / 2, room - text_width(note, 15) - 16))
    draw.text((_MARGIN, _MARGIN + 24), title, _TEXT, font(22), anchor="ls")
    left = text_width(title, 22) + 16
    draw.text((_MARGIN + left, _MARGIN + 24), elide(note, 15, room - left), _DIM, font(15), "ls")


def _entry_text(entry: LegendEntry) -> tuple[str, str]:
    count = "" if entry.count is None else f"{entry.count:,}"
    return elide(plain_text(entry.name), 15, 320), count


def _legend_lines(legend: Sequence[LegendEntry], room: int) -> list[list[tuple[int, LegendEntry]]]:
    """Break the entries, with their x, into lines of at most ``room`` pixels."""
    lines: list[list[tuple[int, LegendEntry]]] = []
    x = room
    for entry in legend:
        wide = 24 + math.ceil(text_width(" ".join(_entry_text(entry)), 15))
        if x + wide > room:
            lines.append([])
            x = 0
        lines[-1].append((_MARGIN + x, entry))
        x += wide + 20
    return lines


def _draw_legend_line(draw: Draw, line: Sequence[tuple[int, LegendEntry]], y: int) -> None:
    for x, entry in line:
        if entry.pasted:
            _draw_plus(draw, x + 1, y - 8)
        elif entry.index == IGNORE:
            draw.bitmap((x, y - 8), Image.fromarray(_hatching((16, 16), 4)), fill=_WHITE)
        else:
            draw.rectangle((x, y - 8, x + 15, y + 7), fill=rgb(entry.index))
        name, count = _entry_text(entry)
        draw.text((x + 24, y), name, _TEXT, font(15), anchor="lm")
        left = x + 24 + text_width(f"{name} ", 15)
        draw.text((left, y), count, _DIM, font(15), anchor="lm")


def _draw_tile(sheet: Image.Image, tile: Tile, x: int, y: int, row_height: int) -> None:
    """A picture at its cell's lower edge, its caption under it."""
    height, width = tile.picture.shape[:2]
    corner = (x + (TILE - width) // 2, y + row_height - height)
    sheet.paste(Image.fromarray(tile.picture), corner)
    draw = ImageDraw.Draw(sheet)
    note = plain_text(tile.note)
    room = TILE - text_width(note, 14) - 12
    middle = y + row_height + _CAPTION // 2 + 1
    draw.text((x, middle), elide(plain_text(tile.name), 14, room), _TEXT, font(14), anchor="lm")
    draw.text((x + TILE, middle), note, _DIM, font(14), anchor="rm")


def encode_png(sheet: Pixels) -> bytes:
    """Encode as PNG with the creator, but no time or path."""
    mark = PngInfo()
    mark.add_text("Software", "trashdata")
    stream = io.BytesIO()
    Image.fromarray(sheet).save(stream, "PNG", pnginfo=mark)
    return stream.getvalue()
