"""Rendering the pixels of a plan."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from trashdata.mask_codec.rle import Window, united
from trashdata.photos import Photo

from ..blends import BLENDS
from ..geometry import Transform, rotation
from ..planning.elastic import Warp, warp_box

Pixels = NDArray[np.uint8]
# Gray value of the padding of a shrunk background; labels there are 255.
_PADDING_GRAY = 114


class PixelCache:
    """A least-recently-used cache of decoded pixels, bounded in bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self._kept: OrderedDict[Hashable, Photo] = OrderedDict()

    def get(self, key: Hashable, load: Callable[[], Photo]) -> Photo:
        """The photo or crop of this key, loaded if it is not cached."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        photo = load()
        self._kept[key] = photo
        self.size += photo.pixels.nbytes
        while self.size > self.limit and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self.size -= dropped.pixels.nbytes
        return photo


def render_background(photo: Pixels, transform: Transform, size: tuple[int, int]) -> Pixels:
    """The jittered background, (H, W, 3) for a ``size`` of W, H; padding is gray."""
    cut = _cut(photo, transform)
    filled = _resize(cut, transform)
    if transform.size == size:
        # A copy, since pastes would otherwise change the cached photo.
        return cut.copy() if filled is cut else filled
    canvas = np.full((size[1], size[0], 3), _PADDING_GRAY, dtype=np.uint8)
    x, y = transform.position
    canvas[y : y + transform.size[1], x : x + transform.size[0]] = filled
    return canvas


class Stencil(msgspec.Struct, frozen=True, array_like=True):
    """The pixels of the new photo that a paste replaces: ``bits`` of a (height, width) bitmap at
    ``x``, ``y``, packed row by row."""

    x: int
    y: int
    width: int
    height: int
    bits: bytes

    @classmethod
    def of(cls, windows: Sequence[Window]) -> Stencil:
        """The union of windows."""
        union = united(windows)
        height, width = union.bitmap.shape
        return cls(union.x, union.y, width, height, np.packbits(union.bitmap).tobytes())

    def mask(self) -> Pixels:
        """(height, width) uint8, 1 where the paste is."""
        count = self.width * self.height
        bits = np.unpackbits(np.frombuffer(self.bits, dtype=np.uint8), count=count)
        return bits.reshape(self.height, self.width)


def paste_donor(
    canvas: Pixels,
    crop: Pixels,
    transform: Transform,
    stencil: Stencil,
    blend: str,
    warp: Warp | None = None,
) -> None:
    """Paste a donor's crop (H, W, 3) onto the canvas, in place; ``blend``: one of `BLENDS`."""
    left, top = stencil.x, stencil.y
    right, bottom = left + stencil.width, top + stencil.height
    over = _donor_pixels(crop, transform, (left, top, right, bottom), warp)
    under = canvas[top:bottom, left:right]
    under[:] = BLENDS[blend](under, over, stencil.mask())


def _donor_pixels(
    crop: Pixels, transform: Transform, box: tuple[int, int, int, int], warp: Warp | None = None
) -> Pixels:
    """The donor's pixels for the box (left, top, right, bottom) of the new photo."""
    left, top, right, bottom = box
    x, y = left - transform.position[0], top - transform.position[1]
    resized = _resize(crop, transform)
    if warp is not None:
        return warp_box(resized, warp, (x, y, right - left, bottom - top))
    if not transform.angle:
        return resized[y : y + bottom - top, x : x + right - left]
    matrix = rotation(transform)
    # warpAffine maps pixel centres, the matrix pixel edges: half a pixel before and after.
    matrix[:, 2] += matrix[:, :2] @ (0.5, 0.5) - (0.5, 0.5) - (x, y)
    turned = cv2.warpAffine(
        resized,
        matrix,
        (right - left, bottom - top),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return turned.astype(np.uint8, copy=False)


def _cut(photo: Pixels, transform: Transform) -> Pixels:
    x, y, width, height = transform.crop
    return photo[y : y + height, x : x + width]


def _resize(pixels: Pixels, transform: Transform) -> Pixels:
    """Flip and resize; when shrinking much, average areas, so that no pixel is skipped."""
    if transform.hflip or transform.vflip:
        axis = -1 if transform.hflip and transform.vflip else int(transform.hflip)
        pixels = cv2.flip(pixels, axis).astype(np.uint8, copy=False)
    height, width = pixels.shape[:2]
    if (width, height) != transform.size:
        # Down to a half, a bilinear sample reads every pixel.
        far = 2 * transform.size[0] < width or 2 * transform.size[1] < height
        method = cv2.INTER_AREA if far else cv2.INTER_LINEAR
        pixels = cv2.resize(pixels, transform.size, interpolation=method).astype(
            np.uint8, copy=False
        )
    return pixels
