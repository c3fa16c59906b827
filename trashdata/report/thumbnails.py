"""Thumbnails of a report: small pictures of photos, with small masks of their objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from trashdata.coco.document import AnnotationRecord, ImageRecord, segmentation_shape
from trashdata.errors import UserError, printable
from trashdata.mask_codec.raster import Polygons, rasterise
from trashdata.mask_codec.rle import Window
from trashdata.masks.labelmap import painting_order
from trashdata.photos import ExifRule, read_photo

from .mask_text import write_window

MAX_OBJECTS = 300
"""Objects of a photo whose masks are shown, the largest ones."""

_QUALITY = 62


@dataclass(frozen=True)
class Studio:
    """Settings of all thumbnails; ``side``: their longest side in pixels."""

    root: Path
    exif: ExifRule
    side: int
    ignore_ids: frozenset[int]


@dataclass(frozen=True)
class ShownPhoto:
    """A photo and its annotations."""

    image: ImageRecord
    annotations: Sequence[AnnotationRecord]


@dataclass(frozen=True)
class Thumbnail:
    """A thumbnail.

    ``picture``: WebP, None if the photo is missing or broken, as described by ``fault``;
    ``objects``: annotation index and mask, in painting order; ``padding``: its mask; ``unshown``:
    number of objects beyond `MAX_OBJECTS`.
    """

    width: int
    height: int
    picture: bytes | None
    fault: str | None
    sha256: str | None
    objects: list[tuple[int, str]]
    padding: str | None
    unshown: int


def make_thumbnails(studio: Studio, photos: Sequence[ShownPhoto]) -> list[Thumbnail]:
    """Make the thumbnails of some photos."""
    return [make_thumbnail(studio, shown) for shown in photos]


def make_thumbnail(studio: Studio, shown: ShownPhoto) -> Thumbnail:
    """Make the thumbnail of a photo; a missing or broken one still has masks."""
    image = shown.image
    size = small_size(image.width, image.height, studio.side)
    picture, digest, fault = None, None, None
    try:
        photo = read_photo(studio.root, image, studio.exif)
        picture, digest = encode_webp(shrink(photo.pixels, size)), photo.sha256
    except UserError as error:
        fault = printable(error.found)
    windows = small_windows(shown.annotations, image, size)
    scale = size[0] * size[1] / (image.width * image.height)
    areas = [round(window.area / scale) for window in windows]
    order = painting_order(shown.annotations, areas, studio.ignore_ids)
    return Thumbnail(
        *size,
        picture=picture,
        fault=fault,
        sha256=digest,
        objects=[(index, write_window(windows[index])) for index in order[:MAX_OBJECTS]],
        padding=_padding(image.valid_box, image, size),
        unshown=max(0, len(order) - MAX_OBJECTS),
    )


def small_size(width: int, height: int, side: int) -> tuple[int, int]:
    """Width and height that fit into a square, without enlarging.

    >>> small_size(640, 480, 320), small_size(100, 50, 320), small_size(9000, 3, 320)
    ((320, 240), (100, 50), (320, 1))
    """
    scale = min(1.0, side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def shrink(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Shrink pixels (H, W, 3) to ``size`` (width, height)."""
    if pixels.shape[1::-1] == size:
        return pixels
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return small.astype(np.uint8, copy=False)


def encode_webp(pixels: NDArray[np.uint8], quality: int = _QUALITY) -> bytes:
    """Encode (H, W, 3) BGR pixels as WebP, a third smaller than JPEG of equal quality."""
    done, encoded = cv2.imencode(".webp", pixels, [cv2.IMWRITE_WEBP_QUALITY, quality])
    if not done:
        raise ValueError(f"OpenCV could not encode pixels of shape {pixels.shape}")
    return encoded.tobytes()


def small_windows(
    annotations: Sequence[AnnotationRecord], image: ImageRecord, size: tuple[int, int]
) -> list[Window]:
    """Masks of the annotations in a picture of ``size`` (width, height).

    Polygons are scaled, which is much faster than shrinking bitmaps. Objects smaller than a pixel
    become one pixel.
    """
    scale = np.array([size[0] / image.width, size[1] / image.height])
    shapes = [segmentation_shape(annotation, image) for annotation in annotations]
    coded = [shape for shape in shapes if isinstance(shape, bytes)]
    large = iter(rasterise(coded, image.width, image.height))
    polygons = [_scaled(shape, scale) for shape in shapes if not isinstance(shape, bytes)]
    small = iter(zip(polygons, rasterise(polygons, *size), strict=True))
    windows = []
    for shape in shapes:
        if isinstance(shape, bytes):
            windows.append(_shrunk(next(large), scale, size))
        else:
            scaled, window = next(small)
            windows.append(window if window.area else _pixel(_centre(scaled), size))
    return windows


def _scaled(polygons: Polygons, scale: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    return [
        (np.asarray(part, dtype=np.float64).reshape(-1, 2) * scale).ravel() for part in polygons
    ]


def _centre(polygons: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    corners = np.concatenate([part.reshape(-1, 2) for part in polygons])
    middle: NDArray[np.float64] = (corners.min(axis=0) + corners.max(axis=0)) / 2
    return middle


def _pixel(position: NDArray[np.float64], size: tuple[int, int]) -> Window:
    """A mask of the pixel at ``position`` (x, y)."""
    x, y = np.clip(position, 0, np.array(size) - 1).astype(int).tolist()
    return Window(np.ones((1, 1), dtype=np.uint8), x, y, 1)


def _shrunk(window: Window, scale: NDArray[np.float64], size: tuple[int, int]) -> Window:
    """Resize a photo's window by nearest pixels."""
    x, y, width, height = window.box
    if not window.area:
        return window
    left, top = np.clip((np.array([x, y]) * scale).astype(int), 0, np.array(size) - 1).tolist()
    ends = np.ceil(np.array([x + width, y + height]) * scale).astype(int)
    right, bottom = np.minimum(ends, size).tolist()
    columns = ((np.arange(left, right) + 0.5) / scale[0] - x).astype(int).clip(0, width - 1)
    rows = ((np.arange(top, bottom) + 0.5) / scale[1] - y).astype(int).clip(0, height - 1)
    bitmap = window.bitmap[np.ix_(rows, columns)]
    area = int(bitmap.sum())
    if not area:
        return _pixel(np.array([x + width / 2, y + height / 2]) * scale, size)
    return Window(bitmap, left, top, area)


def _padding(
    box: tuple[int, int, int, int] | None, image: ImageRecord, size: tuple[int, int]
) -> str | None:
    """Mask of the padding outside of the valid box."""
    if box is None:
        return None
    scale_x, scale_y = size[0] / image.width, size[1] / image.height
    x, y, width, height = box
    outside = np.ones(size[::-1], dtype=np.uint8)
    rows = slice(round(y * scale_y), round((y + height) * scale_y))
    outside[rows, round(x * scale_x) : round((x + width) * scale_x)] = 0
    return write_window(Window(outside, 0, 0, int(outside.sum())))
